"""The readings known so far: daily columns, with trailing means, peaks and ranks computed incrementally."""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from math import isnan, nan

from bot.signals.series import Confidence, Reading

_SAME = 1e-9  # relative: providers' last digits jitter between two answers
_ENOUGH = 0.7  # of a window's days must be known; five trading days of seven are


def _doubles() -> "array[float]":
    return array("d")


def _known(values: "array[float]") -> list[float]:
    return [value for value in values if value == value]  # noqa: PLR0124 - the quickest test for NaN


class SeriesColumn:
    """The complete days of one series, gap-free from its first day; a missing day is NaN inside.

    Everything is kept in arrays of doubles: 15 years of a series take 45 kB, a quarter of what lists would.
    """

    __slots__ = ("_means", "_peaks", "_ranks", "first", "values")

    def __init__(self) -> None:
        """An empty column."""
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
        """Set one day, in any order; cached figures of this and later days are dropped."""
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
        return _known(self.values[max(0, index - days) : max(0, index)])

    def means(self, days: int, *, without_highest: bool = False) -> "array[float]":
        """Trailing means, aligned with `values`; NaN where too little of the window is known.

        `without_highest` leaves the highest day of each window out, so that one spike moves nothing.
        """
        means = self._means.setdefault((days, without_highest), _doubles())
        for index in range(len(means), len(self.values)):
            window = _known(self.values[max(0, index + 1 - days) : index + 1])
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
        before = sorted(_known(means[max(0, start - among) : start]))
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


def supersedes(reading: Reading, stored: Reading) -> bool:
    """Whether a reading replaces the stored one of the same day, or of the same moment.

    A complete day is revised only by its own source, later and with another value; a value is replaced by one
    that other sources bear out better, and never the other way round. An incomplete day is replaced
    by any later reading, and by the complete day at once. History and database share this rule.
    """
    if reading.complete != stored.complete:
        return reading.complete and reading.read_at >= stored.read_at
    if reading.read_at <= stored.read_at or not stored.complete:
        return reading.read_at > stored.read_at
    if reading.confidence != stored.confidence:
        return reading.confidence > stored.confidence
    return reading.source == stored.source and abs(reading.value - stored.value) > _SAME * abs(stored.value)


class History:
    """Every series as far as it is known: its days, and its newest spot value."""

    def __init__(self, readings: Iterable[Reading] = ()) -> None:
        """A history of these readings."""
        # of each series' days: the values, when each was learnt (seconds since 1970), its place in `_sources`
        self._days: dict[str, tuple[SeriesColumn, SeriesColumn, SeriesColumn]] = {}
        self._sources: list[str] = []
        self._numbers: dict[str, int] = {}
        self._incomplete: dict[tuple[str, date], Reading] = {}
        self._spots: dict[str, Reading] = {}
        self._newest: dict[str, Reading] = {}
        self._newest_confirmed: dict[str, Reading] = {}
        # of each series' complete days those that are not wholly confirmed
        self._confidence: dict[str, dict[int, Confidence]] = {}
        for reading in readings:
            self.add(reading)

    def add(self, reading: Reading) -> None:
        """Store one reading, unless the one of its day or moment stands. An incomplete day is no day."""
        series, day = reading.series, reading.day
        stored = self._spots.get(series) if day is None else self._stored(reading, day)
        if reading.confirmed and day is None:
            self._note_confirmed(reading)
        if stored is not None:
            if reading.as_of < stored.as_of and day is None:
                return
            if (reading.as_of == stored.as_of or day is not None) and not supersedes(reading, stored):
                return
        newest = self._newest.get(series)
        replaced = newest is not None and newest.day == day and (day is not None or newest is stored)
        if newest is None or replaced or reading.as_of > newest.as_of or _place(reading) > _place(newest):
            self._newest[series] = reading
        if day is None:
            self._spots[series] = reading
        elif reading.complete:
            self._put(reading, day.toordinal())
            if reading.confirmed:
                self._note_confirmed(reading)
            if self._incomplete:
                self._incomplete.pop((series, day), None)
        else:
            self._incomplete[series, day] = reading

    def _stored(self, reading: Reading, day: date) -> Reading | None:
        """The stored reading of the same day, for comparison."""
        columns = self._days.get(reading.series)
        if columns is None or not columns[0].holds(ordinal := day.toordinal()):
            return self._incomplete.get((reading.series, day)) if self._incomplete else None
        column, learnt, sources = columns
        at = datetime.fromtimestamp(learnt.at(ordinal), UTC)
        source = self._sources[int(sources.at(ordinal))]
        confidence = self._confidence.get(reading.series, {}).get(ordinal, Confidence.CONFIRMED)
        return Reading(
            reading.series, column.at(ordinal), reading.as_of, source, at, day, confidence=confidence
        )

    def _note_confirmed(self, reading: Reading) -> None:
        newest = self._newest_confirmed.get(reading.series)
        if newest is None or _place(reading) >= _place(newest):
            self._newest_confirmed[reading.series] = reading

    def _put(self, reading: Reading, ordinal: int) -> None:
        """Put a complete day into its columns."""
        columns = self._days.get(reading.series)
        if columns is None:
            columns = self._days[reading.series] = (SeriesColumn(), SeriesColumn(), SeriesColumn())
        source = self._numbers.setdefault(reading.source, len(self._sources))
        if source == len(self._sources):
            self._sources.append(reading.source)
        column, learnt, sources = columns
        column.put(ordinal, reading.value)
        learnt.put(ordinal, reading.read_at.timestamp())
        sources.put(ordinal, source)
        if reading.confidence < Confidence.CONFIRMED:
            self._confidence.setdefault(reading.series, {})[ordinal] = reading.confidence
        elif self._confidence:
            self._confidence.get(reading.series, {}).pop(ordinal, None)

    def newest(self, series: str) -> Reading | None:
        """The reading that describes the latest moment, spot or day."""
        return self._newest.get(series)

    def newest_readings(self) -> dict[str, Reading]:
        """The newest reading of every series known."""
        return dict(self._newest)

    def newest_confirmed(self) -> dict[str, Reading]:
        """The newest reading of every series that more than one source bears out."""
        return dict(self._newest_confirmed)

    def sole_source(self, series: str, since: date) -> str | None:
        """The source on which the newest value, or a complete day from `since` on, rests alone, if any."""
        newest = self._newest.get(series)
        if newest is not None and not newest.confirmed:
            return newest.source
        last = max(self._alone(series), default=0)
        if last < since.toordinal():
            return None
        return self._sources[int(self._days[series][2].at(last))]

    def confirmed_days(self, series: str, since: date) -> Iterator[date]:
        """The complete days from `since` on that more than one source bears out, oldest first."""
        alone = self._alone(series)
        return (day for day in self.column(series).held_since(since) if day.toordinal() not in alone)

    def _alone(self, series: str) -> set[int]:
        """The ordinals of the complete days that only one source gives."""
        confidence = self._confidence.get(series)
        if not confidence:
            return set()
        return {ordinal for ordinal, level in confidence.items() if level is Confidence.ALONE}

    def column(self, series: str) -> SeriesColumn:
        """The complete days of a series; empty when none is known."""
        columns = self._days.get(series)
        return SeriesColumn() if columns is None else columns[0]

    def days(self, series: str) -> Iterator[tuple[date, float]]:
        """Every complete day, oldest first."""
        column = self.column(series)
        for index, value in enumerate(column.values):
            if not isnan(value):
                yield date.fromordinal(column.first + index), value


def _place(reading: Reading) -> tuple[datetime, date]:
    """The order by which a reading is the newest of its series; a day goes before a spot value of its end."""
    return reading.as_of, reading.day or date.min
