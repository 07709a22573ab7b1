"""Logs: what is secret never gets into them, however it tries."""

import json
import logging
from collections.abc import Callable, Iterator

import httpx
import pytest
from telegram.error import InvalidToken

from bot.ops.logs import set_up_logs, tag, tagged

TOKEN = "123456789:AAE-a-token-of-the-right-form-0123456"
KEY = 'k"ey\\ü-17'
SECRETS = (TOKEN, KEY)

Attempt = Callable[[logging.Logger], None]


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize("name", ["telegram.Bot", "telegram.ext.Updater", "httpx", "aiohttp.client"])
def test_debugging_logs_no_message_and_no_secret_of_the_libraries(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """S20: the library's debug lines hold people's names, whole messages and the webhook's secret."""
    set_up_logs("DEBUG", "text", SECRETS)
    logging.getLogger(name).debug("Parameters: {'secret_token': 'abc', 'text': 'how is my fleet?'}")
    logging.getLogger(name).info("Update: Ada writes 'hello'")
    assert capsys.readouterr().err == ""


def _said(form: str, attempt: Attempt, capsys: pytest.CaptureFixture[str]) -> str:
    set_up_logs("DEBUG", form, SECRETS)
    attempt(logging.getLogger("bot.test"))
    return capsys.readouterr().err


def _plain(log: logging.Logger) -> None:
    log.info(f"token {TOKEN} key {KEY}")


def _arguments(log: logging.Logger) -> None:
    log.warning("asked %s with %r", f"https://api.example.org/bot{TOKEN}/getMe", {"key": KEY, "t": TOKEN})


def _exception(log: logging.Logger) -> None:
    try:
        raise ValueError(f"no answer from https://api.example.org/bot{TOKEN}/getMe?key={KEY}")
    except ValueError:
        log.exception("it failed")


def _chained(log: logging.Logger) -> None:
    try:
        try:
            raise httpx.ConnectError(f"{TOKEN} {KEY}")
        except httpx.ConnectError as error:
            raise RuntimeError("outer") from error
    except RuntimeError as error:
        log.error("it failed", exc_info=error)


def _quoted(log: logging.Logger) -> None:
    log.error(f"{TOKEN.replace(':', '%3A')} and of another bot 987654321:BBF-{'x' * 32}")


def _of_the_library(_log: logging.Logger) -> None:
    logging.getLogger("telegram.ext").error(f"Error on {TOKEN}: {KEY}")


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("attempt", [_plain, _arguments, _exception, _chained, _quoted, _of_the_library])
def test_secrets_never_appear(form: str, attempt: Attempt, capsys: pytest.CaptureFixture[str]) -> None:
    text = _said(form, attempt, capsys)
    assert text
    for form_of_it in (TOKEN, TOKEN.replace(":", "%3A"), TOKEN.split(":")[1], KEY, json.dumps(KEY)[1:-1]):
        assert form_of_it not in text
    assert "BBF-" not in text


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_login_in_an_address_never_appears(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = _said(form, lambda log: log.info("asked http://rpc:hunter2@127.0.0.1:8332/x"), capsys)
    assert "hunter2" not in text
    assert "127.0.0.1:8332/x" in text


@pytest.mark.parametrize("form", ["text", "json"])
def test_libraries_that_log_addresses_are_quiet(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    def attempt(_log: logging.Logger) -> None:
        for name in ("httpx", "httpcore", "httpcore.connection"):
            logging.getLogger(name).info("HTTP Request: GET https://example.org/?key=unknown-key")

    assert _said(form, attempt, capsys) == ""


def test_what_someone_wrote_makes_no_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    text = _said("text", lambda log: log.info("said: a\n2026-01-01 CRITICAL bot: forged"), capsys)
    assert text.count("\n") == 1


def test_json_is_one_object_a_line_with_its_ids(capsys: pytest.CaptureFixture[str]) -> None:
    def attempt(log: logging.Logger) -> None:
        with tagged(poll=12):
            log.info("looked\nagain")
            with tagged(alert=5):
                log.info("told")
        log.info("idle")

    lines = [json.loads(line) for line in _said("json", attempt, capsys).splitlines()]
    assert [line["message"] for line in lines] == ["looked\nagain", "told", "idle"]
    assert [(line.get("poll"), line.get("alert")) for line in lines] == [(12, None), (12, 5), (None, None)]
    assert {"at", "level", "logger"} <= lines[0].keys()
    assert lines[0]["at"].endswith("+00:00")


def test_text_names_its_ids_too(capsys: pytest.CaptureFixture[str]) -> None:
    def attempt(log: logging.Logger) -> None:
        with tagged(poll=12):
            tag(update=7)
            log.info("looked")

    assert _said("text", attempt, capsys).endswith("INFO bot.test: looked [poll=12 update=7]\n")


def test_what_telegram_did_wrong_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("INFO", "text", [])
    try:
        raise InvalidToken("Unauthorized")
    except InvalidToken:
        logging.getLogger("telegram.ext").exception("Invalid token. Aborting.")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("ERROR telegram.ext: Invalid token. Aborting. (Unauthorized)")
