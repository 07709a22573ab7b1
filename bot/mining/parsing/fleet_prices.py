"""The one price of power that a site of a fleet has, where a text gives several: “7c peak 12c 17-21”."""

import re
from typing import Final

from bot.mining.errors import InvalidQuestion
from bot.mining.machines import Catalogue
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.items import Item, scan
from bot.mining.parsing.lexicon import DECIMAL_COMMA
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.question_draft import DAYS, QuestionDraft
from bot.mining.parsing.question_parser import question_of, read
from bot.mining.parsing.units import Money
from bot.mining.question import Question

_ZONE_EXAMPLE: Final = "/fleet power DE-LU + 2c"
_HOURS: Final = re.compile(r"(?<![\d.])[012]?\d(?:[:.]\d\d)?\s?(?:-|–|to|bis|a|до|到|至)\s?[012]?\d(?![\d.])")
_LIKE_A_TARIFF: Final = 1.0
"""Money below this may be what a kWh costs."""


def check_one_price(text: str, catalogue: Catalogue, asker: Asker) -> None:
    """Raise InvalidQuestion for several prices of power in the text behind `/fleet`, or one of some hours.

    Where they can be weighed by their hours the answer says what they are on average.
    """
    try:
        scanned = scan(text, catalogue, asker.language, decimal_comma=asker.language in DECIMAL_COMMA)
    except InvalidQuestion:
        return  # is told part by part
    prices = [item for item in scanned.items if _is_tariff(item)]
    values = {(item.quantity.small, item.quantity.currency) for item in prices if item.quantity}
    is_of_hours = len(values) == 1 and any(_is_of_hours(text, item) for item in prices)
    if len(values) > 1 or is_of_hours:
        raise _one_price(_mean(text, catalogue, asker))


def _is_tariff(item: Item) -> bool:
    quantity = item.quantity
    if quantity is None or quantity.unit is not MeasureUnit.MONEY or set(quantity.per) & {*DAYS, "machine"}:
        return False
    return quantity.cents or bool(set(quantity.per) & {"kwh", "mwh"}) or 0.0 < quantity.small < _LIKE_A_TARIFF


def _is_of_hours(text: str, price: Item) -> bool:
    """True for “12c from 17 to 21”: hours right behind the price."""
    behind = text[text.find(price.text) + len(price.text) :]
    match = _HOURS.search(behind)
    return match is not None and len(behind[: match.start()].split()) <= 1


def _mean(text: str, catalogue: Catalogue, asker: Asker) -> Money | None:
    """The mean of prices by the hour; None where the text can't be read as one tariff of such."""
    try:
        draft: QuestionDraft = read(text, catalogue, asker, strict=True)
        question = question_of(draft, None if draft.names_machine else (catalogue.models[0], None))
    except InvalidQuestion:
        return None
    return _weighed(question)


def _weighed(question: Question) -> Money | None:
    base, peaks = question.power_price, question.peaks
    if base is None or not peaks or any(peak.price.currency is not base.currency for peak in peaks):
        return None
    rest = 1.0 - sum(peak.share for peak in peaks)
    total = rest * base.amount + sum(peak.share * peak.price.amount for peak in peaks)
    return Money(total, base.currency)


def _one_price(mean: Money | None) -> InvalidQuestion:
    if mean is None:
        return InvalidQuestion(
            lambda t: t(
                "A site of the fleet has one price of power: write the average of yours, a day-ahead zone, "
                "or put machines with another price at a site of their own."
            ),
            _ZONE_EXAMPLE,
        )
    amount = f"{mean.amount:.5f}".rstrip("0")
    return InvalidQuestion(
        # Translators: {price} is what a kWh costs, such as “0.07833 USD”, {zone} such as “DE-LU”.
        lambda t: t(
            "A site of the fleet has one price of power. Weighed by your hours it is {price} on average: "
            "write that, or a day-ahead zone such as {zone}.",
            price=f"{t.number(mean.amount, 5)} {mean.currency}/kWh",
            zone="DE-LU",
        ),
        f"/fleet power {amount} {mean.currency}/kWh",
    )
