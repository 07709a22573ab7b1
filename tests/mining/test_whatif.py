"""Suppositions: what changes at once, and what only after the retarget."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.data.catalogue import load_machines
from bot.mining.errors import InvalidQuestion
from bot.mining.network import next_halving
from bot.mining.parsing.understanding import parse_whatif
from bot.mining.scenario import EXAMPLE
from bot.mining.whatif import WhatIfResult, what_if
from tests.mining.market import NOVEMBER_2026

CATALOGUE = load_machines()


def _suppose(text: str) -> WhatIfResult:
    return what_if(parse_whatif(text, CATALOGUE), NOVEMBER_2026)


def test_a_price_changes_everything_at_once() -> None:
    result = _suppose("s19 7c price=40000")
    assert result.then.btc_price_usd == 40_000
    assert result.now.btc_price_usd == 81_445
    assert result.then.btc_per_day == pytest.approx(result.now.btc_per_day)
    assert result.retarget_change == -0.034  # the running estimate


def test_leaving_hashrate_helps_the_others_only_after_the_retarget() -> None:
    result = _suppose("s19 7c hashrate=-10%")
    assert result.then.profit_usd_per_day == pytest.approx(result.now.profit_usd_per_day)
    assert result.after_retarget is not None
    assert result.after_retarget.btc_per_day == pytest.approx(result.now.btc_per_day / 0.9)
    assert result.income_change == pytest.approx(1 / 0.9 - 1)


@settings(deadline=None)
@given(st.floats(0.1, 70.0))
def test_survivors_gain_one_over_one_minus_the_share(leaving: float) -> None:
    percent = round(leaving, 3)
    result = _suppose(f"s19 7c hashrate=-{percent}%")
    assert result.income_change == pytest.approx(1 / (1 - percent / 100) - 1, rel=1e-9)


def test_one_retarget_at_most_quadruples_income() -> None:
    assert _suppose("s19 7c hashrate=-95%").income_change == pytest.approx(3.0)
    assert _suppose("s19 7c hashrate=+900%").income_change == pytest.approx(-0.75)


def test_a_hashrate_in_figures_is_held_against_the_difficultys_own() -> None:
    result = _suppose("s19 7c hashrate=900EH")
    assert result.retarget_change == pytest.approx(900e18 * 600 / (132.757e12 * 2**32) - 1)


def test_the_halving_halves_the_subsidy_and_not_the_fees() -> None:
    result = _suppose("s19 7c halving=yes")
    assert result.then.btc_per_day / result.now.btc_per_day == pytest.approx(
        (1.5625 + 0.0188) / (3.125 + 0.0188)
    )
    assert _suppose("s19 7c halving=no").then == result.now


def test_a_halving_of_a_year_is_the_next_one_or_refused() -> None:
    result = _suppose("s19 7c halving=yes")
    year = next_halving(result.at.date()).year
    named = replace(result.whatif, scenario=replace(result.whatif.scenario, halving_year=year))
    assert what_if(named, NOVEMBER_2026).then == result.then
    gone = replace(result.whatif, scenario=replace(result.whatif.scenario, halving_year=year - 4))
    with pytest.raises(InvalidQuestion, match="No halving to come falls into"):
        what_if(gone, NOVEMBER_2026)
    after = replace(result.whatif, scenario=replace(result.whatif.scenario, halving_year=year + 4))
    assert what_if(after, NOVEMBER_2026).then.btc_per_day / result.now.btc_per_day == pytest.approx(
        (3.125 / 4 + 0.0188) / (3.125 + 0.0188)
    )
    assert what_if(after, NOVEMBER_2026).whatif.scenario.halvings == 2
    between = replace(result.whatif, scenario=replace(result.whatif.scenario, halving_year=year + 2))
    with pytest.raises(InvalidQuestion, match=f"falls into {year + 2}"):
        what_if(between, NOVEMBER_2026)


def test_fees_and_power_and_difficulty() -> None:
    fees = _suppose("s19 7c fees=+50%")
    assert fees.then.btc_per_day / fees.now.btc_per_day == pytest.approx((3.125 + 0.0282) / (3.125 + 0.0188))
    assert _suppose("s19 7c fees=1").then.btc_per_day == pytest.approx(fees.now.btc_per_day * 4.125 / 3.1438)
    assert _suppose("s19 7c power=5c").then.power_price_usd_per_kwh == pytest.approx(0.05)
    assert _suppose("s19 7c power=-50%").then.power_price_usd_per_kwh == pytest.approx(0.035)
    assert _suppose("s19 7c power=0.05€").then.power_price_usd_per_kwh == pytest.approx(0.0575)
    assert _suppose("s19 7c difficulty=+10%").then.difficulty == pytest.approx(132.757e12 * 1.1)
    assert _suppose("s19 7c difficulty=100T").then.difficulty == pytest.approx(1e14)


def test_the_examples_own_words() -> None:
    result = _suppose(EXAMPLE.removeprefix("/whatif "))
    assert result.then.btc_price_usd == 40_000
    assert result.then.power_price_usd_per_kwh == 0.05
    assert not result.whatif.reference


def test_power_in_watts_belongs_to_the_machine() -> None:
    result = _suppose("s19 7c power=3000W price=40k")
    assert result.now.power_w == 3000
    assert result.then.power_w == 3000


def test_without_a_machine_one_is_chosen_and_said() -> None:
    result = _suppose("price=40000 fee=2%")
    assert result.whatif.reference
    assert result.now.machine == "Antminer S21"
    assert result.whatif.question.pool_fee == 0.02


def test_without_an_estimate_nothing_is_said_of_the_retarget() -> None:
    market = replace(NOVEMBER_2026, retarget_change=None)
    result = what_if(parse_whatif("s19 7c price=40k", CATALOGUE), market)
    assert result.after_retarget is None
    assert result.income_change is None


def test_by_share_of_the_network_no_retarget_is_told() -> None:
    assert _suppose("s19 7c network=900 price=40k").after_retarget is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "What should be different"),
        ("s19 7c", "What should be different"),
        ("price=abc", "price"),
        ("price=-5", "price"),
        ("price=-100%", "price"),
        ("price=1e309", "price"),
        ("hashrate=0", "hashrate"),
        ("hashrate=-100%", "hashrate"),
        ("hashrate=+99999%", "hashrate"),
        ("power=cheap", "power"),
        ("fees=-1", "fees"),
        ("difficulty=nan", "difficulty"),
        ("halving=maybe", "halving"),
        ("price=40k price=50k", "two different"),
        ("s20 price=40k", "did you mean"),
        ("colour=red price=40k", "colour"),
        ("price=40k " * 500, "too long"),
    ],
)
def test_refusals(text: str, named: str) -> None:
    with pytest.raises(InvalidQuestion, match=named):
        _suppose(text)


def test_fees_of_a_price_change_beyond_reason_are_refused() -> None:
    with pytest.raises(InvalidQuestion, match="bitcoin price"):
        _suppose("s19 7c price=1e12")
