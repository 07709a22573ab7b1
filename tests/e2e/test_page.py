"""The page of the running program: it is there when it is wanted, follows the polls and stops with it."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import aiohttp

from tests.e2e.forked import ROOT
from tests.e2e.program import Program
from tests.fakes.ports import free_port
from tests.fakes.providers import Providers
from tests.fakes.telegram import FakeTelegram


async def test_the_page_follows_the_polls_and_stops_with_the_program(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    port = free_port()
    settings = {"WEB_PORT": str(port), "WEB_URL": "https://page.example"}
    async with (
        Program(tmp_path, telegram, providers, **settings) as program,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client,
    ):
        telegram.say(101, "/start")
        await telegram.until_sent(1)
        await telegram.until(lambda: any(method == "setChatMenuButton" for method, _ in telegram.done))
        async with asyncio.timeout(30), client.get("/events") as stream:
            polls = set[str]()
            while len(polls) < 3:
                line = (await stream.content.readline()).decode()
                if line.startswith("data: "):
                    polls.add(line)
        async with client.get("/api/v1/status") as answered:
            status = await answered.json()
            assert status["polled_at"] is not None
            assert len(status["signals"]) >= 4
        async with client.get("/") as answered:
            assert answered.status == 200
            assert "frame-ancestors https://web.telegram.org" in answered.headers["Content-Security-Policy"]
        async with client.get("/events"):
            assert await program.end_within(5.0) == 0
    buttons = [fields["menu_button"] for method, fields in telegram.done if method == "setChatMenuButton"]
    assert json.loads(buttons[-1])["web_app"] == {"url": "https://page.example/app"}
    assert telegram.token not in program.log


async def test_a_port_that_is_taken_is_told_in_one_line(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    taken = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    async with Program(tmp_path, telegram, providers, WEB_PORT=str(port)) as program:
        assert await program.ended() != 0
    taken.close()
    await taken.wait_closed()
    assert f"WEB_PORT {port} can't be used on 127.0.0.1" in program.log
    assert "Traceback" not in program.log


def test_without_its_port_nothing_of_the_page_is_loaded() -> None:
    loads = (
        "import sys, bot.cli.main, bot.cli.serve, bot.app.program\n"
        "print([name for name in sys.modules if name.startswith(('bot.web', 'jinja2', 'aiohttp.web'))])"
    )
    result = subprocess.run(
        [sys.executable, "-c", loads], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
