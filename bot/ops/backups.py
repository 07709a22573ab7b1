"""Scheduled backups: one a day, days_kept by day, week and month."""

import asyncio
import logging
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Final

from storage.errors import StorageError
from storage.sqlite.backup import back_up, verify

log = logging.getLogger(__name__)

DAYS, WEEKS, MONTHS = 7, 5, 12
"""How many are kept: the newest of so many days, of so many weeks and of so many months that have one."""

_NAME: Final = re.compile(r"minerwatch-(\d{4}-\d{2}-\d{2})\.db")


def days_kept(days: Iterable[date]) -> set[date]:
    """Which of these days' backups are days_kept."""
    newest_first = sorted(days, reverse=True)
    weeks: dict[tuple[int, int], date] = {}
    months: dict[tuple[int, int], date] = {}
    for day in newest_first:
        weeks.setdefault(day.isocalendar()[:2], day)
        months.setdefault((day.year, day.month), day)
    return {*newest_first[:DAYS], *list(weeks.values())[:WEEKS], *list(months.values())[:MONTHS]}


def existing(folder: Path) -> dict[date, Path]:
    """The backups in a folder, by day; other files are left alone."""
    backups = {}
    for path in folder.glob("minerwatch-*.db"):
        if match := _NAME.fullmatch(path.name):
            backups[date.fromisoformat(match[1])] = path
    return backups


def newest(folder: Path) -> tuple[date, Path] | None:
    """The newest backup of a folder."""
    return max(existing(folder).items(), default=None)


class ScheduledBackups:
    """Writes a backup of `database` to `folder` each UTC day, rehearses its restore, deletes old ones."""

    def __init__(self, database: Path, folder: Path, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._folder = folder
        self._clock = clock

    async def run(self) -> Path | None:
        """Do what is due; returns the new backup, None when today has one or it failed, which is logged."""
        return await asyncio.to_thread(self._run)

    def _run(self) -> Path | None:
        today = self._clock().date()
        copy = self._folder / f"minerwatch-{today}.db"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if copy.exists():
                return None
            back_up(self._database, copy)
            verify(copy)
            backups = existing(self._folder)
            for day in backups.keys() - days_kept(backups):
                backups[day].unlink()
        except (OSError, StorageError) as error:
            log.error(f"the scheduled backup to BACKUP_DIR {str(self._folder)!r} failed: {error}")
            return None
        log.info(f"{copy} is written and can be restored")
        return copy
