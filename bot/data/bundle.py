"""The bundled history as readings, each known from the day it was published, never earlier."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files

from bot.signals.series import SERIES, Reading, Series, end_of_month

_EU_ZONES = ("DE-LU", "FR", "NL", "PL")
_DAY = timedelta(days=1)


def bundled_readings() -> list[Reading]:
    """Every bundled reading, in the order in which it became known. Well under half a second."""
    readings = [*_bitcoin(), *_power_eu(), *_gas(), *_us_industrial(), *_public_miner_sales()]
    readings.sort(key=lambda reading: reading.read_at)
    return readings


def _rows(name: str) -> Iterator[list[str]]:
    with (files(__package__) / name).open(encoding="utf-8") as lines:
        rows = csv.reader(lines)
        next(rows)
        yield from rows


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _daily(series: Series, day: date, end: datetime, text: str, source: str) -> Reading:
    return Reading(series.name, float(text), end, source, end + series.lag, day)


def _bitcoin() -> Iterator[Reading]:
    price, high = SERIES["btc.price"], SERIES["btc.price_high"]
    hashrate, difficulty, fees = SERIES["btc.hashrate"], SERIES["btc.difficulty"], SERIES["btc.fees"]
    record = 0.0
    for day_text, close_usd, high_usd, hashrate_ehs, level, blocks, fees_btc in _rows("bitcoin.csv"):
        day = date.fromisoformat(day_text)
        end = _midnight(day + _DAY)
        if close_usd:
            source = "binance (bundled)" if high_usd else "blockchain.com (bundled)"
            yield Reading(price.name, float(close_usd), end, source, end, day)
            top = float(high_usd or close_usd)
            if top > record:
                record = top
                yield Reading(high.name, top, end, source, end, day)
        if hashrate_ehs:
            yield Reading(hashrate.name, float(hashrate_ehs), end, "chain (bundled)", end, day)
            yield Reading(difficulty.name, float(level), end, "chain (bundled)", end, day)
        if fees_btc and int(blocks):
            yield Reading(fees.name, float(fees_btc) / int(blocks), end, "chain (bundled)", end, day)


def _power_eu() -> Iterator[Reading]:
    for day_text, *prices in _rows("power_eu.csv"):
        day = date.fromisoformat(day_text)
        end = _midnight(day + _DAY)
        for zone, price in zip(_EU_ZONES, prices, strict=True):
            if price:
                yield _daily(SERIES[f"power.{zone}"], day, end, price, "ember (bundled)")


def _gas() -> Iterator[Reading]:
    for day_text, price in _rows("gas.csv"):
        day = date.fromisoformat(day_text)
        yield _daily(SERIES["gas.henry_hub"], day, _midnight(day + _DAY), price, "eia (bundled)")


def _us_industrial() -> Iterator[Reading]:
    series = SERIES["power.us_industrial"]
    for month, cents in _rows("us_industrial.csv"):
        first = date.fromisoformat(f"{month}-01")
        end = end_of_month(first)
        yield Reading(series.name, float(cents) / 100, end, "eia (bundled)", end + series.lag, first)


def _public_miner_sales() -> Iterator[Reading]:
    series = SERIES["btc.public_miner_sales"]
    for month, ratio, _basis in _rows("public_miner_sales.csv"):
        first = date.fromisoformat(f"{month}-01")
        yield _daily(series, first, end_of_month(first), ratio, "company reports (bundled)")
