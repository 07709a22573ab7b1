"""The jobs that run at intervals, on APScheduler, by the monotonic clock."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

NOW = timedelta(0)
_TOLERANCE_S = 5.0  # a job starts a moment after its time

Job = Callable[[], Awaitable[object]]


class _Every(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """Due `first` after it was added, then one interval after each run: a late run is made up for once."""

    def __init__(self, interval: timedelta, first: timedelta) -> None:
        self._interval = interval
        self._first = first

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        return now + (self._first if previous is None else self._interval)


class Scheduler:
    """Runs jobs at intervals, each never twice at once.

    APScheduler plans by the wall clock. `rebase` plans anew by the monotonic clock, so that a jump of the
    wall clock neither holds jobs back nor makes up for runs that were never missed.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._due: dict[str, float] = {}  # by job, in monotonic seconds
        self._running: dict[asyncio.Task[Any], str] = {}
        self._is_stopping = False

    def every(self, interval: timedelta, job: Job, *, first: timedelta | None = None) -> None:
        """Run a job again and again, `first` from now, else after one interval."""
        begin = interval if first is None else first
        name = str(len(self._due))
        self._due[name] = self._monotonic() + begin.total_seconds()

        async def run() -> None:
            self._due[name] = self._monotonic() + interval.total_seconds()
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 - a coroutine that runs has a task
            self._running[task] = name
            try:
                await job()
            except asyncio.CancelledError:
                if not self._is_stopping:  # by `stop`, which APScheduler would log as a fault
                    raise
            finally:
                self._running.pop(task, None)

        self._scheduler.add_job(run, _Every(interval, begin), id=name)

    def start(self) -> None:
        """Begin; needs a running event loop."""
        self._scheduler.start()

    def check(self) -> None:
        """Plan anew when a job is late, or waits for a time that the wall clock showed only for a moment.

        Such a jump is over before anybody has noticed it, but what was planned or looked up in it stays.
        """
        now, wall = self._monotonic(), datetime.now(UTC)
        running = set(self._running.values())
        if any(
            now - self._due[job.id] > _TOLERANCE_S
            or (job.next_run_time - wall).total_seconds() > max(0.0, self._due[job.id] - now) + _TOLERANCE_S
            for job in self._scheduler.get_jobs()
            if job.id not in running
        ):
            self.rebase()

    def rebase(self) -> None:
        """Plan every job anew by the monotonic clock."""
        now, wall = self._monotonic(), datetime.now(UTC)
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=wall + timedelta(seconds=max(0.0, self._due[job.id] - now)))

    async def stop(self) -> None:
        """Begin nothing more and cancel what runs."""
        if not self._scheduler.running:
            return
        self._is_stopping = True
        self._scheduler.pause()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self._scheduler.shutdown(wait=False)
