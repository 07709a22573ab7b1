"""How many machines reach a goal: the least number that does."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.mining.answer import answer
from bot.mining.economics import Rig
from bot.mining.errors import InvalidQuestion
from bot.mining.goal import DAYS, Goal, GoalRequest, reached
from bot.mining.market import Fact, Market
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import Question

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
MARKET = Market(AT, Fact(80_000.0, AT, "test"), Fact(130e12, AT, "test"), Fact(0.02, AT, "test"))
S21 = Question(Rig(200.0, 3500.0, "Antminer S21"), power_price=Money(0.05))


@pytest.mark.parametrize("period", ["day", "month", "year"])
def test_so_many_earn_it_and_one_fewer_does_not(period: str) -> None:
    answered = reached(GoalRequest(S21, Goal(Money(1_000.0), period)), MARKET)
    one = answer(S21, MARKET).now.profit_usd_per_day * DAYS[period]
    count = answered.question.count
    assert (count - 1) * one < 1_000.0 <= count * one
    assert answered.question.period == period


def test_bitcoin_is_what_is_mined_and_a_hashrate_that_of_all() -> None:
    mined = reached(GoalRequest(S21, Goal(Money(1.0, Currency.BTC), "month")), MARKET)
    assert mined.question.count * mined.now.btc_per_day * DAYS["month"] >= 1.0
    assert reached(GoalRequest(S21, Goal(hashrate_ths=1_000.0)), MARKET).question.count == 5


def test_what_loses_money_earns_nothing_in_any_number() -> None:
    dear = Question(S21.rig, power_price=Money(0.5))
    with pytest.raises(InvalidQuestion):
        reached(GoalRequest(dear, Goal(Money(1_000.0), "month")), MARKET)


def test_a_rent_is_earned_on_top_of_the_goal_whatever_the_number_of_machines() -> None:
    rented = replace(S21, shared_cost=Money(40.0))
    goal = Goal(Money(1_000.0), "day")
    answered = reached(GoalRequest(rented, goal), MARKET)
    assert (
        answered.question.count
        == reached(GoalRequest(S21, Goal(Money(1_040.0), "day")), MARKET).question.count
    )
    assert answered.question.count * answered.now.profit_usd_per_day >= 1_000.0
