"""Which hours of a day-ahead power price cost a fleet more than it mines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from bot.mining.answer import Input, network_of
from bot.mining.economics import MiningSite, economics
from bot.mining.fleet import Fleet
from bot.mining.fleet_report import btc_price_usd, eur_usd, slot_price_usd_per_kwh
from bot.mining.market import Market, PowerSlot
from bot.mining.power_market import slot_hours
from bot.mining.question import Question

MIN_STOP: Final = timedelta(hours=1)
"""Stopping and starting machines for less than this is not worth the wear."""


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
    rate = eur_usd(market, inputs)
    btc_price = btc_price_usd(market, inputs)
    network = network_of(Question(batches[0].rig), market, inputs)
    losses, saved = [], 0.0
    prices: list[tuple[PowerSlot, float]] = []
    for batch in sorted(batches, key=lambda batch: -batch.rig.efficiency_j_per_th):
        site = fleet.site(batch.site)
        assert site.tariff is not None  # noqa: S101 - batches were picked by their tariff
        prices = [(slot, slot_price_usd_per_kwh(slot, site.tariff, rate)) for slot in slots]
        mining_site = MiningSite(0.0, pool_fee=site.pool_fee, uptime=site.uptime, overhead=site.overhead)
        result = economics(batch.rig, mining_site, network, btc_price)
        highest = result.breakeven_power_price_usd_per_kwh or 0.0
        losing = _worth_stopping(prices, highest)
        if losing:
            losses.append(
                Loss(
                    batch.label,
                    _spans([slot for slot, _ in losing]),
                    sum(slot_hours(slot) for slot, _ in losing),
                )
            )
            kw = batch.count * batch.rig.power_w / 1000.0 * site.uptime * site.overhead
            saved += sum(kw * slot_hours(slot) * (price - highest) for slot, price in losing)
    hours = sum(slot_hours(slot) for slot, _ in prices)
    tariff = fleet.site(batches[0].site).tariff
    return DayAhead(
        zone=zone,
        start=start,
        end=end,
        losses=tuple(losses),
        mean_usd_per_kwh=sum(slot_hours(slot) * price for slot, price in prices) / hours,
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
                worth = sum(slot_hours(slot) * (price - highest) for slot, price in run)
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
            gain += slot_hours(prices[index][0]) * (prices[index][1] - highest)
            index += step
    return gain


def _spans(slots: list[PowerSlot]) -> tuple[tuple[datetime, datetime], ...]:
    """Slots joined where one begins as the other ends."""
    spans: list[tuple[datetime, datetime]] = []
    for slot in slots:
        if spans and spans[-1][1] == slot.start:
            spans[-1] = (spans[-1][0], slot.end)
        else:
            spans.append((slot.start, slot.end))
    return tuple(spans)
