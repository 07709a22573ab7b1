"""Two programs behind one webhook, posted to in turn: one is killed with -9 while people ask."""

import asyncio
import re
import signal
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from storage.database import Store
from tests.e2e.program import Program
from tests.fakes.connections import read_now
from tests.fakes.ports import free_port
from tests.fakes.postgres_server import Server
from tests.fakes.providers import Providers
from tests.fakes.telegram import FakeTelegram

CHATS = range(1001, 1011)
QUESTIONS = 12


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    with postgres.database() as address:
        yield address


async def _logged(program: Program, text: str) -> None:
    async with asyncio.timeout(60):
        while text not in program.log:  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.02)


async def test_a_replica_killed_while_it_answers_loses_nothing_and_no_order(
    tmp_path: Path, url: str, telegram: FakeTelegram, providers: Providers
) -> None:
    programs, ports = [], [str(free_port()), str(free_port())]
    for name, port in zip(("first", "second"), ports, strict=True):
        (tmp_path / name).mkdir()
        settings = {"DATABASE_URL": url, "WEBHOOK_URL": "https://bot.example.org/hook", "WEBHOOK_PORT": port}
        programs.append(Program(tmp_path / name, telegram, providers, MESSAGES_PER_SECOND="1000", **settings))
    async with programs[0] as leader:
        await _logged(leader, "the first poll is done")
        async with programs[1] as other:
            await _logged(other, "the bot is @")
            telegram.balance([f"http://127.0.0.1:{port}/" for port in ports], repeat_every=10)
            telegram.latency_s = 0.05  # so that something is under way at any moment
            for number in range(QUESTIONS):
                for chat in CHATS:
                    telegram.say(chat, f"/nothing{number}")
            await telegram.until_sent(3 * len(CHATS), seconds=60)
            await leader.end(signal.SIGKILL)
            await telegram.until(
                lambda: all(_numbers(telegram, chat)[-1:] == [QUESTIONS - 1] for chat in CHATS), seconds=60
            )
            await _logged(other, "the first poll is done")
            assert "S19" in await _asked(telegram, CHATS[0], "is an s19 profitable at 7 cents?")
    repeats = 0
    for chat in CHATS:
        answered = _numbers(telegram, chat)
        assert [number for number, _ in groupby(answered)] == list(range(QUESTIONS))
        repeats += len(answered) - QUESTIONS
    assert repeats <= len(CHATS), "of each chat one update was under way at most"
    with Store(url) as store:
        assert (
            read_now(store, lambda db: list(db.query("SELECT * FROM received_updates WHERE raw <> ''"))) == []
        )
    for program in programs:
        assert "Traceback" not in program.log
        assert "can't be used" not in program.log, "a statement that PostgreSQL refuses"


async def _asked(telegram: FakeTelegram, chat: int, text: str) -> str:
    before = len(telegram.texts(chat))
    telegram.say(chat, text)
    await telegram.until(lambda: len(telegram.texts(chat)) > before, seconds=30)
    return telegram.texts(chat)[before]


def _numbers(telegram: FakeTelegram, chat: int) -> list[int]:
    return [int(number) for text in telegram.texts(chat) for number in re.findall(r"/nothing(\d+)", text)]
