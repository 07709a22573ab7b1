"""How long machines take to mine an amount of bitcoin, where difficulty may go on growing."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.mining.answer import Answer, answer, network_of
from bot.mining.errors import InvalidQuestion
from bot.mining.market import Market
from bot.mining.parsing.units import Currency
from bot.mining.projection import check_growths, months_after, subsidy_then
from bot.mining.question import Question

_MOST_MONTHS: Final = 1200
"""A hundred years; what takes longer is never mined."""


@dataclass(frozen=True, slots=True)
class MinedAmount:
    """An amount of bitcoin of which is asked how long it takes."""

    btc: float


@dataclass(frozen=True, slots=True)
class MiningTimeRequest:
    """The question how long machines mine for `amount_btc`; the growth is a fraction a month."""

    question: Question
    amount_btc: float
    difficulty_growth: float = 0.0


@dataclass(frozen=True, slots=True)
class MiningTime:
    """How many days it takes, None for more than a hundred years; `halvings` of them fall into that time.

    `now` is the answer at the figures of now.
    """

    request: MiningTimeRequest
    now: Answer
    days: float | None
    halvings: int = 0


def mining_time(request: MiningTimeRequest, market: Market, currency: Currency | None = None) -> MiningTime:
    """Go from month to month until the amount is mined. Raises InvalidQuestion for what is missing.

    As in a projection, the figures of a month are those of its last day: difficulty grown by so many months,
    the subsidy after a halving within it. Fees stay as they are.
    """
    question, growth = replace(request.question, period="day"), request.difficulty_growth
    check_growths(growth)
    now = answer(question, market, currency)
    network = network_of(question, market, [])
    if growth and (network.by_share or network.difficulty is None):
        raise InvalidQuestion(lambda t: t("Months ahead need the difficulty, not a network hashrate."))
    a_day = now.now.btc_per_day * question.count
    reward = network.subsidy_btc + network.fees_btc_per_block
    if reward <= 0.0:
        return MiningTime(request, now, None)
    today = market.at.date()
    left, before, halvings, subsidy_before = request.amount_btc, today, 0, network.subsidy_btc
    for month in range(1, _MOST_MONTHS + 1):
        end = months_after(today, month)
        subsidy = (
            network.subsidy_btc
            if network.network_btc_per_day
            else subsidy_then(network.subsidy_btc, today, end)
        )
        halvings += subsidy < subsidy_before
        rate = a_day * (subsidy + network.fees_btc_per_block) / reward / (1.0 + growth) ** month
        length = (end - before) / timedelta(days=1)
        if left <= rate * length:
            return MiningTime(request, now, (before - today).days + left / rate, halvings)
        left, before, subsidy_before = left - rate * length, end, subsidy
    return MiningTime(request, now, None)
