"""The indicators of miner outflow over our own ledger: this week's rank in its year, and its record."""

from datetime import datetime

from bot.i18n.message import DayValue, NumberValue, message
from bot.signals.history import History
from bot.signals.indicators import Measured, Missing, NoDataReason, history_so_far
from bot.signals.outflow_stats import (
    WEEK,
    YEAR,
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
    found = _week(history, at)
    return found if isinstance(found, Missing) else _measured(history, found, found.percentile)


def miner_outflow_record(history: History, at: datetime) -> Measured | Missing:
    """The net outflow of the last seven days ÷ the highest of its trailing 365 days; ≥ 1 is a record.

    0 when more came in than went out; 1 for the first week of the year with an outflow at all.
    """
    found = _week(history, at)
    if isinstance(found, Missing):
        return found
    ratio = found.of_highest
    if ratio is None:
        ratio = 1.0 if found.sum_btc > 0 else 0.0
    return _measured(history, found, ratio)


def _week(history: History, at: datetime) -> WeekAgainstYear | Missing:
    daily = dict(history.days(OUTFLOW))
    spec = SERIES[OUTFLOW]
    if not daily:
        return Missing(NoDataReason.WARMING_UP, message("no complete day of {series} yet", series=spec.title))
    day = max(daily)
    if at - end_of_day(day) > spec.stale_after:
        newest = message("the newest complete day of {series} is {day}", series=spec.title, day=DayValue(day))
        return Missing(NoDataReason.STALE, newest)
    found = week_against_year(daily, day)
    if isinstance(found, WarmingUp):
        return Missing(NoDataReason.WARMING_UP, history_so_far(found.days_so_far, found.days_needed))
    if found is None:
        if len(daily) < WEEK:
            return Missing(NoDataReason.WARMING_UP, history_so_far(len(daily), YEAR))
        return Missing(
            NoDataReason.STALE, message("a day of the week to {day} is missing", day=DayValue(day))
        )
    return found


def _measured(history: History, found: WeekAgainstYear, value: float) -> Measured:
    newest = history.newest(OUTFLOW)
    mean, share = NumberValue(found.mean_btc), NumberValue(100 * found.percentile)
    parts = [message("{amount} BTC net left pool wallets in 7 days", amount=NumberValue(found.sum_btc))]
    if found.z_score is None:
        parts.append(message("above {share}% of the last 365 days (mean {mean} BTC)", share=share, mean=mean))
    else:
        against_mean = message(
            "above {share}% of the last 365 days (mean {mean} BTC, z-score {score})",
            share=share,
            mean=mean,
            score=NumberValue(found.z_score, 1, signed=True),
        )
        parts.append(against_mean)
    if (record := largest_in(found)) is not None:
        parts.append(record)
    change = reserve_change(dict(history.days(RESERVE)), found.day, 30)
    if change is not None and change.fraction is not None:
        parts.append(message("reserve {amount} BTC", amount=NumberValue(change.reserve_btc)))
        parts.append(
            message("{change}% in 30 days", change=NumberValue(100 * change.fraction, 1, signed=True))
        )
    return Measured(
        value,
        end_of_day(found.day),
        newest.source if newest is not None else "",
        # Translators: {parts} is a list of the texts above, up to “{change}% in 30 days”.
        message("{parts} (pool wallets, a proxy for selling)", parts=tuple(parts)),
    )
