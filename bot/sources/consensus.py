"""Whether answers can be believed together: who agrees with whom, what jumped, who decides. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.signals.series import SERIES, Reading
from bot.sources.parse import figure

_DAY_S: Final = 86_400.0
_LEAST_FOR_MEAN: Final = 20


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far two providers may differ and still agree.

    `value` is relative, for the newest value both give; `mean` the same for the mean of the last 30 days
    both give; `slack` is a difference (in the series' unit) that never matters; values of different days
    are compared when they lie less than `days` days apart.
    """

    value: float
    mean: float | None = None
    slack: float = 0.0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Jump:
    """How far a value may move from the one held before a second provider must confirm it.

    The limit grows with the square root of the days between them and is never below `least`. It is a
    fraction of the held value, or a difference in the series' unit when `absolute`. A value that can only
    rise can't jump down.
    """

    least: float
    per_root_day: float
    absolute: bool = False
    upward_only: bool = False

    def limit(self, span: timedelta) -> float:
        """The largest move that needs no confirmation after `span`."""
        return max(self.least, self.per_root_day * math.sqrt(abs(span.total_seconds()) / _DAY_S))


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one provider says of one series, oldest first; never empty.

    `hours` are the means of the hours from today on, by their start, where a series has a price for each.
    """

    source: str
    readings: tuple[Reading, ...]
    tolerance: Tolerance
    hours: Mapping[datetime, float] = field(default_factory=dict)

    @property
    def newest(self) -> Reading:
        """The newest reading, a complete one where there is one."""
        complete = [reading for reading in self.readings if reading.complete]
        return (complete or list(self.readings))[-1]


@dataclass(frozen=True, slots=True)
class Accepted:
    """The believed answer, and those that contradict it, each with the reason."""

    candidate: Candidate
    rejected: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nothing can be believed yet; another provider's word may decide."""

    reason: str


def choose(candidates: Sequence[Candidate], held: Reading | None, jump: Jump | None) -> Accepted | Undecided:
    """Choose among answers in order of preference.

    The first that agrees with any other is believed, unless its newest value jumped and nobody else gives
    that one too. One alone is believed unless it jumped. Answers that share no day can't confirm one another.
    """
    unconfirmed: dict[str, str] = {}
    for each in candidates:
        moved = jumped(each.newest, held, jump) if held and jump else ""
        if moved and not any(_confirms(other, each) for other in candidates if other is not each):
            unconfirmed[each.source] = f"{moved}, and no second provider confirms it"
    for chosen in candidates:
        others = [other for other in candidates if other is not chosen]
        said = {other.source: contradiction(other, chosen) for other in others}
        if "" in said.values() and chosen.source not in unconfirmed:
            rejected = {source: reason or unconfirmed.get(source) for source, reason in said.items()}
            return Accepted(chosen, tuple((source, reason) for source, reason in rejected.items() if reason))
    for chosen in candidates:
        others = [other for other in candidates if other is not chosen]
        against_it = [reason for other in others if (reason := contradiction(chosen, other))]
        if against_it:
            return Undecided(f"{chosen.source} {against_it[0]}, and no further provider decides")
    if not candidates:
        return Undecided("no provider gave a value that can be used")
    first = candidates[0]
    if first.source in unconfirmed:
        return Undecided(f"{first.source} {unconfirmed[first.source]}")
    return Accepted(first)


def contradiction(mine: Candidate, other: Candidate) -> str | None:
    """ "" when two answers agree, None when they can't be compared, else how they differ."""
    pair = _common(mine, other)
    hours = sorted(mine.hours.keys() & other.hours.keys())
    if pair is None and not hours:
        return None
    tolerance = max(mine.tolerance, other.tolerance, key=lambda each: each.value)
    name = mine.newest.series
    if pair and not _close(pair[0].value, pair[1].value, tolerance.value, tolerance.slack):
        return f"says {_shown(name, pair[0].value)} where {other.source} says {_shown(name, pair[1].value)}"
    for hour in hours:
        ours, theirs = mine.hours[hour], other.hours[hour]
        if not _close(ours, theirs, tolerance.value, tolerance.slack):
            return (
                f"says {_shown(name, ours)} for {hour:%Y-%m-%d %H:%M} UTC "
                f"where {other.source} says {_shown(name, theirs)}"
            )
    if tolerance.mean is not None:
        means = _means(mine, other)
        if means and not _close(*means, tolerance.mean, tolerance.slack):
            return (
                f"has a 30-day mean of {_shown(name, means[0])} "
                f"where {other.source} has {_shown(name, means[1])}"
            )
    return ""


def _confirms(other: Candidate, mine: Candidate) -> bool:
    """Whether another answer agrees on the newest value of this one, not only on older ones."""
    pair = _common(mine, other)
    return pair is not None and pair[0] is mine.newest and contradiction(mine, other) == ""


def _common(mine: Candidate, other: Candidate) -> tuple[Reading, Reading] | None:
    """The newest pair that describes the same thing: two spot values, or one complete day."""
    if mine.newest.day is None or other.newest.day is None:
        return (mine.newest, other.newest) if mine.newest.day is other.newest.day else None
    theirs = {reading.day: reading for reading in other.readings if reading.complete}
    for reading in reversed(mine.readings):
        if reading.complete and reading.day in theirs:
            return reading, theirs[reading.day]
    if abs(mine.newest.day - other.newest.day) < timedelta(days=mine.tolerance.days):
        return mine.newest, other.newest
    return None


def _means(mine: Candidate, other: Candidate) -> tuple[float, float] | None:
    theirs = {reading.day: reading.value for reading in other.readings if reading.complete}
    common = [reading for reading in mine.readings if reading.complete and reading.day in theirs][-30:]
    if len(common) < _LEAST_FOR_MEAN:
        return None
    ours = sum(reading.value for reading in common) / len(common)
    return ours, sum(theirs[reading.day] for reading in common) / len(common)


def _close(one: float, other: float, relative: float, slack: float) -> bool:
    return abs(one - other) <= max(relative * max(abs(one), abs(other)), slack)


def jumped(new: Reading, held: Reading, jump: Jump) -> str:
    """How far `new` lies from `held` when that is too far, else ""."""
    limit = jump.limit(new.as_of - held.as_of)
    move = new.value - held.value if jump.upward_only else abs(new.value - held.value)
    if move <= (limit if jump.absolute else limit * abs(held.value)):
        return ""
    return f"jumped from {_shown(new.series, held.value)} to {_shown(new.series, new.value)}"


def _shown(series: str, value: float) -> str:
    """A value as people read it, with its unit."""
    unit = SERIES[series].unit if series in SERIES else ""
    return f"{figure(value)} {unit}".rstrip()
