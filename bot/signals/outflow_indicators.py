"""The indicators of miner outflow over our own ledger: this week's rank in its year, and its record."""

from datetime import date, datetime, timedelta

from bot.i18n.message import DayValue, NumberValue, message
from bot.signals.history import History
from bot.signals.indicators import Measured, Missing, NoDataReason, history_so_far
from bot.signals.outflow_stats import (
    WEEK,
    YEAR,
    ReserveChange,
    WarmingUp,
    WeekAgainstYear,
    largest_in,
    reserve_change,
    week_against_year,
)
from bot.signals.series import SERIES, end_of_day

OUTFLOW = "btc.miner_outflow"
RESERVE = "btc.miner_reserve"


def miner_outflow_percentile(history: History, at: datetime) -> Measured | Missing:
    """The share of its trailing 365 days that the net outflow of the last seven days exceeds, 0 to 1."""
    week = _week(history, at)
    return week if isinstance(week, Missing) else _measured(history, week, week.percentile)


def miner_outflow_record(history: History, at: datetime) -> Measured | Missing:
    """The net outflow of the last seven days ÷ the highest of its trailing 365 days; > 1 is a record.

    0 when more came in than went out; 2 for the first week of the year with an outflow at all.
    """
    week = _week(history, at)
    if isinstance(week, Missing):
        return week
    ratio = week.of_highest
    if ratio is None:
        ratio = 2.0 if week.sum_btc > 0 else 0.0
    return _measured(history, week, ratio)


def _week(history: History, at: datetime) -> WeekAgainstYear | Missing:
    column = history.column(OUTFLOW)
    spec = SERIES[OUTFLOW]
    if not column.values:
        return _NO_DAYS
    day = date.fromordinal(column.last)
    if at - end_of_day(day) > spec.stale_after:
        newest = message("the newest complete day of {series} is {day}", series=spec.title, day=DayValue(day))
        return Missing(NoDataReason.STALE, newest)
    week = week_against_year(column, day)
    if isinstance(week, WarmingUp):
        return Missing(NoDataReason.WARMING_UP, history_so_far(week.days_so_far, week.days_needed))
    if week is None:
        if len(column.values) < WEEK:
            return Missing(NoDataReason.WARMING_UP, history_so_far(len(column.values), YEAR))
        reason = message("a day of the week to {day} is missing", day=DayValue(day))
        return Missing(NoDataReason.STALE, reason)
    return week


_NO_DAYS = Missing(
    NoDataReason.WARMING_UP, message("no complete day of {series} yet", series=SERIES[OUTFLOW].title)
)


def _measured(history: History, week: WeekAgainstYear, value: float) -> Measured:
    mean, share = NumberValue(week.mean_btc), NumberValue(100 * week.percentile)
    parts = [message("{amount} BTC net left the pools' wallets in 7 days", amount=NumberValue(week.sum_btc))]
    if week.z_score is None:
        parts.append(
            message(
                "more than in {share} % of such weeks in the past year (mean {mean} BTC)",
                share=share,
                mean=mean,
            )
        )
    else:
        against_mean = message(
            "more than in {share} % of such weeks in the past year (mean {mean} BTC, z-score {score})",
            share=share,
            mean=mean,
            score=NumberValue(week.z_score, 1, signed=True),
        )
        parts.append(against_mean)
    if (record := largest_in(week)) is not None:
        parts.append(record)
    change = _reserve_change(history, week.day)
    if change is not None and change.fraction is not None:
        parts.append(message("reserve {amount} BTC", amount=NumberValue(change.reserve_btc)))
        parts.append(
            message("{change} % in 30 days", change=NumberValue(100 * change.fraction, 1, signed=True))
        )
    return Measured(
        value,
        end_of_day(week.day),
        history.source(OUTFLOW, week.day.toordinal()),
        # Translators: {parts} is a list of the texts above, up to “{change}% in 30 days”.
        message("{parts}; a proxy for selling", parts=tuple(parts)),
    )


def _reserve_change(history: History, day: date) -> ReserveChange | None:
    """How the wallets' balance changed in the 30 days up to `day`."""
    reserve = history.column(RESERVE)
    days = (day - timedelta(days=30), day)
    reserves = {each: reserve.at(each.toordinal()) for each in days if reserve.holds(each.toordinal())}
    return reserve_change(reserves, day, 30)
