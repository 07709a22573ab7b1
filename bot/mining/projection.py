"""A machine month by month, on a path of difficulty and price; halvings fall on their projected days.

Nothing is forecast here: the path is the asker's own assumption, compounded monthly from the figures of now.
"""

import calendar
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import count, islice
from typing import Final

from bot.mining.answer import answer, in_usd, network_of
from bot.mining.economics import Economics
from bot.mining.errors import InvalidQuestion
from bot.mining.limits import BOUNDS
from bot.mining.market import Market
from bot.mining.network import subsidy_on
from bot.mining.parsing.units import Money
from bot.mining.question import Question

MOST_MONTHS: Final = 60
MOST_PAYBACK_MONTHS: Final = 120
"""How far is looked for the month in which a machine has paid for itself."""
MOST_CHANGE: Final = 0.5
"""The largest monthly change either way, as a fraction."""


@dataclass(frozen=True, slots=True)
class ProjectionRequest:
    """A question over `months`; growths are fractions a month, `resale` a fraction of the machine's price.

    `until_paid` is True where no span was said and the machine's payback is asked for.
    """

    question: Question
    months: int
    difficulty_growth: float = 0.0
    price_growth: float = 0.0
    resale: float = 0.0
    until_paid: bool = False


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
    return tuple(islice(_months(question, market, difficulty_growth, price_growth), months))


def path_to_payback(request: ProjectionRequest, market: Market) -> tuple[MonthAhead, ...]:
    """The months until the machine has paid for itself, or until it earns nothing and never will again.

    At most MOST_PAYBACK_MONTHS of them. Raises InvalidQuestion.
    """
    growth, price_growth = request.difficulty_growth, request.price_growth
    check_growths(growth, price_growth)
    machine_price = request.question.machine_price
    price_usd = math.inf if machine_price is None else in_usd(machine_price, market, [])
    path: list[MonthAhead] = []
    for month in islice(_months(request.question, market, growth, price_growth), request.months):
        path.append(month)
        is_over = month.economics.profit_usd_per_day <= 0.0 and growth >= 0.0 >= price_growth
        if month.total_profit_usd >= price_usd or is_over:
            break
    return tuple(path)


def _months(
    question: Question, market: Market, difficulty_growth: float, price_growth: float
) -> Iterator[MonthAhead]:
    """Month after month without an end."""
    now = answer(question, market).now
    network = network_of(question, market, [])
    if network.by_share or network.difficulty is None:
        raise InvalidQuestion(lambda t: t("Months ahead need the difficulty, not a network hashrate."))
    least, most = BOUNDS["difficulty"].low, BOUNDS["difficulty"].high
    today = market.at.date()
    total, before, subsidy_before = 0.0, today, network.subsidy_btc
    for month in count(1):
        day = months_after(today, month)
        subsidy = subsidy_then(network.subsidy_btc, today, day)
        question_then = replace(
            question,
            btc_price=Money(now.btc_price_usd * (1.0 + price_growth) ** month),
            difficulty=min(max(network.difficulty * (1.0 + difficulty_growth) ** month, least), most),
            fees_btc_per_block=network.fees_btc_per_block,
            block_subsidy_btc=subsidy,
        )
        economics = replace(answer(question_then, market, supposed=True).now, as_of=now.as_of)
        total += economics.profit_usd_per_day * (day - before).days
        yield MonthAhead(day, economics, total, subsidy < subsidy_before)
        before, subsidy_before = day, subsidy


def payback_month(path: tuple[MonthAhead, ...], machine_price_usd: float) -> MonthAhead | None:
    """The first month by whose end the machine has earned its price; None when none is."""
    return next((month for month in path if month.total_profit_usd >= machine_price_usd), None)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def subsidy_then(subsidy_now_btc: float, today: date, day: date) -> float:
    """The subsidy of a day: that of now, halved as often as halvings lie between."""
    subsidy_today = subsidy_on(today)
    return subsidy_now_btc * (subsidy_on(day) / subsidy_today) if subsidy_today else subsidy_now_btc


def _check(months: int, *growths: float) -> None:
    if not 1 <= months <= MOST_MONTHS:
        raise InvalidQuestion(
            lambda t: t("I look at most {months} months ahead.", months=t.number(MOST_MONTHS))
        )
    check_growths(*growths)


def check_growths(*growths: float) -> None:
    """Raise InvalidQuestion for a monthly change out of bounds."""
    if not all(-MOST_CHANGE <= growth <= MOST_CHANGE for growth in growths):
        raise InvalidQuestion(
            lambda t: t(
                "A monthly change is between −{most} % and {most} %.", most=t.number(100 * MOST_CHANGE)
            )
        )
