"""How long an amount of bitcoin takes to mine."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.data.catalogue import load_machines
from bot.i18n.translator import translator_for
from bot.mining import mining_time_lines
from bot.mining.answer import answer
from bot.mining.economics import Rig
from bot.mining.errors import InvalidQuestion
from bot.mining.mining_time import MiningTimeRequest, mining_time
from bot.mining.network import next_halving
from bot.mining.parsing.understanding import understand
from bot.mining.parsing.units import Money
from bot.mining.projection import projection
from bot.mining.question import Question
from tests.mining.market import NOVEMBER_2026

S21 = Question(Rig(200.0, 3500.0, "Antminer S21"), power_price=Money(0.05))
BTC_PER_DAY = answer(S21, NOVEMBER_2026).now.btc_per_day
_HALVING_DAYS = (next_halving(NOVEMBER_2026.at.date()) - NOVEMBER_2026.at.date()).days
_growths = st.floats(-0.05, 0.2)


@given(st.floats(0.01, _HALVING_DAYS - 40.0), st.integers(1, 50))
def test_before_the_halving_it_is_the_amount_by_what_a_day_brings(days: float, count: int) -> None:
    asked = MiningTimeRequest(replace(S21, count=count), days * count * BTC_PER_DAY)
    result = mining_time(asked, NOVEMBER_2026)
    assert result.days == pytest.approx(days)
    assert result.halvings == 0


@given(st.floats(-0.05, 0.1), st.integers(1, 60))
def test_a_projection_mines_as_much_in_that_time(growth: float, months: int) -> None:
    path = projection(S21, NOVEMBER_2026, months, growth, 0.0)
    amount, before = 0.0, NOVEMBER_2026.at.date()
    for month in path:
        amount += month.economics.btc_per_day * (month.day - before).days
        before = month.day
    result = mining_time(MiningTimeRequest(S21, amount * (1.0 - 1e-9), growth), NOVEMBER_2026)
    assert result.days == pytest.approx((before - NOVEMBER_2026.at.date()).days, abs=0.01)
    assert result.halvings == sum(month.halved for month in path)


@given(st.floats(0.001, 5.0), st.floats(0.001, 5.0), _growths, _growths)
def test_more_bitcoin_and_more_difficulty_take_longer(
    first_btc: float, second_btc: float, first: float, second: float
) -> None:
    less, more = sorted((first_btc, second_btc))
    slow, fast = sorted((first, second))
    short = mining_time(MiningTimeRequest(S21, less, slow), NOVEMBER_2026).days
    long = mining_time(MiningTimeRequest(S21, more, fast), NOVEMBER_2026).days
    assert long is None or (short is not None and short <= long)


def test_what_grows_faster_than_it_mines_is_never_mined() -> None:
    result = mining_time(MiningTimeRequest(S21, 1.0, 0.1), NOVEMBER_2026)
    assert result.days is None
    said = mining_time_lines.sentence(result, translator_for("en"))
    assert said == "1 BTC: not within a hundred years (difficulty +10.0 % a month)."


def test_the_halving_within_the_time_is_named() -> None:
    said = mining_time_lines.sentence(
        mining_time(MiningTimeRequest(S21, 0.1), NOVEMBER_2026), translator_for("en")
    )
    assert "1 halving falls into that time and is reckoned in." in said


@pytest.mark.parametrize(
    "text",
    [
        "how long to mine 0.1 btc with an s21 if difficulty rises 10%",
        "how long to mine 0.1 btc with an s21 if the power price rises 10%",
        "how long until an s21 mines 0.1 btc over 24 months",
    ],
)
def test_what_changes_in_another_way_is_asked_about(text: str) -> None:
    with pytest.raises(InvalidQuestion):
        understand(text, load_machines())


def test_a_growth_beyond_all_bounds_is_refused() -> None:
    with pytest.raises(InvalidQuestion, match="monthly change"):
        mining_time(MiningTimeRequest(S21, 1.0, 0.9), NOVEMBER_2026)
