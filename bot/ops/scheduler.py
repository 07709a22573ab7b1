"""The timetable: what the running program does at intervals."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from telegram.ext import ContextTypes, JobQueue

NOW = timedelta(0)


class Scheduler(JobQueue[ContextTypes.DEFAULT_TYPE]):
    """The jobs. When it stops nothing is begun any more, so that waiting for what runs comes to an end."""

    def every(
        self, interval: timedelta, job: Callable[[], Awaitable[object]], *, first: timedelta | None = None
    ) -> None:
        """Do a job again and again, `first` from now, else after one interval; never twice at once.

        A turn that comes late is made up for once.
        """
        self.scheduler.add_job(
            job,
            "interval",
            seconds=interval.total_seconds(),
            next_run_time=datetime.now(UTC) + (interval if first is None else first),
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )

    async def stop(self, wait: bool = True) -> None:
        """Let what runs finish."""
        if self.scheduler.running:
            self.scheduler.pause()
        await super().stop(wait)
