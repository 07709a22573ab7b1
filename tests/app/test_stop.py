"""The end of the program, whatever is under way: it comes, and what is unsent stays queued."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from telegram.ext import ExtBot

from bot.app.program import Program
from bot.cli.replay_feed import ReplayFeed
from bot.settings import Settings
from bot.signals.rules import Severity
from bot.signals.series import Reading
from bot.sources.types import RoundResult
from bot.telegram.transport import TelegramTransport
from storage import runs
from storage.chats import chats
from storage.chats.chats import Address
from storage.database import Database, Store
from storage.errors import explain
from storage.outbox import notices
from storage.outbox.notices import NoticeKind
from tests.fakes.telegram import FakeTelegram

NEVER = 30.0  # seconds in which an end that hangs would not come


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as api:
        yield api


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "bot.db") as opened:
        yield opened


class _SlowFeed(ReplayFeed):
    """Providers that never come to an end."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        super().__init__(readings)
        self.begun = asyncio.Event()

    async def gather(self, _now: datetime, _newest: Mapping[str, Reading]) -> RoundResult:
        self.begun.set()
        await asyncio.Event().wait()
        raise AssertionError("nothing sets that event")


def _program(telegram: FakeTelegram, store: Store, feed: ReplayFeed | None = None) -> Program:
    settings = Settings(_env_file=None, telegram_api_url=telegram.url, poll_interval_seconds=86_400)
    return Program(settings, store, feed or ReplayFeed([]), token=telegram.token, bundle=list)


async def _stopped(program: Program) -> None:
    async with asyncio.timeout(NEVER):
        await program.stop()


async def test_a_job_that_reads_for_a_minute_is_cut_short(telegram: FakeTelegram, store: Store) -> None:
    feed = _SlowFeed([])
    program = _program(telegram, store, feed)
    await program.start()
    await feed.begun.wait()
    await _stopped(program)
    last = await store.read(runs.last)
    assert last is not None
    assert last.stopped_at is not None, "the next start finds a clean end"


async def test_a_disk_that_takes_nothing_ends_the_program_all_the_same(
    telegram: FakeTelegram, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    program = _program(telegram, store)
    await program.start()
    await program.connect()

    async def refuse(_work: Callable[[Database], object]) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorname = "SQLITE_FULL"
        raise explain(error, store.path)

    monkeypatch.setattr(store, "write", refuse)
    await _stopped(program)
    assert "the disk is full" in caplog.text
    assert "Traceback" not in caplog.text


async def test_answers_that_wait_for_minutes_are_given_up(
    telegram: FakeTelegram, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = _program(telegram, store)
    begun, given_up = asyncio.Event(), asyncio.Event()

    async def waits_for_its_turn(*_: object, **__: object) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()

    monkeypatch.setattr(ExtBot, "send_message", waits_for_its_turn)
    async with program.running():
        telegram.say(7, "/help")
        await begun.wait()
    assert given_up.is_set()


async def test_what_is_unsent_stays_queued(
    telegram: FakeTelegram, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def queue(db: Database) -> None:
        now = datetime.now(UTC)
        chats.remember(db, Address(7), "private", now)
        notices.notify(db, [7], NoticeKind.BROADCAST, Severity.WARNING, '{"text": "hello"}', now)

    program = _program(telegram, store)
    began = asyncio.Event()

    async def hangs(_transport: object, _request: object) -> Any:
        began.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(TelegramTransport, "send", hangs)
    await store.write(queue)
    await program.start()
    await began.wait()
    await _stopped(program)
    states = await store.read(lambda db: db.execute("SELECT state FROM outbox").fetchall())
    assert states == [("pending",)], "the next start sends it, marked as a possible repeat"
    assert telegram.sent == []
