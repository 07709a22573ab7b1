"""The series the bot knows, and the reading: one value of one series, with its day, age and source."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import Final

from bot.i18n.message import N_, Message, message
from bot.mining.power_market import ZONES


class Cadence(StrEnum):
    """How often a series has a new value of its own."""

    DAILY = "daily"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Series:
    """What one series is.

    `low` and `high` bound any value that can be believed, in `unit`. `lag` is how long after the end of the
    period it covers a value normally appears (None: irregularly); a value is stale once it is older than
    `stale_after`, counted from the moment it describes.
    """

    name: str
    unit: str
    title: Message
    low: float
    high: float
    cadence: Cadence = Cadence.DAILY
    lag: timedelta | None = timedelta(0)
    stale_after: timedelta = timedelta(hours=36)


class Confidence(IntEnum):
    """How far sources bear a value out: one alone, one and another method's estimate, or two of a kind."""

    ALONE = 0
    SUPPORTED = 1
    CONFIRMED = 2


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one series as a source gave it.

    `as_of` (UTC) is the moment the value describes: for a daily or monthly value the end of the period.
    `day` is the UTC day covered (for a month its first day), or None for a spot value. `complete` is False
    while the period is not over or was only partly seen. `read_at` (UTC) is when we learnt it. `confidence`
    is how far other sources bear the value out.
    """

    series: str
    value: float
    as_of: datetime
    source: str
    read_at: datetime
    day: date | None = None
    complete: bool = True
    confidence: Confidence = Confidence.CONFIRMED

    @property
    def confirmed(self) -> bool:
        """Whether more than one source bears the value out."""
        return self.confidence > Confidence.ALONE


def _power(zone: str) -> Series:
    return Series(
        f"power.{zone}",
        "EUR/MWh",
        message("day-ahead power, {zone}", zone=zone),
        low=-600.0,
        high=5_000.0,
        stale_after=timedelta(hours=48),
    )


_ALL = (
    Series("btc.price", "USD/BTC", message("bitcoin price"), 0.001, 1e8, stale_after=timedelta(minutes=20)),
    Series(
        "btc.price_high",
        "USD/BTC",
        message("bitcoin record high"),
        0.001,
        1e8,
        stale_after=timedelta(days=3650),
    ),
    Series("btc.hashrate", "EH/s", message("network hashrate of the day"), 1e-13, 1e5),
    Series("btc.difficulty", "", message("network difficulty"), 1.0, 1e18),
    Series("btc.fees", "BTC/block", message("mean fees per block"), 0.0, 500.0),
    Series("btc.hashprice", "USD/PH/day", message("hashprice by difficulty"), 1e-3, 1e13),
    Series(
        "btc.retarget_estimate",
        N_("fraction"),
        message("estimated change of difficulty at the next retarget"),
        -0.75,
        3.0,
        stale_after=timedelta(hours=2),
    ),
    Series("btc.miner_outflow", "BTC/day", message("net outflow of pool wallets"), -1e6, 1e6),
    Series(
        "btc.miner_outflow_gross",
        "BTC/day",
        message("coins leaving miner wallets, as a provider counts them"),
        0.0,
        1e6,
        lag=timedelta(days=7),
        stale_after=timedelta(days=12),
    ),
    Series("btc.miner_reserve", "BTC", message("balance of pool wallets"), 0.0, 21e6),
    Series(
        "btc.public_miner_sales",
        N_("fraction of production"),
        message("public miners' monthly sales against production"),
        0.0,
        100.0,
        Cadence.MONTHLY,
        lag=None,
        stale_after=timedelta(days=62),
    ),
    *(_power(zone) for zone in ZONES),
    Series(
        "power.us_industrial",
        "USD/kWh",
        message("US industrial retail power"),
        0.001,
        2.0,
        Cadence.MONTHLY,
        lag=timedelta(days=56),
        stale_after=timedelta(days=120),
    ),
    Series(
        "gas.henry_hub",
        "USD/MMBtu",
        message("Henry Hub natural gas"),
        0.01,
        200.0,
        lag=timedelta(days=4),
        stale_after=timedelta(days=8),
    ),
    Series("fx.eur_usd", "USD/EUR", message("euro in US dollars"), 0.5, 2.0, stale_after=timedelta(days=5)),
)

SERIES: Final[dict[str, Series]] = {series.name: series for series in _ALL}


_KEPT_WHOLE = ("btc.price", "btc.hashrate", "btc.difficulty", "btc.fees", "gas.henry_hub", "fx.eur_usd")


def series_kept_whole(zones: Sequence[str]) -> tuple[str, ...]:
    """The daily series whose missing days are asked for, with the power of these zones."""
    return (*_KEPT_WHOLE, *(f"power.{zone}" for zone in zones))


@lru_cache(maxsize=4096)
def end_of_day(day: date) -> datetime:
    """The UTC midnight that ends `day`: the `as_of` of a value that covers the whole day."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def end_of_month(first_day: date) -> datetime:
    """The UTC midnight that ends the month of `first_day`: the `as_of` of a monthly value."""
    following = (first_day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return datetime.combine(following, time(), UTC)
