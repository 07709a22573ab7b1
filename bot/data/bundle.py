"""The bundled history as readings, each known from the day it was published, never earlier."""

import csv
import json
from collections.abc import Callable, Container, Iterable, Iterator
from datetime import date, datetime, timedelta
from importlib.resources import files
from importlib.resources.abc import Traversable
from math import isfinite
from typing import Final

from bot.signals.series import SERIES, Reading, end_of_day, end_of_month

_EU_ZONES = ("DE-LU", "FR", "NL", "PL")

BUNDLED: Final = frozenset(
    {
        *("btc.price", "btc.price_high", "btc.hashrate", "btc.difficulty", "btc.fees"),
        *(f"power.{zone}" for zone in _EU_ZONES),
        *("power.us_industrial", "gas.henry_hub", "btc.public_miner_sales"),
    }
)
"""Every series of the bundle."""


_SALES_LAG: Final = timedelta(days=15)
"""When a month of public miners' sales counts as known, where the file doesn't say when it was published."""


class HistoryError(Exception):
    """A folder of history can't be used; the text names the file and line and says what was expected."""


def bundled_readings(folder: Traversable | None = None) -> list[Reading]:
    """Every reading of the bundle, or of a folder of files in the same form, in the order it became known.

    Well under half a second. Raises HistoryError; the bundle itself is always right.
    """
    readings = list(_parsed(folder or files(__package__)))
    if not readings:
        raise HistoryError(f"the folder holds none of {', '.join(_FILES)}; give one that does")
    readings.sort(key=lambda reading: reading.read_at)
    return list(_with_records(readings))


def bundle(series: Container[str] = BUNDLED) -> Iterator[Reading]:
    """The bundle's readings of the series wanted one by one, a file after the other: a start holds none."""
    readings = _parsed(files(__package__), series)
    return _with_records(reading for reading in readings if reading.series in series)


def bundled_standing() -> dict[str, str]:
    """Where the default rules and the phase stood when the bundle ends: each one's state as JSON.

    Written by `python -m bot.backtest.initial_state`, in the form in which the database keeps them.
    """
    with (files(__package__) / "standing.json").open(encoding="utf-8") as file:
        states: dict[str, object] = json.load(file)
    return {rule: json.dumps(state, ensure_ascii=False) for rule, state in states.items()}


def _parsed(folder: Traversable, series: Container[str] = BUNDLED) -> Iterator[Reading]:
    """The readings of a folder's files; most of what isn't `series` is not even made."""
    for name, parse in _FILES.items():
        if not (folder / name).is_file():
            continue
        line = 1
        try:
            with (folder / name).open(encoding="utf-8") as lines:
                rows = csv.reader(lines)
                next(rows, None)
                for line, row in enumerate(rows, start=2):  # noqa: B007 - the number is for the message below
                    yield from parse(row, series)
        except (ValueError, OverflowError, OSError) as error:
            raise HistoryError(
                f"{name}, line {line}, can't be read ({error}); each line is like the bundled file's, "
                f"for example {_EXAMPLES[name]}"
            ) from None


def _number(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"{text!r} is no number")
    return value


def _bitcoin(row: list[str], series: Container[str]) -> Iterator[Reading]:
    day_text, close_usd, high_usd, hashrate_ehs, level, blocks, fees_btc = row
    day = date.fromisoformat(day_text)
    end = end_of_day(day)
    if close_usd:
        source = "binance (bundled)" if high_usd else "blockchain.com (bundled)"
        yield Reading("btc.price", _number(close_usd), end, source, end, day)
        yield Reading("btc.price_high", _number(high_usd or close_usd), end, source, end, day)
    if hashrate_ehs:
        yield Reading("btc.hashrate", _number(hashrate_ehs), end, "chain (bundled)", end, day)
    if hashrate_ehs and "btc.difficulty" in series:
        yield Reading("btc.difficulty", _number(level), end, "chain (bundled)", end, day)
    if fees_btc and int(blocks) and "btc.fees" in series:
        yield Reading("btc.fees", _number(fees_btc) / int(blocks), end, "chain (bundled)", end, day)


def _power_eu(row: list[str], series: Container[str]) -> Iterator[Reading]:
    day_text, *prices = row
    day = date.fromisoformat(day_text)
    for zone, price in zip(_EU_ZONES, prices, strict=True):
        if price and f"power.{zone}" in series:
            yield _published(f"power.{zone}", day, end_of_day(day), price, "ember (bundled)")


def _gas(row: list[str], _series: Container[str]) -> Iterator[Reading]:
    day_text, price = row
    day = date.fromisoformat(day_text)
    yield _published("gas.henry_hub", day, end_of_day(day), price, "eia (bundled)")


def _us_industrial(row: list[str], _series: Container[str]) -> Iterator[Reading]:
    month, cents = row
    first = date.fromisoformat(f"{month}-01")
    usd = str(_number(cents) / 100)
    yield _published("power.us_industrial", first, end_of_month(first), usd, "eia (bundled)")


def _public_miner_sales(row: list[str], _series: Container[str]) -> Iterator[Reading]:
    month, ratio, _basis, *published = row
    first = date.fromisoformat(f"{month}-01")
    end = end_of_month(first)
    known_at = end_of_day(date.fromisoformat(published[0])) if published else end + _SALES_LAG
    yield Reading("btc.public_miner_sales", _number(ratio), end, "company reports (bundled)", known_at, first)


def _miner_outflow(row: list[str], _series: Container[str]) -> Iterator[Reading]:
    day_text, net_btc = row
    day = date.fromisoformat(day_text)
    end = end_of_day(day)
    yield Reading("btc.miner_outflow", _number(net_btc), end, "given", end, day)


def _published(series: str, day: date, end: datetime, text: str, source: str) -> Reading:
    lag = SERIES[series].lag or timedelta(0)
    return Reading(series, _number(text), end, source, end + lag, day)


def _with_records(readings: Iterable[Reading]) -> Iterator[Reading]:
    """Of the daily highs, which come in the order of their days, only those that were a record."""
    record = 0.0
    for reading in readings:
        if reading.series == "btc.price_high":
            if reading.value <= record:
                continue
            record = reading.value
        yield reading


_FILES: Final[dict[str, Callable[[list[str], Container[str]], Iterator[Reading]]]] = {
    "bitcoin.csv": _bitcoin,
    "power_eu.csv": _power_eu,
    "gas.csv": _gas,
    "us_industrial.csv": _us_industrial,
    "public_miner_sales.csv": _public_miner_sales,
    "miner_outflow.csv": _miner_outflow,
}

_EXAMPLES: Final = {
    "bitcoin.csv": "2022-07-05,20176,20750,212.1,2.957e+13,146,12.51",
    "power_eu.csv": "2022-07-05,345.55,380.1,340.2,180.4",
    "gas.csv": "2022-07-05,5.61",
    "us_industrial.csv": "2022-07,9.31",
    "miner_outflow.csv": "2022-07-05,812.5",
    "public_miner_sales.csv": "2022-06,3.74,14600 BTC sold against 3900 mined,2022-07-13",
}
