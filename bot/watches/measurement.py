"""How a watch's figures are measured over the history: the newest value, its week, its change, its mean."""

from datetime import UTC, date, datetime, timedelta

from bot.mining.network import next_halving
from bot.signals.columns import SeriesColumn
from bot.signals.history import History
from bot.signals.income_indicators import hashprice_column
from bot.signals.indicators import Indicator, Measured, Missing, NoDataReason, newest_fresh
from bot.signals.series import SERIES, end_of_day

_HASHPRICE = "btc.hashprice"
_SPOT = ("btc.price", "btc.difficulty", _HASHPRICE)


def newest(series: str) -> Indicator:
    """The newest reading of a series, a complete day where it comes by days."""

    def measure(history: History, at: datetime) -> Measured | Missing:
        reading = newest_fresh(history, series, at)
        if isinstance(reading, Missing):
            return reading
        if reading.day is not None and not reading.complete:
            column = _column(history, series)
            if not column.values:
                return Missing(NoDataReason.WARMING_UP)
            as_of = end_of_day(_day(column.last))
            if at - as_of > SERIES[series].stale_after:
                return Missing(NoDataReason.STALE)
            return Measured(column.values[-1], as_of, reading.source)
        return Measured(reading.value, reading.as_of, reading.source)

    return measure


def days_to_halving(_history: History, at: datetime) -> Measured | Missing:
    """Days until the next halving, as projected at ten minutes a block."""
    day = at.astimezone(UTC).date()
    return Measured(float((next_halving(day) - day).days), at, "calendar")


def week(series: str) -> Indicator:
    """The 7-day mean of a daily series: one day alone is noise."""

    def measure(history: History, at: datetime) -> Measured | Missing:
        reading = newest_fresh(history, series, at)
        if isinstance(reading, Missing):
            return reading
        column = _column(history, series)
        value = _mean(column, column.last, 7)
        if value is None:
            return Missing(NoDataReason.WARMING_UP)
        return Measured(value, end_of_day(_day(column.last)), reading.source)

    return measure


def change(series: str, days: int) -> Indicator:
    """Change in `days` days: of the newest value, or of 7-day means where a day alone is noise."""

    def measure(history: History, at: datetime) -> Measured | Missing:
        reading = newest_fresh(history, series, at)
        if isinstance(reading, Missing):
            return reading
        column = _column(history, series)
        if series in _SPOT:
            now: float | None = reading.value
            then = column.at((reading.as_of - timedelta(microseconds=1)).date().toordinal() - days)
            before = then if then == then else None  # noqa: PLR0124 - the quickest test for NaN
            as_of = reading.as_of
        else:
            now, before = _mean(column, column.last, 7), _mean(column, column.last - days, 7)
            as_of = end_of_day(_day(column.last)) if column.values else reading.as_of
        if now is None or before is None or before <= 0:
            return Missing(NoDataReason.WARMING_UP)
        return Measured(now / before - 1, as_of, reading.source)

    return measure


def against_mean(figure: Indicator, series: str, days: int) -> Indicator:
    """A figure of a series ÷ the mean of the last `days` complete days − 1."""

    def measure(history: History, at: datetime) -> Measured | Missing:
        measured = figure(history, at)
        if isinstance(measured, Missing):
            return measured
        column = _column(history, series)
        mean = _mean(column, column.last, days)
        if mean is None or mean <= 0:
            return Missing(NoDataReason.WARMING_UP)
        return Measured(measured.value / mean - 1, measured.as_of, measured.source)

    return measure


def _column(history: History, series: str) -> SeriesColumn:
    """The days of a series; of the hashprice those that follow from price, difficulty and fees."""
    return hashprice_column(history) if series == _HASHPRICE else history.column(series)


def against_highest(series: str, days: int) -> Indicator:
    """The newest mean of `days` days ÷ the highest before it − 1."""

    def measure(history: History, at: datetime) -> Measured | Missing:
        reading = newest_fresh(history, series, at)
        if isinstance(reading, Missing):
            return reading
        column = _column(history, series)
        peaks = column.peaks(days)
        value = column.means(days)[-1] if column.values else None
        if value is None or value != value or len(peaks) < 2:  # noqa: PLR0124 - the quickest test for NaN
            return Missing(NoDataReason.WARMING_UP)
        return Measured(value / peaks[-2] - 1, end_of_day(_day(column.last)), reading.source)

    return measure


def _mean(column: SeriesColumn, last: int, days: int) -> float | None:
    """The mean of the days that end with `last`; None when fewer than seven tenths are known."""
    window = column.window(last, days)
    return sum(window) / len(window) if len(window) >= max(1, 0.7 * days) else None


def _day(ordinal: int) -> date:
    return date.fromordinal(ordinal)
