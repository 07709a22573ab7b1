"""Published claims about hashrate, difficulty and price, measured on our own figures.

Neighbouring days are no independent observations, so what is published in days is counted in episodes too.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, isnan, log
from statistics import fmean
from typing import Final

from bot.backtest.statistics import Share, joined, share
from bot.mining.network import BLOCKS_PER_DAY, HALVING_BLOCKS, HALVINGS, subsidy_on
from bot.signals.history import History

VANECK_FIRST: Final = date(2014, 1, 1)
VANECK_PUBLISHED: Final = date(2025, 12, 15)
"""The first and last day of the figures in VanEck's ChainCheck of mid-December 2025."""

Z_95: Final = 1.96
_MEAN_DAYS: Final = 30
_GENESIS: Final = date(2009, 1, 3)


@dataclass(frozen=True, slots=True)
class PriceAfter:
    """The change of price after days on which something held: how many, the share up, the mean change."""

    days: int
    up: float
    mean: float


@dataclass(frozen=True, slots=True)
class HashrateClaim:
    """The price `ahead_days` after hashrate fell, or rose, over `change_days`.

    `episodes` counts the first days of stretches of falling more than 30 days apart (95 % interval),
    `any_day` is the share of all days after which the price was up.
    """

    change_days: int
    ahead_days: int
    fell: PriceAfter
    rose: PriceAfter
    episodes: Share
    any_day: float


def price_after_hashrate(
    history: History, change_days: int, ahead_days: int, first: date, last: date
) -> HashrateClaim:
    """The price after falls of the 30-day mean of hashrate, from `first`, on what is known at `last`."""
    days = [first + timedelta(days=n) for n in range((last - first).days - ahead_days + 1)]
    fell, rose = list[date](), list[date]()
    means, hashrate = history.column("btc.hashrate").means(_MEAN_DAYS), history.column("btc.hashrate")
    for day in days:
        index = day.toordinal() - hashrate.first
        if index < len(means) and not isnan(means[index] + means[index - change_days]):
            (fell if means[index] < means[index - change_days] else rose).append(day)
    after = _change_of_price(history, ahead_days)
    starts = list(after(first for first, _ in joined(fell)))
    return HashrateClaim(
        change_days,
        ahead_days,
        _price_after(list(after(fell))),
        _price_after(list(after(rose))),
        share(sum(change > 0 for change in starts), len(starts), Z_95),
        _price_after(list(after(days))).up,
    )


def _change_of_price(history: History, ahead_days: int) -> Callable[[Iterable[date]], Iterable[float]]:
    price = history.column("btc.price")

    def changes(days: Iterable[date]) -> Iterable[float]:
        for day in days:
            change = price.at(day.toordinal() + ahead_days) / price.at(day.toordinal()) - 1
            if not isnan(change):
                yield change

    return changes


def _price_after(changes: Sequence[float]) -> PriceAfter:
    return PriceAfter(len(changes), sum(change > 0 for change in changes) / len(changes), fmean(changes))


def inversion(history: History, within: tuple[date, date]) -> tuple[date, date]:
    """The first and last day in a span on which the 30-day mean of hashrate is below its 60-day mean."""
    column = history.column("btc.hashrate")
    days = [
        date.fromordinal(column.first + n)
        for n, (short, long) in enumerate(zip(column.means(30), column.means(60), strict=True))
        if short < long
    ]
    inside = [day for day in days if within[0] <= day <= within[1]]
    return inside[0], inside[-1]


def difficulty_regression(history: History, day: date) -> float:
    """What difficulty alone says of the price, USD: exp(10.2560 + 0.5250·ln D) ÷ supply [Glassnode, 2022]."""
    past = [halving for halving in HALVINGS if halving <= day]
    whole_btc = sum(HALVING_BLOCKS * subsidy_on(halving - timedelta(days=1)) for halving in past)
    since = (day - (past[-1] if past else _GENESIS)).days
    supply_btc = whole_btc + BLOCKS_PER_DAY * since * subsidy_on(day)
    return exp(10.2560 + 0.5250 * log(history.column("btc.difficulty").at(day.toordinal()))) / supply_btc
