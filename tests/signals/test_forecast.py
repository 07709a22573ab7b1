"""The odds: known on their day, skilled against climatology, calibrated, and refitted as they are stored."""

import csv
from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files
from math import exp

import pytest

from bot.backtest import forecast_fit
from bot.backtest.verification import ForecastScore, forecast_scores
from bot.data.bundle import bundled_readings
from bot.data.forecast_weights import load_model
from bot.signals.forecast import FALLS, Weights, epoch_progress, forecasts, forecasts_on
from bot.signals.history import History
from bot.signals.series import Reading, end_of_day
from tests.signals.builders import START, daily

LAST = date(2026, 7, 3)


@pytest.fixture(scope="module")
def readings() -> list[Reading]:
    return bundled_readings()


@pytest.fixture(scope="module")
def scores(readings: list[Reading]) -> dict[str, ForecastScore]:
    return {score.name: score for score in forecast_scores(readings, load_model(), LAST)}


@pytest.mark.parametrize(
    ("name", "skill"), [("difficulty_fall_5pct_30d", 0.25), ("difficulty_fall_2pct_30d", 0.35)]
)
def test_the_odds_beat_climatology_and_happen_as_often_as_they_say(
    scores: dict[str, ForecastScore], name: str, skill: float
) -> None:
    score = scores[name]
    assert score.days > 4_000
    assert score.skill >= skill
    assert score.skill_low > 0.1
    for each in score.bins:
        if each.days >= 100:
            assert abs(each.predicted - each.happened) < 0.1, each


def test_nothing_later_than_the_day_is_looked_at(readings: list[Reading]) -> None:
    until = date(2022, 6, 20)
    cut = [r for r in readings if r.read_at <= end_of_day(until)]
    poisoned = [r if r.read_at <= end_of_day(until) else replace(r, value=r.value * 3) for r in readings]
    on_day = forecasts_on(History(cut), load_model(), until)
    assert on_day
    assert forecasts_on(History(poisoned), load_model(), until) == on_day


def test_each_fit_is_valid_only_after_the_outcomes_it_learnt_from(readings: list[Reading]) -> None:
    """A fit of the file is made again from the days whose 30 days were over by then, and from no other."""
    history, name = History(readings), "difficulty_fall_5pct_30d"
    days, figures, outcomes = forecast_fit.observations(history, FALLS[name])
    stored = [fit for fit in load_model()[name] if fit.valid_from == date(2022, 6, 1)]
    known = [n for n, day in enumerate(days) if day + 30 < date(2022, 6, 1).toordinal()]
    weights = forecast_fit.fit(figures[known], outcomes[known])
    assert [round(weight, 2) for weight in weights] == [round(weight, 2) for weight in stored[0].weights]
    assert round(outcomes[known].mean(), 3) == round(stored[0].base_rate, 3)


def test_the_stored_fits_are_complete() -> None:
    text = (files("bot.data") / "forecast_weights.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    months = {row["valid_from"] for row in rows}
    assert len(rows) == len(FALLS) * len(months)
    assert min(months) == "2013-01-01"
    assert max(months) >= "2026-07-01"


def test_without_fresh_figures_there_are_no_odds(readings: list[Reading]) -> None:
    history = History(readings)
    assert forecasts(History(), load_model(), end_of_day(LAST)) == ()
    assert len(forecasts(history, load_model(), end_of_day(LAST))) == 2
    assert forecasts(history, load_model(), end_of_day(LAST) + timedelta(days=3)) == ()


def test_before_the_first_fit_there_are_no_odds(readings: list[Reading]) -> None:
    assert forecasts_on(History(readings), load_model(), date(2012, 12, 31)) == ()


def test_the_probability_is_logistic_in_the_figures() -> None:
    days = 90
    steady = [*daily("btc.hashrate", [100.0] * days), *daily("btc.price", [50_000.0] * days)]
    level = 100.0 * 1e18 * 600 / 2**32
    history = History([*steady, *daily("btc.difficulty", [level] * days)])
    model = {"difficulty_fall_5pct_30d": [Weights(START, 0.13, (-1.0, 0.0, 0.0, 5.0, 0.0, 7.0, 9.0))]}
    (forecast,) = forecasts_on(history, model, START + timedelta(days=days - 1))
    assert forecast.probability == pytest.approx(1 / (1 + exp(1.0))), (
        "nothing moved: only the intercept counts"
    )
    assert forecast.base_rate == 0.13


def test_an_epoch_is_counted_from_its_retarget() -> None:
    """Ten days at one level, a mixed day of which a quarter belongs to the next, then three days of that."""
    old, new = 1e13, 1.2e13
    levels = [old] * 10 + [old + 0.25 * (new - old)] + [new] * 3
    hashrate = [level * 2**32 / 600 / 1e18 for level in levels]
    history = History([*daily("btc.difficulty", levels), *daily("btc.hashrate", hashrate)])
    epoch = epoch_progress(history, START.toordinal() + len(levels) - 1)
    assert epoch is not None
    assert epoch.days == pytest.approx(3.25)
    assert epoch.blocks == pytest.approx(3.25 * 144)
    assert epoch.pace == pytest.approx(1)
