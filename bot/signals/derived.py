"""Readings that follow from others: the record high and the hashprice."""

from collections.abc import Iterator
from datetime import datetime
from math import isnan

from bot.mining.network import Network, subsidy_on
from bot.signals.history import History
from bot.signals.series import SERIES, Reading

COMPUTED = "computed"


def derived(history: History, now: datetime) -> Iterator[Reading]:
    """The record high when the newest price passes it, and the hashprice by difficulty with mean fees.

    Only inputs that are not stale at `now` (UTC) are used. A price that one source gives alone is no record,
    unless none is known yet: a false one would stand for good.
    """
    price = _fresh(history, "btc.price", now)
    if price is None:
        return
    record = history.newest("btc.price_high")
    if record is None or (price.confirmed and price.value > record.value):
        yield Reading(
            "btc.price_high", price.value, price.as_of, price.source, now, confidence=price.confidence
        )
    difficulty, fees = _fresh(history, "btc.difficulty", now), _fresh(history, "btc.fees", now)
    if difficulty is None:
        return
    mean_fees = weekly_fees(history) if fees else None
    network = Network(difficulty.value, subsidy_on(price.as_of.date()), mean_fees or 0.0)
    value = network.hashprice_usd_per_ph_day(price.value)
    confidence = min(each.confidence for each in (price, difficulty, fees) if each is not None)
    as_of = min(price.as_of, difficulty.as_of)
    yield Reading("btc.hashprice", value, as_of, COMPUTED, now, confidence=confidence)


def weekly_fees(history: History) -> float | None:
    """Fees of a block, BTC: the mean of seven days, since they swing; the newest until a week is known."""
    newest, column = history.newest("btc.fees"), history.column("btc.fees")
    if newest is None:
        return None
    mean = column.mean(column.last, 7)
    return newest.value if isnan(mean) else mean


def _fresh(history: History, series: str, now: datetime) -> Reading | None:
    newest = history.newest(series)
    if newest is None or now - newest.as_of > SERIES[series].stale_after:
        return None
    return newest
