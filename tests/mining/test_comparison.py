"""Several machines compared, as it is and as it is supposed; a given hashprice; hashrate for an amount."""

from dataclasses import replace

import pytest

from bot.data.catalogue import load_machines
from bot.i18n.translator import translator_for
from bot.mining.answer import answer
from bot.mining.errors import InvalidQuestion
from bot.mining.goal import GoalRequest, reached
from bot.mining.parsing.question_parser import parse_command
from bot.mining.parsing.understanding import parse_whatif, understand
from bot.mining.question import MachineComparison
from bot.mining.whatif import compared, what_if
from handlers.views import breakeven
from tests.mining.market import NOVEMBER_2026

CATALOGUE = load_machines()
ENGLISH = translator_for("en")


def _comparison(text: str) -> MachineComparison:
    read = understand(text, CATALOGUE)
    assert isinstance(read, MachineComparison)
    return read


def test_a_comparison_after_the_halving_pays_half_the_subsidy() -> None:
    now = compared(_comparison("s19 vs s21 5c fees=0"), NOVEMBER_2026)
    then = compared(_comparison("s19 vs s21 5c fees=0 after the halving"), NOVEMBER_2026)
    for before, after in zip(now, then, strict=True):
        assert after.now.revenue_usd_per_day == pytest.approx(before.now.revenue_usd_per_day / 2.0)


@pytest.mark.parametrize(
    "supposed", ["price=-20%", "hashrate=+10%", "fees=+50%", "difficulty=+10%", "power=0.04"]
)
def test_a_comparison_supposes_what_a_what_if_does(supposed: str) -> None:
    scenario = parse_whatif(f"s21 5c {supposed}", CATALOGUE)
    result = what_if(scenario, NOVEMBER_2026)
    [of_s21] = compared(MachineComparison((scenario.question,), scenario.scenario), NOVEMBER_2026)
    expected = result.after_retarget if "hashrate" in supposed else result.then
    assert expected is not None
    assert of_s21.now.profit_usd_per_day == pytest.approx(expected.profit_usd_per_day)


def test_a_halving_of_a_year_is_reckoned_or_refused() -> None:
    answers = compared(_comparison("s19 vs s21 5c after the 2036 halving"), NOVEMBER_2026)
    assert [each.question.block_subsidy_btc for each in answers] == [3.125 / 8, 3.125 / 8]
    with pytest.raises(InvalidQuestion, match="No halving to come falls into 2034"):
        compared(_comparison("s19 vs s21 5c after the 2034 halving"), NOVEMBER_2026)


def test_the_machine_that_stops_first_is_named() -> None:
    comparison = _comparison("which goes off first when bitcoin falls: s19 or s21 at 5c?")
    text = breakeven.comparison(comparison, compared(comparison, NOVEMBER_2026), ENGLISH)
    assert "S19 stops first: it pays above a bitcoin price of" in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("upgrade my s19 to an s21 at 5c, s21 costs 3000", "a day more than S19: its 3,000 USD come back in"),
        ("upgrade 3 s19 to 2 s21 for $2600 each at 5c", "more than 3 × S19: its 5,200 USD come back in"),
        (
            "replace my m20s with an s19 for 400 usd at 15c",
            "S19 in place of M20S never earns back its 400 USD.",
        ),
        ("60 s19 at 6c plus 20 m20s at 9c", "S19: power 6 c/kWh, M20S: power 9 c/kWh"),
    ],
)
def test_what_sets_machines_apart_is_said(text: str, said: str) -> None:
    comparison = _comparison(text)
    answers = compared(comparison, NOVEMBER_2026)
    assert said in breakeven.comparison(comparison, answers, ENGLISH)


def test_a_given_hashprice_is_what_a_petahash_earns() -> None:
    result = answer(parse_command("1000TH 17500W 5c hashprice=45$", CATALOGUE), NOVEMBER_2026)
    assert result.now.revenue_usd_per_day == pytest.approx(45.0)
    assert result.after_retarget is None  # it would not be that hashprice any more
    assert "hashprice 45.00 USD/PH/day (as with BTC at" in breakeven.breakeven(result, ENGLISH)
    supposed = what_if(parse_whatif("1000TH 17500W 5c hashprice=45$ price=-20%", CATALOGUE), NOVEMBER_2026)
    assert supposed.then.revenue_usd_per_day == pytest.approx(36.0)


def test_a_hashprice_needs_an_income() -> None:
    question = replace(parse_command("s21 5c hashprice=45$", CATALOGUE), network_btc_per_day=0.0)
    with pytest.raises(InvalidQuestion, match="no hashprice"):
        answer(question, NOVEMBER_2026)


def test_the_hashrate_for_an_amount_of_bitcoin() -> None:
    read = understand("how much hashrate do I need to earn 1 btc a year?", CATALOGUE)
    assert isinstance(read, GoalRequest)
    result = reached(read, NOVEMBER_2026)
    assert result.now.btc_per_day * 365.25 == pytest.approx(1.0)
    assert f"it takes {result.now.hashrate_ths:,.2f} TH/s" in breakeven.breakeven(result, ENGLISH, read.goal)


def test_all_machines_that_pay_are_counted() -> None:
    comparison = _comparison("which machines are still profitable at 7c?")
    answers = compared(comparison, NOVEMBER_2026)
    text = breakeven.comparison(comparison, answers, ENGLISH)
    paying = sum(1 for each in answers if each.now.pays)
    assert f"{paying} of the {len(CATALOGUE.models)} machines I know pay, down to" in text
    assert text.split("<pre>")[1].split("</pre>")[0].count("\n") == 5  # with its head
    nothing = _comparison("which machines are still profitable at 45c?")
    text = breakeven.comparison(nothing, compared(nothing, NOVEMBER_2026), ENGLISH)
    assert f"None of the {len(CATALOGUE.models)} machines I know pays." in text


def test_machines_joined_by_a_plus_are_added_up_and_share_a_cost() -> None:
    joined = _comparison("s21 + t21 6c rent 300$ a month")
    answers = compared(joined, NOVEMBER_2026)
    text = breakeven.comparison(joined, answers, ENGLISH)
    total = sum(each.now.profit_usd_per_day for each in answers)
    alone = compared(_comparison("s21 vs t21 6c"), NOVEMBER_2026)
    rent = 300.0 * 12.0 / 365.25
    assert total == pytest.approx(sum(each.now.profit_usd_per_day for each in alone) - rent)
    assert f"{abs(total):.2f} USD a day" in text.partition("Together")[2]
