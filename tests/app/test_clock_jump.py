"""The running program when the wall clock jumps: said, planned around, and nothing irreversible at first."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app.program import Program
from bot.cli.replay_feed import ReplayFeed
from bot.ops.scheduler import Job, Scheduler
from bot.settings import Settings
from bot.signals.rules import Severity
from storage.chats import chats, digests, preferences
from storage.chats.chats import Address
from storage.chats.preferences import ChatSettings
from storage.database import Database, Store
from storage.errors import StorageError
from storage.outbox import notices
from storage.outbox.notices import NoticeKind
from tests.fakes.telegram import FakeTelegram

ADMIN, ADA = 99, 7
_POLL_EVERY, _DIGESTS_EVERY = timedelta(hours=7), timedelta(seconds=20)


class _Running:
    """The program with its scheduled jobs by interval, on a wall clock that can be set."""

    def __init__(self, telegram: FakeTelegram, store: Store) -> None:
        self.telegram = telegram
        self.store = store
        self.offset = timedelta(0)
        self.jobs: dict[timedelta, Job] = {}
        settings = Settings(
            _env_file=None,
            telegram_api_url=telegram.url,
            admin_chat_ids=(ADMIN,),
            poll_interval_seconds=_POLL_EVERY.total_seconds(),
        )
        self.program = Program(
            settings, store, ReplayFeed([]), token=telegram.token, clock=self.now, bundle=list
        )

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    async def told(self, text: str) -> None:
        await self.telegram.until(lambda: any(text in sent for sent in self.telegram.texts(ADMIN)), 20)


@pytest.fixture
async def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[_Running]:
    with Store(tmp_path / "bot.db") as store:
        async with FakeTelegram() as telegram:
            running = _Running(telegram, store)
            plan = Scheduler.every

            def every(scheduler: Scheduler, interval: timedelta, job: Job, **options: Any) -> None:
                running.jobs[interval] = job
                plan(scheduler, interval, job, **options)

            monkeypatch.setattr(Scheduler, "every", every)
            async with running.program.running(scheduled=True):
                yield running


async def test_operators_are_told_of_a_clock_set_back_and_set_ahead(running: _Running) -> None:
    running.offset = timedelta(hours=-2)
    await running.told("was set back</b> by 2 h")


async def test_a_message_queued_by_a_clock_ahead_arrives_when_the_clock_is_right_again(
    running: _Running,
) -> None:
    """S7: 24 of 199 critical messages arrived, the rest was due hours later."""

    def queue(db: Database) -> None:
        now = running.now()
        chats.remember(db, Address(ADA), "private", now)
        body = '{"text": "hello from the future"}'
        notices.notify(db, [ADA], NoticeKind.BROADCAST, Severity.CRITICAL, body, now)

    running.offset = timedelta(hours=3)
    await running.told("was set ahead</b>")
    await running.store.write(queue)
    running.offset = timedelta(0)
    texts = running.telegram.texts
    await running.telegram.until(lambda: "hello from the future" in " ".join(texts(ADA)), 20)


async def test_a_glitch_of_a_year_during_a_tick_moves_no_digest(running: _Running) -> None:
    """S7: a glitch of one tick was a year's silence."""

    def want(db: Database) -> None:
        chats.remember(db, Address(ADA), "private", running.now())
        wanted = ChatSettings(digest_at=time(8))
        preferences.save(db, Address(ADA), digests.scheduled(db, wanted, running.now()))

    await running.store.write(want)
    before = await running.store.read(lambda db: preferences.load(db, Address(ADA)).digest_next)
    await running.program.poll()
    running.offset = timedelta(days=365)
    await running.jobs[_DIGESTS_EVERY]()
    after = await running.store.read(lambda db: preferences.load(db, Address(ADA)).digest_next)
    assert after == before


async def test_digests_wait_for_a_disk_that_is_full(
    running: _Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def full(*_: object) -> int:
        raise StorageError("the disk is full", "free some space")

    await running.program.poll()
    monkeypatch.setattr(running.store, "read", full)
    await running.jobs[_DIGESTS_EVERY]()
    assert "what needs the database waits: the disk is full" in caplog.text


async def test_a_poll_waits_until_the_clock_is_steady(running: _Running) -> None:
    await running.program.poll()
    running.offset = timedelta(days=2)
    before = (await running.program.supervisor.program_status()).polls
    waiting = asyncio.ensure_future(running.jobs[_POLL_EVERY]())
    for _ in range(20):
        await asyncio.sleep(0)
    assert not waiting.done()
    assert (await running.program.supervisor.program_status()).polls == before
    waiting.cancel()
