"""Five languages: nothing missing, nothing broken; each chat and person in theirs."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from string import Formatter

import pytest

from bot.backtest.replay import known_at, replay
from bot.data.bundle import bundled_readings
from bot.i18n.message import DayValue, NumberValue, message
from bot.i18n.translator import LANGUAGES, translator_for
from bot.signals.rules import Severity, default_rules
from bot.signals.status import signal_statuses
from bot.telegram.menus import DESCRIPTION, SHORT_DESCRIPTION
from handlers.registry import COMMANDS
from handlers.views.notices import text as text_of
from storage.outbox import notices
from storage.outbox.notices import NoticeKind
from tests.fakes.telegram_html import visible
from tests.handlers.program_client import ADA, BOB, ProgramClient
from tests.tools import catalogues
from tests.tools.catalogues import Text

OTHERS = catalogues.LANGUAGES
COMMAND = re.compile(r"(?<![\w}$])/[a-z]{3,}")  # not the second half of BTC/day


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def marks(text: str) -> list[str]:
    return sorted(re.findall(r"</?[a-z]+>|&\w+;", text))


@pytest.mark.parametrize("language", OTHERS)
def test_no_text_is_missing_and_none_is_left_over(language: str) -> None:
    values = {message.id for message in catalogues.catalogue(language) if message.id}
    assert values == set(catalogues.texts()), (
        "run `python -m tests.tools.catalogues`, then translate what it added"
    )


@pytest.mark.parametrize("language", OTHERS)
def test_translations_are_whole(language: str) -> None:
    faults = {text: list(faults_of(text, language)) for text in catalogues.texts()}
    assert {text: reasons for text, reasons in faults.items() if reasons} == {}


def faults_of(text: Text, language: str) -> Iterator[str]:
    """What is wrong with the translation of a text."""
    message = catalogues.catalogue_of(language).get(text)
    if message is None or message.fuzzy:
        yield "it is missing or fuzzy"
        return
    original = text if isinstance(text, str) else text[-1]
    for form in (message.string,) if isinstance(message.string, str) else tuple(message.string or ()):
        if not form:
            yield "it is not translated"
        if fields(form) != fields(original):
            yield f"other fields: {form}"
        if marks(form) != marks(original):
            yield f"other marks: {form}"
        if "<" in re.sub(r"</?[a-z]+>", "", form):
            yield f"a < that is no mark: {form}"
        if form != " ".join(form.split()):
            yield f"odd spaces: {form}"
        if set(COMMAND.findall(visible_words(form))) != set(COMMAND.findall(visible_words(original))):
            yield f"other commands: {form}"
        visible(form.replace("{", "").replace("}", ""))


def visible_words(text: str) -> str:
    """Without tags, and without zone names and units, whose parts are no commands."""
    return re.sub(r"[A-Z]\w+/[A-Z]\w+", "_", re.sub(r"</?[a-z]+>", "", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_telegram_limits_fits(language: str) -> None:
    t = translator_for(language)
    assert len(t(SHORT_DESCRIPTION)) <= 120
    assert len(t(DESCRIPTION)) <= 512
    for command in COMMANDS:
        assert 3 <= len(t(command.description)) <= 256


def test_every_sentence_of_the_core_is_in_the_catalogues() -> None:
    """Over two years of history, as /status would say it each week."""
    readings = [
        each for each in bundled_readings() if each.day and date(2020, 6, 1) <= each.day < date(2022, 9, 1)
    ]
    names: set[str] = set()
    rules = default_rules(("DE-LU",))
    for day in replay(sorted(readings, key=known_at), rules, date(2022, 12, 1)):
        if day.day.toordinal() % 7 == 0:
            for each in signal_statuses(rules, day.evaluation.states):
                names |= {each.title.text, each.reason.text}
    assert len(names) > 10
    assert names <= catalogues.texts().keys()


def test_figures_in_sentences_are_in_the_languages_own_form() -> None:
    words = message(
        "{price} USD at the close of {day}; record {record} USD ({record_day})",
        price=NumberValue(21_625.0),
        record=NumberValue(69_000.5, 2),
        day=DayValue(date(2022, 7, 8)),
        record_day=DayValue(date(2021, 11, 10)),
    )
    assert words(translator_for("de")) == (
        "Schlusskurs 21.625 USD am 8. Juli 2022; Rekord 69.000,50 USD (10. Nov. 2021)"
    )
    assert words(translator_for("en")) == (
        "21,625 USD at the close of 8 Jul 2022; record 69,000.50 USD (10 Nov 2021)"
    )
    assert str(words) == ("21,625 USD at the close of 2022-07-08; record 69,000.50 USD (2021-11-10)")


def test_numbers_days_and_plurals() -> None:
    german, russian = translator_for("de"), translator_for("ru")
    assert german.number(1234567.891, 2) == "1.234.567,89"
    assert german.weekday(0) == "Montag"
    assert german.change(-0.701) == "−70,1\N{NO-BREAK SPACE}%"
    assert german.utc(datetime(2022, 7, 5, 6, 30, tzinfo=UTC)) == "5. Juli 2022, 06:30 UTC"
    counted = [
        russian.plural("and {n} earlier alert", "and {n} earlier alerts", count).split()[-1]
        for count in (1, 3, 5, 21)
    ]
    assert counted == ["оповещение", "оповещения", "оповещений", "оповещение"]


@pytest.mark.parametrize(
    ("code", "language"), [("pt-br", "en"), (None, "en"), ("de-AT", "de"), ("zh_hans", "zh"), ("RU", "ru")]
)
def test_a_language_by_telegrams_code(code: str | None, language: str) -> None:
    assert translator_for(code).code == language


async def test_the_chats_own_choice_goes_before_telegrams(client: ProgramClient) -> None:
    page = await client.ask("/settings")
    german = await client.press_for_message(page, "Deutsch")
    assert "Einstellungen" in german.text
    assert "Phase: " in (await client.ask("/status")).text
    assert "Abfluss der Miner" in (await client.ask("/status")).text
    await client.ask("/subscribe")
    before = len(client.api.sent)
    while len(client.api.sent) == before:
        await client.pass_time(timedelta(days=1))
        await client.delivered()
    assert "Quelle: " in client.api.sent[before].text


async def test_a_persons_choice_goes_along_into_groups_and_other_chats(client: ProgramClient) -> None:
    page = await client.ask("/settings")
    await client.press_for_message(page, "Deutsch")
    group, other = -1007, -1008
    assert "Quelle: " in (await client.ask("/status", group, user=ADA)).text
    assert "Source: " in (await client.ask("/status", group, user=BOB)).text
    await client.press_for_message(await client.ask("/settings", other, user=BOB), "Español", user=BOB)
    assert "Fuente: " in (await client.ask("/status", other, user=ADA)).text, (
        "the group's own choice goes first"
    )
    client.api.ask_inline(ADA, "status")
    await client.api.until(lambda: bool(client.api.answered) and "results" in client.api.answered[-1])
    assert "Kapitulation" in client.api.answered[-1]["results"]


@pytest.mark.parametrize(
    "question", ["/subscribe", "/digest 8:00", "/fleet add 1 s19", "/watch price below 15000", "/pin"]
)
async def test_what_comes_unasked_is_in_the_language_of_its_owner(
    client: ProgramClient, question: str
) -> None:
    client.api.language = "de-AT"
    await client.ask(question, BOB)
    body, soon = json.dumps({"since": client.now.isoformat()}), client.now + timedelta(minutes=1)
    await client.store.write(
        lambda db: notices.notify(db, [BOB], NoticeKind.OUTAGE_ENDED, Severity.WARNING, body, soon)
    )
    client.now += timedelta(minutes=2)
    result = (await client.delivered())[-1]
    assert result.text == text_of(NoticeKind.OUTAGE_ENDED, body, client.now, translator_for("de"))
