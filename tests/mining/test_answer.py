"""Answers from a market: what is used, what is missing, and the summer of 2022."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.data.catalogue import load_machines
from bot.i18n.translator import translator_for
from bot.mining import answer_lines, assumptions
from bot.mining.answer import answer, retargeted
from bot.mining.errors import InvalidQuestion
from bot.mining.market import Market
from bot.mining.network import Network
from bot.mining.parsing.question_parser import parse_command
from bot.mining.parsing.understanding import understand
from bot.mining.parsing.units import Money
from bot.mining.question import PeakPrice, Question
from tests.mining.market import AT, JULY_2022, NOVEMBER_2026, fact

CATALOGUE = load_machines()


@pytest.mark.parametrize(
    ("machine", "cents"),
    [("S9", 3.7), ("M20S", 7.6), ("S17", 8.1), ("M30S", 9.6), ("S19", 10.6), ("S19 Pro", 12.3)],
)
def test_breakeven_power_prices_of_5_july_2022(machine: str, cents: float) -> None:
    result = answer(parse_command(f"{machine} 7c", CATALOGUE), JULY_2022).now
    assert result.breakeven_power_price_usd_per_kwh is not None
    assert round(100 * result.breakeven_power_price_usd_per_kwh, 1) == cents


def test_on_5_july_2022_the_subsidy_is_that_of_the_time() -> None:
    assert JULY_2022.subsidy_btc == 6.25
    assert replace(JULY_2022, height=840_000).subsidy_btc == 3.125


def test_the_oldest_reading_used_dates_the_answer() -> None:
    result = answer(parse_command("s19 7c", CATALOGUE), NOVEMBER_2026)
    assert result.now.as_of == AT - timedelta(hours=3)  # the fees
    with_euros = answer(parse_command("s19 0.07€/kWh", CATALOGUE), NOVEMBER_2026)
    assert with_euros.now.as_of == AT - timedelta(hours=20)
    assert [used.label for used in with_euros.inputs] == [
        "EUR/USD",
        "BTC price",
        "difficulty",
        "fees per block",
    ]


def test_everything_given_uses_no_reading() -> None:
    asked = "s19 7c price=45000 difficulty=17.62T fees=0.08125 subsidy=6.25"
    result = answer(parse_command(asked, CATALOGUE), Market(AT))
    assert result.inputs == ()
    assert result.now.as_of is None
    assert result.after_retarget is None


@given(
    st.lists(st.integers(0, 23), min_size=2, max_size=8, unique=True).map(sorted),
    st.lists(st.integers(0, 40), min_size=5, max_size=5),
)
def test_a_day_of_several_prices_costs_the_mean_of_its_hours(cuts: list[int], cents: list[int]) -> None:
    base, *others = (price / 100.0 for price in cents)
    spans = list(zip(cuts[::2], cuts[1::2], others, strict=False))
    peaks = tuple(PeakPrice(Money(price), start, end) for start, end, price in spans)
    asked = replace(parse_command("s19", CATALOGUE), power_price=Money(base), peaks=peaks)
    hourly = [next((price for start, end, price in spans if start <= hour < end), base) for hour in range(24)]
    result = answer(asked, NOVEMBER_2026).now
    assert result.power_price_usd_per_kwh == pytest.approx(sum(hourly) / 24.0, abs=1e-12)


def test_euros_are_converted() -> None:
    result = answer(parse_command("s19 0.07€/kWh price=40000€ hosting=1€", CATALOGUE), NOVEMBER_2026).now
    assert result.power_price_usd_per_kwh == pytest.approx(0.0805)
    assert result.btc_price_usd == pytest.approx(46_000)
    assert result.fixed_cost_usd_per_day == pytest.approx(1.15)


def test_a_loan_is_shared_by_all_machines_and_hosting_is_each_ones() -> None:
    asked = "4 x s19 7c, loan 6 dollars a day, hosting 1 dollar a day"
    result = answer(parse_command(asked, CATALOGUE), NOVEMBER_2026).now
    assert result.fixed_cost_usd_per_day == pytest.approx(6.0 / 4 + 1.0)


@pytest.mark.parametrize(
    ("market", "asked", "named"),
    [
        (replace(NOVEMBER_2026, btc_price_usd=None), "s19 7c", "no bitcoin price yet"),
        (replace(NOVEMBER_2026, difficulty=None), "s19 7c", "no difficulty yet"),
        (replace(NOVEMBER_2026, eur_usd=None), "s19 0.07€/kWh", "no rate of EUR yet"),
    ],
)
def test_what_is_missing_is_named(market: Market, asked: str, named: str) -> None:
    with pytest.raises(InvalidQuestion, match=named):
        answer(parse_command(asked, CATALOGUE), market)


def test_the_example_beside_a_missing_rate_works() -> None:
    market = replace(NOVEMBER_2026, eur_usd=None)
    with pytest.raises(InvalidQuestion) as refused:
        answer(parse_command("s19 7c", CATALOGUE, language="de"), market)
    example = refused.value.example(translator_for("de")).removeprefix("/breakeven ")
    answered = answer(parse_command(example, CATALOGUE, language="de"), market)
    assert answered.now.power_price_usd_per_kwh == 0.07


def test_missing_fees_count_as_none() -> None:
    result = answer(parse_command("s19 7c", CATALOGUE), replace(NOVEMBER_2026, fees_btc_per_block=None))
    assert "fees per block" not in {used.label for used in result.inputs}
    assert result.now.btc_per_day == pytest.approx(95e12 * 86_400 / (132.757e12 * 2**32) * 3.125)


def test_the_usual_power_price_stands_in_and_is_said_to() -> None:
    result = answer(parse_command("s19", CATALOGUE), replace(NOVEMBER_2026, power_price_usd_per_kwh=0.055))
    assert result.assumed_power_price
    assert result.now.power_price_usd_per_kwh == 0.055


def test_after_the_retarget_income_moves_against_difficulty() -> None:
    result = answer(parse_command("s19 7c", CATALOGUE), NOVEMBER_2026)
    assert result.after_retarget is not None
    assert result.retarget_change == -0.034
    assert result.retarget_at == AT + timedelta(days=4)
    assert result.after_retarget.btc_per_day == pytest.approx(result.now.btc_per_day / 0.966)


def test_an_estimate_early_in_the_epoch_is_noise() -> None:
    result = answer(parse_command("s19 7c", CATALOGUE), replace(NOVEMBER_2026, retarget_progress=0.1))
    assert result.after_retarget is None
    assert result.retarget_change is None


def test_a_difficulty_of_ones_own_has_no_next_retarget() -> None:
    assert answer(parse_command("s19 7c difficulty=100T", CATALOGUE), NOVEMBER_2026).after_retarget is None
    assert answer(parse_command("s19 7c network=900", CATALOGUE), NOVEMBER_2026).after_retarget is None


@pytest.mark.parametrize(("change", "factor"), [(-0.9, 0.25), (-0.1, 0.9), (9.0, 4.0)])
def test_a_retarget_is_clamped(change: float, factor: float) -> None:
    after = retargeted(Network(1e14, 3.125), change)
    assert after.difficulty == pytest.approx(1e14 * factor)


def test_a_broken_reading_is_refused_and_not_reckoned_with() -> None:
    for broken in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(InvalidQuestion):
            answer(parse_command("s19 7c", CATALOGUE), replace(NOVEMBER_2026, btc_price_usd=fact(broken)))
        with pytest.raises(InvalidQuestion):
            answer(parse_command("s19 7c", CATALOGUE), replace(NOVEMBER_2026, difficulty=fact(broken)))


def test_future_subsidies_follow_the_clock_of_the_question() -> None:
    later = replace(NOVEMBER_2026, at=datetime(2028, 12, 1, tzinfo=UTC))
    assert later.subsidy_btc == 1.5625


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("cost to mine 1 btc with s19 7c", "One bitcoin costs 120,647 USD to mine this way"),
        ("how much electricity does an s21 use a month at 7c", "It takes 2,556.8 kWh a month"),
        ("how many kwh per bitcoin with an s21 at 6c", "One bitcoin takes 881,"),
        ("how much may power cost for an s21 to pay", "It pays up to 9.2 c/kWh"),
        ("what would btc have to drop to for a t21 to lose at 7.8c", "It stops paying at 7"),
        ("tell me when my s19 stops being profitable at 6c", "it needs 103,412 USD per BTC"),
        ("what does an hour of downtime cost me, 12 s21 at 5c", "It pays: 1.78 USD profit an hour."),
        ("what does an s21 lose per hour at 15c", "It doesn't pay: it loses 0.20 USD an hour."),
        ("how many kwh does an s21 use per hour at 6c", "It takes 3.5 kWh an hour, which cost 0.21 USD."),
        ("how many sats per hour does an s21 make", "It mines 397 sats an hour"),
    ],
)
def test_what_is_asked_for_is_said_first(asked: str, said: str) -> None:
    question = understand(asked, CATALOGUE)
    assert isinstance(question, Question)
    assert said in answer_lines.headline(answer(question, NOVEMBER_2026), translator_for("en"))


def test_a_sites_power_says_how_many_machines_it_feeds() -> None:
    question = parse_command("1 MW of S21 at 5c pue=1.05", CATALOGUE)
    assert question.count == 272  # 1,000 kW ÷ (3.5 kW · 1.05)
    said = assumptions.understood(answer(question, NOVEMBER_2026), translator_for("en"))
    assert said.startswith("272 machines on 1,000 kW")
    assert parse_command("1 PH of S21 at 5c", CATALOGUE).count == 5


@pytest.mark.parametrize("hours", ["8 hours a day", "8h/day", "only from 10pm to 6am"])
def test_hours_of_running_are_the_uptime(hours: str) -> None:
    assert parse_command(f"s21 7c {hours}", CATALOGUE).uptime == pytest.approx(1 / 3)


def test_what_is_left_in_sats_is_the_profit_not_what_is_mined() -> None:
    t = translator_for("en")
    asked = understand("s19 pro 5c net sats a day", CATALOGUE)
    assert isinstance(asked, Question)
    result = answer(asked, JULY_2022)
    net = result.now.profit_usd_per_day / result.now.btc_price_usd * 1e8
    assert net < result.now.btc_per_day * 1e8
    assert answer_lines.headline(result, t) == f"It pays: {net:,.0f} sats profit a day."
    losing = understand("s9 20c how many sats are left after power", CATALOGUE)
    assert isinstance(losing, Question)
    assert "loses" in answer_lines.headline(answer(losing, JULY_2022), t)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "s19 7c, peak 12c 17-21, shut it off then?",
            "Switch it off in the hours at 12.0 c/kWh: that leaves 2.35 USD a day; in all hours "
            "it makes 2.17 USD a day.",
        ),
        (
            "s19 7c, peak 9c 17-21, shut it off then?",
            "Let it run at 9.0 c/kWh, too: in all hours it makes 2.56 USD a day, without those "
            "2.35 USD a day.",
        ),
        (
            "s19 15c, peak 20c 17-21, shut it off then?",
            "It loses either way: −4.07 USD a day in all hours, −2.85 USD a day without those at 20.0 c/kWh.",
        ),
        (
            "chance of a block solo within 2 years with 3 s21",
            "Chance of a block alone (2 years): 25.8 %, 1 in 3.9, if difficulty stays.",
        ),
        (
            "curtailment threshold in $/MWh for s19j pro",
            "It pays up to 123.18 USD/MWh (12.3 c/kWh) at this bitcoin price.",
        ),
    ],
)
def test_what_is_asked_is_said_first(text: str, said: str) -> None:
    asked = understand(text, CATALOGUE)
    assert isinstance(asked, Question)
    assert answer_lines.headline(answer(asked, JULY_2022), translator_for("en")) == said
