"""Settings: every mistake is one sentence with a right example; what is secret is never shown."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.cli.env_example import example
from bot.settings import KEYED, PROVIDERS, Settings, SettingsError, load_settings

ROOT = Path(__file__).parents[2]
TOKEN = "123456789:AAE-a-token-of-the-right-form-0123456"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POLL_INTERVAL_SECONDS", "0"),
        ("POLL_INTERVAL_SECONDS", "5 minutes"),
        ("POLL_INTERVAL_SECONDS", "nan"),
        ("SOURCE_REFRESH_SECONDS", "-1"),
        ("POWER_PRICE", "6.5c"),
        ("POWER_PRICE", "inf"),
        ("ENERGY_ZONES", "Texas"),
        ("ENERGY_ZONES", ","),
        ("ADMIN_CHAT_IDS", "@me"),
        ("CONTACT", "ops\r\nX-Header: 1"),
        ("LOG_LEVEL", "chatty"),
        ("LOG_FORMAT", "xml"),
        ("METRICS_PORT", "70000"),
        ("METRICS_PORT", "http"),
        ("HEARTBEAT_URL", "hc-ping.example.org"),
        ("DATABASE_URL", "db.example.org"),
        ("DATABASE_URL", "mysql://bot:secret@db.example.org/minerwatch"),
        ("DATABASE_URL", "postgresql://bot:secret@db.example.org"),
        ("DATABASE_URL", "postgresql://bot:secret@db.example.org:port/minerwatch"),
        ("DATABASE_URL", "postgresql://bot:secret@a.example.org:5432,b.example.org:port/minerwatch"),
        ("HEARTBEAT_URL", "file:///etc/passwd"),
        ("MESSAGES_PER_SECOND", "0"),
        ("MAX_WATCHES_PER_CHAT", "1.5"),
        ("TELEGRAM_API_URL", "localhost:8081"),
        ("TELEGRAM_API_URL", ""),
        ("MEMPOOL_URL", "mempool.example.org"),
        ("MEMPOOL_URL", "http://mempool.example.org:99999999"),
        ("MEMPOOL_URL", "http://mempool.example.org/?x=1"),
        ("EIA_URL", "ftp://example.org"),
        ("WEBHOOK_URL", "http://bot.example.org"),
        ("WEBHOOK_PORT", "0"),
        ("WEBHOOK_SECRET", "short"),
        ("DATABASE_PATH", ""),
    ],
)
def test_each_mistake_is_one_sentence_with_an_example(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as failure:
        load_settings()
    text = str(failure.value)
    assert text.startswith(f"{name} is unusable: ")
    assert f"for example {name}=" in text
    assert "\n" not in text
    monkeypatch.setenv(name, text.rsplit("=", 1)[1])
    load_settings()  # the example is right


@pytest.mark.parametrize(
    "name", ["TELEGRAM_BOT_TOKEN", "METRICS_PORT", "HEARTBEAT_URL", "EIA_API_KEY", "WEBHOOK_URL"]
)
def test_empty_is_unset(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "")
    assert getattr(load_settings(), name.lower()) is None


def test_an_empty_address_switches_a_provider_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMPOOL_URL", "")
    assert load_settings().mempool_url == ""


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_CHAT_IDS", "1, -1002,")
    monkeypatch.setenv("ENERGY_ZONES", "DE-LU,FR,DE-LU")
    settings = load_settings()
    assert settings.admin_chat_ids == (1, -1002)
    assert settings.energy_zones == ("DE-LU", "FR")


def test_a_level_may_be_small_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "debug")
    assert load_settings().log_level == "DEBUG"


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("POWER_PRICE=0.05\nLOG_FORMAT=json\nSOMETHING_ELSE=1\n", encoding="utf-8")
    monkeypatch.setenv("POWER_PRICE", "0.06")
    settings = load_settings()
    assert (settings.power_price, settings.log_format) == (0.06, "json")


def test_another_users_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """S15: in a stranger's folder the token must not go to the server that the stranger names."""
    Path(".env").write_text("TELEGRAM_API_URL=http://127.0.0.1:9\n", encoding="utf-8")
    monkeypatch.setattr(os, "geteuid", lambda: Path(".env").stat().st_uid + 1)
    with pytest.raises(SettingsError, match=r"\.env belongs to another user and is not read"):
        load_settings()
    token = tmp_path / "token"
    token.write_text(TOKEN, encoding="utf-8")
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN_FILE", str(token))
    assert load_settings().telegram_api_url == "https://api.telegram.org", "a service has its own settings"


@pytest.mark.parametrize(("price", "hint"), [("7", "POWER_PRICE=0.07"), ("2.5", "POWER_PRICE=0.025")])
def test_a_power_price_in_cents_is_refused_with_a_hint(
    price: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWER_PRICE", price)
    with pytest.raises(SettingsError, match="more than anybody pays") as refusal:
        load_settings()
    assert hint in str(refusal.value)


def test_a_file_that_is_not_text_is_said_in_one_sentence() -> None:
    Path(".env").write_bytes(b"POWER_PRICE=\xff\xfe0.05\n")
    with pytest.raises(SettingsError, match=r"^\.env can't be read \(it isn't UTF-8 text\)"):
        load_settings()


def test_the_token_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n", encoding="utf-8")
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN_FILE", str(file))
    settings = load_settings()
    assert settings.token == TOKEN
    assert TOKEN in settings.secrets


def test_a_token_file_that_is_missing_or_unfit_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN_FILE", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match="TELEGRAM_BOT_TOKEN_FILE can't be read"):
        load_settings()
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN_FILE", str(binary))
    with pytest.raises(SettingsError, match="it isn't text"):
        load_settings()
    wrong = tmp_path / "wrong"
    wrong.write_text("hello", encoding="utf-8")
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN_FILE", str(wrong))
    with pytest.raises(SettingsError, match="is not a bot token") as failure:
        _ = load_settings().token
    assert "hello" not in str(failure.value)


def test_without_a_token_it_says_where_to_get_one() -> None:
    with pytest.raises(SettingsError, match="TELEGRAM_BOT_TOKEN is missing; get one from @BotFather"):
        _ = load_settings().token


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {f"{name.upper()}_API_KEY": f"key-of-{name}" for name in KEYED}
    values |= {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "HEARTBEAT_URL": "https://hc.example.org/ping/0d1e2f",
        "WEBHOOK_SECRET": "a-very-secret-word-1234",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert set(settings.secrets) == set(values.values())
    for shown in (str(settings), repr(settings), settings.model_dump_json(), str(settings.model_dump())):
        assert not [secret for secret in values.values() if secret in shown]


def test_a_database_url_is_the_database_and_its_password_a_secret() -> None:
    url = "postgresql://bot:hunter%402@db.example.org/minerwatch?sslmode=verify-full"
    settings = Settings(_env_file=None, database_url=SecretStr(url))
    assert settings.database == url
    assert {url, "hunter%402", "hunter@2"} <= set(settings.secrets)
    assert "hunter" not in repr(settings)
    assert Settings(_env_file=None).database == Path("minerwatch.db")


@pytest.mark.parametrize(
    "servers",
    ["a.example.org:5432,b.example.org:5433", "a.example.org,b.example.org", "[::1]:5432,[::2]:5432"],
)
def test_a_database_url_may_name_several_servers(servers: str) -> None:
    url = f"postgresql://bot:hunter2@{servers}/minerwatch?target_session_attrs=read-write"
    settings = Settings(_env_file=None, database_url=SecretStr(url))
    assert settings.database == url
    assert "hunter2" in settings.secrets


def test_scheduled_copies_of_a_file_go_with_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://bot:secret@db.example.org/minerwatch")
    monkeypatch.setenv("BACKUP_DIR", "/backups")
    with pytest.raises(SettingsError, match="pg_dump") as told:
        load_settings()
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("name", ["TELEGRAM_BOT_TOKEN", "WEBHOOK_SECRET", "HEARTBEAT_URL"])
def test_a_wrong_secret_is_not_repeated_in_the_complaint(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = "secret word"
    monkeypatch.setenv(name, wrong)
    with pytest.raises(SettingsError) as failure:
        _ = load_settings().token
    assert name in str(failure.value)
    assert wrong not in str(failure.value)


def test_the_example_file_is_what_the_settings_say() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == example(), (
        "run: python -m bot.cli.env_example > .env.example"
    )


def test_the_example_lists_every_setting_and_changes_nothing() -> None:
    text = example()
    for name in Settings.model_fields:
        assert f"{name.upper()}=" in text
    for provider in PROVIDERS:
        assert f"{provider.upper()}_URL" in text
    Path(".env").write_text(text, encoding="utf-8")
    assert load_settings() == Settings(_env_file=None)
    Path(".env").write_text(text.replace("\n#", "\n# ").replace("\n#  ", "\n# "), encoding="utf-8")
    assert load_settings() == Settings(_env_file=None)


def test_a_mistake_ends_the_program_with_one_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"TELEGRAM_BOT_TOKEN={TOKEN}\nPOWER_PRICE=cheap\n", encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "bot", "run"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ran.stderr.count("\n") == 1
    assert ran.stderr.startswith("minerwatch: POWER_PRICE is unusable")
    assert TOKEN not in ran.stderr
