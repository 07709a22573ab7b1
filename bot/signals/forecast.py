"""The odds that difficulty falls within 30 days: a logistic model over hashrate, blocks and price.

The weights are fitted elsewhere (`bot.backtest.forecast_fit`), for every month on what was known before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import exp, isnan, log, sqrt, tanh
from typing import Final

from bot.mining.network import BLOCK_SECONDS, BLOCKS_PER_DAY, HASHES_PER_DIFFICULTY, SECONDS_PER_DAY
from bot.signals.columns import SeriesColumn
from bot.signals.history import History
from bot.signals.series import end_of_day

FALLS: Final[dict[str, float]] = {"difficulty_fall_2pct_30d": 0.02, "difficulty_fall_5pct_30d": 0.05}
"""The events forecast, by name: a fall of difficulty by this share within HORIZON days."""

HORIZON: Final = 30
EPOCH_BLOCKS: Final = 2016
_STALE_AFTER = timedelta(hours=48)
_SAME = 1e-4  # relative: two days' mean difficulty of one epoch
_LONGEST_EPOCH = 60  # days looked back for the beginning of an epoch
_MOST_PROJECTED, _MOST_MOMENTUM = 0.4, 0.7  # logarithms; farther out nothing more is learnt


@dataclass(frozen=True, slots=True)
class EpochProgress:
    """The running difficulty epoch: `days` so far and `blocks` found in them."""

    days: float
    blocks: float

    @property
    def share(self) -> float:
        """How much of the epoch is over, 0 to 1."""
        return min(self.blocks / EPOCH_BLOCKS, 1.0)

    @property
    def pace(self) -> float:
        """Blocks found ÷ blocks expected at one in ten minutes."""
        return self.blocks / (BLOCKS_PER_DAY * self.days)


@dataclass(frozen=True, slots=True)
class Weights:
    """One fit: valid from a day on, with the share of days before it on which the event followed."""

    valid_from: date
    base_rate: float
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """The probability of an event and its base rate, on the figures of the day that ends at `as_of` (UTC)."""

    name: str
    probability: float
    base_rate: float
    as_of: datetime


Model = Mapping[str, Sequence[Weights]]
"""Of each event the fits, oldest first."""


def forecasts(history: History, model: Model, at: datetime) -> tuple[Forecast, ...]:
    """The odds on the newest day of which everything is known; none while that is too old."""
    columns = [history.column(name) for name in ("btc.hashrate", "btc.difficulty", "btc.price")]
    if not all(column.values for column in columns):
        return ()
    ordinal = min(column.last for column in columns)
    if at - end_of_day(date.fromordinal(ordinal)) > _STALE_AFTER:
        return ()
    return forecasts_on(history, model, date.fromordinal(ordinal))


def forecasts_on(history: History, model: Model, day: date) -> tuple[Forecast, ...]:
    """The odds at the end of a day, by the weights fitted before it; none where a figure is missing."""
    forecasts = []
    for name, fall in FALLS.items():
        fit = next((fit for fit in reversed(model.get(name, ())) if fit.valid_from <= day), None)
        figures = features(history, day.toordinal(), fall)
        if fit is not None and figures is not None:
            intercept, *slopes = fit.weights
            score = intercept + sum(w * x for w, x in zip(slopes, figures, strict=True))
            forecasts.append(Forecast(name, _logistic(score), fit.base_rate, end_of_day(day)))
    return tuple(forecasts)


def _logistic(score: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, score))))


def features(history: History, ordinal: int, fall: float) -> tuple[float, ...] | None:
    """What the model looks at on a day; None where a figure is missing.

    In this order: the logarithm of the change the next retarget is heading for (the epoch's blocks so far,
    the rest at the pace of the last 7 days); how many standard deviations of such projections that lies from
    the fall asked about, squashed; the change of price in 30 days (logarithm); the share of the epoch that is
    over; the change of the 7-day mean of hashrate in 30 days; the hash ribbon.
    """
    hashrate, price = history.column("btc.hashrate"), history.column("btc.price")
    change = hashrate.mean(ordinal, 7) / hashrate.mean(ordinal - 30, 7) - 1
    ribbon = hashrate.mean(ordinal, 30) / hashrate.mean(ordinal, 60) - 1
    close, earlier = price.at(ordinal), price.at(ordinal - 30)
    epoch = epoch_progress(history, ordinal)
    if epoch is None or isnan(change) or isnan(ribbon) or isnan(close) or isnan(earlier):
        return None
    projected = projected_change(history, ordinal)
    if isnan(projected):
        return None
    spread = sqrt(0.001 + 0.004 * (1 - epoch.share))  # of retargets about their projection, by progress
    momentum = max(-_MOST_MOMENTUM, min(_MOST_MOMENTUM, log(close / earlier)))
    return projected, tanh((projected + fall) / spread), momentum, epoch.share, change, ribbon


def projected_change(history: History, ordinal: int) -> float:
    """The logarithm of the change that the next retarget is heading for, on a day; NaN when unknown."""
    epoch = epoch_progress(history, ordinal)
    week = history.column("btc.hashrate").mean(ordinal, 7)
    level = history.column("btc.difficulty").at(ordinal)
    if epoch is None or isnan(week) or isnan(level):
        return float("nan")
    pace = week / (
        level * HASHES_PER_DIFFICULTY / BLOCK_SECONDS / 1e18
    )  # of the week; 1 is a block in ten minutes
    projected = -log(epoch.share / epoch.pace + (1 - epoch.share) / pace)
    return max(-_MOST_PROJECTED, min(_MOST_PROJECTED, projected))


def epoch_progress(history: History, ordinal: int) -> EpochProgress | None:
    """The epoch that runs at the end of a day, from daily means of difficulty and hashrate.

    None without them. The day of a retarget has a difficulty between the two levels, which tells the share of
    the day after it; while it is the newest day, half is assumed.
    """
    difficulty, hashrate = history.column("btc.difficulty"), history.column("btc.hashrate")
    level = difficulty.at(ordinal)
    if isnan(level) or isnan(hashrate.at(ordinal)):
        return None
    days = blocks = 0.0
    known_days = (day for day in range(ordinal, ordinal - _LONGEST_EPOCH, -1) if difficulty.holds(day))
    day = next(known_days, None)
    while day is not None:
        day_before = next(known_days, None)
        if abs(difficulty.at(day) / level - 1) > _SAME:
            before = level if day_before is None else difficulty.at(day_before)
            mixed = abs(difficulty.at(day) / before - 1) > _SAME
            share = (difficulty.at(day) - before) / (level - before) if mixed and level != before else 0.0
            share = max(0.0, min(1.0, share))
            if not mixed and days == 1:  # the newest day is the first of another level
                return EpochProgress(0.5, 0.5 * blocks)
            return EpochProgress(days + share, blocks + share * _blocks(hashrate, difficulty, day))
        days += 1
        blocks += _blocks(hashrate, difficulty, day)
        day = day_before
    return EpochProgress(days, blocks)


def _blocks(hashrate: SeriesColumn, difficulty: SeriesColumn, ordinal: int) -> float:
    """The blocks of a day, from its hashrate and difficulty; as many as expected where it is not known."""
    blocks = hashrate.at(ordinal) * 1e18 * SECONDS_PER_DAY / (difficulty.at(ordinal) * HASHES_PER_DIFFICULTY)
    return BLOCKS_PER_DAY if isnan(blocks) else blocks
