"""Notices to a fleet's owner: it fell below cost or pays again, and tomorrow's hours at a loss."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bot.mining.errors import InvalidQuestion
from bot.mining.fleet import Fleet
from bot.mining.fleet_hours import DayAhead, Loss, day_ahead
from bot.mining.fleet_report import FleetReport, below_cost, fleet_report
from bot.mining.market import Market

FRESH: Final = timedelta(hours=6)
"""No alert rests on a bitcoin price older than this."""


@dataclass(frozen=True, slots=True)
class ProfitabilityChange:
    """A fleet fell below cost, or came back above it. USD a day; `as_of` (UTC) is the bitcoin price's."""

    below: bool
    profit_usd_per_day: float
    revenue_usd_per_day: float
    btc_price_usd: float
    breakeven_btc_price_usd: float | None
    power_price_usd_per_kwh: float
    as_of: datetime


@dataclass(frozen=True, slots=True)
class FleetCheck:
    """One look at a fleet. `below` is what it counts as now, None where that can't be told.

    `looked_ahead` is True when all of tomorrow's prices were known; `hours` then says what loses money, and
    is None when nothing does.
    """

    below: bool | None = None
    crossing: ProfitabilityChange | None = None
    looked_ahead: bool = False
    hours: DayAhead | None = None


def check_fleet(
    fleet: Fleet,
    below_before: bool | None,
    told_until: datetime | None,
    market: Market,
    tomorrow: tuple[datetime, datetime],
) -> FleetCheck:
    """Look at a fleet once; `tomorrow` is the next delivery day (start, end; UTC).

    The first look at a fleet tells nothing of its cost: its owner has just seen that. What can't be reckoned
    for want of a fresh reading is left for the next look.
    """
    price = market.btc_price_usd
    if price is None or market.at - price.as_of > FRESH:
        return FleetCheck()
    try:
        report = fleet_report(fleet, market)
        below = below_cost(below_before, report)
    except InvalidQuestion:
        return FleetCheck()
    crossing = (
        None if below_before is None or below == below_before else _crossing(below, report, price.as_of)
    )
    ahead = None
    if told_until is None or told_until < tomorrow[1]:
        ahead = day_ahead(fleet, market, *tomorrow)
    return FleetCheck(
        below, crossing, ahead is not None, ahead if ahead is not None and ahead.losses else None
    )


def _crossing(below: bool, report: FleetReport, as_of: datetime) -> ProfitabilityChange:
    return ProfitabilityChange(
        below=below,
        profit_usd_per_day=report.profit_usd_per_day,
        revenue_usd_per_day=report.revenue_usd_per_day,
        btc_price_usd=report.btc_price_usd,
        breakeven_btc_price_usd=report.breakeven_btc_price_usd,
        power_price_usd_per_kwh=report.power_price_usd_per_kwh,
        as_of=as_of,
    )


def dump(notice: ProfitabilityChange | DayAhead) -> str:
    """A notice's facts as JSON, times as ISO 8601."""
    return json.dumps(asdict(notice), default=datetime.isoformat, allow_nan=False)


def parse(body: str) -> ProfitabilityChange | DayAhead:
    """The facts back from `dump`'s JSON."""
    values: dict[str, Any] = json.loads(body)
    if "below" in values:
        return ProfitabilityChange(**{**values, "as_of": datetime.fromisoformat(values["as_of"])})
    losses = tuple(
        Loss(
            loss["label"],
            tuple(
                (datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in loss["spans"]
            ),
            loss["hours"],
        )
        for loss in values["losses"]
    )
    moments = {key: datetime.fromisoformat(values[key]) for key in ("start", "end")}
    return DayAhead(**{**values, **moments, "losses": losses})
