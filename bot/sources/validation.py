"""Whether an answer fits a series: right kind, believable size, neither future nor stale; what is news."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.signals.series import Reading
from bot.sources.consensus import Candidate, Tolerance
from bot.sources.day_ahead import hour_means
from bot.sources.parse import AHEAD, not_future, within
from bot.sources.series_config import LOOSE_ESTIMATORS, SeriesConfig, ValueKind
from bot.sources.source_error import FaultKind, SourceError, verbatim
from bot.sources.types import ProviderAnswer

OVERLAP = timedelta(days=10)
"""Daily values this much older than the newest one held are given again, so that revisions are seen."""


def candidate(config: SeriesConfig, answer: ProviderAnswer, source: str, now: datetime) -> Candidate:
    """The part of an answer that belongs to a series, checked. Raises SourceError when it can't be used.

    A spot value, or the newest day, that can't be believed refuses it; an older day is left out alone.
    """
    spot = config.kind is ValueKind.SPOT
    ascending = sorted(
        (r for r in answer.readings if r.series == config.series and (r.day is None) is spot),
        key=lambda reading: reading.as_of,
    )
    if not ascending:
        missing = f"sent no value of {config.series}"
        raise SourceError(answer.refused.get(config.series, verbatim(missing)))
    readings = []
    for reading in ascending:
        not_future(reading.as_of, now, config.series)
        if reading is ascending[-1]:
            within(reading.value, config.low, config.high, config.series)
        if config.low <= reading.value <= config.high:
            readings.append(reading)
    age = now - max(reading.as_of for reading in readings)
    if age > config.stale_after:
        raise SourceError(f"sent {config.series} of {shown_age(age)} ago, too old to use", FaultKind.STALE)
    hours = hour_means(answer.day_ahead.slots) if config.zone and answer.day_ahead else {}
    return Candidate(source, tuple(readings), tolerance(config, source), hours)


def tolerance(config: SeriesConfig, source: str) -> Tolerance:
    """How far a provider's answer may lie from another's."""
    loose = config.loose is not None and source in LOOSE_ESTIMATORS
    return config.loose if loose and config.loose is not None else config.tolerance


def news(
    config: SeriesConfig,
    believed: Sequence[Reading],
    confirmed: Reading | None,
    newest_at: datetime | None,
    now: datetime,
) -> tuple[Reading, ...]:
    """What of the values believed is worth keeping beside the newest `confirmed` one held.

    `newest_at` is the moment of the newest value that went out before. What lies further ahead of `now` than
    clocks differ was dated by a clock that was ahead, and keeps nothing from being news. Days up to `OVERLAP`
    older than the newest known are given again: the history decides whether they confirm or revise what it
    holds.
    """
    if config.only_rises and confirmed is not None:
        return tuple(r for r in believed if r.confirmed and r.value > confirmed.value)
    before = None if confirmed is None else confirmed.as_of
    possible = (at for at in (before, newest_at) if at is not None and at <= now + AHEAD)
    known = max(possible, default=None)
    if known is None:
        return tuple(believed)
    since = known if config.kind is ValueKind.SPOT else known - OVERLAP
    return tuple(reading for reading in believed if reading.as_of > since)


def shown_age(age: timedelta) -> str:
    """An age as people say it: "12 min", "5 h", "3 days"."""
    minutes = age.total_seconds() / 60
    if minutes < 120:
        return f"{minutes:.0f} min"
    if minutes < 48 * 60:
        return f"{minutes / 60:.0f} h"
    return f"{minutes / 1440:.0f} days"
