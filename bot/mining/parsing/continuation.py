"""Texts that go on from the question answered last: “and at 5 cents?”, “and an S21?”."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final

from bot.mining.economics import Rig
from bot.mining.errors import InvalidQuestion
from bot.mining.goal import GoalRequest
from bot.mining.machine_names import short_name
from bot.mining.machines import Catalogue
from bot.mining.mining_time import MiningTimeRequest
from bot.mining.parsing.asking import COSTS, names_only_limit
from bot.mining.parsing.clarifications import how_much, open_word, price_or_count, which_limit
from bot.mining.parsing.comparisons import STOPPING, asks_for_first
from bot.mining.parsing.focus import takes_off_costs
from bot.mining.parsing.follow_up import Answerable, AskedQuestion
from bot.mining.parsing.hours_choice import asks_for_hours
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.leftovers import check_leftovers
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.parsing.question_parser import REFERENCE, question_of
from bot.mining.parsing.roles import word_set
from bot.mining.parsing.running_costs import check_shared, shared_out
from bot.mining.parsing.scenario_parser import MOVES, nothing_supposed
from bot.mining.parsing.tokens import tokenize
from bot.mining.parsing.units import Currency, Money
from bot.mining.past import PastRequest
from bot.mining.projection import ProjectionRequest
from bot.mining.question import Focus, MachineComparison, Question
from bot.mining.required_price import PriceRequest
from bot.mining.scenario import Scenario
from bot.mining.whatif import WhatIf

_OPENERS: Final = word_set("continuation", "openers")
_GOING_ON: Final = frozenset({"and", "money_out", "what_if"})
_TARIFF: Final = ("power_price", "peaks", "surcharge", "power_tax", "zone", "cents_assumed")


def with_series(text: str, before: AskedQuestion, catalogue: Catalogue) -> str:
    """“And with an XP?” behind a question about an S19: the text with the model's whole name."""
    question = _first_of(before)
    series = None if question is None else _SERIES.match(short_name(question.rig.name or ""))
    if series is None:
        return text
    words = text.split()
    for index, word in enumerate(words):
        variant = word.strip("?!.,:;").lower()
        behind = words[index + 1].lower() if index + 1 < len(words) else ""
        if variant not in _VARIANTS or (variant == "pro" and behind and behind not in _VARIANTS):
            continue
        mention = catalogue.names.mention_at(tokenize(f"{series[0]} {variant}".lower()), 0)
        if mention is not None and mention.kind in ("model", "ask"):
            return " ".join((*words[:index], f"{series[0]} {word}", *words[index + 1 :]))
    return text


_SERIES: Final = re.compile(r"[A-Z]\d{1,2}")
_VARIANTS: Final = frozenset({"xp", "pro", "hyd", "hydro", "plus", "imm", "immersion", "jpro", "kpro"})
"""What makes another model of a series, said alone."""


def opens(items: Sequence[Item]) -> bool:
    """True for a text that begins as one goes on: “and an S21?”, “what about …”."""
    first = next((item for item in items if item.text[0].isalnum()), None)
    if first is None:
        return False
    return first.text.split()[0] in _OPENERS or first.text in _OPENERS or first.concept in _GOING_ON


def only_names_machine(items: Sequence[Item]) -> bool:
    """True for “s19 xp?”: another machine in place of the one before, and no question of its own."""
    return all(item.kind in (ItemKind.MACHINE, ItemKind.SIGN) for item in items)


def following(draft: QuestionDraft, scenario: Scenario, before: AskedQuestion) -> AskedQuestion:
    """The question before with what the text changes of it; of a comparison, each of its questions.

    Raises InvalidQuestion when it changes nothing, but for the time it is asked of.
    """
    if is_compared(draft) and not scenario.supposes:
        if isinstance(before, WhatIf):
            beside = _beside(draft, before.question)
            return replace(beside, scenario=before.scenario)
        return _beside(draft, before)
    if not isinstance(before, MachineComparison):
        return _changed(draft, scenario, before)
    if asks_for_first(draft, goes_on=True) and not draft.names_machine:
        check_leftovers(draft, STOPPING | MOVES)
        return replace(before, by_limit=True)
    if draft.names_machine:
        return _changed(draft, scenario, _one_of(before))
    changed = [_changed(draft, scenario, WhatIf(each, before.scenario, False)) for each in before.questions]
    questions = [each.question if isinstance(each, WhatIf) else each for each in changed]
    supposed = next((each.scenario for each in changed if isinstance(each, WhatIf)), Scenario())
    return replace(before, questions=shared_out(draft, questions), scenario=supposed)


def _one_of(before: MachineComparison) -> Question | WhatIf:
    """The question about the first machine compared, with what was supposed of all."""
    first, supposed = before.questions[0], before.scenario
    return WhatIf(first, supposed, reference=False) if supposed.supposes else first


def is_compared(draft: QuestionDraft) -> bool:
    """True for “compare it with an S19”, “vs s19”: one machine beside the one asked about, nothing more."""
    is_plain = all(
        item.kind in (ItemKind.MACHINE, ItemKind.SIGN)
        or (item.kind is ItemKind.WORD and not item.is_guess and item.concept in _COMPARING)
        for item in draft.items
    )
    return is_plain and len(draft.machines) == 1 and "compare" in draft.concepts()


_COMPARING: Final = frozenset({"compare", "filler", "and", "to", "per", "by", "money_out", "what_if"})


def _beside(draft: QuestionDraft, before: Question | MachineComparison) -> MachineComparison:
    """The questions before and one more, the same of another machine."""
    draft.use("compare")
    questions = before.questions if isinstance(before, MachineComparison) else (before,)
    also = _changed(draft, Scenario(), questions[0])
    if not isinstance(also, Question) or any(each.rig == also.rig for each in questions):
        raise nothing_supposed()
    if isinstance(before, MachineComparison):
        return replace(before, questions=(*questions, also))
    return MachineComparison((*questions, also))


def gives_tariff(before: AskedQuestion | None) -> bool:
    """Whether a question says what a kWh costs."""
    base = _first_of(before)
    return base is not None and (base.power_price is not None or base.zone is not None)


def _first_of(before: AskedQuestion | None) -> Question | None:
    """The question, of several the first, without what it supposes."""
    base = before.questions[0] if isinstance(before, MachineComparison) else before
    return base.question if isinstance(base, WhatIf) else base


def with_last_tariff(asked: Answerable, before: AskedQuestion | None) -> Answerable:
    """A question that says nothing of what power costs, at the tariff of the one answered last."""
    base = _first_of(before)
    if base is None or not gives_tariff(before):
        return asked
    if isinstance(asked, Question):
        return _at_tariff(asked, base)
    if isinstance(asked, WhatIf) and not asked.reference:
        return replace(asked, question=_at_tariff(asked.question, base))
    if isinstance(asked, ProjectionRequest | PastRequest | GoalRequest | PriceRequest | MiningTimeRequest):
        return replace(asked, question=_at_tariff(asked.question, base))
    if isinstance(asked, MachineComparison):
        return replace(asked, questions=tuple(_at_tariff(each, base) for each in asked.questions))
    return asked


def _at_tariff(question: Question, base: Question) -> Question:
    if question.power_price is not None or question.zone is not None or question.peaks:
        return question
    return replace(question, **{name: getattr(base, name) for name in _TARIFF})


def _implied(draft: QuestionDraft, changed: dict[str, Any], base: Question) -> dict[str, Any]:
    """What follows of the figures that are changed: a time asks for profit, a price replaces the other."""
    also: dict[str, Any] = {}
    if "period" in changed and base.focus not in _OF_A_SPAN:
        also["focus"] = Focus.PROFIT
    if base.focus is Focus.BITCOIN and "focus" not in changed and takes_off_costs(draft.items):
        also["focus"] = Focus.NET_BITCOIN
    if base.period != "day" and "day" in draft.concepts():
        also["period"] = "day"
    for name, other in (("hashprice", "btc_price"), ("btc_price", "hashprice")):
        if name in changed and other not in changed:
            also[other] = None
    return also


_OF_A_SPAN: Final = frozenset({Focus.PROFIT, Focus.REVENUE, Focus.BITCOIN, Focus.NET_BITCOIN, Focus.ENERGY})
"""What is asked of a span of time."""


def _in_the_same_currency(draft: QuestionDraft, price: Money, before: Money) -> Money:
    """A tariff without a currency in that of the one before: “y a 9” behind 8 euro cents."""
    amounts = (item.quantity for item in draft.items if item.quantity is not None)
    is_said = any(amount.currency is not None for amount in amounts) or bool(draft.currency_words)
    if draft.scanned.language == "de" and not draft.cents_assumed:
        return price  # “7 ct” are euro cents there
    is_of_cents = {price.currency, before.currency} <= _WITH_CENTS
    return replace(price, currency=before.currency) if is_of_cents and not is_said else price


_WITH_CENTS: Final = frozenset(
    {Currency.USD, Currency.EUR, Currency.GBP, Currency.CHF, Currency.CAD, Currency.AUD, Currency.NZD}
)
"""Currencies in whose hundredths a kWh is paid."""


def _taken_away(draft: QuestionDraft, base: Question) -> dict[str, object]:
    """“and without the fee?”: the figures before that no longer hold, as they are where nothing is said."""
    usual = Question(Rig(1.0, 30.0))
    named: set[str] = set()
    for index, item in enumerate(draft.items):
        if item.concept == "no" and (taken_away := draft.item_beside(index, 1)) is not None:
            named.update(_FIELDS_OF.get(taken_away.concept, ()))
    taken = {name: getattr(usual, name) for name in named if getattr(base, name) != getattr(usual, name)}
    if not taken.keys().isdisjoint(_RUNNING_COSTS):
        _check_taken_cost(draft, base)
    return taken


def _check_taken_cost(draft: QuestionDraft, base: Question) -> None:
    """Raise InvalidQuestion where a cost can't be taken away: of several, or with the power in it."""
    if base.sums_costs or (base.fixed_cost is not None and base.shared_cost is not None):
        words = [item for item in draft.items if item.concept in ("no", *COSTS)]
        raise open_word(draft.scanned, words, offer=False)
    if base.power_price == Money(0.0) and not draft.names_power_price:
        raise InvalidQuestion(
            lambda t: t("The power was included; what does a kWh cost without it?"), "/breakeven s21 7c"
        )


_TOGETHER: Final = re.compile(
    r"\b(?:also|too|as well|at the same time|on top|gleichzeitig|zugleich|auch|dazu|außerdem|también|además"
    r"|dann|then|entonces|тогда|a la vez|al mismo tiempo|тоже|также|ещё|еще|одновременно|вдобавок)\b"
    r"|到时|那时|同时|也|还|另外"
)
"""What says that a supposition is made together with the one before."""


def _joined(before: Scenario, also: Scenario) -> Scenario:
    """Both suppositions; of a figure in both the newer one holds."""
    usual = Scenario()
    newer = {
        field.name: value
        for field in fields(Scenario)
        if (value := getattr(also, field.name)) != getattr(usual, field.name)
    }
    return replace(before, **newer)


def check_purpose(draft: QuestionDraft, before: AskedQuestion | None) -> None:
    """Raise the question what “and for 20?”, “and 20?” is behind a question: so many machines, or a price."""
    if before is None or draft.names_machine:
        return
    said = [item for item in draft.items if item.kind is not ItemKind.SIGN]
    if len(said) < 2 or not said[-1].text.isdecimal():
        return
    if said[-2].text not in _FOR and not _is_bare(draft, said, before):
        return
    number = int(said[-1].text)
    if 2 <= number <= _MOST_CENTS:
        raise price_or_count(draft.scanned, said[-1], number)


def _is_bare(draft: QuestionDraft, said: Sequence[Item], before: AskedQuestion) -> bool:
    """True for “and 20?”, where no share that a number may be was asked about, too."""
    only = all(item.text in _OPENERS or item.concept in _GOING_ON for item in said[:-1])
    if not only or draft.introduced(draft.items.index(said[-1])) or not isinstance(before, Question):
        return False
    return not (before.pool_fee or before.power_tax or before.uptime != 1.0)


_MOST_CENTS: Final = 100
_FOR: Final = word_set("continuation", "for")


_RUNNING_COSTS: Final = ("fixed_cost", "shared_cost")
_FIELDS_OF: Final[dict[str, tuple[str, ...]]] = {
    "pool_fee": ("pool_fee",), "surcharge": ("surcharge",), "heat": ("heat_credit",), "solo": ("scheme",),
    **dict.fromkeys(("hosting", "hosted", "debt", "fixed", "running_cost"), _RUNNING_COSTS),
}  # fmt: skip
"""What a question may be told to leave away, by its meaning."""


def _changed(draft: QuestionDraft, scenario: Scenario, before: Question | WhatIf) -> Question | WhatIf:
    """The question before with what the text changes of it."""
    base = before.question if isinstance(before, WhatIf) else before
    asked_now = question_of(draft) if draft.names_machine else question_of(draft, (REFERENCE, None))
    usual = Question(Rig(1.0, 30.0))
    changed = {
        field.name: value
        for field in fields(Question)
        if field.name not in ("rig", "left_out")
        and (value := getattr(asked_now, field.name)) != getattr(usual, field.name)
    }
    if draft.names_machine:
        changed |= {
            "rig": asked_now.rig,
            "scaled": asked_now.scaled,
            "disputed": asked_now.disputed,
            "machine_price": None,
        }
        changed["machine_price"] = asked_now.machine_price
    else:
        changed.pop("scaled", None)
        changed.pop("disputed", None)
    changed |= _implied(draft, changed, base)
    for name in ("power_price", "surcharge"):
        if (price := getattr(asked_now, name)) is not None and base.power_price is not None:
            changed[name] = _in_the_same_currency(draft, price, base.power_price)
    if "power_price" in changed:
        changed.setdefault("peaks", ())
        changed.setdefault("zone", None)
        changed.setdefault("cents_assumed", asked_now.cents_assumed)
    changed |= _taken_away(draft, base)
    if base.peaks and asks_for_hours(draft):
        changed["focus"] = Focus.HOURS
    goes_ahead = not draft.numbers.keys().isdisjoint(("months", "growth"))
    if not (changed or scenario.supposes or draft.past_items or draft.has_aim or goes_ahead):
        if names_only_limit(draft.items):
            raise which_limit()
        if costs := [item for item in draft.items if item.concept in COSTS and not item.used]:
            raise how_much(costs[0])
        check_leftovers(draft)
        raise InvalidQuestion(
            lambda t: t("Which machine? Name a model, or its hashrate and power."), "/breakeven s19 0.07"
        )
    check_shared(draft, draft.total_count or base.count)
    question = replace(base, **changed, left_out=asked_now.left_out)
    check_leftovers(draft, MOVES)
    if scenario.supposes:
        if isinstance(before, WhatIf) and _TOGETHER.search(draft.scanned.plain):
            scenario = _joined(before.scenario, scenario)
        return WhatIf(question, scenario, reference=isinstance(before, WhatIf) and before.reference)
    if isinstance(before, WhatIf):
        return _still_supposed(before, question, changed)
    return question


def _still_supposed(before: WhatIf, question: Question, changed: Mapping[str, object]) -> Question | WhatIf:
    """The question with what was supposed before, but for a bitcoin price that another is given for."""
    is_reference = before.reference and "rig" not in changed
    is_other_price = changed.get("btc_price") is not None
    rest = replace(before.scenario, price=None) if is_other_price else before.scenario
    return WhatIf(question, rest, reference=is_reference) if rest.supposes else question
