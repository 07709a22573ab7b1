"""Which of several prices holds in which hours: “7c, 12c from 7 to 9 and 15c from 17 to 21”."""

from collections.abc import Sequence
from enum import Enum, auto
from itertools import combinations
from typing import Final

HOURS_OF_A_DAY: Final = 24.0
Span = tuple[float, float]
"""Hours of the day from and to, which may pass midnight."""
_Assigned = tuple[tuple[int, ...], ...]


class Part(Enum):
    """What a tariff by the hour is made of."""

    PRICE = auto()
    HOURS = auto()
    MARK = auto()
    """A comma, or a word that joins."""
    REST = auto()
    """“otherwise”, “the rest of the day”."""


def hours_of_prices(parts: Sequence[Part]) -> _Assigned | None:
    """The numbers of the hours of each price, in order; at most one price has none, and holds otherwise.

    None where no price or more than one may be that of some hours: a price stands before all its hours or
    behind them, or between the same two marks, and where several of this can be, fewest marks stand between.
    """
    found: dict[_Assigned, int] = {}
    for way in (_before, _behind, _between_marks):
        read = way(parts)
        if read is not None:
            assigned, marks = read
            found[assigned] = min(marks, found.get(assigned, marks))
    rest = _price_of_rest(parts)
    possible = {
        assigned: marks
        for assigned, marks in found.items()
        if assigned.count(()) <= 1 and (rest is None or assigned[rest] == ())
    }
    fewest = min(possible.values(), default=0)
    best = [assigned for assigned, marks in possible.items() if marks == fewest]
    return best[0] if len(best) == 1 else None


def overlapping(spans: Sequence[Span]) -> tuple[Span, Span] | None:
    """Two spans that share some time of the day; None where none do."""
    for first, second in combinations(spans, 2):
        if _overlap(first, second):
            return first, second
    return None


def length(span: Span) -> float:
    """Hours from its beginning to its end; a span that ends where it begins is a whole day."""
    return (span[1] - span[0]) % HOURS_OF_A_DAY or HOURS_OF_A_DAY


def _overlap(first: Span, second: Span) -> bool:
    between = (second[0] - first[0]) % HOURS_OF_A_DAY
    return between < length(first) or HOURS_OF_A_DAY - between < length(second)


def _before(parts: Sequence[Part]) -> tuple[_Assigned, int] | None:
    """Each price before its hours, with how many marks stand between."""
    assigned: list[list[int]] = []
    marks = crossed = hours = 0
    for part in parts:
        if part is Part.PRICE:
            assigned.append([])
            crossed = 0
        elif part is not Part.HOURS:
            crossed += 1
        elif not assigned:
            return None
        else:
            assigned[-1].append(hours)
            marks, hours = marks + crossed, hours + 1
    return tuple(map(tuple, assigned)), marks


def _behind(parts: Sequence[Part]) -> tuple[_Assigned, int] | None:
    """Each price behind its hours, with how many marks stand between."""
    read = _before(parts[::-1])
    if read is None:
        return None
    last = parts.count(Part.HOURS) - 1
    return tuple(tuple(last - number for number in reversed(own)) for own in reversed(read[0])), read[1]


def _between_marks(parts: Sequence[Part]) -> tuple[_Assigned, int] | None:
    """One price and its hours between each two marks."""
    assigned: list[tuple[int, ...]] = []
    hours: list[int] = []
    number = prices = 0
    for part in (*parts, Part.MARK):
        if part is Part.PRICE:
            prices += 1
        elif part is Part.HOURS:
            hours.append(number)
            number += 1
        elif part is Part.MARK and (prices or hours):
            if prices != 1:
                return None
            assigned.append(tuple(hours))
            hours, prices = [], 0
    return tuple(assigned), 0


def _price_of_rest(parts: Sequence[Part]) -> int | None:
    """The number of the price that is said to hold otherwise; None where none is, or two may be."""
    for place, part in enumerate(parts):
        before, behind = (Part.PRICE in parts[max(0, at) : at + 1] for at in (place - 1, place + 1))
        if part is Part.REST and before != behind:
            return parts[:place].count(Part.PRICE) - before
    return None
