"""Indicators: one figure of the history known at a moment, or why there is none."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache, partial
from math import isnan, nan

from bot.i18n.message import (
    NOTHING,
    DayValue,
    Message,
    MomentValue,
    MonthValue,
    NumberValue,
    message,
    significant,
)
from bot.signals.columns import SeriesColumn
from bot.signals.history import History
from bot.signals.series import SERIES, Reading, end_of_day


class NoDataReason(StrEnum):
    """Why there is no figure."""

    STALE = "stale"
    WARMING_UP = "warming_up"


@dataclass(frozen=True, slots=True)
class Measured:
    """An indicator's figure. `as_of` (UTC) is the moment it describes, `source` who gave the newest input.

    `detail` says in words what a rule's figure is made of, with the inputs' own values and units.
    """

    value: float
    as_of: datetime
    source: str
    detail: Message = NOTHING


@dataclass(frozen=True, slots=True)
class Missing:
    """No figure can be trusted; `reason` is a clause for people where a rule says it."""

    no_data: NoDataReason
    reason: Message = NOTHING


Indicator = Callable[[History, datetime], Measured | Missing]

YEAR = 365


CLOSE_STALE_AFTER = timedelta(hours=36)
"""A day's close is there some minutes after the day; without one for so long there is no figure."""


def drawdown(history: History, at: datetime) -> Measured | Missing:
    """The newest daily close ÷ record high − 1. The record: the highest of daily highs and spot prices."""
    column = history.column("btc.price")
    day = newest_day(column, "btc.price", at, CLOSE_STALE_AFTER)
    if isinstance(day, Missing):
        return day
    record = _record(history)
    if isinstance(record, Missing):
        return record
    price = column.values[-1]
    high = max(record.value, price)
    detail = message(
        "{price} USD at the close of {day}; record {record} USD ({record_day})",
        day=DayValue(day),
        price=_usd(price),
        record=_usd(high),
        record_day=DayValue(day if price > record.value else _record_day(record)),
    )
    return Measured(price / high - 1, end_of_day(day), history.newest_source("btc.price"), detail)


def intraday_drawdown(history: History, at: datetime) -> Measured | Missing:
    """The newest spot price ÷ record high − 1; no figure where only closes are known, as in replay."""
    newest = history.newest("btc.price")
    return _ONLY_CLOSES if newest is None or newest.day is not None else newest_drawdown(history, at)


def newest_drawdown(history: History, at: datetime) -> Measured | Missing:
    """The newest price, spot or close, ÷ record high − 1, a negative fraction."""
    price = newest_fresh(history, "btc.price", at)
    if isinstance(price, Missing):
        return price
    record = _record(history)
    if isinstance(record, Missing):
        return record
    high = max(record.value, price.value)
    detail = message(
        "{price} USD; record {record} USD ({record_day})",
        price=_usd(price.value),
        record=_usd(high),
        record_day=DayValue(_record_day(price if price.value > record.value else record)),
    )
    return Measured(price.value / high - 1, price.as_of, price.source, detail)


_ONLY_CLOSES = Missing(NoDataReason.WARMING_UP, message("only daily closes are known"))


def _record(history: History) -> Reading | Missing:
    record = history.newest("btc.price_high")
    if record is not None:
        return record
    return nothing_known("btc.price_high")


def _record_day(record: Reading) -> date:
    return record.day or (record.as_of - timedelta(microseconds=1)).date()


def ribbon(history: History, at: datetime) -> Measured | Missing:
    """Hash ribbon: 30-day ÷ 60-day mean of daily hashrate − 1; below 0 it is inverted [C. Edwards, 2019]."""
    column = history.column("btc.hashrate")
    day = newest_day(column, "btc.hashrate", at)
    if isinstance(day, Missing):
        return day
    short, long = column.means(30)[-1], column.means(60)[-1]
    if isnan(long) or isnan(short):
        return too_short(column, 60)
    return Measured(
        short / long - 1,
        end_of_day(day),
        history.newest_source("btc.hashrate"),
        message(
            "{short} EH/s on average over 30 days, {long} EH/s over 60 days",
            short=significant(short, 4),
            long=significant(long, 4),
        ),
    )


def recent_decline(history: History) -> float:
    """14-day ÷ 60-day mean of daily hashrate − 1: whether a fall goes on; NaN without data."""
    column = history.column("btc.hashrate")
    return column.means(14)[-1] / column.means(60)[-1] - 1 if column.values else nan


def hashrate_change(history: History, at: datetime) -> Measured | Missing:
    """Change of the 7-day mean of hashrate in 30 days, a fraction. One day alone is Poisson noise."""
    column = history.column("btc.hashrate")
    day = newest_day(column, "btc.hashrate", at)
    if isinstance(day, Missing):
        return day
    now, then = column.means(7)[-1], column.mean(column.last - 30, 7)
    if isnan(now) or isnan(then) or then <= 0:
        return too_short(column, 37)
    return Measured(
        now / then - 1,
        end_of_day(day),
        history.newest_source("btc.hashrate"),
        message(
            "{now} EH/s on average over 7 days; 30 days earlier it was {before} EH/s",
            now=significant(now, 4),
            before=significant(then, 4),
        ),
    )


def energy_percentile(series: str) -> Indicator:
    """The share of its trailing 365 days that a place's 7-day mean price exceeds, 0 to 1.

    The mean leaves out its highest day, so that one spike is not taken for a high week.
    """
    return partial(_energy_percentile, series)


def _energy_percentile(series: str, history: History, at: datetime) -> Measured | Missing:
    column = history.column(series)
    day = newest_day(column, series, at)
    if isinstance(day, Missing):
        return day
    ranks = column.ranks(7, YEAR, without_highest=True)
    if not ranks or isnan(ranks[-1]):
        return too_short(column, YEAR)
    now = column.means(7, without_highest=True)[-1]
    return Measured(
        ranks[-1],
        end_of_day(day),
        history.newest_source(series),
        message(
            "{zone}: {price} EUR/MWh day-ahead on average over 7 days, without the most expensive one; "
            "more than on {share} % of days in the past year",
            zone=series.removeprefix("power."),
            price=NumberValue(now, 2),
            share=NumberValue(100 * ranks[-1]),
        ),
    )


def energy_record(series: str) -> Indicator:
    """A place's 7-day mean price (less its highest day) ÷ the highest such mean before; > 1 is a record."""
    return partial(_energy_record, series)


def _energy_record(series: str, history: History, at: datetime) -> Measured | Missing:
    column = history.column(series)
    day = newest_day(column, series, at)
    if isinstance(day, Missing):
        return day
    means = column.means(7, without_highest=True)
    if len(means) <= YEAR or isnan(means[-1]):
        return too_short(column, YEAR)
    peak = column.peaks(7, without_highest=True)[-2]
    return Measured(
        means[-1] / peak,
        end_of_day(day),
        history.newest_source(series),
        message(
            "{zone}: {price} EUR/MWh day-ahead on average over 7 days, without the most expensive one; "
            "the highest before was {before} EUR/MWh (data since {year})",
            zone=series.removeprefix("power."),
            price=NumberValue(means[-1], 2),
            before=NumberValue(peak, 2),
            year=f"{date.fromordinal(column.first).year}",
        ),
    )


_NO_SALES = Missing(NoDataReason.WARMING_UP, message("no monthly sales of public miners are known yet"))


def public_miner_sales(history: History, at: datetime) -> Measured | Missing:
    """Public miners' sales in the newest published month ÷ their production; above 1 they sell reserves."""
    series = "btc.public_miner_sales"
    newest = history.newest(series)
    if newest is None:
        return _NO_SALES
    if newest.day is None or at - newest.as_of > SERIES[series].stale_after:
        return Missing(
            NoDataReason.WARMING_UP,
            message("public miners' sales are only known up to {day}", day=DayValue(newest.as_of.date())),
        )
    return Measured(
        newest.value,
        newest.as_of,
        newest.source,
        message(
            "public miners sold about {share} % of what they mined in {month} (company reports: a sample, "
            "not all miners)",
            share=NumberValue(100 * newest.value),
            month=MonthValue(newest.day),
        ),
    )


@cache
def nothing_known(series: str) -> Missing:
    """Not one day of a series is known yet."""
    return Missing(NoDataReason.WARMING_UP, message("no {series} known yet", series=SERIES[series].title))


def newest_day(
    column: SeriesColumn, series: str, at: datetime, stale_after: timedelta | None = None
) -> date | Missing:
    """The newest complete day of a series' column, unless there is none or it is too old."""
    spec = SERIES[series]
    if not column.values:
        return nothing_known(series)
    day = date.fromordinal(column.last)
    end = end_of_day(day)
    if at - end > (stale_after or spec.stale_after):
        newest = message("the newest {series} is from {moment}", series=spec.title, moment=MomentValue(end))
        return Missing(NoDataReason.STALE, newest)
    return day


def newest_fresh(history: History, series: str, at: datetime) -> Reading | Missing:
    """The newest reading of a series, unless there is none or it is too old to say anything of now."""
    newest = history.newest(series)
    spec = SERIES[series]
    if newest is None:
        return nothing_known(series)
    if at - newest.as_of > spec.stale_after:
        return Missing(
            NoDataReason.STALE,
            message(
                "the newest {series} is from {moment}", series=spec.title, moment=MomentValue(newest.as_of)
            ),
        )
    return newest


def too_short(column: SeriesColumn, days: int) -> Missing:
    """Too few of the last `days` days are known: stale when the series is long enough, else warming up."""
    count = sum(not isnan(value) for value in column.values[-days:])
    if len(column.values) >= days:
        so_far = message(
            "only {held} of the last {days} days are known", held=NumberValue(count), days=NumberValue(days)
        )
        return Missing(NoDataReason.STALE, so_far)
    return Missing(NoDataReason.WARMING_UP, history_so_far(count, days))


def history_so_far(count: int, days: int) -> Message:
    """Why a rule is still warming up."""
    return message("{held} of {days} days of history so far", held=NumberValue(count), days=NumberValue(days))


def _usd(value: float) -> NumberValue:
    return NumberValue(value, 0 if value >= 100 else 2)
