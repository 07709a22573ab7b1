"""Amounts in another unit, and the rates they are reckoned with."""

from datetime import UTC, datetime

import pytest

from bot.mining.conversion import ConversionRequest, converted
from bot.mining.errors import InvalidQuestion
from bot.mining.market import Fact, Market
from bot.mining.parsing.units import Currency, Money

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
MARKET = Market(AT, Fact(80_000.0, AT, "test"), eur_usd=Fact(1.25, AT, "test"))


@pytest.mark.parametrize(
    ("request_", "amount", "rates"),
    [
        (ConversionRequest(Money(0.07), "kwh", Currency.EUR, "mwh"), 56.0, 1),
        (ConversionRequest(Money(65.0, Currency.EUR), "mwh", None, "kwh"), 0.065, 0),
        (ConversionRequest(Money(100.0, Currency.EUR), "", Currency.BTC, ""), 125.0 / 80_000.0, 2),
    ],
)
def test_it_is_the_same_amount(request_: ConversionRequest, amount: float, rates: int) -> None:
    result = converted(request_, MARKET)
    assert result.money.amount == pytest.approx(amount)
    assert len(result.inputs) == rates


def test_without_a_rate_it_is_refused() -> None:
    with pytest.raises(InvalidQuestion):
        converted(ConversionRequest(Money(1.0), "", Currency.GBP, ""), MARKET)
