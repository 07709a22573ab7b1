"""For each series who is asked, in which order, how often, and what is believed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from bot.mining.power_market import ENDED_ZONES, ZONES
from bot.sources.consensus import Jump, Tolerance
from bot.sources.providers import (
    awattar,
    bgeometrics,
    bitview,
    blockchain_info,
    coinbase,
    coingecko,
    coinmetrics,
    cryptoquant,
    ecb,
    eia,
    eia_web,
    energy_charts,
    frankfurter,
    fred,
    glassnode,
    kraken,
    mempool,
    smard,
)
from bot.sources.types import RETARGET, Provider, Query

PROVIDERS: Final[dict[str, Provider]] = {
    module.PROVIDER.name: module.PROVIDER
    for module in (
        mempool,
        bitview,
        kraken,
        coinbase,
        coingecko,
        coinmetrics,
        blockchain_info,
        energy_charts,
        awattar,
        smard,
        fred,
        eia_web,
        eia,
        frankfurter,
        ecb,
        bgeometrics,
        glassnode,
        cryptoquant,
    )
}


class ValueKind(StrEnum):
    """What the readings of a series describe."""

    SPOT = "spot"
    DAILY = "daily"
    MONTHLY = "monthly"
    RETARGET = "estimate"


CLOSE: Final = Tolerance(0.02)


@dataclass(frozen=True, slots=True)
class SeriesConfig:
    """One series, and how it is kept up.

    `offers` are asked in order until `quorum` of them have answered and agree. A series is asked `every` so
    often; while the value that `expects(now)` says should be out is missing or unconfirmed, every
    `retry_every`. `normal_age` is
    how old its newest value usually gets; an answer older than `stale_after` is refused. `low` and `high`
    are what can be believed today (history has wider bounds). Only values above the one held are news when
    it `only_rises`. Where providers aren't `interchangeable` a second one means something else, so the first
    that is configured is the only one asked. When an `optional` series has nothing, no refusal is reported.
    """

    series: str
    kind: ValueKind
    offers: tuple[Query, ...]
    every: timedelta
    normal_age: timedelta
    stale_after: timedelta
    low: float
    high: float
    quorum: int = 1
    tolerance: Tolerance = CLOSE
    loose: Tolerance | None = None
    jump: Jump | None = None
    expects: Callable[[datetime], datetime] | None = None
    retry_every: timedelta | None = None
    only_rises: bool = False
    interchangeable: bool = True
    optional: bool = False
    zone: str = ""
    chunk: timedelta = timedelta(days=3650)
    days_a_week: int = 7


def yesterday(now: datetime) -> datetime:
    """A day's value is out a few minutes after the day."""
    return datetime.combine((now - timedelta(minutes=10)).date(), time(), UTC)


def some_hours_late(now: datetime) -> datetime:
    """A day's value is out some hours after the day, with patience for a late one."""
    return yesterday(now - timedelta(hours=3))


def tomorrow_prices(now: datetime) -> datetime:
    """Tomorrow's power prices are out from about 12:00 UTC; a zone's day ends near 22:00 UTC."""
    days = 1 if now.hour >= 12 else 0
    return datetime.combine(now.date() + timedelta(days=days), time(22), UTC)


_m, _h, _d = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

LOOSE_ESTIMATORS: Final = frozenset({"blockchain_info", "coinmetrics"})
"""Their one-day hashrate follows other rules, and their difficulty is the one with which the day began."""

SERIES_CONFIGS: Final = (
    SeriesConfig(
        "btc.price", ValueKind.SPOT,
        (mempool.PRICES, kraken.TICKER, coinbase.PRICE, bitview.PRICE, coingecko.PRICE),
        every=5 * _m, normal_age=5 * _m, stale_after=20 * _m, low=1_000, high=2e6,
        quorum=2, tolerance=Tolerance(0.02), jump=Jump(0.08, 0.25),
    ),
    SeriesConfig(
        "btc.price", ValueKind.DAILY,
        (kraken.CANDLES, coinbase.CANDLES, coinmetrics.DAILY, blockchain_info.CLOSES, coingecko.CLOSES),
        every=_d, normal_age=_d, stale_after=36 * _h, low=1_000, high=2e6,
        quorum=2, tolerance=Tolerance(0.02), jump=Jump(0.08, 0.25),
        expects=yesterday, retry_every=_h, chunk=300 * _d,
    ),
    SeriesConfig(
        "btc.price_high", ValueKind.SPOT,
        (coingecko.RECORD, kraken.CANDLES, bitview.RECORD),
        every=_d, normal_age=3650 * _d, stale_after=3650 * _d, low=1_000, high=2e6,
        quorum=2, tolerance=Tolerance(0.02), jump=Jump(0.02, 0.0, upward_only=True), only_rises=True,
    ),
    SeriesConfig(
        "btc.hashrate", ValueKind.DAILY,
        (mempool.HASHRATE, bitview.HASHRATE, coinmetrics.DAILY, blockchain_info.HASHRATE),
        every=6 * _h, normal_age=_d, stale_after=36 * _h, low=50, high=20_000,
        quorum=2, tolerance=Tolerance(0.05, week=0.025, mean=0.02),
        loose=Tolerance(0.2, mean=0.05, confirms=False),
        jump=Jump(0.45, 0.45), expects=yesterday, retry_every=_h,
    ),
    SeriesConfig(
        "btc.difficulty", ValueKind.SPOT,
        (mempool.HASHRATE, bitview.HASHRATE, blockchain_info.DIFFICULTY),
        every=_h, normal_age=_h, stale_after=36 * _h, low=1e13, high=1e16,
        quorum=2, tolerance=Tolerance(0.001), loose=Tolerance(0.25, confirms=False), jump=Jump(0.2, 0.1),
    ),
    SeriesConfig(
        "btc.difficulty", ValueKind.DAILY,
        (mempool.HASHRATE, bitview.HASHRATE, blockchain_info.DIFFICULTY),
        every=6 * _h, normal_age=_d, stale_after=36 * _h, low=1e13, high=1e16,
        quorum=2, tolerance=Tolerance(0.2, mean=0.01), jump=Jump(0.2, 0.1),
        expects=yesterday, retry_every=_h,
    ),
    SeriesConfig(
        RETARGET, ValueKind.RETARGET,
        (mempool.RETARGET, bitview.RETARGET),
        every=10 * _m, normal_age=10 * _m, stale_after=_h, low=-0.75, high=3,
    ),
    SeriesConfig(
        "btc.fees", ValueKind.SPOT,
        (mempool.FEES, bitview.FEES),
        every=_h, normal_age=_h, stale_after=36 * _h, low=0.001, high=15,
        quorum=2, tolerance=Tolerance(0.2, slack=0.01),
    ),
    SeriesConfig(
        "btc.fees", ValueKind.DAILY,
        (coinmetrics.DAILY, mempool.FEE_DAYS, bitview.FEE_DAYS),
        every=_d, normal_age=_d, stale_after=72 * _h, low=0.001, high=15,
        quorum=2, tolerance=Tolerance(0.2, slack=0.01), expects=some_hours_late, retry_every=3 * _h,
    ),
    SeriesConfig(
        "btc.miner_outflow_gross", ValueKind.DAILY,
        (cryptoquant.OUTFLOW, glassnode.OUTFLOW, bgeometrics.OUTFLOW),
        every=12 * _h, normal_age=7 * _d, stale_after=12 * _d, low=1, high=200_000,
        interchangeable=False, optional=True,
    ),
    SeriesConfig(
        "gas.henry_hub", ValueKind.DAILY,
        (fred.HENRY_HUB, eia.HENRY_HUB, eia_web.HENRY_HUB),
        every=12 * _h, normal_age=4 * _d, stale_after=8 * _d, low=0.3, high=100,
        quorum=2, tolerance=Tolerance(0.02, slack=0.02), jump=Jump(0.5, 1.0), days_a_week=5,
    ),
    SeriesConfig(
        "power.us_industrial", ValueKind.MONTHLY,
        (eia.INDUSTRIAL,),
        every=_d, normal_age=90 * _d, stale_after=120 * _d, low=0.03, high=0.5,
        jump=Jump(0.4, 0.0), optional=True,
    ),
    SeriesConfig(
        "fx.eur_usd", ValueKind.DAILY,
        (frankfurter.LATEST, ecb.RATES, kraken.EURO),
        every=6 * _h, normal_age=3 * _d, stale_after=5 * _d, low=0.8, high=1.6,
        quorum=2, tolerance=Tolerance(0.03, days=6), jump=Jump(0.05, 0.02), days_a_week=5,
    ),
)  # fmt: skip

_POWER: Final = SeriesConfig(
    "power.", ValueKind.DAILY,
    (energy_charts.PRICE, awattar.PRICE, smard.PRICE),
    every=6 * _h, normal_age=_d, stale_after=48 * _h, low=-120, high=2_500,
    quorum=2, tolerance=Tolerance(0.05, slack=2.0), jump=Jump(150, 150, absolute=True),
    expects=tomorrow_prices, retry_every=45 * _m, chunk=92 * _d,
)  # fmt: skip


def power(zone: str) -> SeriesConfig:
    """How the prices of one bidding zone are kept up."""
    return replace(_POWER, series=f"power.{zone}", zone=zone)


def series_configs(zones: Sequence[str]) -> tuple[SeriesConfig, ...]:
    """Everything that is kept up for these bidding zones; zones that no longer exist are left out."""
    return SERIES_CONFIGS + tuple(power(zone) for zone in zones if zone not in ENDED_ZONES)


def history_config(series: str) -> SeriesConfig | None:
    """How past days of a series are asked for; None when no provider keeps them."""
    if series.startswith("power.") and (zone := series.removeprefix("power.")) in ZONES:
        return power(zone)
    configs = (config for config in SERIES_CONFIGS if config.kind in (ValueKind.DAILY, ValueKind.MONTHLY))
    return next((config for config in configs if config.series == series), None)
