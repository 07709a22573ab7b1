"""Months ahead on a path of difficulty and price."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mining.answer import answer
from bot.mining.economics import Rig
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.units import Money
from bot.mining.projection import (
    MOST_PAYBACK_MONTHS,
    ProjectionRequest,
    months_after,
    path_to_payback,
    payback_month,
    projection,
)
from bot.mining.question import Question
from tests.mining.market import JULY_2022, NOVEMBER_2026

S19 = Question(Rig(95.0, 3250.0, "Antminer S19"), power_price=Money(0.05))


def test_without_growth_every_month_is_as_now() -> None:
    now = answer(S19, NOVEMBER_2026).now
    path = projection(S19, NOVEMBER_2026, 12, 0.0, 0.0)
    assert len(path) == 12
    for month in path:
        assert month.economics == replace(now, payback_days=month.economics.payback_days)
    assert path[-1].day == date(2027, 11, 20)
    assert path[-1].total_profit_usd == pytest.approx(365 * now.profit_usd_per_day)


def test_growth_compounds() -> None:
    now = answer(S19, NOVEMBER_2026).now
    path = projection(S19, NOVEMBER_2026, 3, 0.04, -0.10)
    assert now.difficulty is not None
    assert path[2].economics.difficulty == pytest.approx(now.difficulty * 1.04**3)
    assert path[2].economics.btc_price_usd == pytest.approx(now.btc_price_usd * 0.9**3)
    assert path[2].economics.revenue_usd_per_day == pytest.approx(now.revenue_usd_per_day * 0.9**3 / 1.04**3)


def test_the_halving_falls_into_its_month() -> None:
    path = projection(S19, JULY_2022, 24, 0.0, 0.0)
    halved = [month.day for month in path if month.halved]
    assert halved == [date(2024, 5, 6)]
    before = next(month for month in path if month.day == date(2024, 4, 6))
    after = next(month for month in path if month.halved)
    fees = 0.103689
    assert after.economics.revenue_usd_per_day / before.economics.revenue_usd_per_day == pytest.approx(
        (3.125 + fees) / (6.25 + fees)
    )


@given(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1), st.integers(1, 48))
@settings(deadline=None)
def test_the_total_is_the_sum_of_the_months(difficulty: float, price: float, months: int) -> None:
    path = projection(S19, NOVEMBER_2026, months, difficulty, price)
    total, before = 0.0, NOVEMBER_2026.at.date()
    for month in path:
        total += month.economics.profit_usd_per_day * (month.day - before).days
        before = month.day
        assert month.total_profit_usd == pytest.approx(total, abs=1e-6)


def test_payback_is_the_month_in_which_the_price_is_earned() -> None:
    path = projection(replace(S19, power_price=Money(0.02)), NOVEMBER_2026, 60, 0.0, 0.0)
    daily = path[0].economics.profit_usd_per_day
    assert daily > 0
    paid = payback_month(path, 100 * daily)
    assert paid is not None
    assert paid.day == date(2027, 3, 20)
    assert payback_month(path, 1e9) is None


@pytest.mark.parametrize(
    ("months", "growth"), [(0, 0.0), (61, 0.0), (12, 0.6), (12, -0.51), (12, float("nan"))]
)
def test_impossible_paths_are_refused(months: int, growth: float) -> None:
    with pytest.raises(InvalidQuestion):
        projection(S19, NOVEMBER_2026, months, growth, 0.0)


def test_a_path_that_leaves_all_bounds_is_refused() -> None:
    with pytest.raises(InvalidQuestion):
        projection(S19, NOVEMBER_2026, 60, 0.0, 0.2)


def test_a_share_of_the_hashrate_has_no_path() -> None:
    with pytest.raises(InvalidQuestion):
        projection(replace(S19, network_hashrate_ehs=900.0), NOVEMBER_2026, 12, 0.0, 0.0)


def test_months_keep_their_day_where_they_can() -> None:
    assert months_after(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_after(date(2027, 12, 15), 2) == date(2028, 2, 15)


_CHEAP = replace(S19, power_price=Money(0.02))


def _payback(price_usd: float, growth: float, price_growth: float = 0.0) -> ProjectionRequest:
    question = replace(_CHEAP, machine_price=Money(price_usd))
    return ProjectionRequest(question, MOST_PAYBACK_MONTHS, growth, price_growth, until_paid=True)


@given(st.floats(20.0, 20_000.0), st.floats(-0.05, 0.1), st.floats(-0.05, 0.05))
@settings(deadline=None, max_examples=30)
def test_the_path_to_payback_ends_with_the_month_that_pays(
    price_usd: float, growth: float, price_growth: float
) -> None:
    path = path_to_payback(_payback(price_usd, growth, price_growth), NOVEMBER_2026)
    assert len(path) <= MOST_PAYBACK_MONTHS
    assert all(month.total_profit_usd < price_usd for month in path[:-1])
    is_paid = path[-1].total_profit_usd >= price_usd
    assert (payback_month(path, price_usd) is not None) == is_paid
    is_over = growth >= 0.0 >= price_growth and not path[-1].economics.pays
    assert is_paid or is_over or len(path) == MOST_PAYBACK_MONTHS
    whole = projection(_CHEAP, NOVEMBER_2026, min(len(path), 60), growth, price_growth)
    assert [month.total_profit_usd for month in whole] == [month.total_profit_usd for month in path[:60]]


def test_a_machine_that_stops_paying_first_never_pays_for_itself() -> None:
    path = path_to_payback(_payback(20_000.0, 0.05), NOVEMBER_2026)
    assert not path[-1].economics.pays
    assert path[-2].economics.pays
