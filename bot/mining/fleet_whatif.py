"""What if, for a chat's own machines together: now, at once, and after the retarget."""

from dataclasses import dataclass
from datetime import datetime

from bot.mining.answer import USD, Display, Input, in_usd, network_of, retargeted
from bot.mining.fleet import Fleet
from bot.mining.fleet_report import FleetReport, batch_report, fleet_report, mining_sites
from bot.mining.market import Market
from bot.mining.parsing.units import Currency
from bot.mining.question import Question
from bot.mining.scenario import Scenario
from bot.mining.whatif import at_once, income_change, retarget_after, with_halvings


@dataclass(frozen=True, slots=True)
class FleetWhatIfResult:
    """The fleet now, at once under the supposition, and after the retarget that answers it.

    `retarget_change` and `income_change` are fractions, as in `bot.mining.whatif.WhatIfResult`.
    """

    scenario: Scenario
    now: FleetReport
    then: FleetReport
    after_retarget: FleetReport | None
    retarget_change: float | None
    income_change: float | None
    inputs: tuple[Input, ...]
    at: datetime
    display: Display = USD


def fleet_what_if(
    fleet: Fleet, scenario: Scenario, market: Market, currency: Currency | None = None
) -> FleetWhatIfResult:
    """Reckon a supposition for a fleet, to show in `currency`. Raises InvalidQuestion naming what is
    missing."""
    scenario = with_halvings(scenario, market.at.date())
    now = fleet_report(fleet, market, currency)
    inputs = list(now.inputs)
    network = at_once(scenario, network_of(Question(fleet.kinds[0].rig), market, []))
    btc, power = now.btc_price_usd, now.power_price_usd_per_kwh
    if scenario.price is not None:
        btc = in_usd(scenario.price.money(btc), market, inputs)
    if scenario.power is not None:
        power = in_usd(scenario.power.money(power), market, inputs)
    used = tuple(inputs)
    sites = mining_sites(fleet, market, [], power if scenario.power is not None else None)
    then = batch_report(fleet, network, sites, btc, used, market.at)
    change = retarget_after(scenario, network, market.expected_retarget)
    after = None
    if change is not None:
        after = batch_report(fleet, retargeted(network, change), sites, btc, used, market.at)
    return FleetWhatIfResult(
        scenario=scenario,
        now=now,
        then=then,
        after_retarget=after,
        retarget_change=change,
        income_change=income_change(then.kinds[0].each, after.kinds[0].each if after else None),
        inputs=used,
        at=market.at,
        display=now.display,
    )
