"""What values of the stress index were followed by, counted in stays and not in days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from bot.backtest.evidence import FALL, WITHIN, any_day, fall_after
from bot.backtest.statistics import Share, joined, share
from bot.i18n.message import Translator
from bot.signals.history import History
from bot.signals.stress_index import BANDS, stress_indexes

FORECASTS_FROM: Final = date(2015, 1, 1)
"""The first day counted, as for the odds."""


@dataclass(frozen=True, slots=True)
class IndexBand:
    """The stress index from `low` up to but not with `high` (100: with it).

    `days` are its days, `days_followed` the share of them that a fall of difficulty by 5 % followed within 30
    days. `fell` counts stays in the band (apart by 30 days or more) by what followed their first day,
    `base_rate` is the share of any days that such a fall followed.
    """

    low: int
    high: int
    days: int
    days_followed: float
    fell: Share
    base_rate: float

    def holds(self, value: float) -> bool:
        """Whether a value of the index lies in the band."""
        return self.low <= value and (value < self.high or self.high == 100)


def index_bands(history: History) -> tuple[IndexBand, ...]:
    """The record of every band over the days known; a fifth of a second."""
    return tuple(_bands(history))


def _bands(history: History) -> Iterator[IndexBand]:
    difficulty = dict(history.days("btc.difficulty"))
    indexes = [index for index in stress_indexes(history) if index.day >= FORECASTS_FROM]
    after = {index.day: fall_after(difficulty, index.day, WITHIN) for index in indexes}
    base_rate = any_day(history, FORECASTS_FROM, WITHIN).fell
    for low, high in BANDS:
        inside = [index.day for index in indexes if low <= index.value < high]
        known = [fall <= -FALL for day in inside if (fall := after[day]) is not None]
        starts = [fall <= -FALL for first, _ in joined(inside) if (fall := after[first]) is not None]
        followed = sum(known) / len(known) if known else 0.0
        fell = share(sum(starts), len(starts))
        yield IndexBand(low, min(high, 100), len(inside), followed, fell, base_rate)


def record_line(band: IndexBand, t: Translator) -> str | None:
    """What the stays in a band were followed by, in a sentence; None when there was none."""
    if band.fell.n == 0:
        return None
    return t(
        "After {hits} of {n} times that the index stood at {low} to {high}, difficulty fell by 5 % within "
        "30 days ({least}–{most} %; on any day {base} %)",
        n=t.number(band.fell.n),
        low=t.number(band.low),
        high=t.number(band.high),
        hits=t.number(band.fell.hits),
        least=t.number(100 * band.fell.low),
        most=t.number(100 * band.fell.high),
        base=t.number(100 * band.base_rate),
    )
