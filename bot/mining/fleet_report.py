"""What a fleet earns now, batch by batch in the order to switch them off."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.mining.answer import USD, Display, Input, display_in, in_usd, network_of
from bot.mining.economics import Economics, MiningSite, economics, ratio
from bot.mining.errors import InvalidQuestion
from bot.mining.fleet import EXAMPLE, Fleet, FleetBatch, Tariff
from bot.mining.limits import check
from bot.mining.market import Market, PowerSlot
from bot.mining.network import Network
from bot.mining.parsing.units import Currency, Money
from bot.mining.power_market import mean_eur_per_kwh
from bot.mining.question import Question

BACK_ABOVE: Final = 0.02
"""Share of revenue that must be left before a fleet counts as back above cost, so that it doesn't flap."""


@dataclass(frozen=True, slots=True)
class BatchReport:
    """One kind: the economics of one of its machines."""

    kind: FleetBatch
    each: Economics

    @property
    def profit_usd_per_day(self) -> float:
        """Profit of all of them."""
        return self.kind.count * self.each.profit_usd_per_day


@dataclass(frozen=True, slots=True)
class FleetReport:
    """The fleet at one moment. `kinds` are in the order to switch them off, the first to stop paying first.

    Sums are of the whole fleet, USD/day and BTC/day; `power_price_usd_per_kwh` is the tariff's, for a
    day-ahead zone the mean of the next 24 hours. `display` is the currency to show them in.
    """

    kinds: tuple[BatchReport, ...]
    power_price_usd_per_kwh: float
    btc_price_usd: float
    hashrate_ths: float
    power_w: float
    btc_per_day: float
    revenue_usd_per_day: float
    cost_usd_per_day: float
    inputs: tuple[Input, ...]
    at: datetime
    display: Display = USD

    @property
    def profit_usd_per_day(self) -> float:
        """What a day leaves over."""
        return self.revenue_usd_per_day - self.cost_usd_per_day

    @property
    def breakeven_btc_price_usd(self) -> float | None:
        """The bitcoin price at which the whole fleet earns nothing; None: never."""
        return ratio(self.cost_usd_per_day, self.btc_per_day)

    @property
    def switched_off_profit_usd_per_day(self) -> float:
        """Profit when every kind that loses money is switched off."""
        return sum(max(kind.profit_usd_per_day, 0.0) for kind in self.kinds)


def fleet_report(fleet: Fleet, market: Market, currency: Currency | None = None) -> FleetReport:
    """Reckon a fleet now, to show in `currency`. Raises InvalidQuestion naming what is missing."""
    if not fleet.kinds:
        raise InvalidQuestion(lambda t: t("Your fleet is empty."), EXAMPLE)
    inputs: list[Input] = []
    sites = mining_sites(fleet, market, inputs)
    btc_price = btc_price_usd(market, inputs)
    network = network_of(Question(fleet.kinds[0].rig), market, inputs)
    display = display_in(currency, market, inputs)
    report = batch_report(fleet, network, sites, btc_price, tuple(inputs), market.at)
    return replace(report, display=display)


def mining_sites(
    fleet: Fleet, market: Market, inputs: list[Input], power_price_usd_per_kwh: float | None = None
) -> dict[str, MiningSite]:
    """The sites by name as the calculator takes them; a power price given holds for all.

    Rates used are added to `inputs`. Raises InvalidQuestion naming what is missing.
    """
    sites = {}
    for name in dict.fromkeys(batch.site for batch in fleet.kinds):
        site = fleet.site(name)
        sites[name] = MiningSite(
            power_price_usd_per_kwh=_power_price(site.tariff, market, inputs)
            if power_price_usd_per_kwh is None
            else power_price_usd_per_kwh,
            pool_fee=site.pool_fee,
            uptime=site.uptime,
            overhead=site.overhead,
            fixed_cost_usd_per_day=0.0
            if site.fixed_cost is None
            else in_usd(site.fixed_cost, market, inputs),
        )
    return sites


def batch_report(
    fleet: Fleet,
    network: Network,
    sites: Mapping[str, MiningSite],
    btc_price_usd: float,
    inputs: tuple[Input, ...],
    at: datetime,
) -> FleetReport:
    """A fleet in a network, at its sites and at a price of bitcoin; it has a machine at least.

    The power price reported is the mean of the sites' by the power drawn.
    """
    reports = sorted(
        (
            BatchReport(batch, economics(batch.rig, sites[batch.site], network, btc_price_usd))
            for batch in fleet.kinds
        ),
        key=lambda report: (
            -report.each.efficiency_j_per_th * sites[report.kind.site].power_price_usd_per_kwh,
            -report.each.efficiency_j_per_th,
            report.kind.label,
        ),
    )
    power_w = sum(report.kind.count * report.each.power_w for report in reports)
    weighed = sum(
        report.kind.count * report.each.power_w * sites[report.kind.site].power_price_usd_per_kwh
        for report in reports
    )
    return FleetReport(
        kinds=tuple(reports),
        power_price_usd_per_kwh=weighed / power_w,
        btc_price_usd=btc_price_usd,
        hashrate_ths=sum(report.kind.count * report.each.hashrate_ths for report in reports),
        power_w=power_w,
        btc_per_day=sum(report.kind.count * report.each.btc_per_day for report in reports),
        revenue_usd_per_day=sum(report.kind.count * report.each.revenue_usd_per_day for report in reports),
        cost_usd_per_day=sum(
            report.kind.count * (report.each.power_cost_usd_per_day + report.each.fixed_cost_usd_per_day)
            for report in reports
        ),
        inputs=inputs,
        at=at,
    )


def below_cost(before: bool | None, report: FleetReport) -> bool:
    """Whether the fleet counts as below cost, given what it counted as: it is back only with a margin."""
    profit = report.profit_usd_per_day
    if before:
        return profit < BACK_ABOVE * report.revenue_usd_per_day
    return profit < 0.0


def _power_price(tariff: Tariff | None, market: Market, inputs: list[Input]) -> float:
    """USD/kWh now: the fixed price, or the zone's mean over the 24 hours ahead plus the surcharge."""
    if tariff is None:
        return market.power_price_usd_per_kwh
    if tariff.zone is None:
        if tariff.fixed_per_kwh is None:
            return market.power_price_usd_per_kwh
        return in_usd(Money(tariff.fixed_per_kwh, tariff.currency), market, inputs)
    price = mean_eur_per_kwh(tariff.zone, market) + tariff.surcharge_eur_per_kwh
    return price * eur_usd(market, inputs)


def slot_price_usd_per_kwh(slot: PowerSlot, tariff: Tariff, rate: float) -> float:
    """A slot's price of a kWh with the surcharge; `rate` is USD for one EUR."""
    return (slot.eur_per_mwh / 1000.0 + tariff.surcharge_eur_per_kwh) * rate


def eur_usd(market: Market, inputs: list[Input]) -> float:
    """USD for one EUR, added to `inputs`. Raises InvalidQuestion when the market has no rate."""
    if market.eur_usd is None:
        raise InvalidQuestion(
            lambda t: t("I have no euro rate yet; give a fixed price in US dollars for now."),
            "/fleet power 6.5c",
        )
    note = Input("EUR/USD", market.eur_usd)
    if note not in inputs:
        inputs.append(note)
    return market.eur_usd.value


def btc_price_usd(market: Market, inputs: list[Input]) -> float:
    """The bitcoin price, added to `inputs`. Raises InvalidQuestion when the market has none."""
    if market.btc_price_usd is None:
        raise InvalidQuestion(
            lambda t: t("I have no bitcoin price yet; ask again after the next poll."), "/fleet"
        )
    inputs.append(Input("BTC price", market.btc_price_usd))
    return check("btc_price_usd", market.btc_price_usd.value)
