"""A chat's own machines: what they earn, which to switch off first, which hours cost more than they mine."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from bot.mining.answer import Input, network_of
from bot.mining.economics import Economics, MiningSite, Rig, economics, ratio
from bot.mining.errors import InvalidQuestion
from bot.mining.limits import check
from bot.mining.market import Market, PowerSlot
from bot.mining.network import Network
from bot.mining.question import Question

EXAMPLE: Final = "/fleet add 10 s19j pro, 5 m30s++ power 6.5c fee 2%"
MOST_KINDS: Final = 20
MOST_MACHINES: Final = 1_000_000
BACK_ABOVE: Final = 0.02
"""Share of revenue that must be left before a fleet counts as back above cost, so that it doesn't flap."""


@dataclass(frozen=True, slots=True)
class FleetBatch:
    """So many machines of one kind; `label` tells it from the others: “Antminer S19 95T”."""

    label: str
    rig: Rig
    count: int


@dataclass(frozen=True, slots=True)
class Tariff:
    """What power costs: a fixed USD/kWh, or a day-ahead zone's price plus a surcharge in EUR/kWh."""

    fixed_usd_per_kwh: float | None = None
    zone: str | None = None
    surcharge_eur_per_kwh: float = 0.0


@dataclass(frozen=True, slots=True)
class Fleet:
    """Machines and their site. Without a tariff the usual power price holds."""

    kinds: tuple[FleetBatch, ...] = ()
    tariff: Tariff | None = None
    pool_fee: float = 0.0

    def plus(self, label: str, rig: Rig, count: int) -> "Fleet":
        """The fleet with so many machines more. Raises InvalidQuestion when it grows beyond reason."""
        held = {kind.label: kind for kind in self.kinds}
        known = held.get(label)
        total = count + (known.count if known else 0)
        if not 0 < total <= MOST_MACHINES:
            raise InvalidQuestion(
                lambda t: t("A fleet holds 1 to {most} machines of a kind.", most=t.number(MOST_MACHINES)),
                EXAMPLE,
            )
        held[label] = FleetBatch(label, rig, total)
        if len(held) > MOST_KINDS:
            raise InvalidQuestion(
                lambda t: t("A fleet holds at most {most} kinds of machine.", most=MOST_KINDS), EXAMPLE
            )
        return replace(self, kinds=tuple(held.values()))

    def minus(self, label: str, count: int | None = None) -> "Fleet":
        """The fleet with so many fewer, or none of that kind. Raises InvalidQuestion when it has none."""
        if label not in {kind.label for kind in self.kinds}:
            # Translators: {machine} is such as “Antminer S19 95T”.
            raise InvalidQuestion(lambda t: t("Your fleet has no {machine}.", machine=label), "/fleet")
        left = (
            replace(kind, count=kind.count - count) if count is not None and kind.label == label else kind
            for kind in self.kinds
            if kind.label != label or count is not None
        )
        return replace(self, kinds=tuple(kind for kind in left if kind.count > 0))


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


def fleet_report(fleet: Fleet, market: Market) -> FleetReport:
    """Reckon a fleet now. Raises InvalidQuestion naming what is missing."""
    if not fleet.kinds:
        raise InvalidQuestion(lambda t: t("Your fleet is empty."), EXAMPLE)
    inputs: list[Input] = []
    price = _power_price(fleet.tariff, market, inputs)
    btc_price = _btc_price(market, inputs)
    network = network_of(Question(fleet.kinds[0].rig), market, inputs)
    return batch_report(fleet, network, price, btc_price, tuple(inputs), market.at)


def batch_report(
    fleet: Fleet,
    network: Network,
    power_price_usd_per_kwh: float,
    btc_price_usd: float,
    inputs: tuple[Input, ...],
    at: datetime,
) -> FleetReport:
    """A fleet in a network, at a price of power and of bitcoin; it has a machine at least."""
    site = MiningSite(max(power_price_usd_per_kwh, 0.0), pool_fee=fleet.pool_fee)
    reports = sorted(
        (BatchReport(kind, economics(kind.rig, site, network, btc_price_usd)) for kind in fleet.kinds),
        key=lambda report: (-report.each.efficiency_j_per_th, report.kind.label),
    )
    return FleetReport(
        kinds=tuple(reports),
        power_price_usd_per_kwh=site.power_price_usd_per_kwh,
        btc_price_usd=btc_price_usd,
        hashrate_ths=sum(report.kind.count * report.each.hashrate_ths for report in reports),
        power_w=sum(report.kind.count * report.each.power_w for report in reports),
        btc_per_day=sum(report.kind.count * report.each.btc_per_day for report in reports),
        revenue_usd_per_day=sum(report.kind.count * report.each.revenue_usd_per_day for report in reports),
        cost_usd_per_day=sum(report.kind.count * report.each.power_cost_usd_per_day for report in reports),
        inputs=inputs,
        at=at,
    )


def day_ahead(fleet: Fleet, market: Market, start: datetime, end: datetime) -> DayAhead | None:
    """The slots between two moments (UTC) against the fleet, or None while their prices aren't all known.

    None too for a fleet with a fixed tariff or without machines. Raises InvalidQuestion when the network's
    state or the euro rate is missing.
    """
    tariff = fleet.tariff
    if tariff is None or tariff.zone is None or not fleet.kinds:
        return None
    slots = sorted(
        (slot for slot in market.day_ahead.get(tariff.zone, ()) if start <= slot.start and slot.end <= end),
        key=lambda slot: slot.start,
    )
    if not slots or slots[0].start != start or slots[-1].end != end:
        return None
    if any(before.end != after.start for before, after in pairwise(slots)):
        return None
    inputs: list[Input] = []
    rate = _eur_usd(market, inputs)
    btc_price = _btc_price(market, inputs)
    network = network_of(Question(fleet.kinds[0].rig), market, inputs)
    priced = [(slot, _slot_price(slot, tariff, rate)) for slot in slots]
    site = MiningSite(0.0, pool_fee=fleet.pool_fee)
    losses, saved = [], 0.0
    for kind in sorted(fleet.kinds, key=lambda kind: -kind.rig.efficiency_j_per_th):
        highest = economics(kind.rig, site, network, btc_price).breakeven_power_price_usd_per_kwh or 0.0
        losing = [(slot, price) for slot, price in priced if price > highest]
        if losing:
            losses.append(
                Loss(
                    kind.label, _spans([slot for slot, _ in losing]), sum(_hours(slot) for slot, _ in losing)
                )
            )
            kw = kind.count * kind.rig.power_w / 1000.0
            saved += sum(kw * _hours(slot) * (price - highest) for slot, price in losing)
    hours = sum(_hours(slot) for slot, _ in priced)
    return DayAhead(
        zone=tariff.zone,
        start=start,
        end=end,
        losses=tuple(losses),
        mean_usd_per_kwh=sum(_hours(slot) * price for slot, price in priced) / hours,
        lowest_usd_per_kwh=min(price for _, price in priced),
        highest_usd_per_kwh=max(price for _, price in priced),
        saved_usd=saved,
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
        return (
            market.power_price_usd_per_kwh if tariff.fixed_usd_per_kwh is None else tariff.fixed_usd_per_kwh
        )
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
    inputs.append(Input("EUR/USD", market.eur_usd))
    return market.eur_usd.value


def _btc_price(market: Market, inputs: list[Input]) -> float:
    if market.btc_price_usd is None:
        raise InvalidQuestion(
            lambda t: t("I have no bitcoin price yet; ask again after the next poll."), "/fleet"
        )
    inputs.append(Input("BTC price", market.btc_price_usd))
    return check("btc_price_usd", market.btc_price_usd.value)
