"""An amount of money, or of money for an energy, in another unit."""

from dataclasses import dataclass

from bot.mining.answer import Input, in_usd, rate_usd
from bot.mining.market import Market
from bot.mining.parsing.units import Currency, Money

_KWH = {"": 1.0, "kwh": 1.0, "mwh": 1000.0}


@dataclass(frozen=True, slots=True)
class ConversionRequest:
    """An amount and the unit it is wanted in: `of` and `into` are energies (kwh, mwh), "" for plain money.

    `currency` is None where that stays the same; `in_hundredths` is True where cents are wanted.
    """

    money: Money
    of: str
    currency: Currency | None
    into: str
    in_hundredths: bool = False


@dataclass(frozen=True, slots=True)
class Conversion:
    """The amount wanted, and the rates it was reckoned with."""

    request: ConversionRequest
    money: Money
    inputs: tuple[Input, ...]


def converted(request: ConversionRequest, market: Market) -> Conversion:
    """The amount in the unit wanted. Raises InvalidQuestion without a rate."""
    inputs: list[Input] = []
    currency = request.currency or request.money.currency
    amount = request.money.amount / _KWH[request.of] * _KWH[request.into]
    if currency is not request.money.currency:
        usd = in_usd(Money(amount, request.money.currency), market, inputs)
        amount = usd / rate_usd(currency, market, inputs)
    return Conversion(request, Money(amount, currency), tuple(inputs))
