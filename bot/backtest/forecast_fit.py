"""Fit the weights of the forecasts, walking forward month by month. A tool of `make docs`, not of the bot.

`python -m bot.backtest.forecast_fit > bot/data/forecast_weights.csv`

For the first of each month a logistic regression is fitted by Newton's method on all days whose 30 days were
over by then; figures are standardised on those days and carry a small ridge penalty.
"""

import sys
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from bot.data.bundle import bundled_readings
from bot.signals.forecast import FALLS, HORIZON, features
from bot.signals.history import History

FIRST_DAY = date(2011, 6, 1)
"""The first day learnt from: before it blocks were found by a few people's processors."""

FIRST_FIT = date(2013, 1, 1)
_RIDGE = 1.0

Floats = NDArray[np.float64]


def observations(history: History, fall: float) -> tuple[list[int], Floats, Floats]:
    """The days that can be learnt from (ordinals), their figures, and 1 where difficulty fell by `fall`."""
    difficulty = history.column("btc.difficulty")
    levels = [difficulty.at(ordinal) for ordinal in range(difficulty.first, difficulty.last + 1)]
    days, rows, outcomes = [], [], []
    for ordinal in range(FIRST_DAY.toordinal(), difficulty.last - HORIZON + 1):
        figures = features(history, ordinal, fall)
        if figures is None:
            continue
        index = ordinal - difficulty.first
        following = [level for level in levels[index + 1 : index + 1 + HORIZON] if level == level]  # noqa: PLR0124 - not NaN
        days.append(ordinal)
        rows.append(figures)
        outcomes.append(float(min(following, default=levels[index]) <= (1 - fall) * levels[index]))
    return days, np.array(rows), np.array(outcomes)


def fit(figures: Floats, outcomes: Floats) -> Floats:
    """Intercept and slopes of a logistic regression with a ridge penalty on standardised figures."""
    mean, spread = figures.mean(axis=0), figures.std(axis=0)
    design = np.column_stack([np.ones(len(figures)), (figures - mean) / spread])
    penalty = np.diag([1e-6] + [_RIDGE] * figures.shape[1])
    weights = np.zeros(design.shape[1])
    for _ in range(50):
        odds = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        gradient = design.T @ (outcomes - odds) - penalty @ weights
        curvature = (design * (odds * (1 - odds))[:, None]).T @ design + penalty
        step = np.linalg.solve(curvature, gradient)
        weights = weights + step
        if np.abs(step).max() < 1e-9:
            break
    slopes = weights[1:] / spread
    return np.concatenate([[weights[0] - slopes @ mean], slopes])


def rows() -> Iterator[str]:
    """The file's lines."""
    yield "forecast,valid_from,base_rate,intercept,projected,beyond,momentum,progress,hashrate_change,ribbon"
    history = History(bundled_readings())
    for name, fall in FALLS.items():
        days, figures, outcomes = observations(history, fall)
        month = FIRST_FIT
        while month.toordinal() - HORIZON <= days[-1] + 31:
            rows_before = int(np.searchsorted(days, month.toordinal() - HORIZON))
            weights = fit(figures[:rows_before], outcomes[:rows_before])
            numbers = ",".join(f"{weight:.5g}" for weight in weights)
            yield f"{name},{month},{outcomes[:rows_before].mean():.4f},{numbers}"
            month = (month + timedelta(days=31)).replace(day=1)


if __name__ == "__main__":
    sys.stdout.write("\n".join(rows()) + "\n")
