"""Whether a text is a question for the calculator, and what in it says so."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from bot.mining.parsing.bills import names_bill
from bot.mining.parsing.follow_up import AskedQuestion
from bot.mining.parsing.hours_choice import asks_of_hours_before
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.measures import Measure, MeasureUnit
from bot.mining.parsing.question_draft import PERIODS_ASKED
from bot.mining.parsing.roles import word_set
from bot.mining.parsing.scenario_parser import MOVES, SUBJECTS
from bot.mining.parsing.units import Currency
from bot.mining.question import MachineComparison

SUPPOSED: Final = frozenset(
    {"what_if", "if", "up", "down", "gone", "come", "double", "halve", "halving", "after_halving", "move"}
    | {"cheaper", "dearer", "triple", "quadruple"}
)
_ASKING: Final = frozenset(
    {"profit", "breakeven", "breakeven_btc", "breakeven_power", "breakeven_difficulty", "payback", "shut_off"}
    | {"keep_on", "compare", "cost_to_mine", "sats", "machine_price", "solo"}
)  # fmt: skip
_TIMES: Final = frozenset({"double", "triple", "quadruple", "halve"})
_MAKERS: Final = frozenset(
    {"antminer", "avalon", "avalonminer", "bitmain", "canaan", "microbt", "nerdaxe", "nerdqaxe",
    "sealminer", "whatsminer"}
)  # fmt: skip
_LIKE_A_POWER_PRICE: Final = 2.0
_LIKE_A_TARIFF: Final = 0.5
_SIGNS: Final = word_set("asking", "signs")


def asks(items: Sequence[Item], *, machines: bool, before: AskedQuestion | None) -> bool:
    """True when a text is a question for the calculator, if perhaps an unclear one."""
    unknown = sum(1 for item in items if item.kind is ItemKind.UNKNOWN or item.is_guess or item.is_ordinary)
    concepts = {item.concept for item in items if item.kind is ItemKind.WORD and not item.is_guess}
    words = sum(1 for item in items if item.kind in (ItemKind.WORD, ItemKind.UNKNOWN))
    quantities = [item.quantity for item in items if item.quantity is not None]
    units = any(
        quantity.unit in (MeasureUnit.THS, MeasureUnit.J_PER_TH, MeasureUnit.WATTS) or quantity.per
        for quantity in quantities
    )
    if unknown > 12 and unknown > 0.4 * words:
        return False
    asking = bool(concepts & (_ASKING | SUPPOSED))
    if machines:
        if any(item.mention is not None and item.mention.kind == "coin" for item in items):
            return True  # of another coin's machine there is nothing more to ask
        known = any(item.mention is not None and item.mention.kind != "unknown" for item in items)
        if not known and not quantities and not asking:
            return words == 0
        return bool(quantities) or asking or words <= 4 or not unknown
    if concepts & _ASKING and (quantities or unknown <= 2):
        return True
    supposes = "what_if" in concepts or (concepts & MOVES and quantities) or bool(concepts & _TIMES)
    if supposes and (before is None or concepts & (SUBJECTS | {"halving", "after_halving"})):
        return unknown <= 3 and bool(concepts & (SUBJECTS | {"halving", "after_halving"}))
    if concepts & {"after_halving"}:
        return before is not None or bool(concepts & _ASKING)
    if len(items) == 1 and quantities and like_a_tariff(quantities[0]):
        return True
    if isinstance(before, MachineComparison) and "first" in concepts and unknown <= 1:
        return True
    goes_on = _costs_only(items) or _free_only(items) or asks_of_hours_before(items)
    if before is not None and (goes_on or names_only_limit(items)):
        return True
    if before is not None and (quantities or _currency_only(items) or _period_only(items)):
        return unknown <= 2
    if concepts & {"best", "which_machine"} or any(item.text.lower() in _MAKERS for item in items):
        prices = (quantity for quantity in quantities if quantity.unit is MeasureUnit.MONEY)
        return unknown <= 2 and any(price.cents or abs(price.small) < _LIKE_A_POWER_PRICE for price in prices)
    return units or (bool(quantities) and "count_word" in concepts and names_bill(items))


def like_a_tariff(quantity: Measure) -> bool:
    """True for “0.065”, “$0.065” or “7c” alone, which ask for a machine."""
    is_small = 0.0 < quantity.small < _LIKE_A_TARIFF
    if quantity.unit is MeasureUnit.MONEY:
        return quantity.cents or (is_small and quantity.currency is not Currency.BTC)
    return quantity.unit is MeasureUnit.NUMBER and is_small


def _currency_only(items: Sequence[Item]) -> bool:
    return any(item.currency is not None or item.concept == "no_rate" for item in items)


def _period_only(items: Sequence[Item]) -> bool:
    """True for “and per month?”."""
    said = {item.concept for item in items if item.kind is ItemKind.WORD}
    beside = {"per", "and", "filler", "profit", "to", "until", *_NODS}
    if any(item.text in _HOW_MUCH for item in items):
        beside |= {"money_out"}  # “how much is that in a month”; alone “in a year” may be a time to come
    return bool(said & {"day", *PERIODS_ASKED}) and said <= {"day", *PERIODS_ASKED} | beside


_HOW_MUCH: Final = word_set("asking", "how_much")
_NODS: Final = frozenset({"thanks", "greeting"})
"""What stands before what goes on: “ok, and per month?”."""


def names_only_limit(items: Sequence[Item]) -> bool:
    """True for “and where is the limit?”, which doesn't say of what."""
    said = {item.concept for item in items if item.kind is ItemKind.WORD}
    is_known = all(item.kind in (ItemKind.WORD, ItemKind.SIGN) and not item.is_guess for item in items)
    return is_known and "limit" in said and said <= {"limit", "and", "filler", "to", "what_if", *_NODS}


COSTS: Final = frozenset(
    {
        "hosting",
        "hosted",
        "pool_fee",
        "tax",
        "surcharge",
        "debt",
        "fixed",
        "running_cost",
        "uptime",
        "overhead",
    }
    | {"heat", "cooling"}
)
"""What a question gives a figure of, beside the power price."""


def _costs_only(items: Sequence[Item]) -> bool:
    """True for “and with hosting?”, “without the fee”: a cost is named, and nothing unknown."""
    said = {item.concept for item in items if item.kind is ItemKind.WORD}
    is_known = not any(item.kind in (ItemKind.UNKNOWN, ItemKind.MEASURE) for item in items)
    beside = {"and", "filler", "no", "negation", "what_if", "if", "included", "to", "per", "by"}
    return is_known and bool(said & COSTS) and said <= COSTS | beside


def _free_only(items: Sequence[Item]) -> bool:
    """True for “and with free power?”: nothing is paid for a kWh."""
    said = {item.concept for item in items if item.kind is ItemKind.WORD}
    beside = {"and", "filler", "what_if", "if", "to", "per", "by", "until", "place"}
    is_known = not any(item.kind in (ItemKind.UNKNOWN, ItemKind.MEASURE) for item in items)
    return is_known and {"free", "power"} <= said and said <= {"free", "power"} | beside


def moves(items: Sequence[Item]) -> bool:
    """True when something is said to move, by how much is not understood."""
    return any(item.concept in MOVES - {"what_if"} and not item.used for item in items)


def has_pairs(items: Sequence[Item]) -> bool:
    """True for `key=value`, and for a share with its sign."""
    signs = any(
        item.text in _SIGNS and behind.quantity is not None and behind.quantity.unit is MeasureUnit.PERCENT
        for item, behind in pairwise(items)
    )
    return (
        signs
        or any(item.text == "=" for item in items)
        or any(
            item.quantity is not None and item.quantity.unit is MeasureUnit.PERCENT and item.quantity.signed
            for item in items
        )
    )
