"""Costs beside power, such as hosting: for how long, of which machines, or of a kWh."""

from dataclasses import replace
from typing import Final

from bot.i18n.message import N_
from bot.mining.errors import Choice, InvalidQuestion, verbatim
from bot.mining.parsing.clarifications import label
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.measures import Measure, MeasureUnit
from bot.mining.parsing.question_draft import DAYS, QuestionDraft
from bot.mining.parsing.units import Currency

_MOST_A_MACHINE_DAY: Final = 10.0
"""What hosting a machine hardly costs a day, US dollars or euros."""
EACH: Final = frozenset(
    {"each", "apiece", "each machine", "per machine", "je", "je gerät", "pro gerät", "pro stück", "jeweils"}
    | {"cada", "cada una", "cada uno", "por máquina", "каждый", "каждая", "за каждый", "с каждого"}
    | {"每台", "单台", "一台"}
)
"""Words by which an amount is one of each machine."""
_BESIDE_A_COST: Final = frozenset({"per", "to", "by", "filler", "hosting", "hosted", "debt", "fixed"})


def is_tariff(concept: str, quantity: Measure) -> bool:
    """True for a cost that is one of a kWh: in cents, or for hosting less than a dollar."""
    least = 1.0 if quantity.unit is MeasureUnit.MONEY else 0.5
    small = concept in ("hosting", "hosted") and not quantity.per and abs(quantity.small) < least
    return bool(set(quantity.per) & {"kwh", "mwh"}) or quantity.cents or small


def comes_on_top(draft: QuestionDraft, concept: str, item: Item) -> bool:
    """True for a cost of a kWh beside what it costs itself: “3.2c plus 1.1c maintenance per kWh”."""
    index = draft.items.index(item)
    others = [
        each
        for each in draft.items
        if each is not item
        and each.quantity is not None
        and (each.quantity.cents or set(each.quantity.per) & {"kwh", "mwh"})
    ]
    added = index > 0 and draft.items[index - 1].text in ("plus", "+", "más", "плюс", "加", "加上")
    return bool(others) and (added or concept in ("fixed", "running_cost"))


def with_period(draft: QuestionDraft, concept: str, item: Item, quantity: Measure, *, keyed: bool) -> Measure:
    """A cost with the span of time named beside it: “hosting monthly 60$”, “每月60美元”.

    `fixed=` is of a day, as documented. Raises InvalidQuestion where no span of time is named.
    """
    if set(quantity.per) & set(DAYS):
        return quantity
    index = next(position for position, each in enumerate(draft.items) if each is item)
    for step in (-1, 1):
        position = draft.neighbour(index, step, over=_BESIDE_A_COST)
        beside = draft.items[position] if position is not None else None
        if beside is not None and not beside.used and beside.kind is ItemKind.WORD and beside.concept in DAYS:
            beside.used = True
            return replace(quantity, per=(*quantity.per, beside.concept))
    if keyed or (draft.strict and concept == "fixed"):
        return quantity
    raise InvalidQuestion(
        # Translators: {text} is an amount of money, such as “60$”, that hosting costs.
        lambda t: t("Is {text} for a day, or for a month?", text=item.text[:30]),
        "/breakeven s21 7c hosting 60$/month",
        (
            *_as_tariff(draft, item, quantity),
            *(
                Choice(label(name), draft.scanned.text_with(item, f"{item.text}/{period}"))
                for period, name in (("month", N_("per month")), ("day", N_("per day")))
            ),
        ),
    )


def _as_tariff(draft: QuestionDraft, item: Item, quantity: Measure) -> tuple[Choice, ...]:
    """The choice of cents a kWh, for “the hoster takes 8.25”."""
    if quantity.unit is not MeasureUnit.NUMBER or not 1.0 <= quantity.small <= 30.0:
        return ()
    cents = f"{quantity.small:g}c/kWh"
    return (Choice(verbatim(cents), draft.scanned.text_with(item, cents)),)


def check_shared(draft: QuestionDraft, concept: str, item: Item, cost: Measure) -> None:
    """Raise the question whether a cost is each machine's or all machines' together.

    A rent is a site's as often as a machine's; a hosting fee that no single machine pays is all machines'.
    """
    count = draft.numbers.get("count", 1.0)
    days = next((DAYS[unit] for unit in cost.per if unit in DAYS), 1.0)
    each = "machine" in cost.per or any(word.text in EACH for word in draft.items)
    dear = cost.large / days > _MOST_A_MACHINE_DAY and cost.currency in (None, Currency.USD, Currency.EUR)
    if count <= 1.0 or each or not (concept == "fixed" or dear):
        return
    span = next((f"/{unit}" for unit in cost.per if unit in DAYS), "")
    code = (cost.currency or draft.asker.currency or Currency.USD).value
    one, alone = f"{cost.large / count:.10g} {code}/machine{span}", f"{cost.large:.10g} {code}/machine{span}"
    raise InvalidQuestion(
        # Translators: {text} is an amount of money a month, {count} a number of machines.
        lambda t: t(
            "Is {text} for each machine, or for all {count} together?",
            text=item.text[:30],
            count=t.number(count),
        ),
        f"/breakeven {count:g}x s21 7c hosting 60$/machine/month",
        (
            Choice(label(N_("for each")), draft.scanned.text_with(item, alone)),
            Choice(label(N_("for all")), draft.scanned.text_with(item, one)),
        ),
    )
