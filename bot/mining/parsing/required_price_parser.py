"""“What bitcoin price do I need for 10 USD a day?”, “bei welchem Kurs ist er in einem Jahr bezahlt?”."""

import re
from dataclasses import replace
from typing import Final

from bot.i18n.message import N_, Translator
from bot.mining.errors import Choice, InvalidQuestion, verbatim
from bot.mining.goal import DAYS
from bot.mining.parsing.clarifications import label
from bot.mining.parsing.continuation import following
from bot.mining.parsing.focus import ASKED_HOW
from bot.mining.parsing.follow_up import AskedQuestion
from bot.mining.parsing.goal_parser import is_of_bitcoin, period_named
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.leftovers import check_leftovers
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.parsing.question_parser import question_of
from bot.mining.parsing.roles import word_set, words_of
from bot.mining.parsing.running_costs import loses
from bot.mining.parsing.scenario_parser import nothing_supposed
from bot.mining.question import Focus, Question
from bot.mining.required_price import PriceAim, PriceRequest, Sought
from bot.mining.scenario import Scenario

_OF_BITCOIN: Final = re.compile(r"btc|bitcoin|coin|kurs|битк|бито|курс|币")
"""What makes the price that is asked for bitcoin's."""
_OF_A_MACHINE: Final = re.compile(
    r"(?:what|how much) (?:may|can|should|could|must) (?!btc|bitcoin|power|electr|energy).{1,24}? cost\b"
    r"|how much (?:may|can|should|could) (?:i|we|one) (?:pay|spend) (?:for|on)\b"
    r"|(?:max(?:imum)?|highest|what|which) (?:machine |purchase |buying )price (?:for|of|does)\b"
    r"|(?:max(?:imum)?|highest) price (?:for|of|to pay for)\b"
    r"|(?:max(?:imum)?|most|highest)(?: amount| price)?(?: that)? (?:i|we|you|one) (?:can|could|should|may) "
    r"(?:pay|spend) (?:for|on) (?!btc|bitcoin|power|electr|energy)"
    r"|was (?:darf|kann|sollte) (?:ich|man) (?:maximal|höchstens) für (?!btc|bitcoin|strom|den strom)"
    r"|m[áa]ximo que puedo pagar por (?!btc|bitcoin|la luz|el kwh)"
    r"|(?:was|wie ?viel|wie teuer) darf (?!btc|bitcoin|der strom|strom|die kwh|eine kwh).{1,24}?"
    r"(?:kosten|sein)\b"
    r"|(?:welcher|welchem|welchen) (?:kauf|geräte|anschaffungs)preis|(?:höchst|maximal)preis für"
    r"|cu[áa]nto (?:puede|podr[íi]a|debe|deber[íi]a) costar (?!btc|el bitcoin|bitcoin|la luz|el kwh)"
    r"|cu[áa]nto puedo pagar por|precio m[áa]ximo (?:de|por|para) (?:un|una|el|la|compra)\b"
    r"|(?:сколько|почем) (?:может|должен|должна|могут) стоить (?!би|btc|эле|свет|квт)"
    r"|(?:за сколько|по какой цене) (?:можно |надо |нужно )?(?:купить|брать|взять|покупать)"
    r"|多少钱(?:买|入手|能买|收)|最多(?:花|用)?多少钱买|(?:机价|买价|机器价格)(?:要|得|该)?(?:是)?多少"
)
"""How it is asked what a machine may cost."""
_ADDS: Final = frozenset(
    {"with", "mit", "con", "bei", "at", "a", "при", "по", "+", "plus", "and", "und", "y", "и", "с", ",", "加"}
)
_EARNED: Final = word_set("required_price_parser", "earned")
"""In front of an amount in a span of time these make it what is wanted."""
_COSTS: Final = frozenset(
    {"hosting", "hosted", "debt", "fixed", "running_cost", "surcharge", "heat", "overhead"}
)
_WITHIN: Final = word_set("required_price_parser", "within")
"""What may stand before the time in which something pays back."""
_LONGEST_MONTHS: Final = 480.0
_PAID: Final = frozenset({"payback", "breakeven", "machine_price"})
_EACH: Final = word_set("required_price_parser", "each")
_ASKED: Final = frozenset(
    {"breakeven_btc", "breakeven_power", "limit", "payback", "breakeven", "btc_price", "btc", "power"}
    | {"price", "up", "down", "move", "profit", "until", "below", "above"}
)
"""Meanings that only say which price is asked for, and what it is to bring."""


def read_price_aim(draft: QuestionDraft) -> PriceAim | None:
    """The price that is asked for with what it is to bring, taken out of the text; None without one.

    Raises InvalidQuestion where it is not clear which price is meant, and for an amount of bitcoin.
    """
    if len(draft.machines) > 1:
        return None
    span = _payback_span(draft)
    income = None if span is not None else _income(draft)
    if span is None and income is None:
        _refuse_bitcoin(draft)
        _refuse_without_span(draft)
        return None
    sought = _sought(draft, pays_back=span is not None)
    if sought is None:
        return None
    used: list[Item] = []
    if span is not None:
        months, used = span
        aim = PriceAim(sought, months=months)
    if income is not None and income.quantity is not None:
        quantity = income.quantity
        period = quantity.per[0] if quantity.per else period_named(draft, draft.items.index(income))
        aim, used = PriceAim(sought, draft.amount(quantity), period), [income]
        used += [item for item in draft.items if item.concept == period and not quantity.per]
    for item in used:
        item.used = True
    for item in draft.items:
        item.used = item.used or item.concept in _ASKED
        if sought is Sought.HASHPRICE and item.concept == "hashprice":
            item.used = True
    draft.has_aim = True
    return aim


def price_request(
    draft: QuestionDraft, aim: PriceAim, scenario: Scenario, before: AskedQuestion | None
) -> PriceRequest:
    """The question for a price; without a machine it goes on from the question before.

    Raises InvalidQuestion where the price is given already, or more is supposed.
    """
    if scenario.supposes:
        raise nothing_supposed()
    if aim.sought is Sought.POWER_PRICE and (draft.names_power_price or draft.hours is not None):
        draft.refuse_two("power_price")
    if aim.sought.value in draft.money:
        draft.refuse_two(aim.sought.value)
    if aim.sought in (Sought.BTC_PRICE, Sought.HASHPRICE) and draft.money.keys() & {"btc_price", "hashprice"}:
        draft.refuse_two("btc_price")
    if not draft.numbers.keys().isdisjoint(("months", "growth", "resale")):
        raise InvalidQuestion(
            lambda t: t("I reckon that price with the figures of now; leave out what changes with time."),
            "/breakeven s21 5c",
        )
    if draft.names_machine:
        question = question_of(draft)
        check_leftovers(draft)
    elif before is None:
        raise _of_which_machine(draft)
    else:
        followed = following(draft, scenario, before)
        if not isinstance(followed, Question):
            raise _of_which_machine(draft)
        question = _without_sought(followed, aim.sought)
    return PriceRequest(replace(question, focus=Focus.PROFIT), aim)


def _without_sought(question: Question, sought: Sought) -> Question:
    """The question answered before, without what it gave of the price that is asked for now."""
    if sought is Sought.POWER_PRICE:
        return replace(question, power_price=None, peaks=(), zone=None)
    if sought is Sought.MACHINE_PRICE:
        return replace(question, machine_price=None)
    return replace(question, btc_price=None, hashprice=None)


def _of_which_machine(draft: QuestionDraft) -> InvalidQuestion:
    text = draft.scanned.text_without([])
    return InvalidQuestion(
        lambda t: t("Which machine? Name a model, or its hashrate and power."),
        # Translators: a question as it may be typed.
        lambda t: t("which bitcoin price for an s21 to earn $10 a day at 6c"),
        tuple(Choice(verbatim(model), f"{model} {text}") for model in ("S19", "S19j Pro", "S21", "S21 XP")),
    )


def _refuse_bitcoin(draft: QuestionDraft) -> None:
    """Raise InvalidQuestion where a price is asked for that is to bring an amount of bitcoin."""
    earned = "profit" in draft.concepts() and any(
        is_of_bitcoin(draft, index) and not item.used for index, item in enumerate(draft.items)
    )
    if earned and any(item.concept in ("breakeven_btc", "breakeven_power") for item in draft.items):
        raise InvalidQuestion(
            lambda t: t("How much bitcoin a machine mines depends on no price; name an amount of money."),
            # Translators: a question as it may be typed.
            lambda t: t("which bitcoin price for an s21 to earn $10 a day at 6c"),
        )


def _refuse_without_span(draft: QuestionDraft) -> None:
    """Raise InvalidQuestion where a price is asked for that pays back in a time that isn't clear."""
    concepts = draft.concepts()
    is_asked = concepts & {"breakeven_btc", "breakeven_power"} and "payback" in concepts
    if is_asked and concepts & {"month", "year"} and "how_many" not in concepts:
        raise InvalidQuestion(
            lambda t: t("In how many months is it to have paid for itself?"),
            # Translators: a question as it may be typed.
            lambda t: t("which bitcoin price for an s21 for $3000 to pay back in 12 months at 6c"),
        )


def _sought(draft: QuestionDraft, *, pays_back: bool) -> Sought | None:
    """Which price is asked for; None where none is."""
    plain = draft.scanned.plain
    if pays_back and _OF_A_MACHINE.search(plain) is not None:
        return Sought.MACHINE_PRICE
    asked = [item for item in draft.items if item.concept == "breakeven_btc"]
    if _is_asked(draft, {"hashprice"}):
        return None if asked else Sought.HASHPRICE
    if any(item.concept == "breakeven_power" for item in draft.items) or _is_asked(draft, {"power"}):
        return None if asked else Sought.POWER_PRICE
    if _is_asked(draft, {"btc", "btc_price"}) or any(_OF_BITCOIN.search(item.text) for item in asked):
        return Sought.BTC_PRICE
    if not asked:
        return None
    has_tariff = draft.names_power_price or any(
        item.quantity is not None and (item.quantity.cents or "kwh" in item.quantity.per)
        for item in draft.items
    )
    has_price = any(_is_money(item) and item.quantity and not item.quantity.per for item in draft.items)
    if has_tariff and (has_price or not pays_back):
        return Sought.BTC_PRICE  # the machine's price and the tariff are given
    raise _which_price(draft, asked[0], may_be_machines=pays_back and has_tariff)


def _is_asked(draft: QuestionDraft, meanings: set[str]) -> bool:
    """True where a price of such a meaning is asked for, and none is given beside it."""
    items = [item for item in draft.items if item.kind is not ItemKind.SIGN]
    for place, item in enumerate(items):
        if item.concept not in meanings:
            continue
        behind = items[place + 1 : place + 4]
        given = next((each for each in behind if each.concept not in ("to", "filler", "by")), None)
        if given is not None and given.quantity is not None and not _is_money(given):
            continue  # “btc at 90k”, “power 7c”
        if given is not None and item.concept == "power" and _is_tariff(given):
            continue  # “电费0.05美元 一个月净赚多少”
        before = items[max(0, place - 4) : place]
        if all(each.concept == "filler" for each in items[:place]) and behind and behind[0].text in _EARNED:
            return True  # “power price for 3 USD a day”
        if any(each.quantity is not None or each.mention is not None for each in before[-1:]):
            before = []
        asking = [each for each in before if each.concept == "limit" or each.text.startswith(ASKED_HOW)]
        following = [each for each in behind[:3] if each.text.startswith(_ASKED_BEHIND)]
        if asking or following or item.text.endswith(_ASKED_BEHIND):
            return True
    return False


_ASKED_BEHIND: Final = words_of("required_price_parser", "asked_behind")


def _is_money(item: Item) -> bool:
    """True for an amount that is no price of a kWh, or a number in a span of time: “2000 a month”."""
    quantity = item.quantity
    if quantity is None or quantity.cents or quantity.signed or set(quantity.per) - set(DAYS):
        return False
    if quantity.unit is MeasureUnit.NUMBER:
        return bool(quantity.per)
    return quantity.unit is MeasureUnit.MONEY and (bool(quantity.per) or quantity.large >= _LEAST)


def _is_tariff(item: Item) -> bool:
    """True for money so little that behind a word for power it is what a kWh costs."""
    return item.quantity is not None and abs(item.quantity.small) < _LEAST


_LEAST: Final = 2.0
"""Money below this is what a kWh costs."""


def _which_price(draft: QuestionDraft, word: Item, *, may_be_machines: bool) -> InvalidQuestion:
    """The question whose price is meant by “at which price?”."""

    def says(t: Translator) -> str:
        if may_be_machines:
            return t("Which price is sought: the machine's, or bitcoin's? For bitcoin's, give the machine's.")
        return t("Which price is sought: bitcoin's, or that of a kWh?")

    other = (
        ("max price for", N_("the machine's")) if may_be_machines else ("which power price", N_("a kWh's"))
    )
    return InvalidQuestion(
        says,
        # Translators: a question as it may be typed.
        lambda t: t("which bitcoin price for an s21 to earn $10 a day at 6c"),
        tuple(
            Choice(label(name), draft.scanned.text_with(word, text))
            for text, name in (("which bitcoin price", N_("bitcoin's")), other)
        ),
    )


def _payback_span(draft: QuestionDraft) -> tuple[float, list[Item]] | None:
    """The months in which a machine is to have paid for itself, and the words that say so."""
    if not draft.concepts() & _PAID and not any(_pays_off(item) for item in draft.items):
        return None
    found: list[tuple[float, list[Item]]] = []
    for index, item in enumerate(draft.items):
        if item.concept not in ("month", "year") or item.used:
            continue
        times = 12.0 if item.concept == "year" else 1.0
        before = draft.items[index - 1] if index else None
        if before is not None and before.text == "-" and index > 1:
            before = draft.items[index - 2]
        quantity = before.quantity if before is not None else None
        if before is not None and quantity is not None:
            if quantity.unit is not MeasureUnit.NUMBER or quantity.per or before.used:
                return None
            found.append((quantity.small * times, [*_within(draft, before), before, item]))
        elif item.concept == "year" and (before is None or before.text not in _EACH):
            found.append((times, [*_within(draft, item), item]))
        else:
            return None
    if len(found) != 1 or not 0.0 < found[0][0] <= _LONGEST_MONTHS:
        return None
    return found[0]


def _within(draft: QuestionDraft, item: Item) -> list[Item]:
    """The words in front of a span of time that only say that it is one: “within 12 months”."""
    index = draft.items.index(item)
    before = [each for each in draft.items[max(0, index - 2) : index] if each.text in _WITHIN]
    return before if len(before) == 1 else []


def _pays_off(item: Item) -> bool:
    return item.text.startswith(("rechnet", "bezahlt", "abbez", "lohnt", "окуп", "отбил", "отобь", "回本"))


def _income(draft: QuestionDraft) -> Item | None:
    """The one amount in a span of time that is wanted, and no cost."""
    amounts = [index for index, item in enumerate(draft.items) if _is_money(item) and not item.used]
    costs = [index for index in amounts if _is_cost(draft, index)]
    if draft.concepts() & _COSTS and not costs:
        return None  # what the cost is isn't clear
    found = [index for index in amounts if index not in costs and _is_wanted(draft, index)]
    return draft.items[found[0]] if len(found) == 1 else None


def _is_cost(draft: QuestionDraft, index: int) -> bool:
    """True for an amount beside the name of a cost."""
    beside = (draft.item_beside(index, step) for step in (-1, 1))
    return any(each is not None and each.concept in _COSTS for each in beside)


def _is_wanted(draft: QuestionDraft, index: int) -> bool:
    """True for “make 10 USD a day”, “für 300 € im Monat”; not for “with 10 USD a day”."""
    quantity = draft.items[index].quantity
    if quantity is None or set(quantity.per) - set(DAYS):
        return False
    if loses(draft):
        return False
    if not quantity.per and not period_named(draft, index):
        return False
    before = [each for each in draft.items[max(0, index - 5) : index] if each.concept != "filler"]
    behind = draft.items[index + 1 : index + 2]
    earned = bool(behind) and behind[0].concept == "profit"
    if before and not earned and (before[-1].text in _ADDS or before[-1].quantity is not None):
        return False
    near = (*draft.items[max(0, index - 5) : index], *draft.items[index + 1 : index + 5])
    leads = draft.items[index - 1].text in _EARNED if index else False
    return leads or any(each.concept == "profit" for each in near)
