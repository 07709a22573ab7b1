"""A chat's own machines: what they earn, which to switch off first, which hours cost more than they mine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from bot.mining.answer import Input, in_usd, network_of
from bot.mining.economics import Economics, MiningSite, Rig, economics, ratio
from bot.mining.errors import InvalidQuestion
from bot.mining.limits import check
from bot.mining.market import Market, PowerSlot
from bot.mining.network import Network
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import Question

EXAMPLE: Final = "/fleet add 10 s19j pro, 5 m30s++ power 6.5c fee 2%"
MOST_KINDS: Final = 20
MOST_MACHINES: Final = 1_000_000
MOST_SITES: Final = 10
MIN_STOP: Final = timedelta(hours=1)
"""Stopping and starting machines for less than this is not worth the wear."""
BACK_ABOVE: Final = 0.02
"""Share of revenue that must be left before a fleet counts as back above cost, so that it doesn't flap."""


@dataclass(frozen=True, slots=True)
class FleetBatch:
    """So many machines of one kind; `label` tells it from the others: “Antminer S19 95T”."""

    label: str
    rig: Rig
    count: int
    site: str = ""


@dataclass(frozen=True, slots=True)
class Tariff:
    """What power costs: a fixed price of a kWh, or a day-ahead zone's price plus a surcharge in EUR/kWh."""

    fixed_per_kwh: float | None = None
    zone: str | None = None
    surcharge_eur_per_kwh: float = 0.0
    currency: Currency = Currency.USD


@dataclass(frozen=True, slots=True)
class FleetSite:
    """Where machines run. Without a tariff the usual power price holds; the fixed cost is a day's, per
    machine."""

    name: str = ""
    tariff: Tariff | None = None
    pool_fee: float = 0.0
    uptime: float = 1.0
    overhead: float = 1.0
    fixed_cost: Money | None = None


@dataclass(frozen=True, slots=True)
class Fleet:
    """Machines and their sites; the first site has no name. Batches are told apart by label and site."""

    kinds: tuple[FleetBatch, ...] = ()
    sites: tuple[FleetSite, ...] = ()

    def site(self, name: str = "") -> FleetSite:
        """A site by its name; a usual one when nothing was said of it."""
        return next((site for site in self.sites if site.name == name), FleetSite(name))

    def with_site(self, site: FleetSite) -> "Fleet":
        """The fleet with a site's parameters in place of those before."""
        other_sites = tuple(each for each in self.sites if each.name != site.name)
        if len(other_sites) >= MOST_SITES:
            raise InvalidQuestion(
                lambda t: t("A fleet has at most {most} sites.", most=MOST_SITES), "/fleet site barn power 5c"
            )
        sites = other_sites if site == FleetSite(site.name) else (*other_sites, site)
        return replace(self, sites=tuple(sorted(sites, key=lambda each: each.name)))

    @property
    def tariff(self) -> Tariff | None:
        """The tariff of the site without a name."""
        return self.site().tariff

    @property
    def pool_fee(self) -> float:
        """The pool fee of the site without a name."""
        return self.site().pool_fee

    @property
    def zones(self) -> tuple[str, ...]:
        """The day-ahead zones that machines run on, each once."""
        zones = (site.tariff.zone for site in self._used_sites() if site.tariff is not None)
        return tuple(dict.fromkeys(zone for zone in zones if zone is not None))

    def _used_sites(self) -> tuple[FleetSite, ...]:
        return tuple(self.site(name) for name in dict.fromkeys(batch.site for batch in self.kinds))

    def plus(self, label: str, rig: Rig, count: int, site: str = "") -> "Fleet":
        """The fleet with so many machines more. Raises InvalidQuestion when it grows beyond reason."""
        batches = {(batch.label, batch.site): batch for batch in self.kinds}
        batch_before = batches.get((label, site))
        total = count + (batch_before.count if batch_before else 0)
        if not 0 < total <= MOST_MACHINES:
            raise InvalidQuestion(
                lambda t: t("A fleet holds 1 to {most} machines of a kind.", most=t.number(MOST_MACHINES)),
                EXAMPLE,
            )
        batches[label, site] = FleetBatch(label, rig, total, site)
        if len(batches) > MOST_KINDS:
            raise InvalidQuestion(
                lambda t: t("A fleet holds at most {most} kinds of machine.", most=MOST_KINDS), EXAMPLE
            )
        return replace(self, kinds=tuple(batches.values()))

    def minus(self, label: str, count: int | None = None, site: str = "") -> "Fleet":
        """The fleet with so many fewer, or none of that kind. Raises InvalidQuestion when it has none."""
        if not any((batch.label, batch.site) == (label, site) for batch in self.kinds):
            # Translators: {machine} is such as “Antminer S19 95T”.
            raise InvalidQuestion(lambda t: t("Your fleet has no {machine}.", machine=label), "/fleet")
        changed = (
            batch
            if (batch.label, batch.site) != (label, site)
            else replace(batch, count=0 if count is None else batch.count - count)
            for batch in self.kinds
        )
        return replace(self, kinds=tuple(batch for batch in changed if batch.count > 0))


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
    day-ahead zone the mean of the next 24 hours.
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


@dataclass(frozen=True, slots=True)
class Loss:
    """Spans (start, end; UTC) in which a kind costs more power than it mines, and their mean price."""

    label: str
    spans: tuple[tuple[datetime, datetime], ...]
    hours: float


@dataclass(frozen=True, slots=True)
class DayAhead:
    """A day's prices against a fleet: where each kind loses money; kinds that never do are left out.

    Prices are in USD/kWh with the surcharge; `start` and `end` (UTC) bound the slots looked at.
    """

    zone: str
    start: datetime
    end: datetime
    losses: tuple[Loss, ...]
    mean_usd_per_kwh: float
    lowest_usd_per_kwh: float
    highest_usd_per_kwh: float
    saved_usd: float
    surcharge_eur_per_kwh: float = 0.0


def fleet_report(fleet: Fleet, market: Market) -> FleetReport:
    """Reckon a fleet now. Raises InvalidQuestion naming what is missing."""
    if not fleet.kinds:
        raise InvalidQuestion(lambda t: t("Your fleet is empty."), EXAMPLE)
    inputs: list[Input] = []
    sites = mining_sites(fleet, market, inputs)
    btc_price = _btc_price(market, inputs)
    network = network_of(Question(fleet.kinds[0].rig), market, inputs)
    return batch_report(fleet, network, sites, btc_price, tuple(inputs), market.at)


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


def day_ahead(
    fleet: Fleet, market: Market, start: datetime, end: datetime, zone: str | None = None
) -> DayAhead | None:
    """The slots between two moments (UTC) against the fleet, or None while their prices aren't all known.

    `zone` picks one of several; machines elsewhere are left out. A stop that lasts less than MIN_STOP is not
    worth it, nor is a start for less than that between two stops. None too for a fleet without a day-ahead
    tariff. Raises InvalidQuestion when the network's state or the euro rate is missing.
    """
    zone = zone or next(iter(fleet.zones), None)
    batches = [
        batch
        for batch in fleet.kinds
        if (tariff := fleet.site(batch.site).tariff) is not None and tariff.zone == zone
    ]
    if zone is None or not batches:
        return None
    slots = sorted(
        (slot for slot in market.day_ahead.get(zone, ()) if start <= slot.start and slot.end <= end),
        key=lambda slot: slot.start,
    )
    if not slots or slots[0].start != start or slots[-1].end != end:
        return None
    if any(before.end != after.start for before, after in pairwise(slots)):
        return None
    inputs: list[Input] = []
    rate = _eur_usd(market, inputs)
    btc_price = _btc_price(market, inputs)
    network = network_of(Question(batches[0].rig), market, inputs)
    losses, saved = [], 0.0
    prices: list[tuple[PowerSlot, float]] = []
    for batch in sorted(batches, key=lambda batch: -batch.rig.efficiency_j_per_th):
        site = fleet.site(batch.site)
        assert site.tariff is not None  # noqa: S101 - batches were picked by their tariff
        prices = [(slot, _slot_price(slot, site.tariff, rate)) for slot in slots]
        mining_site = MiningSite(0.0, pool_fee=site.pool_fee, uptime=site.uptime, overhead=site.overhead)
        result = economics(batch.rig, mining_site, network, btc_price)
        highest = result.breakeven_power_price_usd_per_kwh or 0.0
        losing = _worth_stopping(prices, highest)
        if losing:
            losses.append(
                Loss(
                    batch.label, _spans([slot for slot, _ in losing]), sum(_hours(slot) for slot, _ in losing)
                )
            )
            kw = batch.count * batch.rig.power_w / 1000.0 * site.uptime * site.overhead
            saved += sum(kw * _hours(slot) * (price - highest) for slot, price in losing)
    hours = sum(_hours(slot) for slot, _ in prices)
    tariff = fleet.site(batches[0].site).tariff
    return DayAhead(
        zone=zone,
        start=start,
        end=end,
        losses=tuple(losses),
        mean_usd_per_kwh=sum(_hours(slot) * price for slot, price in prices) / hours,
        lowest_usd_per_kwh=min(price for _, price in prices),
        highest_usd_per_kwh=max(price for _, price in prices),
        saved_usd=saved,
        surcharge_eur_per_kwh=0.0 if tariff is None else tariff.surcharge_eur_per_kwh,
    )


def _worth_stopping(
    prices: Sequence[tuple[PowerSlot, float]], highest: float
) -> list[tuple[PowerSlot, float]]:
    """The slots to stop in: those dearer than `highest`, without starts and stops shorter than MIN_STOP."""
    stopped = [price > highest for _, price in prices]
    for is_stop in (False, True):  # first bridge the short runs between two stops, then drop short stops
        start = 0
        for index in range(1, len(prices) + 1):
            if index < len(prices) and stopped[index] == stopped[start]:
                continue
            length = prices[index - 1][0].end - prices[start][0].start
            inner = start > 0 and index < len(prices)
            if stopped[start] is is_stop and length < MIN_STOP and (inner or is_stop):
                run = prices[start:index]
                worth = sum(_hours(slot) * (price - highest) for slot, price in run)
                if is_stop or worth > -_bridged_gain(prices, stopped, start, index, highest):
                    stopped[start:index] = [not is_stop] * (index - start)
            start = index
    return [pair for pair, stop in zip(prices, stopped, strict=True) if stop]


def _bridged_gain(
    prices: Sequence[tuple[PowerSlot, float]], stopped: Sequence[bool], start: int, end: int, highest: float
) -> float:
    """What the slots next to a short run save by being stopped, per kW; 0 when one side runs on."""
    gain = 0.0
    for step, first in ((-1, start - 1), (1, end)):
        index = first
        while 0 <= index < len(prices) and stopped[index]:
            gain += _hours(prices[index][0]) * (prices[index][1] - highest)
            index += step
    return gain


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
    until = market.at + timedelta(hours=24)
    slots = [
        slot for slot in market.day_ahead.get(tariff.zone, ()) if slot.end > market.at and slot.start < until
    ]
    if not slots:
        raise InvalidQuestion(
            # Translators: {zone} is a bidding zone of the power market, such as DE-LU.
            lambda t: t(
                "I have no day-ahead prices for {zone} yet; give a fixed price for now.", zone=tariff.zone
            ),
            "/fleet power 6.5c",
        )
    rate = _eur_usd(market, inputs)
    hours = sum(_hours(slot) for slot in slots)
    return sum(_hours(slot) * _slot_price(slot, tariff, rate) for slot in slots) / hours


def _slot_price(slot: PowerSlot, tariff: Tariff, rate: float) -> float:
    return (slot.eur_per_mwh / 1000.0 + tariff.surcharge_eur_per_kwh) * rate


def _hours(slot: PowerSlot) -> float:
    return (slot.end - slot.start).total_seconds() / 3600.0


def _spans(slots: list[PowerSlot]) -> tuple[tuple[datetime, datetime], ...]:
    """Slots joined where one begins as the other ends."""
    spans: list[tuple[datetime, datetime]] = []
    for slot in slots:
        if spans and spans[-1][1] == slot.start:
            spans[-1] = (spans[-1][0], slot.end)
        else:
            spans.append((slot.start, slot.end))
    return tuple(spans)


def _eur_usd(market: Market, inputs: list[Input]) -> float:
    if market.eur_usd is None:
        raise InvalidQuestion(
            lambda t: t("I have no euro rate yet; give a fixed price in US dollars for now."),
            "/fleet power 6.5c",
        )
    note = Input("EUR/USD", market.eur_usd)
    if note not in inputs:
        inputs.append(note)
    return market.eur_usd.value


def _btc_price(market: Market, inputs: list[Input]) -> float:
    if market.btc_price_usd is None:
        raise InvalidQuestion(
            lambda t: t("I have no bitcoin price yet; ask again after the next poll."), "/fleet"
        )
    inputs.append(Input("BTC price", market.btc_price_usd))
    return check("btc_price_usd", market.btc_price_usd.value)
