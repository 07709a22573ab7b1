"""Costs beside power, such as hosting: for how long, of which machines, or of a kWh."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.i18n.message import N_
from bot.mining.errors import Choice, InvalidQuestion, verbatim
from bot.mining.parsing.clarifications import label
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.measure_reader import PER_MACHINE
from bot.mining.parsing.measures import Measure, MeasureUnit
from bot.mining.parsing.periods import period_within
from bot.mining.parsing.question_draft import DAYS, QuestionDraft
from bot.mining.parsing.roles import word_set, words_of
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import Question

_MOST_A_MACHINE_DAY: Final = 10.0
"""What hosting a machine hardly costs a day, US dollars or euros."""
EACH: Final = PER_MACHINE | word_set("running_costs", "each")
"""Words by which an amount is one of each machine."""
SHARED: Final = frozenset({"debt", "fixed", "running_cost"})
"""What is paid for all machines at once, where nothing says that each machine costs it."""
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
    for each in draft.items:
        if each.concept == concept and (period := period_within(each.text)):
            return quantity._replace(per=(*quantity.per, period))  # “Monatsrate 220 Euro”
    for step in (-1, 1):
        beside = draft.item_beside(index, step, over=_BESIDE_A_COST)
        if beside is not None and not beside.used and beside.kind is ItemKind.WORD and beside.concept in DAYS:
            beside.used = True
            return quantity._replace(per=(*quantity.per, beside.concept))
    if keyed or (draft.strict and concept == "fixed"):
        return quantity
    if concept == "debt" and (span := _span_of_debt(draft, index)) is not None:
        raise _whole_debt(draft, item, quantity, *span)
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


def _span_of_debt(draft: QuestionDraft, index: int) -> tuple[int, list[Item]] | None:
    """In how many months a debt is paid back, and the words that say it; None where nothing does."""
    items = draft.items
    for place, item in enumerate(items[:-1]):
        quantity, unit = item.quantity, items[place + 1]
        plain = quantity is not None and quantity.unit is MeasureUnit.NUMBER and place != index
        if not plain or quantity is None or unit.concept not in ("month", "year") or quantity.small < 1:
            continue
        first = place - 1 if place and items[place - 1].text in _OVER else place
        months = round(quantity.small * (12 if unit.concept == "year" else 1))
        return (months, items[first : place + 2]) if months > 1 else None
    return None


def _whole_debt(
    draft: QuestionDraft, item: Item, quantity: Measure, months: int, said: list[Item]
) -> InvalidQuestion:
    """“a loan of 3,000 over 24 months”: without interest that is so much a month, which is asked."""
    code = (quantity.currency or draft.asker.currency or Currency.USD).value
    each = f"{quantity.large / months:.2f}".rstrip("0").rstrip(".")
    monthly = f"{each} {code}/month"
    typed = draft.scanned.text_with(item, monthly, left_out=said)
    return InvalidQuestion(
        # Translators: {text} is a debt, {n} in how many months it is paid back, {amount} money a month.
        lambda t: t(
            "Paid back in {n} months without interest, {text} is {amount} a month. What do you pay?",
            n=months,
            text=item.text[:30],
            amount=f"{t.number(quantity.large / months, 2)} {code}",
        ),
        f"/breakeven s21 7c debt {monthly}",
        (Choice(verbatim(monthly), typed),),
    )


_OVER: Final = word_set("running_costs", "over")


def _as_tariff(draft: QuestionDraft, item: Item, quantity: Measure) -> tuple[Choice, ...]:
    """The choice of cents a kWh, for “the hoster takes 8.25”."""
    if quantity.unit is not MeasureUnit.NUMBER or not 1.0 <= quantity.small <= 30.0:
        return ()
    cents = f"{quantity.small:g}c/kWh"
    return (Choice(verbatim(cents), draft.scanned.text_with(item, cents)),)


def add_cost(draft: QuestionDraft, concept: str, item: Item, cost: Measure, *, keyed: bool = False) -> None:
    """Take a cost: a loan and what a site pays are all machines' together, hosting is each machine's.

    Other words beside the amount count first: “500 a month each”.
    """
    if keyed or _is_of_each(draft, item, cost):
        draft.add_fixed_cost(item, cost)
        return
    is_open = not concept or (draft.strict and not set(cost.per) & set(DAYS))
    together = _is_of_all(draft, item) or (concept in SHARED and not is_open)
    if not together:
        draft.unclear_costs.append((item, cost, is_open))
    draft.add_fixed_cost(item, cost, together=together)


def _is_of_each(draft: QuestionDraft, item: Item, cost: Measure) -> bool:
    """True for a cost that is said to be one of each machine, in the same breath."""
    said = said_with(draft, item)
    return (
        "machine" in cost.per
        or any(
            beside.text in PER_MACHINE
            or (beside.text in EACH and not (behind is not None and behind.concept in DAYS))  # not “cada mes”
            for beside, behind in zip(said, [*said[1:], None], strict=True)
        )
    )


def _is_of_all(draft: QuestionDraft, item: Item) -> bool:
    """True for a cost that is said to be one of all machines, in the same breath."""
    return TOGETHER.search(" ".join(each.text for each in said_with(draft, item))) is not None


TOGETHER: Final = re.compile(
    r"(?<!\w)(?:together(?! with)|combined|in total|total(?! (?:profit|income|revenue))|for all|all of them"
    r"|zusammen(?! mit)|insgesamt|für alle|für sämtliche|in summe|en total|en conjunto|junt[ao]s(?! con)"
    r"|(?:por|para|entre) tod[ao]s|вместе(?! со)|итого|(?:за|на) все(?! время)|(?:за|на) всех|в сумме"
    r"|(?:в )?общей сложности)(?!\w)|一共|总共|合计|总计|共计|所有机器|全部机器|一起|加起来"
)


def said_with(draft: QuestionDraft, item: Item) -> list[Item]:
    """The items between the marks, or the amounts, that are around one."""
    index = next(position for position, each in enumerate(draft.items) if each is item)
    said = [item]
    for step in (-1, 1):
        position = index + step
        while 0 <= position < len(draft.items):
            beside = draft.items[position]
            if beside.quantity is not None or (beside.kind is ItemKind.SIGN and beside.text in ",;.?!"):
                break
            said.insert(0 if step < 0 else len(said), beside)
            position += step
    return said


def check_shared(draft: QuestionDraft, count: float) -> None:
    """Raise the question whether a cost is each machine's or all machines' together.

    A hosting fee that no single machine pays is all machines'.
    """
    for item, cost, is_open in draft.unclear_costs:
        days = next((DAYS[unit] for unit in cost.per if unit in DAYS), 1.0)
        known = cost.currency in (None, Currency.USD, Currency.EUR)
        is_dear = known and cost.large / days > _MOST_A_MACHINE_DAY
        if count > 1.0 and (is_open or is_dear):
            raise _whose(draft, item, cost, count)


def _whose(draft: QuestionDraft, item: Item, cost: Measure, count: float) -> InvalidQuestion:
    span = next((f"/{unit}" for unit in cost.per if unit in DAYS), "")
    code = (cost.currency or draft.asker.currency or Currency.USD).value
    one, alone = f"{cost.large / count:.10g} {code}/machine{span}", f"{cost.large:.10g} {code}/machine{span}"
    return InvalidQuestion(
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


def shared_out(draft: QuestionDraft, questions: Sequence[Question]) -> tuple[Question, ...]:
    """Questions about several kinds of machines, each with its share of a cost of all.

    Raises InvalidQuestion where numbers of them are compared, each of which might bear all of it.
    """
    cost, total = draft.money.get("shared_cost"), sum(question.count for question in questions)
    if cost is None or (total == len(questions) and not draft.adds_machines):
        return tuple(questions)  # one of each: which of them to have
    if "compare" in draft.concepts():
        raise InvalidQuestion(
            # Translators: {amount} is money a day.
            lambda t: t(
                "Are the {amount} a day for each kind of machine, or for all together?",
                amount=f"{t.number(cost.amount, 2)} {cost.currency}",
            ),
            "/breakeven 10 x s19 6c rent 300$/month",
        )
    return tuple(
        replace(question, shared_cost=Money(cost.amount * question.count / total, cost.currency))
        for question in questions
    )


_LOSING: Final = words_of("running_costs", "losing")
"""How words begin that say of an amount that it is lost."""


def loses(draft: QuestionDraft) -> bool:
    """True where a loss is spoken of."""
    return any(item.text.startswith(_LOSING) for item in draft.items)


def read_instalments(draft: QuestionDraft) -> None:
    """“paying off $180 a month”: what is paid so is a debt, and doesn't ask when the machine has paid."""
    for index, item in enumerate(draft.items):
        if item.kind is not ItemKind.WORD or item.text not in _PAYING_OFF:
            continue
        amount = draft.item_beside(index, 1)
        quantity = None if amount is None else amount.quantity
        if quantity is not None and quantity.unit is MeasureUnit.MONEY and set(quantity.per) & set(DAYS):
            item.concept = "debt"


_PAYING_OFF: Final = word_set("running_costs", "paying_off")
