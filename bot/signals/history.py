"""The readings known so far: the days of every series and its newest value."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from math import isnan

from bot.signals.columns import ComputedColumn, DayNumbers, SeriesColumn
from bot.signals.series import Confidence, Reading

_SAME = 1e-9  # relative: providers' last digits jitter between two answers


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
        self._days: dict[str, tuple[SeriesColumn, SeriesColumn, DayNumbers]] = {}
        self._sources = [""]  # place 0 is a day that is not known
        self._numbers: dict[str, int] = {}
        self._incomplete: dict[tuple[str, date], Reading] = {}
        self._spots: dict[str, Reading] = {}
        self._newest: dict[str, Reading] = {}
        self._newest_confirmed: dict[str, Reading] = {}
        # of each series' complete days those that are not wholly confirmed
        self._confidence: dict[str, dict[int, Confidence]] = {}
        self.doubted = False  # whether any reading ever was not wholly confirmed
        self._computed: dict[str, ComputedColumn] = {}
        for reading in readings:
            self.add(reading)

    def add(self, reading: Reading) -> None:
        """Store one reading, unless the one of its day or moment stands. An incomplete day is no day."""
        series, day = reading.series, reading.day
        if reading.confidence < Confidence.CONFIRMED:
            self.doubted = True
        elif day is not None and reading.complete and not self._incomplete and self._follows(reading, day):
            return
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

    def _follows(self, reading: Reading, day: date) -> bool:
        """Append the day after the newest one, the usual case of a replay; False for any other."""
        series = reading.series
        columns, newest = self._days.get(series), self._newest.get(series)
        if columns is None or newest is None or newest.as_of >= reading.as_of:
            return False
        column, learnt, sources = columns
        source = self._numbers.get(reading.source)
        if source is None or day.toordinal() != column.last + 1 or not column.values:
            return False
        column.append(reading.value)
        learnt.append(reading.read_at.timestamp())
        sources.append(source)
        self._newest[series] = self._newest_confirmed[series] = reading
        return True

    def _stored(self, reading: Reading, day: date) -> Reading | None:
        """The stored reading of the same day, for comparison."""
        columns = self._days.get(reading.series)
        ordinal = day.toordinal()
        if columns is None or ordinal > columns[0].last or not columns[0].holds(ordinal):
            return self._incomplete.get((reading.series, day)) if self._incomplete else None
        column, learnt, sources = columns
        at = datetime.fromtimestamp(learnt.at(ordinal), UTC)
        source = self._sources[sources.at(ordinal)]
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
        columns = self._columns(reading.series)
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

    def spots(self) -> Iterable[Reading]:
        """The newest spot value of every series that has one."""
        return self._spots.values()

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
        return self._sources[self._days[series][2].at(last)]

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
        """The complete days of a series; empty while none is known."""
        return self._columns(series)[0]

    def source(self, series: str, ordinal: int) -> str:
        """Who gave a complete day; empty for a day that is not known."""
        return self._sources[self._columns(series)[2].at(ordinal)]

    def newest_source(self, series: str) -> str:
        """Who gave the newest complete day; empty while none is known."""
        sources = self._columns(series)[2].values
        return self._sources[sources[-1]] if sources else ""

    def computed(self, name: str, make: Callable[["History"], ComputedColumn]) -> SeriesColumn:
        """A column computed from others, up to date; `make` builds it the first time it is asked for."""
        column = self._computed.get(name)
        if column is None:
            column = self._computed[name] = make(self)
        return column.refresh()

    def _columns(self, series: str) -> tuple[SeriesColumn, SeriesColumn, DayNumbers]:
        columns = self._days.get(series)
        if columns is None:
            columns = self._days[series] = (SeriesColumn(), SeriesColumn(), DayNumbers())
        return columns

    def days(self, series: str) -> Iterator[tuple[date, float]]:
        """Every complete day, oldest first."""
        column = self.column(series)
        for index, value in enumerate(column.values):
            if not isnan(value):
                yield date.fromordinal(column.first + index), value


def _place(reading: Reading) -> tuple[datetime, date]:
    """The order by which a reading is the newest of its series; a day goes before a spot value of its end."""
    return reading.as_of, reading.day or date.min
