"""Gaps: the days that a series kept whole lacks, and asking for them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple, Protocol

from bot.signals.series import Reading
from bot.sources.series_config import history_config

log = logging.getLogger(__name__)

KEPT_WHOLE: Final = timedelta(days=400)
"""The part of a series' past in which missing days are asked for."""
_HOLIDAYS: Final = 4
"""Days in a row that a series of working days may lack."""
_MOST: Final = 5
"""Gaps of a series that are asked for one by one; more are asked for as one span."""


class Gap(NamedTuple):
    """Days that are missing, `first` and `last` among them."""

    series: str
    first: date
    last: date


class BackfillSource(Protocol):
    """What can be asked for days of the past."""

    async def backfill(self, series: str, first: date, last: date, now: datetime) -> list[Reading]:
        """The days of a series from `first` to `last`, as far as anyone gives them."""


def gaps(series: str, stored: Iterable[date], now: datetime, *, up_to_now: bool) -> list[Gap]:
    """What a series lacks of its complete days up to yesterday, from those `stored`.

    `up_to_now` counts the days since the newest stored too, which polls usually bring by themselves.
    """
    config = history_config(series)
    bearable = _HOLIDAYS if config is not None and config.days_a_week < 7 else 0
    first, yesterday = now.date() - KEPT_WHOLE, now.date() - timedelta(days=1)
    days = sorted(day for day in stored if first <= day <= yesterday)
    runs = [run for run in _runs(first, days) if (run[1] - run[0]).days + 1 > bearable]
    begin = days[-1] + timedelta(days=1) if days else first
    if up_to_now and begin <= yesterday:
        runs.append((begin, yesterday))
    if len(runs) > _MOST:
        runs = [(runs[0][0], runs[-1][1])]
    return [Gap(series, *run) for run in runs]


async def close(
    missing: Sequence[Gap],
    backfill: BackfillSource,
    now: datetime,
    keep: Callable[[list[Reading]], Awaitable[None]],
) -> None:
    """Ask for missing days and `keep` them as they come, so that what is cut short goes on from there."""

    async def fill(gap: Gap) -> None:
        days = await backfill.backfill(*gap, now)
        log.info("%s: days found between %s and %s: %d", *gap, len(days))
        if days:
            await keep(days)

    for outcome in await asyncio.gather(*(fill(gap) for gap in missing), return_exceptions=True):
        if outcome is not None:
            raise outcome


def _runs(first: date, days: Sequence[date]) -> list[tuple[date, date]]:
    """The missing days before each known one, from `first` on: the first and the last of each run."""
    day = timedelta(days=1)
    begins = [first, *(each + day for each in days)]
    return [(begin, end - day) for begin, end in zip(begins, days, strict=False) if begin < end]
