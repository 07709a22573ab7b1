"""Figures that hold under a supposition beside what moves, and whether it is asked of now as well."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.scenario import Scenario, ScenarioChange

_STARTS: Final = frozenset({"if", "what_if"})


def with_levels(draft: QuestionDraft, scenario: Scenario) -> Scenario:
    """The supposition with the figures named behind “what if”: they hold then, not now.

    “What if bitcoin is 150k and difficulty is 160T” supposes both.
    """
    scenario = _with_moved_price(draft, scenario)
    first = next((index for index, item in enumerate(draft.items) if item.concept == "what_if"), None)
    if first is None or not scenario.supposes:
        return scenario
    supposed = {item.concept for item in draft.items[first:]}

    def level(name: str, change: ScenarioChange | None, *concepts: str) -> ScenarioChange | None:
        if change is not None or name not in draft.numbers or not supposed.intersection(concepts):
            return change
        return ScenarioChange(draft.numbers.pop(name))

    return replace(
        scenario,
        difficulty=level("difficulty", scenario.difficulty, "difficulty"),
        hashrate=level("network_hashrate_ehs", scenario.hashrate, "hashrate", "network"),
        fees=level("fees_btc_per_block", scenario.fees, "fees"),
    )


def _with_moved_price(draft: QuestionDraft, scenario: Scenario) -> Scenario:
    """“if difficulty rises 10 % and btc goes to 80k”: a price that moves beside what is supposed is, too."""
    if scenario.price is not None or not scenario.supposes or "btc_price" not in draft.money:
        return scenario
    first = next(
        (index for index, item in enumerate(draft.items) if item.concept in _STARTS), len(draft.items)
    )
    moved = any(
        item.concept in ("btc", "btc_price") and behind.concept == "move"
        for item, behind in pairwise(draft.items[first:])
    )
    if not moved:
        return scenario
    price = draft.money.pop("btc_price")
    return replace(scenario, price=ScenarioChange(price.amount, currency=price.currency))


def asks_of_now_too(items: Sequence[Item]) -> bool:
    """“does my S19 pay at 7c, and what if bitcoin falls to 30k?”: it is asked as it is now first."""
    first = next((index for index, item in enumerate(items) if item.concept in ("if", "what_if")), 0)
    joins = any(item.concept == "and" for item in items[max(0, first - _MOST_BETWEEN) : first])
    return joins and any(item.kind is ItemKind.MACHINE for item in items[:first])


_MOST_BETWEEN: Final = 4
"""Items from an “and” to the condition that it joins to a question: “and what is when”."""
