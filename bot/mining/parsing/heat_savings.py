"""What a machine's heat saves, said beside what its power costs: “it saves me 4 cents of gas a kWh”."""

import re
from typing import Final

from bot.mining.parsing.items import Item
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.question_draft import DAYS, QuestionDraft
from bot.mining.parsing.roles import word_set
from bot.mining.parsing.running_costs import said_with
from bot.mining.parsing.units import Money

_SAVES: Final = re.compile(
    r"\b(?:save[sd]?|savings?|saving|spar(?:e|t|en)|erspar\w*|einspar\w*|weniger|ahorr\w+|menos|эконом\w+|сэконом\w+"
    r"|меньше)\b|省"
)
_FUELS: Final = word_set("heat_savings", "fuels")


def read_heat_saving(draft: QuestionDraft) -> None:
    """Take what is said to be saved where a machine heats: one of two prices of a kWh, or money a month."""
    _read_saving_of_span(draft)
    heat = [item for item in draft.items if item.concept == "heat" and not item.used]
    prices = [item for item in draft.items if item.may_be_power_price and not item.used]
    if not heat or len(prices) != 2:
        return
    saved = [price for price in prices if _saves(draft, price)]
    if len(saved) != 1 or saved[0].quantity is None:
        return
    draft.set_money("heat_credit", draft.per_kwh(saved[0], saved[0].quantity))
    for item in (*said_with(draft, saved[0]), *heat):
        if (
            item is saved[0]
            or item.concept in ("heat", "compare")
            or _SAVES.search(item.text)
            or item.text in _FUELS
        ):
            item.used = True


def _read_saving_of_span(draft: QuestionDraft) -> None:
    """“the heat saves me 80 $ a month in gas”, as what each kWh of machines that always run saves."""
    concepts = draft.concepts()
    speaks_of_heat = "heat" in concepts or any(item.text in _FUELS for item in draft.items)
    if not speaks_of_heat or len(draft.machines) != 1 or concepts & _OFTEN_OFF:
        return
    if any(item.quantity is not None and item.quantity.unit is MeasureUnit.WATTS for item in draft.items):
        return
    for index, item in enumerate(draft.items):
        quantity = item.quantity
        if quantity is None or item.used or quantity.unit is not MeasureUnit.MONEY or quantity.cents:
            continue
        said = said_with(draft, item)
        span, named = _span_of(draft, index)
        if not span or abs(quantity.large) < _LEAST or not any(_SAVES.search(each.text) for each in said):
            continue
        model, bin_ths, _ = draft.machines[0]
        kilowatts = draft.catalogue.pick(model, bin_ths).power_w / 1000.0 * (draft.total_count or 1.0)
        money = draft.amount(quantity, own=True)
        draft.set_money("heat_credit", Money(money.amount / (kilowatts * 24.0 * DAYS[span]), money.currency))
        for each in (item, *named, *said, *draft.items):
            is_of_heat = each.concept == "heat" or each.text in _FUELS or _SAVES.search(each.text) is not None
            each.used = each.used or each is item or is_of_heat or any(each is word for word in named)
        return


def _span_of(draft: QuestionDraft, index: int) -> tuple[str, list[Item]]:
    """In what time an amount is saved, and the words beside it that say so; "" where nothing does."""
    quantity = draft.items[index].quantity
    spans = [] if quantity is None else [each for each in quantity.per if each in DAYS]
    if spans:
        return spans[0], []
    near = draft.items[max(0, index - 3) : index + 5]
    named = [each for each in near if each.concept in DAYS and each.concept != "hour" and not each.used]
    return (named[0].concept, named) if len(named) == 1 else ("", [])


_OFTEN_OFF: Final = frozenset({"uptime", "downtime", "overhead", "cooling", "hour", "only"})
_LEAST: Final = 2.0
"""Money below this is what a kWh costs."""


def _saves(draft: QuestionDraft, price: Item) -> bool:
    before = draft.item_beside(draft.items.index(price), -1)
    if before is not None and before.text in _FUELS and "compare" in draft.concepts():
        return True  # “statt Gas für 11 ct”
    return any(_SAVES.search(item.text) is not None for item in said_with(draft, price) if item is not price)
