"""Daily columns: a series' complete days in arrays, with trailing statistics computed as the days arrive."""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from math import isnan, nan

_ENOUGH = 0.7
"""Share of a window's days that must be known; five trading days of seven are."""


def _doubles() -> "array[float]":
    return array("d")


def _known(values: Sequence[float]) -> Sequence[float]:
    """The values without NaN; a slice that has none, the usual case, is given back as it is."""
    total = sum(values)
    if total == total:  # noqa: PLR0124 - the quickest test for NaN
        return values
    return [value for value in values if value == value]  # noqa: PLR0124 - see above


def _mean(values: Sequence[float], needed: float, *, without_highest: bool) -> float:
    """The mean of the values known; NaN when they are fewer than `needed`."""
    total, known = sum(values), values
    if total != total:  # noqa: PLR0124 - the quickest test for NaN
        known = _known(values)
        total = sum(known)
    count = len(known)
    if count < needed:
        return nan
    if without_highest:
        total, count = total - max(known), count - 1
    return total / count


class SeriesColumn:
    """The complete days of one series, gap-free from its first day; a missing day is NaN inside.

    Everything is kept in arrays of doubles: 15 years of a series take 45 kB, a quarter of what lists would.
    """

    __slots__ = (
        "_cached",
        "_dependents",
        "_lows",
        "_means",
        "_peaks",
        "_ranks",
        "_sorted",
        "_sums",
        "first",
        "values",
    )

    def __init__(self) -> None:
        """An empty column."""
        self.first = 0  # ordinal of values[0]
        self.values = _doubles()
        self._means: dict[tuple[int, bool], array[float]] = {}
        self._peaks: dict[tuple[int, bool], array[float]] = {}
        self._ranks: dict[tuple[int, int, bool], array[float]] = {}
        self._lows: dict[tuple[int, int, bool], array[float]] = {}
        self._sorted: dict[tuple[int, int, bool], list[float]] = {}  # the windows that `ranks` goes on with
        self._sums: dict[int, array[float]] = {}
        self._cached: list[array[float]] = []  # every array of the dictionaries above
        self._dependents: list[ComputedColumn] = []

    @property
    def last(self) -> int:
        """Ordinal of the newest day; before `first` when empty."""
        return self.first + len(self.values) - 1

    def put(self, ordinal: int, value: float) -> None:
        """Set one day, in any order; cached figures of this and later days are dropped."""
        values = self.values
        index = ordinal - self.first
        if index == len(values) and index:
            values.append(value)
        elif not values:
            self.first = ordinal
            values.append(value)
        elif index < 0:
            self.values[:0] = array("d", [nan]) * -index
            self.first = ordinal
            self.values[0] = value
            self._drop(0)
        elif index < len(values):
            values[index] = value
            self._drop(index)
        else:
            values.extend(array("d", [nan]) * (index - len(values)))
            values.append(value)
        for dependent in self._dependents:
            dependent.truncate(ordinal)

    def append(self, value: float) -> None:
        """Set the day after the newest one."""
        self.values.append(value)
        if self._dependents:
            for dependent in self._dependents:
                dependent.truncate(self.last)

    def _drop(self, index: int) -> None:
        """Forget what was computed of the days from `index` on."""
        for cached in self._cached:
            del cached[index:]
        self._sorted.clear()

    def at(self, ordinal: int) -> float:
        """The day's value, or NaN."""
        index = ordinal - self.first
        return self.values[index] if 0 <= index < len(self.values) else nan

    def holds(self, ordinal: int) -> bool:
        """Whether the day has a value."""
        return not isnan(self.at(ordinal))

    def held_since(self, first: date) -> Iterator[date]:
        """The days from `first` on that have a value, oldest first."""
        for ordinal in range(max(first.toordinal(), self.first), self.last + 1):
            if self.holds(ordinal):
                yield date.fromordinal(ordinal)

    def window(self, last: int, days: int) -> list[float]:
        """The values known among the `days` days that end with `last`."""
        index = last - self.first + 1
        return list(_known(self.values[max(0, index - days) : max(0, index)]))

    def _cache(self) -> "array[float]":
        cached = _doubles()
        self._cached.append(cached)
        return cached

    def means(self, days: int, *, without_highest: bool = False) -> "array[float]":
        """Trailing means, aligned with `values`; NaN where too little of the window is known.

        `without_highest` leaves the highest day of each window out, so that one spike moves nothing.
        """
        key = (days, without_highest)
        means = self._means.get(key)
        if means is None:
            means = self._means[key] = self._cache()
        values = self.values
        if len(means) == len(values):
            return means
        needed = _ENOUGH * days
        start = len(means)
        # a list, for an array makes a new object at each look at a value
        floats = values[max(0, start - days) :].tolist()
        shift = len(values) - len(floats)
        for end in range(start + 1, len(values) + 1):
            window = floats[max(0, end - days) - shift : end - shift]
            total = sum(window)
            if total == total and end >= days:  # noqa: PLR0124 - no NaN: the usual case, without a call
                means.append((total - max(window)) / (days - 1) if without_highest else total / days)
            else:
                means.append(_mean(window, needed, without_highest=without_highest))
        return means

    def sums(self, days: int) -> "array[float]":
        """Trailing sums, aligned with `values`; NaN where a day of the window is missing."""
        sums = self._sums.get(days)
        if sums is None:
            sums = self._sums[days] = self._cache()
        for index in range(len(sums), len(self.values)):
            sums.append(sum(self.values[index + 1 - days : index + 1]) if index + 1 >= days else nan)
        return sums

    def peaks(self, days: int, *, without_highest: bool = False) -> "array[float]":
        """The highest trailing mean up to and with each day, aligned with `means`; NaN before the first."""
        means = self.means(days, without_highest=without_highest)
        key = (days, without_highest)
        peaks = self._peaks.get(key)
        if peaks is None:
            peaks = self._peaks[key] = self._cache()
        for index in range(len(peaks), len(means)):
            before = peaks[index - 1] if index else nan
            # a comparison with NaN is false: a missing mean keeps the peak, a first mean starts it
            peaks.append(before if before >= means[index] or isnan(means[index]) else means[index])
        return peaks

    def lows(self, days: int, among: int) -> "array[float]":
        """The lowest of the `among` trailing means before each day, aligned with `ranks`."""
        self.ranks(days, among)
        return self._lows[days, among, False]

    def ranks(self, days: int, among: int, *, without_highest: bool = False) -> "array[float]":
        """The share of the `among` trailing means before it that each exceeds, 0 to 1, ties halved.

        Aligned with `means`; NaN where fewer than three fifths of those means are known.
        """
        means = self.means(days, without_highest=without_highest)
        key = (days, among, without_highest)
        ranks = self._ranks.get(key)
        if ranks is None:
            ranks, self._lows[key] = self._cache(), self._cache()
            self._ranks[key] = ranks
        lows = self._lows[key]
        start = len(ranks)
        if start == len(means):
            return ranks
        before = self._sorted.get(key)
        if before is None:
            before = self._sorted[key] = sorted(_known(means[max(0, start - among) : start]))
        for index in range(start, len(means)):
            now = means[index]
            if isnan(now) or len(before) < 0.6 * among:
                ranks.append(nan)
                lows.append(nan)
            else:
                lows.append(before[0])
                ranks.append((bisect_left(before, now) + bisect_right(before, now)) / 2 / len(before))
            if not isnan(now):
                insort(before, now)
            if index >= among and not isnan(leaving := means[index - among]):
                del before[bisect_left(before, leaving)]
        return ranks

    def mean(self, last: int, days: int) -> float:
        """The trailing mean that ends with `last`, or NaN."""
        index = last - self.first
        return self.means(days)[index] if 0 <= index < len(self.values) else nan


class DayNumbers:
    """A small number for each day of a series, 0 where a day is missing, in two bytes a day."""

    __slots__ = ("first", "values")

    def __init__(self) -> None:
        """No day yet."""
        self.first = 0  # ordinal of values[0]
        self.values = array("H")

    def put(self, ordinal: int, number: int) -> None:
        """Set one day, in any order."""
        values = self.values
        if not values:
            self.first = ordinal
        elif ordinal < self.first:
            values[:0] = array("H", bytes(values.itemsize * (self.first - ordinal)))
            self.first = ordinal
        index = ordinal - self.first
        if index >= len(values):
            values.frombytes(bytes(values.itemsize * (index + 1 - len(values))))
        values[index] = number

    def append(self, number: int) -> None:
        """Set the day after the newest one."""
        self.values.append(number)

    def at(self, ordinal: int) -> int:
        """The day's number, or 0."""
        index = ordinal - self.first
        return self.values[index] if 0 <= index < len(self.values) else 0


class ComputedColumn(SeriesColumn):
    """A column whose days are computed from the days of others, up to the newest day that all of them have.

    `compute` gives a day's value by its ordinal (NaN: unknown) and looks at no later day. A revised input
    drops what was computed from it.
    """

    __slots__ = ("_compute", "_inputs")

    def __init__(
        self,
        inputs: Sequence[SeriesColumn],
        compute: Callable[[int], float],
        optional: Sequence[SeriesColumn] = (),
    ) -> None:
        """Depend on `inputs`, and on `optional` columns, whose days are not waited for."""
        super().__init__()
        self._inputs = tuple(inputs)
        self._compute = compute
        for column in (*self._inputs, *optional):
            column._dependents.append(self)

    def truncate(self, ordinal: int) -> None:
        """Forget the days from `ordinal` on."""
        index = max(0, ordinal - self.first)
        if index < len(self.values):
            del self.values[index:]
            self._drop(index)
            for dependent in self._dependents:
                dependent.truncate(ordinal)

    def refresh(self) -> "ComputedColumn":
        """Compute the days that have become known; gives the column itself."""
        last = self.last
        for column in self._inputs:
            if not column.values or column.last <= last:
                return self
        if not self.values:
            self.first = max(column.first for column in self._inputs)
        newest = min(column.last for column in self._inputs)
        for ordinal in range(self.last + 1, newest + 1):
            self.values.append(self._compute(ordinal))
        return self
