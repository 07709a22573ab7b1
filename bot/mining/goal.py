"""How many machines reach a goal: an income, an amount of bitcoin, or a hashrate."""

import math
from dataclasses import dataclass, replace
from typing import Final

from bot.mining.answer import Answer, answer, in_usd
from bot.mining.errors import InvalidQuestion
from bot.mining.limits import check
from bot.mining.market import Market
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import Question

DAYS: Final = {"day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}


@dataclass(frozen=True, slots=True)
class Goal:
    """What machines are to reach: profit or bitcoin mined in a `period`, or a hashrate (TH/s)."""

    amount: Money | None = None
    period: str = "day"
    hashrate_ths: float | None = None


@dataclass(frozen=True, slots=True)
class GoalRequest:
    """The question how many of a machine reach a goal."""

    question: Question
    goal: Goal

    @property
    def is_of_hashrate(self) -> bool:
        """True where the hashrate itself is sought, whatever machine has it: the question is of one TH/s."""
        return self.question.rig.name is None and self.question.scaled


def reached(request: GoalRequest, market: Market, currency: Currency | None = None) -> Answer:
    """The answer for so many machines as reach the goal.

    Raises InvalidQuestion where no number of them does.
    """
    question, goal = request.question, request.goal
    one = answer(replace(question, shared_cost=None), market, currency)
    if goal.hashrate_ths is not None:
        needed = goal.hashrate_ths / one.now.hashrate_ths
    elif goal.amount is not None and goal.amount.currency is Currency.BTC:
        needed = goal.amount.amount / (one.now.btc_per_day * DAYS[goal.period])
        if request.is_of_hashrate:
            rig = replace(question.rig, hashrate_ths=needed, power_w=needed * question.rig.power_w)
            return answer(replace(question, rig=rig), market, currency)
    else:
        wanted = 0.0 if goal.amount is None else in_usd(goal.amount, market, [])
        if question.shared_cost is not None:  # is earned on top, however many machines share it
            wanted += in_usd(question.shared_cost, market, []) * DAYS[goal.period]
        profit = one.now.profit_usd_per_day * DAYS[goal.period]
        if profit <= 0.0:
            raise InvalidQuestion(
                lambda t: t("No number of them earns that: each one loses money at this power price."),
                "/breakeven s21 5c",
            )
        needed = wanted / profit
    count = int(check("count", max(1.0, math.ceil(needed - 1e-9))))
    return answer(replace(question, count=count, period=goal.period), market, currency)
