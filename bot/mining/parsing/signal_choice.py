"""Which signals somebody wants, said by what is kept or left out: “unsubscribe all but price”."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from bot.mining.parsing.chart_vocabulary import GENERAL
from bot.mining.parsing.command_arguments import EPISODES, IGNORABLE
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.items import Item

_SIGNALS: Final = {**EPISODES, "capitulation": "capitulation"}
_ENDS: Final = frozenset({"stop", "shut_off", "delete", "negation"})
_BEGINS: Final = frozenset({"subscribe", "alert", "watch", "send", "all"})
_KEEPS: Final = frozenset({"alert", "watch", "subscribe", "keep_only"})
_BESIDE: Final = IGNORABLE | _ENDS | _BEGINS | _KEEPS | {"only", "except", "until", "change"}
_BUT: Final = frozenset({"but", "menos", "кроме", "außer"})
_EVERYTHING: Final = frozenset(
    {"everything", "all", "alles", "alle", "todo", "todas", "todos", "всего", "всё"}
)


def leaves_out(items: Sequence[Item]) -> bool:
    """True where a text excepts something: “everything but”, “alles außer”."""
    if any(item.concept == "except" for item in items):
        return True
    return any(
        item.text in _BUT and before.text.rpartition(" ")[2] in _EVERYTHING
        for before, item in pairwise(items)
    )


def chosen_signals(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“only price alerts” as `/subscribe only …`, “all alerts except energy” as `/subscribe except …`.

    None where no signal is named, or it isn't clear whether it is kept or left out.
    """
    is_except, is_only = leaves_out(items), bool(concepts & {"only", "keep_only"})
    signals = _named(concepts)
    if is_except is is_only or not signals or concepts - _BESIDE - _SIGNALS.keys():
        return None
    if is_only:
        is_kept = bool(concepts & _KEEPS) and not concepts & _ENDS
        return CommandRequest("subscribe", f"only {signals}") if is_kept else None
    if concepts & _ENDS:
        return CommandRequest("subscribe", f"only {signals}")
    return CommandRequest("subscribe", f"except {signals}") if concepts & _BEGINS else None


def _named(concepts: set[str]) -> str:
    """The signals that are named, in the order of their words; "" for none, or where two may be one."""
    named = concepts & _SIGNALS.keys()
    special = named - GENERAL
    if special and named - special and "and" in concepts:
        return ""  # “price and energy” may be two, or the price of energy
    kept = special or named - {"btc"}
    return " ".join(sorted({_SIGNALS[concept] for concept in kept}))
