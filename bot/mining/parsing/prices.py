"""The one parser of a power price typed by itself: in a field, a flag, a fleet's tariff, a setting."""

from math import isfinite

from bot.mining.errors import QUESTION_EXAMPLE, InvalidQuestion
from bot.mining.parsing.lexicon import DECIMAL_COMMA, lexicon, written_in
from bot.mining.parsing.measure_reader import MeasureReader
from bot.mining.parsing.measures import Measure, MeasureUnit
from bot.mining.parsing.tokens import normalize, tokenize
from bot.mining.parsing.units import Currency, Money


def parse_quantity(text: str, *, language: str = "en") -> Measure | None:
    """The quantity that a text is, whole; None when it is none or more. Raises InvalidQuestion for a unit."""
    words = lexicon()
    plain = normalize(text[:100])
    tokens = words.cut(tokenize(plain), language)
    if not tokens:
        return None
    reader = MeasureReader(
        tokens, words, written_in(plain, language), decimal_comma=language in DECIMAL_COMMA
    )
    quantity = reader.quantity_at(0)
    return quantity if quantity is not None and quantity.end == len(tokens) else None


def parse_power_price(
    text: str,
    *,
    currency: Currency = Currency.USD,
    language: str = "en",
    bare_cents: bool = True,
    example: str = QUESTION_EXAMPLE,
) -> Money:
    """The price of a kWh. Raises InvalidQuestion for anything else.

    A bare number is in `currency`: in cents when it is 1 or more and `bare_cents`, else per kWh. Bare cents
    are the currency's too.
    """
    quantity = parse_quantity(text, language=language)
    priced = quantity is not None and (
        quantity.unit is MeasureUnit.MONEY or (quantity.unit is MeasureUnit.NUMBER and not quantity.scaled)
    )
    if quantity is None or not priced or not isfinite(quantity.small) or set(quantity.per) - {"kwh", "mwh"}:
        raise InvalidQuestion(
            lambda t: t("“{text}” is no power price; write 0.07, 7c or 65 EUR/MWh.", text=text.strip()[:40]),
            example,
        )
    value = quantity.small / (1000.0 if "mwh" in quantity.per else 1.0)
    without_unit = quantity.unit is MeasureUnit.NUMBER and not quantity.per
    if without_unit and bare_cents and abs(value) >= 1.0:
        value /= 100.0
    money = Money(value, quantity.currency or currency)
    if money.currency in (Currency.USD, Currency.EUR) and abs(money.amount) > 2.0:
        raise InvalidQuestion(
            # Translators: {text} is what was typed, {cents} the same number in cents.
            lambda t: t(
                "{text} per kWh can hardly be; for {cents} cents write {cents}c.",
                text=text.strip()[:20],
                cents=t.number(money.amount, 2),
            ),
            example,
        )
    return money
