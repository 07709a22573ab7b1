"""What a price of power sets: of a kWh, or of a kilowatt a month; watts are what a machine draws."""

from itertools import pairwise
from typing import Final

from bot.mining.errors import Choice, InvalidQuestion, verbatim
from bot.mining.parsing.clarifications import unplaced
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.measures import Measure, MeasureUnit
from bot.mining.parsing.question_draft import DAYS, PERIODS_ASKED, QuestionDraft
from bot.mining.parsing.roles import word_set
from bot.mining.parsing.units import Money


def assign_power(draft: QuestionDraft, item: Item, quantity: Measure, *, keyed: bool) -> None:
    """`power=` is what the machine draws or what a kWh costs; the unit tells, else it is asked."""
    if quantity.unit is MeasureUnit.WATTS:
        draft.set_power(item, quantity.large)
        return
    if keyed and quantity.unit is MeasureUnit.NUMBER and not quantity.per and quantity.small >= 2.0:
        if quantity.large > 500.0:
            draft.set_number("power_w", quantity.large)
            return
        raise InvalidQuestion(
            # Translators: {text} is a number without a unit.
            lambda t: t(
                "Is {text} the price of a kWh in cents, or what the machine draws in watts?",
                text=item.text,
            ),
            f"/breakeven s19 {quantity.small:g}c",
            tuple(
                Choice(verbatim(text), _with_pair(draft, item, text))
                for text in (f"{quantity.small:g}c", *([] if draft.machines else [f"{quantity.large:g}W"]))
            ),
        )
    draft.set_money("power_price", draft.per_kwh(item, quantity))
    read_period(draft, item, quantity)


def read_subtracted(draft: QuestionDraft) -> None:
    """“revenue minus 6c power”, “minus 20 € hosting”: what is taken off is no price below nothing."""
    for index, (before, item) in enumerate(pairwise(draft.items)):
        quantity = item.quantity
        if quantity is None or quantity.small >= 0.0 or not quantity.text.split()[0].isalpha():
            continue
        behind = draft.items[index + 2] if index + 2 < len(draft.items) else item
        if before.concept == "profit" or behind.concept in _TAKEN_OFF:
            item.quantity = quantity._replace(small=-quantity.small, large=-quantity.large, signed=False)


def read_unit_asked(draft: QuestionDraft) -> None:
    """“curtailment threshold in $/MWh”: the unit that a price of power is wanted in, without an amount."""
    for index, item in enumerate(draft.items):
        leads = draft.items[index - 1] if index else item
        if item.concept != "mwh" or item.used or not (leads.text == "/" or leads.concept == "per"):
            continue
        named = draft.items[index - 2] if index > 1 else item
        if named.currency is not None or named.concept in ("price", "money_out", "power"):
            item.used = leads.used = draft.is_per_mwh = True


_TAKEN_OFF: Final = frozenset({"hosting", "hosted", "debt", "fixed", "running_cost", "surcharge"})


def per_kw(draft: QuestionDraft, quantity: Measure) -> Money:
    """What a kWh costs at a price of a kilowatt a month, as hosters charge: one that runs all the time."""
    days = next(DAYS[unit] for unit in quantity.per if unit in DAYS)
    price = draft.amount(quantity)
    return Money(price.amount / (days * 24.0), price.currency)


def read_period(draft: QuestionDraft, item: Item, quantity: Measure) -> None:
    """“s21 6c per week”: the week is what the profit is wanted for, since a kWh is no span of time."""
    for period in set(quantity.per) & set(PERIODS_ASKED):
        if draft.period not in ("day", period):
            raise unplaced(draft.scanned, item)
        draft.period = period
    if "hour" in quantity.per:
        raise unplaced(draft.scanned, item)


def read_units_ahead(draft: QuestionDraft) -> None:
    """“每兆瓦时60美元”, “per MWh 60$”: what an amount is for may stand before it."""
    for index, item in enumerate(draft.items):
        if item.concept != "mwh" or item.used:
            continue
        amount = draft.item_beside(index, 1, over=_BEFORE_AN_AMOUNT)
        quantity = None if amount is None else amount.quantity
        if amount is None or quantity is None or quantity.per or quantity.cents:
            continue
        if quantity.unit in (MeasureUnit.MONEY, MeasureUnit.NUMBER):
            amount.quantity = quantity._replace(per=("mwh",))
            item.used = True


def read_paid_to_take(draft: QuestionDraft) -> None:
    """“they'd pay me 15 €/MWh to take it”, “ich bekomme 1 ct/kWh bezahlt”: a price below nothing."""
    for index, item in enumerate(draft.items):
        if item.used or (item.concept != "pays_me" and item.text not in _GET):
            continue
        place = draft.neighbour(index, 1)
        amount = None if place is None else draft.items[place]
        quantity = None if amount is None else amount.quantity
        if amount is None or quantity is None or not (quantity.cents or set(quantity.per) & {"kwh", "mwh"}):
            continue
        behind = None if place is None else draft.neighbour(place, 1)
        verb = None if behind is None else draft.items[behind]
        is_split = item.text in _GET and verb is not None and verb.text in _PAID
        if item.concept != "pays_me" and not is_split:
            continue
        amount.quantity = quantity._replace(
            small=-abs(quantity.small), large=-abs(quantity.large), signed=True
        )
        item.used = True
        if is_split and verb is not None:
            verb.used = True


def read_generation_cost(draft: QuestionDraft) -> None:
    """“eigene PV, Gestehungskosten 6 ct”: so much costs a kWh, not a bitcoin."""
    for index, item in enumerate(draft.items):
        if item.text not in _GENERATION:
            continue
        place = draft.neighbour(index, 1, over=_BEFORE_AN_AMOUNT)
        quantity = None if place is None else draft.items[place].quantity
        if quantity is not None and (quantity.cents or set(quantity.per) & {"kwh", "mwh"}):
            item.concept = "power"


_GENERATION: Final = word_set("power_figures", "generation")
_GET: Final = word_set("power_figures", "get")
_PAID: Final = word_set("power_figures", "paid")


_BEFORE_AN_AMOUNT: Final = frozenset({"filler", "power", "price", "to", "machine_price"})


def _with_pair(draft: QuestionDraft, item: Item, text: str) -> str:
    """The question with `key=value` replaced by a value with its unit."""
    index = draft.items.index(item)
    left_out = [index - 2, index - 1] if index >= 2 and draft.items[index - 1].text == "=" else []
    return draft.scanned._joined(
        [
            Item(ItemKind.WORD, text, each.start, each.end) if each is item else each
            for number, each in enumerate(draft.items)
            if number not in left_out
        ]
    )
