"""What miners earn: the hashprice of each day, and the indicators over it."""

from datetime import date, datetime
from functools import partial
from math import isnan, nan

from bot.i18n.message import DayValue, Message, NumberValue, message
from bot.mining.network import HALVINGS, hashprice_usd_per_ph_day, subsidy_on
from bot.signals.columns import ComputedColumn, SeriesColumn
from bot.signals.history import History
from bot.signals.indicators import YEAR, Measured, Missing, newest_day, too_short
from bot.signals.series import end_of_day

WEEK = 7
_SATS = 1e8


def hashprice_column(history: History) -> SeriesColumn:
    """Hashprice by difficulty of each day, USD/PH/day, at its close and the mean fees of seven days."""
    return history.computed("hashprice", _make_hashprice)


def _make_hashprice(history: History) -> ComputedColumn:
    price, difficulty, fees = (history.column(name) for name in ("btc.price", "btc.difficulty", "btc.fees"))
    return ComputedColumn((price, difficulty), partial(_hashprice, price, difficulty, fees), (fees,))


def _hashprice(price: SeriesColumn, difficulty: SeriesColumn, fees: SeriesColumn, ordinal: int) -> float:
    close, level = price.at(ordinal), difficulty.at(ordinal)
    if isnan(close) or isnan(level):
        return nan
    week = fees.window(ordinal, WEEK)
    reward = subsidy_on(date.fromordinal(ordinal)) + (sum(week) / len(week) if week else 0.0)
    return hashprice_usd_per_ph_day(level, reward, close)


def hashprice_percentile(history: History, at: datetime) -> Measured | Missing:
    """The share of its trailing 365 days that the 7-day mean of hashprice exceeds, 0 to 1."""
    column = hashprice_column(history)
    newest = newest_day(column, "btc.hashprice", at)
    if isinstance(newest, Missing):
        return newest
    ranks = column.ranks(WEEK, YEAR)
    if isnan(ranks[-1]):
        return too_short(column, YEAR)
    share = message(
        "{figure}; it was lower on {share} % of days in the past year",
        figure=_figure(history, column),
        share=NumberValue(100 * ranks[-1]),
    )
    return Measured(ranks[-1], end_of_day(newest), _source(history, column), _with_halving(share, newest))


def hashprice_low(history: History, at: datetime) -> Measured | Missing:
    """The 7-day mean of hashprice ÷ the lowest such mean of the 365 days before; < 1 is a new low."""
    column = hashprice_column(history)
    newest = newest_day(column, "btc.hashprice", at)
    if isinstance(newest, Missing):
        return newest
    now, lowest = column.means(WEEK)[-1], column.lows(WEEK, YEAR)[-1]
    if isnan(lowest):
        return too_short(column, YEAR)
    against = message(
        "{figure}; the lowest of the 365 days before was {lowest} USD",
        figure=_figure(history, column),
        lowest=_usd(lowest),
    )
    return Measured(
        now / lowest, end_of_day(newest), _source(history, column), _with_halving(against, newest)
    )


def last_halving(day: date) -> date | None:
    """The halving in the year before a day, whose fall of income the year's comparison still contains."""
    ordinal = day.toordinal()
    for halving in HALVINGS:
        if 0 <= ordinal - halving.toordinal() < YEAR:
            return halving
    return None


def _figure(history: History, column: SeriesColumn) -> Message:
    """The week's hashprice in both units people quote it in."""
    mean = column.means(WEEK)[-1]
    price = history.column("btc.price").mean(column.last, WEEK)
    return message(
        "hashprice {usd} USD/PH/day ({sats} sats) on average over 7 days",
        usd=_usd(mean),
        sats=NumberValue(_SATS * mean / price) if price > 0 else "–",
    )


def _with_halving(detail: Message, day: date) -> Message:
    """Name the halving that the year's comparison contains: it halves income by itself."""
    halving = last_halving(day)
    if halving is None:
        return detail
    return message(
        "{detail}; the halving on {day} alone cut it in half", detail=detail, day=DayValue(halving)
    )


def _source(history: History, column: SeriesColumn) -> str:
    return history.source("btc.price", column.last)


def _usd(value: float) -> NumberValue:
    return NumberValue(value, 0 if value >= 1000 else 2)
