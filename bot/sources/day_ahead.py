"""Day-ahead power: slots of 15 or 60 minutes, and a UTC day's mean by duration."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

from bot.signals.series import Reading
from bot.sources.parse import figure, midnight, number, within
from bot.sources.readings import of_day
from bot.sources.source_error import SourceError
from bot.sources.types import DayAheadPrices, FetchRequest, PriceSlot, ProviderAnswer, ProviderApi

QUARTER: Final = timedelta(minutes=15)
HOUR: Final = timedelta(hours=1)
LENGTHS: Final = (QUARTER, HOUR)
LOWEST: Final = -600.0
HIGHEST: Final = 5_000.0
FLAT: Final = 0.5
"""A market near zero swings by more than this (EUR/MWh) in a day."""
_WHOLE_DAY: Final = timedelta(days=1)


def unit_is_eur_per_mwh(unit: object) -> bool:
    """Whether a unit as sent ("EUR/MWh", "EUR / MWh", "Eur/MWh") is the one we count in."""
    return isinstance(unit, str) and unit.replace(" ", "").lower() == "eur/mwh"


def slot(start: datetime, end: datetime, price: object) -> PriceSlot:
    """One slot, checked. A null price is a gap; anything else must be a believable number."""
    if end - start not in LENGTHS:
        raise SourceError(f"sent a slot of {(end - start).total_seconds() / 60:g} minutes")
    if price is None:
        return PriceSlot(start, end, None)
    value = within(number(price, "a power price"), LOWEST, HIGHEST, "a power price", "EUR/MWh")
    return PriceSlot(start, end, value)


def power_answer(slots: Sequence[PriceSlot], site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Checked slots as an answer: a mean for each UTC day reached, and the slots themselves.

    Days still running or only partly covered are marked incomplete; days to come are left to the slots. Slots
    left out are gaps, and those without a price at the end aren't published yet and are dropped. Raises
    SourceError for slots out of order or twice, further ahead than tomorrow, or all of one price.
    """
    slots = _whole(slots)
    slots = slots[: max((n + 1 for n, part in enumerate(slots) if part.eur_per_mwh is not None), default=0)]
    prices = [part.eur_per_mwh for part in slots if part.eur_per_mwh is not None]
    if not prices:
        raise SourceError("sent no power price that isn't null")
    if len(prices) >= 12 and len(set(prices)) == 1:
        raise SourceError(f"sent {prices[0]:g} EUR/MWh for every hour")
    if len(prices) >= 12 and max(map(abs, prices)) < 1 and max(prices) - min(prices) < FLAT:
        raise SourceError(
            f"sent {figure(min(prices))} to {figure(max(prices))} EUR/MWh for days: "
            "it looks like another unit"
        )
    if slots[-1].end > midnight(ask.today + timedelta(days=2)):
        raise SourceError(f"stamped its prices in the future ({slots[-1].start:%Y-%m-%d})")
    series = f"power.{ask.zone}"
    readings = [
        reading
        for reading in _means(slots, series, site, ask)
        if (ask.first is None or reading.day is None or reading.day >= ask.first)
        and (ask.last is None or reading.day is None or reading.day <= ask.last)
    ]
    ahead = None
    if ask.first is None:
        coming = tuple(part for part in slots if part.start >= midnight(ask.today))
        ahead = DayAheadPrices(ask.zone, coming, site.provider.name, ask.now) if coming else None
    return ProviderAnswer(tuple(readings), day_ahead=ahead)


def hour_means(slots: Iterable[PriceSlot]) -> dict[datetime, float]:
    """The mean price (EUR/MWh) of every hour wholly known, by its start, whatever the slots' lengths."""
    parts: dict[datetime, list[PriceSlot]] = {}
    for part in slots:
        parts.setdefault(part.start.replace(minute=0, second=0, microsecond=0), []).append(part)
    means = {}
    for hour, inside in parts.items():
        priced = [
            (part.end - part.start, part.eur_per_mwh) for part in inside if part.eur_per_mwh is not None
        ]
        if sum((length for length, _ in priced), timedelta(0)) == HOUR:
            means[hour] = sum(price * (length / HOUR) for length, price in priced)
    return means


def _whole(slots: Sequence[PriceSlot]) -> list[PriceSlot]:
    """The slots in order, those left out between them as slots without a price."""
    whole = list(slots[:1])
    for before, after in pairwise(slots):
        when = f"{after.start:%Y-%m-%d %H:%M} UTC"
        if after.start == before.start:
            raise SourceError(f"sent the price of {when} twice")
        if after.start < before.start:
            raise SourceError(f"sent prices out of order (at {when})")
        if after.start < before.end or after.start - before.end > _WHOLE_DAY:
            raise SourceError(f"left out the prices before {when}")
        if after.start > before.end:
            whole.append(PriceSlot(before.end, after.start, None))
        whole.append(after)
    return whole


def _means(slots: Iterable[PriceSlot], series: str, site: ProviderApi, ask: FetchRequest) -> list[Reading]:
    days: dict[date, tuple[float, timedelta]] = {}
    for part in slots:
        if part.eur_per_mwh is not None:
            day = part.start.date()
            total, span = days.get(day, (0.0, timedelta(0)))
            length = part.end - part.start
            days[day] = (total + part.eur_per_mwh * length.total_seconds(), span + length)
    return [
        of_day(
            series,
            day,
            total / span.total_seconds(),
            site,
            ask,
            complete=span == _WHOLE_DAY and day < ask.today,
        )
        for day, (total, span) in sorted(days.items())
        if day <= ask.today and span >= _WHOLE_DAY / 2
    ]
