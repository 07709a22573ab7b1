"""The indicators of miner outflow over our own ledger: this week's rank in its year, and its record."""

from datetime import datetime

from bot.signals.history import History
from bot.signals.indicators import Lack, Measured, Missing
from bot.signals.outflow import (
    WEEK,
    YEAR,
    WarmingUp,
    WeekAgainstYear,
    largest_in,
    reserve_change,
    week_against_year,
)
from bot.signals.outflow_sources import PROXY
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
        return Missing(Lack.WARMING_UP, f"no complete day of {spec.title} yet")
    day = max(daily)
    if at - end_of_day(day) > spec.stale_after:
        return Missing(Lack.STALE, f"the newest complete day of {spec.title} is {day}")
    found = week_against_year(daily, day)
    if isinstance(found, WarmingUp):
        return Missing(Lack.WARMING_UP, f"{found.days_so_far} of {found.days_needed} days of history so far")
    if found is None:
        if len(daily) < WEEK:
            return Missing(Lack.WARMING_UP, f"{len(daily)} of {YEAR} days of history so far")
        return Missing(Lack.STALE, f"a day of the week to {day} is missing")
    return found


def _measured(history: History, found: WeekAgainstYear, value: float) -> Measured:
    newest = history.newest(OUTFLOW)
    parts = [
        f"{found.sum_btc:,.0f} BTC net left pool wallets in 7 days",
        f"above {found.percentile:.0%} of the last 365 days (mean {found.mean_btc:,.0f} BTC"
        + (f", z-score {found.z_score:+.1f})" if found.z_score is not None else ")"),
    ]
    if (record := largest_in(found)) is not None:
        parts.append(record)
    change = reserve_change(dict(history.days(RESERVE)), found.day, 30)
    if change is not None and change.fraction is not None:
        parts.append(f"reserve {change.reserve_btc:,.0f} BTC, {change.fraction:+.1%} in 30 days")
    return Measured(
        value,
        end_of_day(found.day),
        newest.source if newest is not None else "",
        f"{', '.join(parts)} ({PROXY})",
    )
