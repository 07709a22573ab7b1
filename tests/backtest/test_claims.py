"""Published claims, reproduced on the bundled figures: first as they were said, then in episodes."""

from datetime import date, timedelta
from math import exp, log
from statistics import fmean

import pytest

from bot.backtest.statistics import share
from bot.data.bundle import bundled_readings
from bot.mining.network import subsidy_on
from bot.signals.history import History

FIRST = date(2014, 1, 1)


@pytest.fixture(scope="module")
def history() -> History:
    return History(bundled_readings())


def later(history: History, day: date, days: int) -> float | None:
    """The change of price some days after a day; None when it is not known."""
    price = history.column("btc.price")
    now, then = price.at(day.toordinal()), price.at(day.toordinal() + days)
    return then / now - 1 if then == then and now == now else None  # noqa: PLR0124 - not NaN


def hashrate_fell(history: History, days: int) -> list[date]:
    """The days whose 30-day mean of hashrate was lower than so many days before."""
    column = history.column("btc.hashrate")
    means = column.means(30)
    return [
        date.fromordinal(column.first + n)
        for n in range(days, len(means))
        if means[n] < means[n - days] and date.fromordinal(column.first + n) >= FIRST
    ]


def episodes(days: list[date], apart: int) -> list[date]:
    """The first days of runs with less than `apart` days between."""
    starts: list[date] = []
    before: date | None = None
    for day in days:
        if before is None or (day - before).days > apart:
            starts.append(day)
        before = day
    return starts


def test_vaneck_a_falling_hashrate_and_the_price_half_a_year_later(history: History) -> None:
    """VanEck, December 2025: when hashrate fell over 90 days, the next 180 days were up 77 %, mean +72 %."""
    fell = hashrate_fell(history, 90)
    changes = [change for day in fell if (change := later(history, day, 180)) is not None]
    assert sum(change > 0 for change in changes) / len(changes) == pytest.approx(0.77, abs=0.01)
    assert fmean(changes) == pytest.approx(0.72, abs=0.01)
    starts = [change for day in episodes(fell, 30) if (change := later(history, day, 180)) is not None]
    counted = share(sum(change > 0 for change in starts), len(starts), z=1.96)
    assert (counted.hits, counted.n) == (6, 8), "347 days are eight episodes"
    assert counted.low == pytest.approx(0.41, abs=0.01)
    assert counted.high == pytest.approx(0.93, abs=0.01)


def test_vanecks_shorter_claim_is_not_reached_with_these_figures(history: History) -> None:
    """The same source: when hashrate fell over 30 days, the next 90 were up 65 %, on any day 54 %.

    With means of 1 to 30 days it is 57 to 60 %, against 57 % of any day: no difference to speak of.
    """
    price = history.column("btc.price")
    changes = [
        change for day in hashrate_fell(history, 30) if (change := later(history, day, 90)) is not None
    ]
    every = [date.fromordinal(day) for day in range(FIRST.toordinal(), price.last - 90)]
    base = [change for day in every if (change := later(history, day, 90)) is not None]
    rose = sum(change > 0 for change in changes) / len(changes)
    assert rose == pytest.approx(0.59, abs=0.01)
    assert rose - sum(change > 0 for change in base) / len(base) < 0.03


def test_edwards_inversion_of_the_hash_ribbon_in_2022(history: History) -> None:
    """C. Edwards: the raw ribbon was inverted for 71 days, 2022-06-09 to 2022-08-19."""
    column = history.column("btc.hashrate")
    short, long = column.means(30), column.means(60)
    inverted = [
        date.fromordinal(column.first + n)
        for n in range(len(short))
        if short[n] < long[n] and date(2022, 6, 5) <= date.fromordinal(column.first + n) <= date(2022, 9, 5)
    ]
    assert abs((inverted[0] - date(2022, 6, 9)).days) <= 1
    assert abs((inverted[-1] - date(2022, 8, 18)).days) <= 2
    assert (inverted[-1] - inverted[0]).days + 1 == pytest.approx(71, abs=2)


def test_glassnodes_difficulty_regression_of_october_2022(history: History) -> None:
    """Glassnode: price model = exp(10.2560 + 0.5250·ln D) ÷ supply; 19.3 k USD in October 2022."""
    day = date(2022, 10, 15)
    supply, at = 0.0, date(2009, 1, 3)
    while at <= day:
        supply += 144 * subsidy_on(at)
        at += timedelta(days=1)
    difficulty = history.column("btc.difficulty").at(day.toordinal())
    assert exp(10.2560 + 0.5250 * log(difficulty)) / supply == pytest.approx(19_300, rel=0.06)
