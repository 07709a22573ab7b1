"""Day-ahead zones, and what a kWh costs in one over the hours ahead."""

from datetime import date, timedelta
from typing import Final

from bot.mining.errors import InvalidQuestion
from bot.mining.market import Market, PowerSlot

ZONES: Final = (
    "AT", "BE", "CH", "CZ", "DE-AT-LU", "DE-LU", "DK1", "DK2", "FR", "HU", "IT-North", "NL", "NO2", "PL",
    "SE4", "SI",
)  # fmt: skip
"""Day-ahead bidding zones whose prices are openly licensed (CC BY 4.0)."""

ENDED_ZONES: Final = {"DE-AT-LU": date(2018, 9, 30)}
"""Zones no longer traded, with their last day: their history can be read, but nothing new appears."""
TRADED_ZONES: Final = tuple(zone for zone in ZONES if zone not in ENDED_ZONES)
"""Zones with prices to come."""

_AHEAD: Final = timedelta(hours=24)


def mean_eur_per_kwh(zone: str, market: Market) -> float:
    """The mean price over the 24 hours ahead, EUR/kWh. Raises InvalidQuestion while none is known."""
    until = market.at + _AHEAD
    slots = [slot for slot in market.day_ahead.get(zone, ()) if slot.end > market.at and slot.start < until]
    if not slots:
        raise InvalidQuestion(
            # Translators: {zone} is a bidding zone of the power market, such as DE-LU.
            lambda t: t("I have no day-ahead prices for {zone} yet; give a fixed price for now.", zone=zone),
            "/breakeven s19 7c",
        )
    hours = sum(slot_hours(slot) for slot in slots)
    return sum(slot_hours(slot) * slot.eur_per_mwh for slot in slots) / hours / 1000.0


def slot_hours(slot: PowerSlot) -> float:
    """How long a slot lasts."""
    return (slot.end - slot.start).total_seconds() / 3600.0
