"""Whether an answer fits its lane: right kind, believable size, neither future nor stale; what is news."""

from datetime import datetime, timedelta

from bot.signals.series import Reading
from bot.sources.consensus import Candidate, Tolerance
from bot.sources.day_ahead import hour_means
from bot.sources.parse import not_future, within
from bot.sources.series_config import LOOSE_ESTIMATORS, SeriesConfig, ValueKind
from bot.sources.types import ProviderAnswer, SourceError

OVERLAP = timedelta(days=10)
"""Daily values this much older than the newest one held are given again, so that revisions are seen."""


def candidate(lane: SeriesConfig, answer: ProviderAnswer, source: str, now: datetime) -> Candidate:
    """The part of an answer that belongs to a lane, checked. Raises SourceError when it can't be used."""
    spot = lane.kind is ValueKind.SPOT
    readings = sorted(
        (r for r in answer.readings if r.series == lane.series and (r.day is None) is spot),
        key=lambda reading: reading.as_of,
    )
    if not readings:
        raise SourceError(f"sent no value of {lane.series}")
    for reading in readings:
        within(reading.value, lane.low, lane.high, lane.series)
        not_future(reading.as_of, now, lane.series)
    hours = hour_means(answer.day_ahead.slots) if lane.zone and answer.day_ahead else {}
    found = Candidate(source, tuple(readings), tolerance(lane, source), hours)
    age = now - max(reading.as_of for reading in readings)
    if age > lane.stale_after:
        raise SourceError(f"sent {lane.series} of {shown_age(age)} ago, too old to use")
    return found


def tolerance(lane: SeriesConfig, source: str) -> Tolerance:
    """How far a provider's answer may lie from another's."""
    return lane.loose if lane.loose is not None and source in LOOSE_ESTIMATORS else lane.tolerance


def news(
    lane: SeriesConfig, found: Candidate, held: Reading | None, given: Reading | None
) -> tuple[Reading, ...]:
    """The readings worth keeping beside the newest one held; `given` is the newest day that went out before.

    Days already known are given again only by the provider that gave them, so that it can revise them.
    """
    if lane.kind is ValueKind.SPOT:
        newest = found.newest
        if held is None:
            return (newest,)
        if lane.only_rises:
            return (newest,) if newest.value > held.value else ()
        return (newest,) if newest.as_of > held.as_of else ()
    if held is None and given is None:
        return found.readings
    before = [each for each in (held, given) if each and each.day and each.complete]
    known = max(before, key=lambda each: each.as_of, default=None)
    if known is None or known.day is None:
        since = found.newest.as_of - OVERLAP
    elif known.source == found.source:
        since = known.as_of - OVERLAP
    else:
        since = known.as_of
    return tuple(reading for reading in found.readings if reading.as_of > since)


def shown_age(age: timedelta) -> str:
    """An age as people say it: "12 min", "5 h", "3 days"."""
    minutes = age.total_seconds() / 60
    if minutes < 120:
        return f"{minutes:.0f} min"
    if minutes < 48 * 60:
        return f"{minutes / 60:.0f} h"
    return f"{minutes / 1440:.0f} days"
