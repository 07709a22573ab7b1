"""Shares with their intervals, quantiles, and days that are no independent observations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

Spans = Sequence[tuple[date, date]]
"""First and last days."""

APART = 30
"""Days without something that end one stretch of it."""

Z_90 = 1.6449
"""Standard deviations on each side that hold 90 % of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `n`, with its 90 % Wilson interval; `low` and `high` are 0 and 1 when n is 0."""

    hits: int
    n: int
    low: float
    high: float

    @property
    def value(self) -> float | None:
        """The share itself; None when n is 0."""
        return self.hits / self.n if self.n else None

    def holds(self, rate: float) -> bool:
        """Whether the interval contains a rate, so that the share can't be told from it."""
        return self.low <= rate <= self.high


def share(hits: int, n: int, z: float = Z_90) -> Share:
    """A share with its Wilson score interval [E. B. Wilson, 1927]."""
    if n == 0:
        return Share(0, 0, 0.0, 1.0)
    rate = hits / n
    middle = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Share(hits, n, max(0.0, middle - half), min(1.0, middle + half))


def quantile(values: Sequence[float], at: float) -> float:
    """The value below which a share of the values lies, the nearest of them."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(at * len(ordered)))]


def joined(days: Iterable[date]) -> Spans:
    """Stretches of days, oldest first: days at most APART from one to the next are one stretch."""
    spans: list[tuple[date, date]] = []
    for day in days:
        if spans and (day - spans[-1][1]).days <= APART:
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return spans
