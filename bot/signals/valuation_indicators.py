"""Well-known figures about miners that can be watched, asked and drawn, but fire nothing by themselves.

Puell multiple: a day's issuance in USD ÷ its 365-day mean [D. Puell, 2019]; a halving halves it mechanically
for a year. Difficulty ribbon: moving averages of difficulty over 9 to 200 days; compression is their standard
deviation ÷ mean, below 0.05 notable [W. Woo; Glassnode].
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from math import fsum, isnan, nan, sqrt
from typing import Final

from bot.i18n.message import DayValue, Message, NumberValue, message
from bot.mining.network import HASHES_PER_DIFFICULTY, SECONDS_PER_DAY, subsidy_on
from bot.signals.columns import ComputedColumn, SeriesColumn
from bot.signals.history import History
from bot.signals.income_indicators import last_halving
from bot.signals.indicators import YEAR, Indicator, Measured, Missing, newest_day, too_short
from bot.signals.outflow_stats import NEEDED, WarmingUp, mpi_ratio, mpi_z_score
from bot.signals.series import end_of_day

RIBBON_DAYS: Final = (9, 14, 25, 40, 60, 90, 128, 200)


def puell_column(history: History) -> SeriesColumn:
    """The Puell multiple of each day."""
    issuance = history.computed("issuance", _make_issuance)
    return history.computed("puell", lambda _history: ComputedColumn((issuance,), partial(_puell, issuance)))


def _make_issuance(history: History) -> ComputedColumn:
    price, hashrate = history.column("btc.price"), history.column("btc.hashrate")
    difficulty = history.column("btc.difficulty")
    inputs = (price, hashrate, difficulty)
    return ComputedColumn(inputs, partial(_issuance, price, hashrate, difficulty))


def _issuance(price: SeriesColumn, hashrate: SeriesColumn, difficulty: SeriesColumn, ordinal: int) -> float:
    """New coins of a day in USD; its blocks follow from hashrate and difficulty."""
    hashes = hashrate.at(ordinal) * 1e18 * SECONDS_PER_DAY
    blocks = hashes / (difficulty.at(ordinal) * HASHES_PER_DIFFICULTY)
    return blocks * subsidy_on(date.fromordinal(ordinal)) * price.at(ordinal)


def _puell(issuance: SeriesColumn, ordinal: int) -> float:
    if ordinal - issuance.first < YEAR - 1:
        return nan
    return issuance.at(ordinal) / issuance.mean(ordinal, YEAR)


def compression_column(history: History) -> SeriesColumn:
    """The compression of the difficulty ribbon on each day."""
    return history.computed("ribbon compression", _make_compression)


def _make_compression(history: History) -> ComputedColumn:
    difficulty = history.column("btc.difficulty")
    return ComputedColumn((difficulty,), partial(_compression, difficulty))


def _compression(difficulty: SeriesColumn, ordinal: int) -> float:
    if ordinal - difficulty.first < RIBBON_DAYS[-1] - 1:
        return nan
    means = [difficulty.mean(ordinal, days) for days in RIBBON_DAYS]
    mean = fsum(means) / len(means)
    return sqrt(fsum((value - mean) ** 2 for value in means) / len(means)) / mean


def _of_column(
    column_of: Callable[[History], SeriesColumn], days: int, detail: Callable[[float, date], Message]
) -> Indicator:
    """The newest day's value of a computed column."""

    def measure(history: History, at: datetime) -> Measured | Missing:
        column = column_of(history)
        day = newest_day(column, "btc.hashrate", at)
        if isinstance(day, Missing):
            return day
        value = column.values[-1]
        if isnan(value):
            return too_short(column, days)
        source = history.source("btc.difficulty", column.last)
        return Measured(value, end_of_day(day), source, detail(value, day))

    return measure


def _puell_detail(value: float, day: date) -> Message:
    text = message("{ratio} times the mean daily issuance of its year in USD", ratio=NumberValue(value, 2))
    halving = last_halving(day)
    if halving is None:
        return text
    return message("{detail}; the halving on {day} alone cut it in half", detail=text, day=DayValue(halving))


def _compression_detail(value: float, _day: date) -> Message:
    return message(
        "standard deviation ÷ mean of eight moving averages (9 to 200 days): {ratio}",
        ratio=NumberValue(value, 3),
    )


puell_multiple: Final = _of_column(puell_column, YEAR, _puell_detail)
"""The newest day's Puell multiple."""

ribbon_compression: Final = _of_column(compression_column, RIBBON_DAYS[-1], _compression_detail)
"""The newest day's compression of the difficulty ribbon."""


def position_index(history: History, at: datetime) -> Measured | Missing:
    """Miner Position Index (a): the day's gross outflow in USD ÷ its mean of the last 365 days."""
    return _position(mpi_ratio, history, at)


def position_score(history: History, at: datetime) -> Measured | Missing:
    """Miner Position Index (b): the 365-day z-score of (a) [CryptoQuant]."""
    return _position(mpi_z_score, history, at)


def _position(
    index: Callable[..., float | WarmingUp | None], history: History, at: datetime
) -> Measured | Missing:
    series = "btc.miner_outflow_gross"
    column = history.column(series)
    day = newest_day(column, series, at)
    if isinstance(day, Missing):
        return day
    first = day.toordinal() - 2 * YEAR
    outflow = {d: value for d, value in history.days(series) if d.toordinal() >= first}
    price = {d: value for d, value in history.days("btc.price") if d.toordinal() >= first}
    value = index(outflow, price, day)
    if isinstance(value, float):
        return Measured(value, end_of_day(day), history.source(series, column.last))
    return too_short(column, YEAR)


def position_columns(history: History) -> tuple[SeriesColumn, SeriesColumn]:
    """The Miner Position Index of each day by definition (a) and by (b), NaN where it is not known."""
    ratios = history.computed("position index", _make_position_index)
    return ratios, history.computed("position score", lambda _history: _make_position_score(ratios))


def _make_position_index(history: History) -> ComputedColumn:
    outflow, price = history.column("btc.miner_outflow_gross"), history.column("btc.price")
    usd = ComputedColumn((outflow, price), lambda ordinal: outflow.at(ordinal) * price.at(ordinal))
    history.computed("miner outflow in USD", lambda _history: usd)
    return ComputedColumn((usd,), partial(_against_year, usd))


def _against_year(usd: SeriesColumn, ordinal: int) -> float:
    year = usd.window(ordinal, YEAR)
    now = usd.at(ordinal)
    if isnan(now) or len(year) < NEEDED:
        return nan
    mean = fsum(year) / len(year)
    return now / mean if mean > 0 else nan


def _make_position_score(ratios: SeriesColumn) -> ComputedColumn:
    return ComputedColumn((ratios,), partial(_score, ratios))


def _score(ratios: SeriesColumn, ordinal: int) -> float:
    year, now = ratios.window(ordinal, YEAR), ratios.at(ordinal)
    if isnan(now) or len(year) < NEEDED:
        return nan
    mean = fsum(year) / len(year)
    deviation = sqrt(fsum((value - mean) ** 2 for value in year) / len(year))
    return (now - mean) / deviation if deviation > 0 else nan
