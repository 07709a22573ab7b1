"""Questions what a machine costs or is worth: “what is a used S19 worth?”, “how much does an S21 cost?”."""

import re
from typing import Final

from bot.i18n.message import LazyText
from bot.mining.errors import Choice, InvalidQuestion
from bot.mining.machine_names import short_name
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.parsing.roles import word_set, words_of

_WORTH: Final = word_set("machine_worth", "worth")
"""Words that ask what a machine itself is worth, whatever stands beside them."""
_COSTS: Final = word_set("machine_worth", "costs")
"""Words for a price, which is the machine's where nothing else is named."""
_USED: Final = words_of("machine_worth", "used")
"""How words begin that are said of machines sold on."""
_SELL: Final = words_of("machine_worth", "sell")
"""How verbs of selling begin."""
_HOW_MUCH: Final = word_set("machine_worth", "how_much")
_IS_ASKED: Final = re.compile(r"how much (?:is|are|for) ")
_ASKING: Final = ("what", "how much", "how many")
"""How an English question for a worth begins, where “worth” may as well ask whether it pays."""
_BESIDE: Final = frozenset(
    {"filler", "per", "by", "to", "keep_on", "thanks", "until", "count_word", "machine_unit", "greeting"}
)
"""Meanings that say no more: articles, “noch”, the Spanish “vale”."""
_MONTHS: Final = (12, 24)


def refuse_worth(draft: QuestionDraft) -> None:
    """Raise what is known instead where a machine's own price is asked for."""
    if len(draft.machines) != 1 or not _asks_worth(draft):
        return
    name = short_name(draft.machines[0][0])
    tariff = "".join(f" {item.text}" for item in draft.items if _is_tariff(item))
    raise InvalidQuestion(
        lambda t: t(
            "I have no prices of machines, new or used. Give one and I say when it has paid for itself, or "
            "ask what it may cost for that."
        ),
        f"/breakeven {name.lower()} 7c cost=400$",
        tuple(
            Choice(_label(months), f"max price for {name}{tariff} to pay back in {months} months")
            for months in _MONTHS
        ),
    )


def _label(months: int) -> LazyText:
    # Translators: a button; {n} is in how many months a machine is to have paid for itself.
    return lambda t: t("For payback in {n} months", n=months)


def _asks_worth(draft: QuestionDraft) -> bool:
    """True where a machine's price is asked for, and nothing else is said than what it is of."""
    rest = [item for item in draft.items if not _says_no_more(item)]
    worth = [item for item in rest if _is_of_worth(item)]
    prices = [item for item in rest if item.text in _COSTS or item.concept in ("machine_price", "price")]
    sales = [item for item in rest if item.text.startswith(_SELL)]
    tariffs = [item for item in rest if _is_tariff(item)]
    if any(item not in (*worth, *prices, *sales, *tariffs) for item in rest):
        return False
    if worth:
        is_asked = any(item.text.startswith(_ASKING) for item in draft.items)
        return is_asked or not any(item.concept == "profit" for item in worth)  # “is an S19 worth firing up?”
    asks_price = any(item.text in _COSTS for item in prices)
    asks_price = asks_price or _IS_ASKED.match(draft.scanned.plain) is not None
    asks_price = asks_price or (bool(sales) and any(item.text in _HOW_MUCH for item in draft.items))
    amounts = (each.quantity for each in draft.items if each.quantity is not None)
    return asks_price and not any(each.unit is MeasureUnit.MONEY for each in amounts)


def _is_of_worth(item: Item) -> bool:
    return item.text in _WORTH or item.concept == "resale"


def _says_no_more(item: Item) -> bool:
    if item.kind is ItemKind.MACHINE or item.used:
        return True
    if item.kind is ItemKind.SIGN:
        return item.text in "?!.,¿¡"
    is_asked = item.text in _COSTS or item.text in _WORTH or item.text.startswith(_SELL)
    if is_asked:
        return False
    return item.text.startswith(_USED) or (item.kind is ItemKind.WORD and item.concept in _BESIDE)


def _is_tariff(item: Item) -> bool:
    quantity = item.quantity
    return quantity is not None and quantity.unit is MeasureUnit.MONEY and quantity.cents
