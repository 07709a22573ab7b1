"""Jobs run by the monotonic clock, whatever the wall clock does."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta, tzinfo
from typing import Self

import apscheduler.schedulers.base
import pytest

import bot.ops.scheduler
from bot.ops.scheduler import NOW, Scheduler

OFTEN = timedelta(milliseconds=5)


@pytest.fixture
async def scheduler() -> AsyncIterator[Scheduler]:
    made = Scheduler(time.monotonic)
    yield made
    await made.stop()


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Sets the wall clock of the scheduler and its library ahead or back."""
    offset = [timedelta(0)]

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + offset[0]

    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Shifted)
    monkeypatch.setattr(bot.ops.scheduler, "datetime", Shifted)

    def shift(by: timedelta) -> None:
        offset[0] += by

    return shift


class _Job:
    def __init__(self) -> None:
        self.runs = 0
        self.ran = asyncio.Event()

    async def __call__(self) -> None:
        self.runs += 1
        self.ran.set()

    async def until(self, runs: int) -> None:
        async with asyncio.timeout(20):
            while self.runs < runs:
                self.ran.clear()
                await self.ran.wait()


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=-400), timedelta(days=365)])
async def test_jobs_go_on_after_the_wall_clock_was_set(
    scheduler: Scheduler, set_clock: Callable[[timedelta], None], jump: timedelta
) -> None:
    job = _Job()
    scheduler.every(OFTEN, job, first=NOW)
    scheduler.start()
    await job.until(3)
    set_clock(jump)
    scheduler.rebase()
    await job.until(job.runs + 3)
    set_clock(-jump)
    scheduler.rebase()
    await job.until(job.runs + 3)


async def test_a_job_that_ran_in_a_glitch_of_the_clock_runs_on_as_before(
    scheduler: Scheduler, set_clock: Callable[[timedelta], None]
) -> None:
    job = _Job()
    scheduler.every(OFTEN, job, first=NOW)
    scheduler.start()
    await job.until(3)
    set_clock(timedelta(hours=25))
    await job.until(job.runs + 1)
    set_clock(timedelta(hours=-25))
    scheduler.check()
    await job.until(job.runs + 3)


async def test_a_year_that_never_was_is_not_made_up_for(
    scheduler: Scheduler, set_clock: Callable[[timedelta], None]
) -> None:
    often, seldom = _Job(), _Job()
    scheduler.every(OFTEN, often, first=NOW)
    scheduler.every(timedelta(hours=1), seldom, first=NOW)
    scheduler.start()
    await often.until(3)
    before = seldom.runs
    set_clock(timedelta(days=365))
    scheduler.rebase()
    await often.until(often.runs + 3)
    assert (before, seldom.runs) == (1, 1), "what is due in an hour is due in an hour"


async def test_stopping_cancels_what_would_never_end(scheduler: Scheduler) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def endless() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    scheduler.every(OFTEN, endless, first=NOW)
    scheduler.start()
    async with asyncio.timeout(20):
        await begun.wait()
        await scheduler.stop()
    assert ended.is_set()


async def test_a_job_never_runs_twice_at_once(scheduler: Scheduler) -> None:
    running, most, job = 0, 0, _Job()

    async def slow() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(20):
            await asyncio.sleep(0)
        running -= 1
        await job()

    scheduler.every(timedelta(microseconds=100), slow, first=NOW)
    scheduler.start()
    await job.until(5)
    assert most == 1
