"""The stress index, 0 to 100: how far hash ribbon and pace of blocks stand on the side of miners leaving.

Each day's index is the mean of two percentile ranks, each among all days before it: of the hash ribbon, and
of the change that the next retarget is heading for. 30-day change, hashprice and drawdown were tried as
further parts and made forecasts out of sample worse, so they stay figures of their own (docs/adr).
"""

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass
from datetime import date, datetime
from math import isnan
from typing import Final

from bot.signals.forecast import projected_change
from bot.signals.history import History
from bot.signals.indicators import Measured, Missing, newest_day, too_short
from bot.signals.series import end_of_day

WARM_UP: Final = 365
"""Days with a figure before the first rank."""

BANDS: Final = ((0, 20), (20, 40), (40, 60), (60, 80), (80, 90), (90, 101))
"""Ranges of the index whose record is kept: from, and up to but not with."""


@dataclass(frozen=True, slots=True)
class StressIndex:
    """The index of one day, 0 to 100, and the ranks it is the mean of, 0 to 1 (1: the most stress)."""

    day: date
    value: float
    ribbon: float
    pace: float


def stress_indexes(history: History) -> list[StressIndex]:
    """The index of every day of which both figures are known, oldest first; a tenth of a second."""
    hashrate, difficulty = history.column("btc.hashrate"), history.column("btc.difficulty")
    if not hashrate.values or not difficulty.values:
        return []
    short, long = hashrate.means(30), hashrate.means(60)
    ribbons, paces = _Ranks(), _Ranks()
    indexes = []
    for index in range(len(hashrate.values)):
        ordinal = hashrate.first + index
        ribbon = ribbons.add(short[index] / long[index] - 1)
        pace = paces.add(projected_change(history, ordinal))
        if not isnan(ribbon) and not isnan(pace):
            value = 100 * (1 - (ribbon + pace) / 2)
            indexes.append(StressIndex(date.fromordinal(ordinal), value, 1 - ribbon, 1 - pace))
    return indexes


def stress(history: History, at: datetime) -> Measured | Missing:
    """The newest stress index, as a figure that can be watched."""
    column = history.column("btc.hashrate")
    day = newest_day(column, "btc.hashrate", at)
    if isinstance(day, Missing):
        return day
    indexes = stress_indexes(history)
    if not indexes or indexes[-1].day != day:
        return too_short(column, WARM_UP)
    return Measured(indexes[-1].value, end_of_day(day), history.newest_source("btc.hashrate"))


class _Ranks:
    """Percentile ranks of figures among those before them."""

    def __init__(self) -> None:
        """Without figures."""
        self._before: list[float] = []

    def add(self, figure: float) -> float:
        """The share of earlier figures below this one, ties halved; NaN while there are too few."""
        if isnan(figure):
            return figure
        before = self._before
        rank = float("nan")
        if len(before) >= WARM_UP:
            rank = (bisect_left(before, figure) + bisect_right(before, figure)) / 2 / len(before)
        insort(before, figure)
        return rank
