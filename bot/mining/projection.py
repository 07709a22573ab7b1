"""A machine month by month, on a path of difficulty and price; halvings fall on their projected days.

Nothing is forecast here: the path is the asker's own assumption, compounded monthly from the figures of now.
"""

import calendar
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from bot.mining.answer import answer, network_of
from bot.mining.economics import Economics
from bot.mining.errors import InvalidQuestion
from bot.mining.market import Market
from bot.mining.network import subsidy_on
from bot.mining.parsing.units import Money
from bot.mining.question import Question

MOST_MONTHS: Final = 60
MOST_CHANGE: Final = 0.5
"""The largest monthly change either way, as a fraction."""


@dataclass(frozen=True, slots=True)
class ProjectionRequest:
    """A question over `months`; growths are fractions a month, `resale` a fraction of the machine's price."""

    question: Question
    months: int
    difficulty_growth: float = 0.0
    price_growth: float = 0.0
    resale: float = 0.0


@dataclass(frozen=True, slots=True)
class MonthAhead:
    """A month on the path: its last day, the economics of that day, and the profit since now, USD.

    `halved` is True when the block subsidy is lower than the month before.
    """

    day: date
    economics: Economics
    total_profit_usd: float
    halved: bool


def projection(
    question: Question, market: Market, months: int, difficulty_growth: float, price_growth: float
) -> tuple[MonthAhead, ...]:
    """The months from now on; growths are fractions a month. Raises InvalidQuestion.

    The figures of a month are those of its last day, and count for all its days.
    """
    _check(months, difficulty_growth, price_growth)
    now = answer(question, market).now
    network = network_of(question, market, [])
    if network.by_share or network.difficulty is None:
        raise InvalidQuestion(lambda t: t("Months ahead need the difficulty, not a network hashrate."))
    today = market.at.date()
    path: list[MonthAhead] = []
    total, before, subsidy_before = 0.0, today, network.subsidy_btc
    for month in range(1, months + 1):
        day = months_after(today, month)
        subsidy = _subsidy(network.subsidy_btc, today, day)
        question_then = replace(
            question,
            btc_price=Money(now.btc_price_usd * (1.0 + price_growth) ** month),
            difficulty=network.difficulty * (1.0 + difficulty_growth) ** month,
            fees_btc_per_block=network.fees_btc_per_block,
            block_subsidy_btc=subsidy,
        )
        economics = replace(answer(question_then, market, supposed=True).now, as_of=now.as_of)
        total += economics.profit_usd_per_day * (day - before).days
        path.append(MonthAhead(day, economics, total, subsidy < subsidy_before))
        before, subsidy_before = day, subsidy
    return tuple(path)


def payback_month(path: tuple[MonthAhead, ...], machine_price_usd: float) -> MonthAhead | None:
    """The first month by whose end the machine has earned its price; None when none is."""
    return next((month for month in path if month.total_profit_usd >= machine_price_usd), None)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _subsidy(subsidy_now_btc: float, today: date, day: date) -> float:
    """The subsidy of a day: that of now, halved as often as halvings lie between."""
    subsidy_today = subsidy_on(today)
    return subsidy_now_btc * (subsidy_on(day) / subsidy_today) if subsidy_today else subsidy_now_btc


def _check(months: int, *growths: float) -> None:
    if not 1 <= months <= MOST_MONTHS:
        raise InvalidQuestion(
            lambda t: t("I look at most {months} months ahead.", months=t.number(MOST_MONTHS))
        )
    if not all(-MOST_CHANGE <= growth <= MOST_CHANGE for growth in growths):
        raise InvalidQuestion(
            lambda t: t(
                "A monthly change is between −{most} % and {most} %.", most=t.number(100 * MOST_CHANGE)
            )
        )
