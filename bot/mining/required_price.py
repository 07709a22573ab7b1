"""The price at which machines earn an income, or have paid for themselves in time.

Profit is linear in bitcoin's price and in that of a kWh, so two points of each line give the price exactly.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from bot.mining.answer import Answer, Input, answer, in_usd
from bot.mining.errors import InvalidQuestion
from bot.mining.goal import DAYS
from bot.mining.market import Market
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import Question

_BTC_PRICES_USD: Final = (20_000.0, 120_000.0)
_POWER_PRICES_USD: Final = (0.05, 0.15)
_HASHPRICES_USD: Final = (20.0, 120.0)


class Sought(StrEnum):
    """Which price is asked for."""

    BTC_PRICE = "btc_price"
    POWER_PRICE = "power_price"
    MACHINE_PRICE = "machine_price"
    HASHPRICE = "hashprice"
    """What a PH/s earns a day."""


@dataclass(frozen=True, slots=True)
class PriceAim:
    """What a price is to bring: `income` in a `period`, or the machine's own price within `months`."""

    sought: Sought
    income: Money | None = None
    period: str = "day"
    months: float = 0.0


@dataclass(frozen=True, slots=True)
class PriceRequest:
    """The question which price brings what is aimed at, all else as it is now."""

    question: Question
    aim: PriceAim


@dataclass(frozen=True, slots=True)
class RequiredPrice:
    """The price that is sought, US dollars, and the answer at the prices of now.

    `price_usd` is None where no price does it, and negative where even a price of nothing is too dear.
    """

    aim: PriceAim
    price_usd: float | None
    now: Answer


def required_price(request: PriceRequest, market: Market, currency: Currency | None = None) -> RequiredPrice:
    """The price at which the aim is just reached. Raises InvalidQuestion for what is missing."""
    question, aim = request.question, request.aim
    now = answer(question, market, currency)
    inputs: list[Input] = list(now.inputs)
    if aim.sought is Sought.MACHINE_PRICE:
        price: float | None = now.now.profit_usd_per_day * aim.months * DAYS["month"]
    else:
        wanted = _wanted_usd_per_day(question, aim, market, inputs)
        price = _where(wanted, *_line(question, aim.sought, market))
    return RequiredPrice(aim, price, replace(now, inputs=tuple(inputs)))


def _wanted_usd_per_day(question: Question, aim: PriceAim, market: Market, inputs: list[Input]) -> float:
    """What one machine is to earn a day; a rate used is added to `inputs`."""
    if aim.income is not None:
        return in_usd(aim.income, market, inputs) / DAYS[aim.period] / question.count
    if question.machine_price is None:
        raise InvalidQuestion(
            lambda t: t("Give the machine's price for its payback: {example}.", example="machine-price=2400"),
            "/breakeven s21 5c cost=2400$",
        )
    return in_usd(question.machine_price, market, inputs) / (aim.months * DAYS["month"])


def _line(
    question: Question, sought: Sought, market: Market
) -> tuple[Callable[[float], float], tuple[float, float]]:
    """One machine's daily profit at a price, and two prices to reckon it at."""

    def at_btc_price(usd: float) -> float:
        asked = replace(question, btc_price=Money(usd), hashprice=None)
        return answer(asked, market, supposed=True).now.profit_usd_per_day

    def at_power_price(usd: float) -> float:
        return answer(replace(question, power_price=Money(usd)), market).now.profit_usd_per_day

    def at_hashprice(usd: float) -> float:
        asked = replace(question, btc_price=None, hashprice=Money(usd))
        return answer(asked, market).now.profit_usd_per_day

    if sought is Sought.HASHPRICE:
        return at_hashprice, _HASHPRICES_USD
    if sought is Sought.BTC_PRICE:
        return at_btc_price, _BTC_PRICES_USD
    return at_power_price, _POWER_PRICES_USD


def _where(wanted: float, profit_at: Callable[[float], float], prices: tuple[float, float]) -> float | None:
    """Where a straight line reaches what is wanted; None where it is level."""
    low, high = (profit_at(price) for price in prices)
    if low == high:
        return None
    return prices[0] + (wanted - low) * (prices[1] - prices[0]) / (high - low)
