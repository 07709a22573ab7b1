"""Which signals somebody wants, said by what is kept or left out: “unsubscribe all but price”."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from bot.mining.parsing.chart_vocabulary import GENERAL
from bot.mining.parsing.command_arguments import AND_WORDS, EPISODES, IGNORABLE
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.roles import word_set

_SIGNALS: Final = {**EPISODES, "capitulation": "capitulation"}
_ENDS: Final = frozenset({"stop", "shut_off", "delete", "negation"})
_BEGINS: Final = frozenset({"subscribe", "alert", "watch", "send", "all"})
_KEEPS: Final = frozenset({"alert", "watch", "subscribe", "keep_only", "cares_only"})
_BESIDE: Final = IGNORABLE | _ENDS | _BEGINS | _KEEPS | {"only", "except", "until", "change"}
CHOSEN_BY: Final = _ENDS | _BEGINS | _KEEPS | {"only", "except"}
"""What says whether signals are kept or left out."""
_HAVE_A_PRICE: Final = frozenset({"energy", "power"})
"""Of these a price may be spoken of: “power price”."""
_NAMED_SO: Final = word_set("signal_choice", "named_so")
"""What the signals are called, beside their names."""
_BUT: Final = word_set("signal_choice", "but")
_EVERYTHING: Final = word_set("signal_choice", "everything")


def leaves_out(items: Sequence[Item]) -> bool:
    """True where a text excepts something: “everything but”, “alles außer”."""
    if any(item.concept == "except" for item in items):
        return True
    return any(
        item.text in _BUT and any(_names_everything(before) for before in items[max(0, index - 2) : index])
        for index, item in enumerate(items)
    )


def _names_everything(item: Item) -> bool:
    return item.text.rpartition(" ")[2] in _EVERYTHING


def chosen_signals(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“only price alerts” as `/subscribe only …`, “all alerts except energy” as `/subscribe except …`.

    None where no signal is named, or it isn't clear whether it is kept or left out.
    """
    if "moves" in concepts and all(item.text in _NAMED_SO for item in items if item.concept == "moves"):
        concepts = concepts - {"moves"} | {"alert"}
    if "hashrate" in concepts:  # “hashrate decline” is its name
        concepts = concepts - {"down", "moves"}
    is_except, is_only = leaves_out(items), bool(concepts & {"only", "keep_only", "cares_only"})
    signals = named_signals(items)
    if is_except is is_only or not signals or concepts - _BESIDE - _SIGNALS.keys():
        return None
    if is_only:
        is_kept = bool(concepts & _KEEPS) and not concepts & _ENDS
        return CommandRequest("subscribe", f"only {signals}") if is_kept else None
    if concepts & _ENDS:
        return CommandRequest("subscribe", f"only {signals}")
    return CommandRequest("subscribe", f"except {signals}") if concepts & _BEGINS else None


def named_signals(items: Sequence[Item]) -> str:
    """The signals that are named, in the order of their names; "" for none."""
    told = [item for item in items if item.concept != "filler" or item.text in AND_WORDS]
    named = {item.concept for item in told if item.concept in _SIGNALS and item.concept not in GENERAL}
    words = [item for item in told if item.kind is ItemKind.WORD]
    if any(last.concept == "hashrate" and item.concept == "drawdown" for last, item in pairwise(words)):
        named -= {"drawdown"}  # “Hashrate-Rückgang”
    for index, item in enumerate(told):
        beside = {each.concept for each in told[max(0, index - 1) : index + 2]}
        if item.concept in ("price", "btc_price") and not beside & _HAVE_A_PRICE:
            named.add(item.concept)
    return " ".join(sorted({_SIGNALS[concept] for concept in named}))
