"""The end of the program, whatever is under way: it comes, and what is unsent stays queued."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app.program import Program
from bot.cli.demo import ReplayFeed
from bot.settings import Settings
from bot.signals.rules import Severity
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


def _program(telegram: FakeTelegram, store: Store) -> Program:
    settings = Settings(_env_file=None, telegram_api_url=telegram.url, poll_interval_seconds=86_400)
    return Program(settings, store, ReplayFeed([]), token=telegram.token, bundle=list)


async def _stopped(program: Program) -> None:
    async with asyncio.timeout(NEVER):
        await program.stop()


async def test_a_job_that_reads_for_a_minute_is_cut_short(telegram: FakeTelegram, store: Store) -> None:
    program = _program(telegram, store)
    begun = asyncio.Event()

    async def reads_the_year() -> None:
        begun.set()
        await asyncio.Event().wait()

    program._scheduler.every(timedelta(days=1), reads_the_year, first=timedelta(0))
    await program.start()
    await begun.wait()
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


async def test_answers_that_wait_for_minutes_are_given_up(telegram: FakeTelegram, store: Store) -> None:
    program = _program(telegram, store)
    begun, given_up = asyncio.Event(), asyncio.Event()

    async def waits_for_its_turn(*_: object) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()

    async with program.running():
        task = asyncio.create_task(program._processor.do_process_update(None, waits_for_its_turn()))
        await begun.wait()
    assert given_up.is_set()
    assert task.cancelled()


async def test_what_is_unsent_stays_queued(
    telegram: FakeTelegram, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def queue(db: Database) -> None:
        now = program._clock()
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
