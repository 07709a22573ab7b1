"""The bundled weights of the forecasts: one fit a month, each on what was known before it."""

import csv
from datetime import date
from functools import cache
from importlib.resources import files

from bot.signals.forecast import Model, Weights


@cache
def load_model() -> Model:
    """Read `forecast_weights.csv`, which `python -m bot.backtest.forecast_fit` writes."""
    text = (files("bot.data") / "forecast_weights.csv").read_text(encoding="utf-8")
    model: dict[str, list[Weights]] = {}
    for name, valid_from, base_rate, *weights in list(csv.reader(text.splitlines()))[1:]:
        fit = Weights(date.fromisoformat(valid_from), float(base_rate), tuple(map(float, weights)))
        model.setdefault(name, []).append(fit)
    return model
