"""What a machine's heat saves, said beside what its power costs: “it saves me 4 cents of gas a kWh”."""

import re
from typing import Final

from bot.mining.parsing.items import Item
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.parsing.running_costs import said_with
from bot.mining.parsing.spans import is_power_price

_SAVES: Final = re.compile(
    r"\b(?:save[sd]?|savings?|saving|spar(?:e|t|en)|erspar\w*|einspar\w*|weniger|ahorr\w+|menos|эконом\w+|сэконом\w+"
    r"|меньше)\b|省"
)
_FUELS: Final = frozenset(
    {"gas", "oil", "propane", "diesel", "wood", "pellets", "natural gas", "öl", "erdgas", "heizöl", "holz"}
    | {
        "gasóleo",
        "gasoil",
        "leña",
        "propano",
        "butano",
        "газ",
        "газа",
        "газе",
        "газу",
        "дрова",
        "дровах",
        "дров",
    }
    | {"солярки", "угля", "угле", "燃气", "天然气", "煤气", "燃气费", "天然气费", "气费", "煤", "柴油"}
)


def read_heat_saving(draft: QuestionDraft) -> None:
    """Take the one of two prices of a kWh that is said to be saved, where a machine heats."""
    heat = [item for item in draft.items if item.concept == "heat" and not item.used]
    prices = [item for item in draft.items if is_power_price(item) and not item.used]
    if not heat or len(prices) != 2:
        return
    saved = [price for price in prices if _saves(draft, price)]
    if len(saved) != 1 or saved[0].quantity is None:
        return
    draft.set_money("heat_credit", draft.per_kwh(saved[0], saved[0].quantity))
    for item in (*said_with(draft, saved[0]), *heat):
        if item is saved[0] or item.concept == "heat" or _SAVES.search(item.text) or item.text in _FUELS:
            item.used = True


def _saves(draft: QuestionDraft, price: Item) -> bool:
    return any(_SAVES.search(item.text) is not None for item in said_with(draft, price) if item is not price)
