"""The price at which an aim is reached: asked at that price, the answer is what was aimed at."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n.translator import translator_for
from bot.mining.answer import answer
from bot.mining.economics import Rig
from bot.mining.errors import InvalidQuestion
from bot.mining.market import Fact, Market
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import Question
from bot.mining.required_lines import sentence
from bot.mining.required_price import PriceAim, PriceRequest, Sought, required_price

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
MARKET = Market(AT, Fact(80_000.0, AT, "test"), Fact(130e12, AT, "test"), Fact(0.02, AT, "test"))
S21 = Question(Rig(200.0, 3500.0, "Antminer S21"), power_price=Money(0.05))
PRICED = replace(S21, machine_price=Money(3_000.0))
TEN_A_DAY = Money(10.0)


def _price(question: Question, aim: PriceAim) -> float:
    price = required_price(PriceRequest(question, aim), MARKET).price_usd
    assert price is not None
    return price


def _profit(question: Question) -> float:
    return answer(question, MARKET, supposed=True).now.profit_usd_per_day


@given(
    st.floats(0.5, 500.0),
    st.sampled_from(("day", "week", "month", "year")),
    st.integers(1, 50),
    st.floats(0.01, 0.2),
    st.floats(0.0, 0.05),
)
def test_at_that_price_so_much_is_earned(
    amount: float, period: str, count: int, power_price: float, pool_fee: float
) -> None:
    days = {"day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}[period]
    asked = replace(
        S21, count=count, power_price=Money(power_price), pool_fee=pool_fee, fixed_cost=Money(0.7), uptime=0.9
    )
    aim = PriceAim(Sought.BTC_PRICE, Money(amount), period)
    earned = _profit(replace(asked, btc_price=Money(_price(asked, aim)))) * count * days
    assert earned == pytest.approx(amount, rel=1e-6)
    hashprice = _price(asked, replace(aim, sought=Sought.HASHPRICE))
    earned = _profit(replace(asked, hashprice=Money(hashprice))) * count * days
    assert earned == pytest.approx(amount, rel=1e-6)


def test_a_tariff_is_the_one_before_tax_surcharge_and_what_heat_saves() -> None:
    asked = replace(
        S21, surcharge=Money(0.01), power_tax=0.19, heat_credit=Money(0.02), overhead=1.1, power_price=None
    )
    tariff = _price(asked, PriceAim(Sought.POWER_PRICE, Money(2.0)))
    assert _profit(replace(asked, power_price=Money(tariff))) == pytest.approx(2.0)


def test_figures_by_hand() -> None:
    """3.145 BTC a block, 144 of them a day shared by 130e12 · 2³² ÷ 600 hashes a second."""
    btc = 200e12 * 86_400.0 * (3.125 + 0.02) / (130e12 * 2**32)
    power = 3.5 * 24.0 * 0.05
    assert _price(S21, PriceAim(Sought.BTC_PRICE, TEN_A_DAY)) == pytest.approx((10.0 + power) / btc)
    assert _price(S21, PriceAim(Sought.POWER_PRICE, Money(1.0))) == pytest.approx(
        (80_000.0 * btc - 1.0) / (3.5 * 24.0)
    )


def test_paid_back_in_a_year_are_365_and_a_quarter_days() -> None:
    aim = PriceAim(Sought.BTC_PRICE, months=12.0)
    at_price = answer(replace(PRICED, btc_price=Money(_price(PRICED, aim))), MARKET, supposed=True)
    assert at_price.now.payback_days == pytest.approx(365.25)
    tariff = _price(PRICED, replace(aim, sought=Sought.POWER_PRICE))
    assert answer(replace(PRICED, power_price=Money(tariff)), MARKET).now.payback_days == pytest.approx(
        365.25
    )
    may_cost = _price(S21, replace(aim, sought=Sought.MACHINE_PRICE))
    assert answer(replace(S21, machine_price=Money(may_cost)), MARKET).now.payback_days == pytest.approx(
        365.25
    )


def test_an_amount_of_another_currency_is_converted_and_its_rate_named() -> None:
    market = replace(MARKET, eur_usd=Fact(1.25, AT, "test"))
    aim = PriceAim(Sought.BTC_PRICE, Money(8.0, Currency.EUR))
    required = required_price(PriceRequest(S21, aim), market)
    assert required.price_usd == pytest.approx(_price(S21, PriceAim(Sought.BTC_PRICE, TEN_A_DAY)))
    assert "EUR/USD" in [each.label for each in required.now.inputs]


def test_what_the_machine_costs_is_asked_where_it_is_to_pay_back() -> None:
    with pytest.raises(InvalidQuestion, match="machine's price"):
        _price(S21, PriceAim(Sought.BTC_PRICE, months=12.0))


@pytest.mark.parametrize("language", ["en", "de", "es", "ru", "zh"])
@pytest.mark.parametrize("sought", list(Sought))
def test_the_sentence_has_the_price_or_says_that_there_is_none(language: str, sought: Sought) -> None:
    t = translator_for(language)
    within = required_price(PriceRequest(PRICED, PriceAim(sought, months=12.0)), MARKET)
    assert "12" in sentence(within, t)
    if sought is Sought.MACHINE_PRICE:
        return
    wanted = required_price(PriceRequest(PRICED, PriceAim(sought, TEN_A_DAY)), MARKET)
    assert "10" in sentence(wanted, t)
    never = replace(wanted, price_usd=None)
    assert sentence(never, t) != sentence(wanted, t)


def test_free_power_may_be_too_dear() -> None:
    aim = PriceAim(Sought.POWER_PRICE, Money(1_000.0))
    required = required_price(PriceRequest(S21, aim), MARKET)
    assert sentence(required, translator_for("en")) == (
        "No power price brings 1,000 USD a day of profit: free power is still too dear."
    )
