"""What is known so far: daily columns that grow by readings, with trailing means kept as they grow."""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from math import isnan, nan

from bot.signals.series import Reading

_SAME = 1e-9  # relative: providers' last digits jitter between two answers
_ENOUGH = 0.7  # of a window's days must be known; five trading days of seven are


def _doubles() -> "array[float]":
    return array("d")


def _held(values: "array[float]") -> list[float]:
    return [value for value in values if value == value]  # noqa: PLR0124 - the quickest test for NaN


class SeriesColumn:
    """The complete days of one series, gap-free from its first day; a missing day is NaN inside.

    Everything is kept in arrays of doubles: 15 years of a series take 45 kB, a quarter of what lists would.
    """

    __slots__ = ("_means", "_peaks", "_ranks", "first", "values")

    def __init__(self) -> None:
        self.first = 0  # ordinal of values[0]
        self.values = _doubles()
        self._means: dict[tuple[int, bool], array[float]] = {}
        self._peaks: dict[tuple[int, bool], array[float]] = {}
        self._ranks: dict[tuple[int, int, bool], array[float]] = {}

    @property
    def last(self) -> int:
        """Ordinal of the newest day held; before `first` when empty."""
        return self.first + len(self.values) - 1

    def put(self, ordinal: int, value: float) -> None:
        """Set one day, in any order; what was derived from later days is dropped."""
        values = self.values
        if not values:
            self.first = ordinal
        index = ordinal - self.first
        if index == len(values):
            values.append(value)
            return
        if index < 0:
            self.values[:0] = array("d", [nan]) * (self.first - ordinal)
            self.first = ordinal
            self._means.clear()
            self._peaks.clear()
            self._ranks.clear()
            index = 0
        if index < len(self.values):
            self.values[index] = value
            for derived in (*self._means.values(), *self._peaks.values(), *self._ranks.values()):
                del derived[index:]
            return
        self.values.extend(array("d", [nan]) * (index - len(self.values)))
        self.values.append(value)

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
        """The values held among the `days` days that end with `last`."""
        index = last - self.first + 1
        return _held(self.values[max(0, index - days) : max(0, index)])

    def means(self, days: int, *, without_highest: bool = False) -> "array[float]":
        """Trailing means, aligned with `values`; NaN where too little of the window is known.

        `without_highest` leaves the highest day of each window out, so that one spike moves nothing.
        """
        means = self._means.setdefault((days, without_highest), _doubles())
        for index in range(len(means), len(self.values)):
            window = _held(self.values[max(0, index + 1 - days) : index + 1])
            if len(window) < _ENOUGH * days:
                means.append(nan)
                continue
            total, count = sum(window), len(window)
            if without_highest:
                total, count = total - max(window), count - 1
            means.append(total / count)
        return means

    def peaks(self, days: int, *, without_highest: bool = False) -> "array[float]":
        """The highest trailing mean up to and with each day, aligned with `means`; NaN before the first."""
        means = self.means(days, without_highest=without_highest)
        peaks = self._peaks.setdefault((days, without_highest), _doubles())
        for index in range(len(peaks), len(means)):
            before = peaks[index - 1] if index else nan
            # a comparison with NaN is false: a missing mean keeps the peak, a first mean starts it
            peaks.append(before if before >= means[index] or isnan(means[index]) else means[index])
        return peaks

    def ranks(self, days: int, among: int, *, without_highest: bool = False) -> "array[float]":
        """The share of the `among` trailing means before it that each exceeds, 0 to 1, ties halved.

        Aligned with `means`; NaN where fewer than three fifths of those means are known.
        """
        means = self.means(days, without_highest=without_highest)
        ranks = self._ranks.setdefault((days, among, without_highest), _doubles())
        start = len(ranks)
        before = sorted(_held(means[max(0, start - among) : start]))
        for index in range(start, len(means)):
            now = means[index]
            if isnan(now) or len(before) < 0.6 * among:
                ranks.append(nan)
            else:
                ranks.append((bisect_left(before, now) + bisect_right(before, now)) / 2 / len(before))
            if not isnan(now):
                insort(before, now)
            if index >= among and not isnan(gone := means[index - among]):
                del before[bisect_left(before, gone)]
        return ranks

    def mean(self, last: int, days: int) -> float:
        """The trailing mean that ends with `last`, or NaN."""
        index = last - self.first
        return self.means(days)[index] if 0 <= index < len(self.values) else nan


def supersedes(reading: Reading, held: Reading) -> bool:
    """Whether a reading takes the place of the one held of the same day, or of the same moment.

    What covers its whole time stands: only the source that gave it may revise it, later and with another
    figure. A day still incomplete gives way to whatever is learnt later, and to the complete day at once.
    Memory and database both go by this.
    """
    if reading.complete != held.complete:
        return reading.complete and reading.read_at >= held.read_at
    if reading.read_at <= held.read_at or not held.complete:
        return reading.read_at > held.read_at
    return reading.source == held.source and abs(reading.value - held.value) > _SAME * abs(held.value)


class History:
    """Every series as far as it is known: its days, and its newest spot value."""

    def __init__(self, readings: Iterable[Reading] = ()) -> None:
        # of each series' days: the values, when each was learnt (seconds since 1970), its place in `_sources`
        self._days: dict[str, tuple[SeriesColumn, SeriesColumn, SeriesColumn]] = {}
        self._sources: list[str] = []
        self._numbers: dict[str, int] = {}
        self._incomplete: dict[tuple[str, date], Reading] = {}
        self._spots: dict[str, Reading] = {}
        self._newest: dict[str, Reading] = {}
        for reading in readings:
            self.add(reading)

    def add(self, reading: Reading) -> None:
        """Take one reading in, unless what is held stands against it. An incomplete day is no day yet."""
        series, day = reading.series, reading.day
        held = self._spots.get(series) if day is None else self._held(reading, day)
        if held is not None:
            if reading.as_of < held.as_of and day is None:
                return
            if (reading.as_of == held.as_of or day is not None) and not supersedes(reading, held):
                return
        newest = self._newest.get(series)
        replaced = newest is not None and newest.day == day and (day is not None or newest is held)
        if newest is None or replaced or reading.as_of > newest.as_of or _place(reading) > _place(newest):
            self._newest[series] = reading
        if day is None:
            self._spots[series] = reading
        elif reading.complete:
            self._keep(reading, day.toordinal())
            if self._incomplete:
                self._incomplete.pop((series, day), None)
        else:
            self._incomplete[series, day] = reading

    def _held(self, reading: Reading, day: date) -> Reading | None:
        """What is held of the same day, for comparison."""
        kept = self._days.get(reading.series)
        if kept is None or not kept[0].holds(ordinal := day.toordinal()):
            return self._incomplete.get((reading.series, day)) if self._incomplete else None
        column, learnt, givers = kept
        at = datetime.fromtimestamp(learnt.at(ordinal), UTC)
        source = self._sources[int(givers.at(ordinal))]
        return Reading(reading.series, column.at(ordinal), reading.as_of, source, at, day)

    def _keep(self, reading: Reading, ordinal: int) -> None:
        """Put a complete day into its columns."""
        kept = self._days.get(reading.series)
        if kept is None:
            kept = self._days[reading.series] = (SeriesColumn(), SeriesColumn(), SeriesColumn())
        giver = self._numbers.setdefault(reading.source, len(self._sources))
        if giver == len(self._sources):
            self._sources.append(reading.source)
        column, learnt, givers = kept
        column.put(ordinal, reading.value)
        learnt.put(ordinal, reading.read_at.timestamp())
        givers.put(ordinal, giver)

    def newest(self, series: str) -> Reading | None:
        """The reading that describes the latest moment, spot or day."""
        return self._newest.get(series)

    def newest_readings(self) -> dict[str, Reading]:
        """The newest reading of every series known."""
        return dict(self._newest)

    def column(self, series: str) -> SeriesColumn:
        """The complete days of a series; empty when none is known."""
        kept = self._days.get(series)
        return SeriesColumn() if kept is None else kept[0]

    def days(self, series: str) -> Iterator[tuple[date, float]]:
        """Every complete day held, oldest first."""
        column = self.column(series)
        for index, value in enumerate(column.values):
            if not isnan(value):
                yield date.fromordinal(column.first + index), value


def _place(reading: Reading) -> tuple[datetime, date]:
    """The order by which a reading is the newest of its series; a day goes before a spot value of its end."""
    return reading.as_of, reading.day or date.min
