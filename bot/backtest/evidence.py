"""Evidence cards: what followed past beginnings of a rule or phase, counted in episodes, never in days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Final

from bot.backtest.statistics import Share, quantile, share
from bot.signals.history import History

FALL: Final = 0.05
"""The fall of difficulty that counts."""

WITHIN: Final = 30
"""Days within which it must follow."""

LOOK_AHEAD: Final = 60
"""Days in which the further fall and its lowest point are looked for."""

RETURN_DAYS: Final = (30, 90, 180, 365)

Days = Mapping[date, float]


@dataclass(frozen=True, slots=True)
class AnyDay:
    """The shares of all days after which, within or after so many days, difficulty fell by FALL and the price
    was higher: what an alert is to be better than.
    """

    days: int
    fell: float
    rose: float


def any_day(history: History, first: date, days: int) -> AnyDay:
    """The base rates over `days` days, from `first` on."""
    difficulty, price = history.column("btc.difficulty"), history.column("btc.price")
    falls = [
        min(difficulty.window(ordinal + days, days)) <= (1 - FALL) * difficulty.at(ordinal)
        for ordinal in range(max(first.toordinal(), difficulty.first), difficulty.last - days + 1)
        if difficulty.holds(ordinal) and difficulty.holds(ordinal + days)
    ]
    rises = [
        price.at(ordinal + days) > price.at(ordinal)
        for ordinal in range(max(first.toordinal(), price.first), price.last - days + 1)
        if price.holds(ordinal) and price.holds(ordinal + days)
    ]
    return AnyDay(days, _rate(falls), _rate(rises))


def _rate(outcomes: Sequence[bool]) -> float:
    return sum(outcomes) / len(outcomes) if outcomes else 0.0


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of a figure over episodes, and what 80 % of them lie between."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Return:
    """The change of price `days` after beginnings: how many rose of those known, and the median."""

    days: int
    rose: Share
    median: float | None


@dataclass(frozen=True, slots=True)
class EvidenceCard:
    """What followed the beginnings of one rule or phase.

    `fell`: how often difficulty then fell by FALL within WITHIN days; `base_rate` is the share of all days on
    which it did. `further_fall` (a negative fraction) and `days_to_low` describe the next LOOK_AHEAD days.
    """

    fell: Share
    base_rate: float
    further_fall: Spread | None
    days_to_low: Spread | None
    returns: tuple[Return, ...]

    @property
    def by_chance(self) -> bool:
        """Whether too few followed to tell the share from that of any day."""
        return self.fell.holds(self.base_rate)


def fall_after(difficulty: Days, day: date, days: int) -> float | None:
    """The lowest difficulty of the `days` after a day ÷ that day's − 1; None while they are not over."""
    following = [difficulty.get(day + timedelta(days=n)) for n in range(1, days + 1)]
    levels = [level for level in following if level is not None]
    if day not in difficulty or following[-1] is None:
        return None
    return min(0.0, min(levels) / difficulty[day] - 1)


def evidence_card(starts: Sequence[date], difficulty: Days, closes: Days, rate: float) -> EvidenceCard:
    """The card of beginnings on these days; `rate` is the base rate."""
    falls = [after for day in starts if (after := fall_after(difficulty, day, WITHIN)) is not None]
    lows = [low for day in starts if (low := _low(difficulty, day)) is not None]
    return EvidenceCard(
        share(sum(after <= -FALL for after in falls), len(falls)),
        rate,
        _spread([depth for _, depth in lows]),
        _spread([float(days) for days, _ in lows]),
        tuple(_return(starts, closes, days) for days in RETURN_DAYS),
    )


def _low(difficulty: Days, day: date) -> tuple[int, float] | None:
    """Days to the lowest difficulty of the next LOOK_AHEAD days, and how far below the day's it lies."""
    if fall_after(difficulty, day, LOOK_AHEAD) is None:
        return None
    following = {n: difficulty.get(day + timedelta(days=n)) for n in range(LOOK_AHEAD + 1)}
    levels = {n: level for n, level in following.items() if level is not None}
    lowest = min(levels, key=lambda n: levels[n])
    return lowest, levels[lowest] / difficulty[day] - 1


def _spread(values: Sequence[float]) -> Spread | None:
    return Spread(median(values), quantile(values, 0.1), quantile(values, 0.9)) if values else None


def _return(starts: Sequence[date], closes: Days, days: int) -> Return:
    later = timedelta(days=days)
    changes = [
        closes[day + later] / closes[day] - 1 for day in starts if day in closes and day + later in closes
    ]
    return Return(
        days, share(sum(change > 0 for change in changes), len(changes)), median(changes) if changes else None
    )
