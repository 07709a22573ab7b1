"""Start and end of the real program, whatever Telegram and the machine do."""

import asyncio
import signal
import socket
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from tests.e2e.program import OPERATOR, Program
from tests.fakes.providers import Providers
from tests.fakes.telegram import FakeTelegram

ADA, GROUP = 101, -1009
UNREACHABLE = "http://127.0.0.1:9"


async def _logged(program: Program, text: str) -> None:
    async with asyncio.timeout(40):
        while text not in program.log:  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.02)


def _polls(folder: Path) -> int:
    connection = sqlite3.connect(folder / "bot.db")
    try:
        return int(connection.execute("SELECT count(*) FROM spots").fetchone()[0])
    finally:
        connection.close()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_without_telegram_it_says_so_polls_and_ends_clean(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers, how: signal.Signals
) -> None:
    async with Program(tmp_path, telegram, providers, TELEGRAM_API_URL=UNREACHABLE) as program:
        await _logged(program, f"Telegram can't be reached at {UNREACHABLE}")
        await _logged(program, "the first poll is done")
        assert await program.end(how) == 0
    assert _polls(tmp_path) > 0
    assert program.log.count("Telegram can't be reached") == 1
    assert "Traceback" not in program.log
    assert "Unclosed" not in program.log


async def test_telegram_comes_back_and_people_are_answered(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    async with Program(tmp_path, telegram, providers, TELEGRAM_API_URL=f"http://127.0.0.1:{port}") as program:
        await _logged(program, "Telegram can't be reached")
        proxy = await asyncio.start_server(_forward_to(telegram.url), "127.0.0.1", port)
        async with proxy:
            await _logged(program, "write /start to https://t.me/")
            telegram.say(ADA, "/help")
            await telegram.until_sent(1, 40)
            assert await program.end(signal.SIGTERM) == 0


def _forward_to(url: str):  # type: ignore[no-untyped-def]  # a callback of asyncio's
    host, _, port = url.removeprefix("http://").partition(":")

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, out = await asyncio.open_connection(host, int(port))
        await asyncio.gather(pipe(reader, out), pipe(there, writer))

    return connected


@pytest.fixture
async def strange_server() -> AsyncIterator[str]:
    """Answers every call with JSON of another shape."""

    async def answer(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "result": {"hello": 1}})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_server_that_is_no_bot_api_is_one_sentence(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers, strange_server: str
) -> None:
    async with Program(tmp_path, telegram, providers, TELEGRAM_API_URL=strange_server) as program:
        await _logged(program, "its answer to getMe is not the Bot API's")
        await _logged(program, "the first poll is done")
        assert await program.end(signal.SIGTERM) == 0
    assert "Traceback" not in program.log


async def test_one_talkative_member_of_a_group_doesnt_hold_up_the_end(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    """S8: sixty replies at twenty a minute were waited for."""
    async with Program(tmp_path, telegram, providers) as program:
        telegram.say(OPERATOR, "/help")
        await telegram.until_sent(1, 40)
        for _ in range(60):
            telegram.say(GROUP, "/help", user_id=ADA)
        await telegram.until_sent(5, 40)
        assert await program.end(signal.SIGTERM) == 0
    assert len(telegram.sent) < 61, "the others were dropped"


async def test_started_together_one_of_two_goes_on(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    """TRIED 37: both ended."""
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    async with (
        Program(folders[0], telegram, providers) as each,
        Program(folders[1], telegram, providers) as two,
    ):
        ends = {asyncio.create_task(program.ended(60)): program for program in (each, two)}
        done, going = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        assert [task.result() for task in done] == [1]
        assert "another program is asking for this bot's updates" in ends[done.pop()].log
        before = len(telegram.sent)
        telegram.say(ADA, "/help")
        await telegram.until_sent(before + 1, 40)
        (task,) = going
        assert not task.done()
        task.cancel()
