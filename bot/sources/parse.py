"""Check outside data: type, range, time, order, gaps. Raises SourceError."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final, Literal

from bot.sources.source_error import SourceError

BLOCK_CLOCK: Final = timedelta(hours=2)
"""So far ahead a block may be stamped (Bitcoin Core, MAX_FUTURE_BLOCK_TIME)."""

AHEAD: Final = timedelta(minutes=5)
"""So far clocks differ."""

RECENT: Final = timedelta(days=7)
"""Within this span of its end a daily history may hold no gap and no placeholder."""


def mapping(value: object, what: str) -> Mapping[str, object]:
    """`value` as a JSON object. Raises SourceError otherwise."""
    if not isinstance(value, dict):
        raise SourceError(f"sent {_kind(value)} where {what} belongs")
    return value


def rows(value: object, what: str) -> Sequence[object]:
    """`value` as a JSON list that isn't empty. Raises SourceError otherwise."""
    if not isinstance(value, list):
        raise SourceError(f"sent {_kind(value)} where {what} belong")
    if not value:
        raise SourceError(f"sent no {what}")
    return value


def field(value: object, name: str, what: str) -> object:
    """The member `name` of a JSON object. Raises SourceError when there is none."""
    mapped = mapping(value, what)
    if name not in mapped:
        raise SourceError(f"left out “{name}” in {what}")
    return mapped[name]


def text(value: object, what: str) -> str:
    """`value` as text. Raises SourceError otherwise."""
    if not isinstance(value, str):
        raise SourceError(f"sent {_kind(value)} where {what} belongs")
    return value


def number(value: object, what: str) -> float:
    """`value` (a number or its text) as a finite float. Raises SourceError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise SourceError(f"sent {_kind(value)} as {what}")
    try:
        result = float(value)
    except (ValueError, OverflowError):
        raise SourceError(f"sent something that isn't a number as {what}") from None
    if not math.isfinite(result):
        raise SourceError(f"sent a value that isn't finite as {what}")
    return result


def positive(value: object, what: str) -> float:
    """`value` as a float above zero. Raises SourceError otherwise."""
    result = number(value, what)
    if result <= 0:
        raise SourceError(f"sent {result:g} as {what}")
    return result


def within(value: float, low: float, high: float, what: str, unit: str = "") -> float:
    """`value` when it can be believed at all. Raises SourceError outside `low` to `high`."""
    if not low <= value <= high:
        text = f"{figure(value)} {unit}".rstrip()
        raise SourceError(f"sent {text} as {what}; believable is {figure(low)} to {figure(high)}")
    return value


def figure(value: float) -> str:
    """A number as people read it: four significant digits, thousands marked, no exponent below a trillion."""
    if abs(value) >= 1e12 or 0 < abs(value) < 1e-4:
        return f"{value:.4g}"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:,.4g}"


def moment(value: object, what: str, *, unit: Literal["s", "ms"] = "s") -> datetime:
    """A Unix time as a UTC moment. Raises SourceError unless it falls in this century."""
    seconds = number(value, what) / (1000 if unit == "ms" else 1)
    if not 946_684_800 <= seconds <= 4_102_444_800:
        raise SourceError(f"sent {seconds:g} as {what}, which isn't a time of this century")
    return datetime.fromtimestamp(seconds, UTC)


def iso_day(value: object, what: str) -> date:
    """The day at the start of an ISO date or time. Raises SourceError otherwise."""
    try:
        return date.fromisoformat(text(value, what)[:10])
    except ValueError:
        raise SourceError(f"sent something that isn't a date as {what}") from None


def not_future(as_of: datetime, now: datetime, what: str, ahead: timedelta = AHEAD) -> datetime:
    """`as_of` when it isn't further `ahead` of `now` than clocks differ. Raises SourceError otherwise."""
    if as_of > now + ahead:
        raise SourceError(f"stamped {what} in the future ({as_of:%Y-%m-%d %H:%M} UTC)")
    return as_of


def daily(
    points: Iterable[tuple[date, object]],
    what: str,
    today: date,
    *,
    newest_first: bool = False,
    least: int = 1,
    longest_gap: int = 1,
    allow: Literal["positive", "any"] = "positive",
    recent: timedelta = RECENT,
) -> list[tuple[date, float]]:
    """A provider's daily points as closed days in order, oldest first.

    `points` are (UTC day covered, raw value) in the order sent. The running day is dropped. Refused with a
    SourceError: days out of order, twice or in the future; fewer than `least` closed days; and, among the
    newest days, a hole of more than `longest_gap` days or a value that is no number. Older holes and
    placeholders are left out.
    """
    rows = list(points)
    if newest_first:
        rows.reverse()
    for (before, _), (after, _) in pairwise(rows):
        if after == before:
            raise SourceError(f"sent {what} of {after} twice")
        if after < before:
            raise SourceError(f"sent {what} out of order ({after} after {before})")
    if rows and rows[-1][0] > today:
        raise SourceError(f"stamped {what} in the future ({rows[-1][0]})")
    closed = [(day, value) for day, value in rows if day < today]
    if len(closed) < least:
        raise SourceError(f"sent only {len(closed)} closed days of {what}; at least {least} are expected")
    if not closed:
        return []
    check = positive if allow == "positive" else number
    horizon = closed[-1][0] - recent
    days: list[tuple[date, float]] = []
    for day, value in closed:
        if day > horizon:
            days.append((day, check(value, f"{what} of {day}")))
            if len(days) > 1 and (day - days[-2][0]).days > longest_gap and days[-2][0] >= horizon:
                raise SourceError(f"left out {what} between {days[-2][0]} and {day}")
        else:
            try:
                days.append((day, check(value, what)))
            except SourceError:
                continue
    return days


def midnight(day: date) -> datetime:
    """The UTC midnight that begins `day`."""
    return datetime.combine(day, time(), UTC)


def seconds(day: date) -> int:
    """The Unix time of the UTC midnight that begins `day`."""
    return int(midnight(day).timestamp())


def _kind(value: object) -> str:
    if value is None:
        return "null"
    names = {bool: "true or false", dict: "an object", list: "a list", str: "text"}
    return names.get(type(value), "a number")
