"""What can be believed of several providers' answers, day by day and value by value. Pure.

A value is confirmed by two hosts within the tolerance, or as the median of three, and supported by a host
that estimates it by another method. One host's value alone is taken while it lies near the last confirmed
one. Two that contradict one another settle nothing: only a host that has the same day can decide.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from bot.i18n.message import NOTHING, Message, MomentValue, NumberValue, message
from bot.signals.series import SERIES, Confidence, Reading
from bot.sources.source_error import with_source

_DAY_S: Final = 86_400.0
_MEANS: Final = ((7, 5), (30, 20))
"""Spans (days) over which means are compared, and how many days of each both must give."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far two providers may differ and still agree.

    `value` is relative, for one value; `week` and `mean` the same for the means of the 7 and 30 days that end
    with it; `slack` is a difference (in the series' unit) that never matters; newest values of different days
    are compared when they lie less than `days` days apart. A provider of another method, whose values lie
    further from the others' by nature, supports a value but doesn't `confirm` it.
    """

    value: float
    mean: float | None = None
    week: float | None = None
    slack: float = 0.0
    days: int = 0
    confirms: bool = True


@dataclass(frozen=True, slots=True)
class Jump:
    """How far a value that one provider gives alone may lie from the last confirmed one.

    The limit grows with the square root of the days between them, up to `longest`, and is never below
    `least`. It is a fraction of the confirmed value, or a difference in the series' unit when `absolute`. A
    value that can only rise can't jump down.
    """

    least: float
    per_root_day: float
    absolute: bool = False
    upward_only: bool = False
    longest: timedelta = timedelta(days=4)

    def limit(self, span: timedelta) -> float:
        """The largest move that needs no confirmation after `span`."""
        days = min(abs(span), self.longest).total_seconds() / _DAY_S
        return max(self.least, self.per_root_day * math.sqrt(days))


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one provider says of one series, oldest first; never empty.

    `hours` are the means of the hours from today on, by their start, where a series has a price for each;
    `days` are the complete days' values.
    """

    source: str
    readings: tuple[Reading, ...]
    tolerance: Tolerance
    hours: Mapping[datetime, float] = field(default_factory=dict)
    days: Mapping[date, float] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Find complete days by their date."""
        days = {r.day: r.value for r in self.readings if r.complete and r.day is not None}
        object.__setattr__(self, "days", days)

    @property
    def newest(self) -> Reading:
        """The newest reading, a complete one where there is one."""
        complete = [reading for reading in self.readings if reading.complete]
        return (complete or list(self.readings))[-1]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two answers agree."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two answers contradict one another; `reason` says how, with the first one's name before it."""

    reason: Message


@dataclass(frozen=True, slots=True)
class NotComparable:
    """Two answers have nothing in common that could be compared."""


Comparison = Agreement | Contradiction | NotComparable


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is believed of a series.

    `readings` are believed, oldest first, each with its confidence; `rejected` are the providers that are
    contradicted by what is believed, each with the reason. `unsettled` says why the newest value is unknown
    or rests on one provider, so that another one's word would help; it is `NOTHING` when none would.
    `ahead` names the provider whose hours to come are believed.
    """

    readings: tuple[Reading, ...]
    rejected: tuple[tuple[str, Message], ...] = ()
    unsettled: Message = NOTHING
    ahead: str | None = None


def decide(
    candidates: Sequence[Candidate],
    confirmed: Reading | None,
    jump: Jump | None,
    *,
    only_rises: bool = False,
    quorum: int = 2,
) -> Verdict:
    """Decide what to believe of answers in order of preference.

    `confirmed` is the newest confirmed reading held. `only_rises` is for a record: the second-highest claim
    is believed, since two have reached it. With `quorum` 1 nobody else can be asked, and a single word is
    settled, if unconfirmed.
    """
    if not candidates:
        return Verdict((), unsettled=message("no provider gave a value that can be used"))
    if only_rises:
        return _record(candidates, confirmed, jump, quorum)
    believed: list[Reading] = []
    rejected: dict[str, Message] = {}
    unsettled = NOTHING
    days = list(_complete_days(candidates))
    for entries in days:
        reading, against, unsettled = _settle(entries, confirmed, jump, quorum)
        rejected |= against
        believed += [] if reading is None else [reading]
    if believed or not days:
        leader = believed[-1].source if believed else candidates[0].source
        for entries in _other_values(candidates, leader):
            reading, against, why = _settle(entries, confirmed, jump, quorum)
            rejected |= against
            believed += [] if reading is None else [reading]
            unsettled = unsettled if days else why
    ahead, against, contested = _hours_ahead(candidates)
    unsettled = contested if contested.text else unsettled
    return Verdict(tuple(believed), tuple((rejected | against).items()), unsettled, ahead)


def compare(mine: Candidate, other: Candidate) -> Comparison:
    """Compare two answers on the newest day both give, and on the hours to come."""
    pair = _newest_pair(mine, other)
    values = NotComparable() if pair is None else _compare_pair(mine, other, *pair)
    hours = _compare_hours(mine, other)
    return values if isinstance(values, Contradiction) or isinstance(hours, NotComparable) else hours


def jumped(new: Reading, confirmed: Reading, jump: Jump) -> Message:
    """How far `new` lies from the last confirmed reading when that is too far, else `NOTHING`."""
    limit = jump.limit(new.as_of - confirmed.as_of)
    move = new.value - confirmed.value if jump.upward_only else abs(new.value - confirmed.value)
    if move <= (limit if jump.absolute else limit * abs(confirmed.value)):
        return NOTHING
    before, after = value_text(new.series, confirmed.value), value_text(new.series, new.value)
    # Translators: this and the next texts say what a provider did. Its name stands before each, as in
    # “kraken jumped from … to …”.
    return message("jumped from {before} to {after}", before=before, after=after)


def value_text(series: str, value: float) -> Message:
    """A value as people read it, to four significant digits, with its unit."""
    unit = SERIES[series].unit if series in SERIES else ""
    text = "{figure} {unit}" if unit else "{figure}"
    values = (("unit", unit),) if unit else ()
    if abs(value) >= 1e12 or 0 < abs(value) < 1e-4:
        return Message(text, (("figure", f"{value:.4g}"), *values))
    digits = 0 if abs(value) >= 1_000 or value == 0 else 3 - math.floor(math.log10(abs(value)))
    while digits and round(value, digits) == round(value, digits - 1):
        digits -= 1
    return Message(text, (("figure", NumberValue(value, digits)), *values))


_Entries = Sequence[tuple[Candidate, Reading]]


def _complete_days(candidates: Sequence[Candidate]) -> Iterator[_Entries]:
    """Each complete day's readings, oldest day first.

    The newest day of one provider alone stands beside another's newest of a few days away, where the
    tolerance allows that.
    """
    days: dict[date, list[tuple[Candidate, Reading]]] = {}
    for each in candidates:
        for reading in each.readings:
            if reading.complete and reading.day is not None:
                days.setdefault(reading.day, []).append((each, reading))
    for day in sorted(days):
        entries = days[day]
        own = entries[0][0]
        if len(entries) == 1 and own.tolerance.days and day == max(days):
            within = timedelta(days=own.tolerance.days)
            near = [(e, e.newest) for e in candidates if e is not own and e.newest.day is not None]
            entries += [entry for entry in near if abs(day - (entry[1].day or day)) < within][:1]
        yield entries


def _other_values(candidates: Sequence[Candidate], leader: str) -> Iterator[_Entries]:
    """The spot values, or the days still running as the provider gives them whose days are believed."""
    spots = [(each, each.newest) for each in candidates if each.newest.day is None]
    if spots:
        yield spots
    for each in candidates:
        if each.source == leader:
            yield from ([(each, r)] for r in each.readings if not r.complete and r.day is not None)


def _settle(
    entries: _Entries, confirmed: Reading | None, jump: Jump | None, quorum: int
) -> tuple[Reading | None, dict[str, Message], Message]:
    """What to believe of one day or moment, who is contradicted by it, and why it isn't settled."""
    for entry, other in _agreeing(entries):
        if entry[0].tolerance.confirms and other[0].tolerance.confirms:
            return _confirmed(entry, entries)
    if len(entries) > 2:
        return _confirmed(_median(entries), entries)
    if len(entries) == 2 and any(_agreeing(entries)):
        return replace(entries[0][1], confidence=Confidence.SUPPORTED), {}, NOTHING
    if len(entries) == 2:
        comparison = _compare_pair(entries[0][0], entries[1][0], entries[0][1], entries[1][1])
        if isinstance(comparison, Contradiction):
            reason = with_source(entries[0][0].source, comparison.reason)
            return None, {}, message("{reason}, and no further provider decides", reason=reason)
    candidate, reading = entries[0]
    moved = jumped(reading, confirmed, jump) if confirmed is not None and jump is not None else NOTHING
    if moved != NOTHING:
        reason = with_source(candidate.source, moved)
        return None, {}, message("{reason}, and no second provider confirms it", reason=reason)
    alone = message("only {source} gives the newest value", source=candidate.source)
    return replace(reading, confidence=Confidence.ALONE), {}, alone if quorum > 1 else NOTHING


def _agreeing(entries: _Entries) -> Iterator[tuple[tuple[Candidate, Reading], tuple[Candidate, Reading]]]:
    """The pairs that agree, compared one by one as they are asked for."""
    for index, entry in enumerate(entries):
        for other in entries[index + 1 :]:
            if isinstance(_compare_pair(entry[0], other[0], entry[1], other[1]), Agreement):
                yield entry, other


def _confirmed(
    chosen: tuple[Candidate, Reading], entries: _Entries
) -> tuple[Reading, dict[str, Message], Message]:
    against = {}
    for candidate, reading in entries:
        if reading is chosen[1]:
            continue
        comparison = _compare_pair(candidate, chosen[0], reading, chosen[1])
        if isinstance(comparison, Contradiction):
            against[candidate.source] = comparison.reason
    return replace(chosen[1], confidence=Confidence.CONFIRMED), against, NOTHING


def _median(entries: _Entries) -> tuple[Candidate, Reading]:
    """The middle value; of two in the middle the one that stands first."""
    by_value = sorted(entries, key=lambda entry: entry[1].value)
    middle = by_value[(len(by_value) - 1) // 2 : len(by_value) // 2 + 1]
    return next(entry for entry in entries if entry in middle)


def _record(
    candidates: Sequence[Candidate], confirmed: Reading | None, jump: Jump | None, quorum: int
) -> Verdict:
    claims = sorted(((each, each.newest) for each in candidates), key=lambda claim: -claim[1].value)
    if len(claims) > 1:
        (highest, claim), (second, reading) = claims[:2]
        believed = replace(reading, confidence=Confidence.CONFIRMED)
        comparison = _compare_pair(highest, second, claim, reading)
        if isinstance(comparison, Agreement):
            return Verdict((believed,))
        assert isinstance(comparison, Contradiction)  # noqa: S101 - two values can be compared
        if len(claims) > 2:
            return Verdict((believed,), ((highest.source, comparison.reason),))
        reason = with_source(highest.source, comparison.reason)
        return Verdict((believed,), (), message("{reason}, and no further provider decides", reason=reason))
    sole, _, unsettled = _settle(claims, confirmed, jump, quorum)
    return Verdict(() if sole is None else (sole,), unsettled=unsettled)


def _hours_ahead(candidates: Sequence[Candidate]) -> tuple[str | None, dict[str, Message], Message]:
    """Whose hours to come are believed: of one that agrees with another, or of the only one that has any."""
    having = [each for each in candidates if each.hours]
    contradictions: list[tuple[Candidate, Message]] = []
    for each in having:
        comparisons = [(other, _compare_hours(other, each)) for other in having if other is not each]
        against = {o.source: c.reason for o, c in comparisons if isinstance(c, Contradiction)}
        if any(isinstance(comparison, Agreement) for _, comparison in comparisons) or not against:
            return each.source, against, NOTHING
        contradictions += [
            (each, c.reason)
            for other in having
            if other is not each and isinstance(c := _compare_hours(each, other), Contradiction)
        ]
    if not contradictions:
        return None, {}, NOTHING
    first, reason = contradictions[0]
    said_by = with_source(first.source, reason)
    return None, {}, message("{reason}, and no further provider decides", reason=said_by)


def _compare_pair(mine: Candidate, other: Candidate, ours: Reading, theirs: Reading) -> Comparison:
    """Compare two readings of one day or moment, and the means of the days up to it."""
    tolerance = max(mine.tolerance, other.tolerance, key=lambda each: each.value)
    name = ours.series
    if not _close(ours.value, theirs.value, tolerance.value, tolerance.slack):
        return Contradiction(
            message(
                "says {mine} where {source} says {theirs}",
                mine=value_text(name, ours.value),
                source=other.source,
                theirs=value_text(name, theirs.value),
            )
        )
    if ours.day is None:
        return Agreement()
    for (days, least), most in zip(_MEANS, (tolerance.week, tolerance.mean), strict=True):
        means = None if most is None else _means(mine, other, ours.day, days, least)
        if most is not None and means is not None and not _close(*means, most, tolerance.slack):
            return Contradiction(
                message(
                    "has a {days}-day mean of {mine} where {source} has {theirs}",
                    days=str(days),
                    mine=value_text(name, means[0]),
                    source=other.source,
                    theirs=value_text(name, means[1]),
                )
            )
    return Agreement()


def _compare_hours(mine: Candidate, other: Candidate) -> Comparison:
    hours = sorted(mine.hours.keys() & other.hours.keys())
    if not hours:
        return NotComparable()
    tolerance = max(mine.tolerance, other.tolerance, key=lambda each: each.value)
    name = mine.newest.series
    for hour in hours:
        ours, theirs = mine.hours[hour], other.hours[hour]
        if not _close(ours, theirs, tolerance.value, tolerance.slack):
            return Contradiction(
                message(
                    "says {mine} for {moment} where {source} says {theirs}",
                    mine=value_text(name, ours),
                    moment=MomentValue(hour),
                    source=other.source,
                    theirs=value_text(name, theirs),
                )
            )
    return Agreement()


def _newest_pair(mine: Candidate, other: Candidate) -> tuple[Reading, Reading] | None:
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


def _means(
    mine: Candidate, other: Candidate, last: date, days: int, least: int
) -> tuple[float, float] | None:
    """The means of the days both give among the `days` that end with `last`, if there are enough."""
    common = [day for day in _span(last, days) if day in mine.days and day in other.days]
    if len(common) < least:
        return None
    ours, theirs = (sum(each.days[day] for day in common) / len(common) for each in (mine, other))
    return ours, theirs


@lru_cache(maxsize=256)  # every provider of every series is compared over the same days
def _span(last: date, days: int) -> tuple[date, ...]:
    return tuple(last - timedelta(days=age) for age in range(days))


def _close(ours: float, theirs: float, relative: float, slack: float) -> bool:
    return abs(ours - theirs) <= max(relative * max(abs(ours), abs(theirs)), slack)
