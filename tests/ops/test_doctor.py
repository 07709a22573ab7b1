"""The doctor finds each common mistake, says what to do, and changes nothing."""

import json
import socket
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import pytest
from pydantic import SecretStr

from bot.ops import database_file, doctor, telegram_check
from bot.ops.database_file import disk_kind
from bot.ops.destination_check import diagnose_destinations
from bot.ops.doctor import diagnose
from bot.pipeline.factory import make_collector
from bot.settings import PROVIDERS, Settings
from bot.sources.diagnostics import Finding
from storage.chats import chats, destinations
from storage.chats.destinations import DestinationKind
from storage.database import Database, Store
from tests.e2e.program import command, environment
from tests.fakes.connections import write_now
from tests.fakes.providers import Providers
from tests.fakes.telegram import CONFLICT, NOT_FOUND, FakeTelegram, Garble
from tests.fakes.world import World


def utc_now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(autouse=True)
def _no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(telegram_check, "PROBE_S", 0)


async def test_what_a_server_that_is_away_would_say_is_not_made_up(tmp_path: Path) -> None:
    """A replica may run: nothing is said of it, and its questions to Telegram are not disturbed."""
    async with FakeTelegram() as api:
        url = SecretStr("postgresql://minerwatch:hunter2@127.0.0.1:1/minerwatch")
        found = await _look(_settings(tmp_path, api, database_url=url, metrics_port=1))
    assert "can't be reached" in found["database"].detail
    assert not {"instance", "port"} & {check.split()[0] for check in found}
    assert not api.calls["getUpdates"]


def _settings(
    tmp_path: Path, api: FakeTelegram, providers: Providers | None = None, **others: object
) -> Settings:
    urls = {f"{name}_url": providers.url(name) if providers else "" for name in PROVIDERS}
    values = {"telegram_bot_token": api.token, "telegram_api_url": api.url, "admin_chat_ids": (7,)}
    return Settings(
        **{"_env_file": None, "database_path": tmp_path / "bot.db", **urls, **values, **others}  # type: ignore[arg-type]  # checked by the settings
    )


async def _look(settings: Settings, clock: Callable[[], datetime] = utc_now) -> dict[str, Finding]:
    asked = make_collector(settings)
    try:
        findings = await diagnose(settings, asked, clock)
    finally:
        await asked.close()
    for finding in findings:
        assert finding.ok or finding.remedy, finding
        assert "\n" not in finding.detail + finding.remedy
    return {finding.check: finding for finding in findings}


async def test_where_all_is_well_it_says_so(tmp_path: Path) -> None:
    with Store(tmp_path / "bot.db"):
        pass
    async with FakeTelegram() as api, Providers(World(utc_now())) as providers:
        result = await _look(_settings(tmp_path, api, providers))
    ours = [name for name in result if not name.startswith(("source ", "series "))]
    assert all(result[name].ok for name in ours), [result[name] for name in ours]
    assert {
        "settings",
        "token",
        "clock",
        "webhook",
        "instance",
        "database",
        "database place",
        "disk",
    } <= result.keys()
    assert result["source kraken"].ok
    assert "sound" in result["database"].detail


async def test_a_wrong_token(tmp_path: Path) -> None:
    async with FakeTelegram() as api:
        wrong = "987654321:BBF-a-token-of-the-right-form-987654"
        result = await _look(_settings(tmp_path, api, telegram_bot_token=wrong))
    assert not result["token"].ok
    assert "@BotFather" in result["token"].remedy
    assert wrong not in str(result)


async def test_no_token_at_all(tmp_path: Path) -> None:
    async with FakeTelegram() as api:
        result = await _look(_settings(tmp_path, api, telegram_bot_token=None))
    assert result["token"].detail == "TELEGRAM_BOT_TOKEN is missing"


async def test_telegram_out_of_reach(tmp_path: Path) -> None:
    async with FakeTelegram() as api:
        settings = _settings(tmp_path, api)
    result = await _look(settings)
    assert "can't be asked" in result["token"].detail
    assert "network" in result["token"].remedy


async def test_a_login_page_in_the_way(tmp_path: Path) -> None:
    async with FakeTelegram() as api:
        api.script_method("getMe", Garble())
        result = await _look(_settings(tmp_path, api))
    assert "not the Bot API's" in result["token"].detail


async def test_a_webhook_left_behind(tmp_path: Path) -> None:
    async with FakeTelegram() as api:
        api.webhook = {"url": "https://old.example.org/hook"}
        result = await _look(_settings(tmp_path, api))
        assert not result["webhook"].ok
        result = await _look(_settings(tmp_path, api, webhook_url="https://old.example.org/hook"))
        assert result["webhook"].ok
        assert api.webhook


async def test_a_second_instance_elsewhere(tmp_path: Path) -> None:
    async with FakeTelegram() as api:
        api.script_method("getUpdates", CONFLICT)
        result = await _look(_settings(tmp_path, api))
    assert not result["second instance"].ok


async def test_beside_a_running_bot_it_doesnt_disturb(tmp_path: Path) -> None:
    async with FakeTelegram() as api:
        with Store(tmp_path / "bot.db"):
            result = await _look(_settings(tmp_path, api))
        assert result["instance"].ok
        assert "runs on this database (process" in result["instance"].detail
        assert api.calls["getUpdates"] == 0


@pytest.mark.parametrize(("hours", "word"), [(2, "ahead"), (-2, "behind")])
async def test_a_clock_that_is_off(tmp_path: Path, hours: int, word: str) -> None:
    async with FakeTelegram() as api:
        result = await _look(_settings(tmp_path, api), lambda: utc_now() + timedelta(hours=hours))
    assert not result["clock"].ok
    assert word in result["clock"].detail


async def test_an_admin_chat_that_never_started_the_bot(tmp_path: Path) -> None:
    async with FakeTelegram() as api:
        api.script_method("getChat", NOT_FOUND)
        result = await _look(_settings(tmp_path, api, admin_chat_ids=(55,)))
    assert not result["admins"].ok
    assert "55" in result["admins"].detail


async def test_a_folder_that_is_missing_or_a_file_that_cant_be_written(tmp_path: Path) -> None:
    async with FakeTelegram() as api:
        result = await _look(_settings(tmp_path, api, database_path=tmp_path / "none" / "bot.db"))
        assert "is missing" in result["database"].detail
        result = await _look(_settings(tmp_path, api, database_path=tmp_path))
        assert not result["database"].ok


async def test_a_damaged_and_a_newer_database(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    async with FakeTelegram() as api:
        path.write_text("no database " * 1000, encoding="utf-8")
        result = await _look(_settings(tmp_path, api))
        assert "is no SQLite database" in result["database"].detail
        path.unlink()
        with Store(path):
            pass
        connection = sqlite3.connect(path)
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('minerwatch', 'm999', '')"
        )
        connection.commit()
        connection.close()
        result = await _look(_settings(tmp_path, api))
        assert "newer version (it has m999)" in result["database"].detail


def test_a_network_file_system_is_known_by_its_mount(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "bot"
    folder.mkdir(parents=True)
    mounts = {"/": "ext4", str(tmp_path.resolve()): "nfs4", str(folder.parent.resolve()): "xfs"}
    assert disk_kind(tmp_path, mounts) == "nfs4"
    assert disk_kind(folder, mounts) == "xfs"
    assert disk_kind(folder, {}) == ""


async def test_a_network_file_system_is_no_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_file, "read_mounts", lambda: {"/": "fuse.sshfs"})
    async with FakeTelegram() as api:
        result = await _look(_settings(tmp_path, api))
    assert "network file system (fuse.sshfs)" in result["database place"].detail


async def test_a_disk_nearly_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_file, "LITTLE_ROOM", 2**62)
    async with FakeTelegram() as api:
        result = await _look(_settings(tmp_path, api))
    assert "nearly full" in result["disk"].detail


async def test_time_zone_data_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> None:
        raise ZoneInfoNotFoundError

    monkeypatch.setattr(doctor, "ZoneInfo", missing)
    async with FakeTelegram() as api:
        result = await _look(_settings(tmp_path, api))
    assert result["time zones"].remedy == "install it: pip install tzdata"


async def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with FakeTelegram() as api:
            result = await _look(_settings(tmp_path, api, metrics_port=port))
    assert not result["METRICS_PORT"].ok


async def test_a_mistyped_name_in_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("POLL_INTERVAL=60\n", encoding="utf-8")
    async with FakeTelegram() as api:
        result = await _look(_settings(tmp_path, api))
    assert result["settings"].remedy == "write POLL_INTERVAL_SECONDS"


async def test_a_provider_out_of_reach(tmp_path: Path) -> None:
    async with FakeTelegram() as api:
        async with Providers(World(utc_now())) as providers:
            settings = _settings(tmp_path, api, providers)
        result = await _look(settings)
    assert not result["source mempool"].ok
    assert "MEMPOOL_URL" in result["source mempool"].remedy


async def test_the_command_tells_people_and_programs(tmp_path: Path) -> None:
    async with FakeTelegram() as api, Providers(World(utc_now())) as providers:
        env = environment(
            tmp_path,
            providers,
            TELEGRAM_BOT_TOKEN=api.token,
            TELEGRAM_API_URL=api.url,
            DATABASE_PATH=str(tmp_path / "none" / "bot.db"),
        )
        status, out, err = await command(tmp_path, "doctor", env=env)
        assert status == 1
        assert "✗ database: the folder" in out
        assert "    → make it, or give a file in a folder this user may write" in out
        assert api.token not in out + err
        status, out, _ = await command(tmp_path, "doctor", "--json", env=env)
        body = json.loads(out)
        assert status == 1
        assert body["ok"] is False
        assert {"check", "ok", "detail", "remedy"} == body["findings"][0].keys()
        assert not (tmp_path / "none").exists()


async def test_destinations_that_cannot_be_sent_to_are_named_with_their_remedy(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    with Store(path) as store:

        def work(db: Database) -> None:
            for kind, target in (
                (DestinationKind.WEBHOOK, "https://127.0.0.1/private"),
                (DestinationKind.WEBHOOK, "http://localhost:9/allowed"),
                (DestinationKind.SERVICE, "pager"),
                (DestinationKind.WEBHOOK, "https://1.1.1.1/gone"),
            ):
                added = destinations.add(db, kind, target, "salt", 99, utc_now())
            chats.deactivate(db, added.chat_id, "it answered 410")

        write_now(store, work)
    settings = Settings(_env_file=None, database_path=path, hook_private_hosts=frozenset({"localhost"}))
    findings = await diagnose_destinations(settings)
    assert [(finding.check, finding.ok) for finding in findings] == [
        ("webhook 1 (127.0.0.1)", False),
        ("webhook 2 (localhost)", True),
        ("service 3 (pager)", False),
        ("webhook 4 (1.1.1.1)", False),
    ]
    assert "HOOK_PRIVATE_HOSTS" in findings[0].detail
    assert "/hook remove 3" in findings[2].remedy
    assert "410" in findings[3].detail


async def test_services_without_a_usable_address_are_named_and_their_addresses_are_not() -> None:
    services = {"mail": SecretStr("nonsense://user:hidden@example.org")}
    (finding,) = await diagnose_destinations(Settings(_env_file=None, notify_services=services))
    assert not finding.ok
    assert finding.check == "service mail"
    assert "hidden" not in repr(finding)
