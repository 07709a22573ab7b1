"""What an operator lives through: the real program, watched, blinded, killed, damaged and brought back."""

import asyncio
import json
import signal
import socket
import sqlite3
from pathlib import Path

import aiohttp
from aiohttp import web

from bot.settings import PROVIDERS
from tests.e2e.program import OPERATOR, Program, command, environment
from tests.fakes.faults import Fault
from tests.fakes.ports import free_port
from tests.fakes.providers import Providers
from tests.fakes.telegram import FakeTelegram

ADA, ADMIN = 101, 900


async def test_blindness_is_told_to_the_operators_and_its_end_too(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    async with Program(tmp_path, telegram, providers, ADMIN_CHAT_IDS=str(ADMIN)):
        telegram.say(ADA, "/start")
        await telegram.until_sent(1)
        for name in PROVIDERS:
            providers.faults[name] = Fault.BROKEN
        await telegram.until(lambda: any("no source gives" in text for text in telegram.texts(ADMIN)), 40)
        providers.faults.clear()
        await telegram.until(lambda: any("There is data again" in text for text in telegram.texts(ADMIN)), 40)
    assert not [text for text in telegram.texts(ADA) if "no source gives" in text]
    assert len([text for text in telegram.texts(ADMIN) if "no source gives" in text]) == 1


async def test_an_unclean_stop_is_told_and_a_clean_one_is_not(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    async with Program(tmp_path, telegram, providers, ADMIN_CHAT_IDS=str(ADMIN)):
        telegram.say(ADA, "/start")
        await telegram.until_sent(1)
    async with Program(tmp_path, telegram, providers, ADMIN_CHAT_IDS=str(ADMIN)) as program:
        telegram.say(ADA, "/start")
        await telegram.until_sent(2)
        assert telegram.texts(ADMIN) == []
        await program.end(signal.SIGKILL)
    async with Program(tmp_path, telegram, providers, ADMIN_CHAT_IDS=str(ADMIN)):
        await telegram.until(lambda: bool(telegram.texts(ADMIN)), 40)
    assert "not stopped cleanly" in telegram.texts(ADMIN)[0]


async def test_health_metrics_and_heartbeat_of_the_running_program(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    beats = asyncio.Queue[str]()

    async def beat(request: web.Request) -> web.Response:
        beats.put_nowait(request.path)
        return web.Response()

    app = web.Application()
    app.router.add_get("/{key}", beat)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = free_port()
    settings = {
        "METRICS_PORT": str(port),
        "HEARTBEAT_URL": f"http://127.0.0.1:{runner.addresses[0][1]}/private-key-0815",
        "LOG_FORMAT": "json",
    }
    async with Program(tmp_path, telegram, providers, **settings) as program:
        async with asyncio.timeout(40):
            assert await beats.get() == "/private-key-0815"
        telegram.say(ADA, "/help")
        await telegram.until_sent(1)
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/healthz") as answer:
                assert answer.status == 200
                assert (await answer.json())["ok"] is True
            async with session.get(f"http://127.0.0.1:{port}/metrics") as answer:
                text = await answer.text()
        for name in (
            "minerwatch_poll_age_seconds ",
            'minerwatch_source_age_seconds{source="mempool"}',
            "minerwatch_queue_age_seconds ",
            "minerwatch_get_updates_age_seconds ",
            "minerwatch_database_bytes ",
        ):
            assert f"\n{name}" in text
        assert await program.end(signal.SIGTERM) == 0
    await runner.cleanup()
    lines = [json.loads(line) for line in program.log.splitlines() if line.startswith("{")]
    assert lines
    assert "private-key-0815" not in program.log
    assert telegram.token not in program.log


async def test_a_picture_is_drawn_apart_and_the_program_ends_in_good_order(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    async with Program(tmp_path, telegram, providers) as program:
        telegram.say(OPERATOR, "/start")
        await telegram.until_sent(1)
        while telegram.sent[-1].method != "sendPhoto":  # until the history is there, there is nothing to draw
            asked = len(telegram.sent)
            telegram.say(OPERATOR, "/chart price")
            await telegram.until_sent(asked + 1, 40)
        (picture,) = telegram.sent[-1].uploads.values()
        assert picture.startswith(b"\x89PNG")
        assert await program.end(signal.SIGTERM) == 0
    assert "Traceback" not in program.log
    assert "ERROR" not in program.log


async def test_a_taken_port_is_one_clear_sentence(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        async with Program(tmp_path, telegram, providers, METRICS_PORT=port) as program:
            assert await program.ended() == 1, "whoever has the port may go"
    assert program.log.strip().splitlines()[-1].startswith(f"minerwatch: METRICS_PORT {port} can't be used")


async def test_webhook_mode_serves_people_and_ends_in_good_order(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    port = free_port()
    settings = {"WEBHOOK_URL": "https://bot.example.org/hook", "WEBHOOK_PORT": str(port)}
    async with Program(tmp_path, telegram, providers, **settings) as program:
        await telegram.until(lambda: bool(telegram.webhook), 40)
        assert telegram.webhook["url"] == "https://bot.example.org/hook"
        secret = telegram.webhook["secret_token"]
        assert len(secret) >= 32
        telegram.webhook["url"] = f"http://127.0.0.1:{port}/hook"  # the proxy in front, played by the server
        telegram.say(ADA, "/help")
        await telegram.until_sent(1)
        telegram.webhook["secret_token"] = "forged"
        telegram.say(ADA, "/help")
        await telegram.until(lambda: telegram.calls["webhook 403"] == 1)
        telegram.webhook["secret_token"] = secret
        telegram.say(ADA, "/status")
        await telegram.until_sent(3)  # the one that was refused comes again
        assert telegram.calls["getUpdates"] == 0
        assert await program.end(signal.SIGTERM) == 0
    assert "Traceback" not in program.log
    assert secret not in program.log
    assert telegram.webhook
    async with Program(tmp_path, telegram, providers) as program:  # back to polling: the webhook goes
        telegram.say(ADA, "/help")
        await telegram.until(lambda: telegram.calls["deleteWebhook"] == 1)
        telegram.say(ADA, "/help")
        await telegram.until_sent(4)


async def test_a_damaged_database_stops_the_start_and_a_backup_brings_all_back(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    env = environment(tmp_path, providers)
    async with Program(tmp_path, telegram, providers):
        telegram.say(ADA, "/subscribe price_drawdown")
        await telegram.until_sent(1)
        status, out, err = await command(tmp_path, "backup", "saved.db", env=env)
        assert (status, out) == (0, "")
        assert "saved.db is written and whole" in err
    path = tmp_path / "bot.db"
    raw = bytearray(path.read_bytes())
    for offset in range(4096, len(raw), 4096):
        raw[offset : offset + 512] = b"\xa5" * 512
    path.write_bytes(raw)
    async with Program(tmp_path, telegram, providers) as program:
        assert await program.ended() == 2
    last = program.log.strip().splitlines()[-1]
    assert last.startswith("minerwatch: DATABASE_PATH")
    assert "minerwatch restore FILE" in last
    status, _, err = await command(tmp_path, "restore", "saved.db", env=env)
    assert status == 0
    assert "is kept as" in err
    async with Program(tmp_path, telegram, providers):
        telegram.say(ADA, "/unsubscribe energy_price")
        await telegram.until_sent(2)
    assert "Price drawdown" in telegram.texts(ADA)[-1]


async def test_a_database_of_a_newer_version_stops_the_start(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    env = environment(tmp_path, providers)
    await command(tmp_path, "poll", env=env)
    connection = sqlite3.connect(tmp_path / "bot.db")
    connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('minerwatch', 'm999', '')"
    )
    connection.commit()
    connection.close()
    async with Program(tmp_path, telegram, providers) as program:
        assert await program.ended() == 2
    assert "was written by a newer minerwatch" in program.log.splitlines()[-1]
