"""Questions that a command answers, in plain words: a table of what must and what may be in the text."""

from dataclasses import dataclass
from typing import Final

from bot.mining.parsing.items import Item, ItemKind, ScannedText
from bot.mining.parsing.measures import MeasureUnit


@dataclass(frozen=True, slots=True)
class CommandRequest:
    """A command to run as if it had been typed: its name and its arguments."""

    name: str
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Intent:
    """A command, the meanings of which one must be in the text (of each group), and those that may be.

    `arguments` is what follows the command.
    """

    command: str
    must: tuple[frozenset[str], ...]
    may: frozenset[str] = frozenset()
    arguments: str = ""


_DRESSING: Final = frozenset(
    {
        "filler",
        "greeting",
        "thanks",
        "per",
        "to",
        "by",
        "and",
        "day",
        "if",
        "money_out",
        "kwh",
        "machine_unit",
    }
)


def _any(*concepts: str) -> frozenset[str]:
    return frozenset(concepts)


_BTC: Final = _any("btc", "btc_price", "price")
_MINERS: Final = _any("count_word", "network", "machine_unit", "which_machine")

INTENTS: Final = (
    Intent(
        "price",
        (_any("high"), _any("how_far", "btc", "btc_price", "down", "price")),
        _BTC | _any("how_far", "down", "cheaper", "gone", "when", "high", "cost_to_mine", "to"),
    ),
    Intent(
        "retarget",
        (_any("retarget"),),
        _any(
            "when",
            "difficulty",
            "how_many",
            "up",
            "down",
            "dearer",
            "tomorrow",
            "btc",
            "network",
            "until",
            "half_of",
            "how_far",
        ),
    ),
    Intent(
        "retarget",
        (_any("difficulty"), _any("when", "tomorrow", "up", "down")),
        _any("network", "btc", "dearer", "until", "how_many"),
    ),
    Intent(
        "halving",
        (_any("halving"),),
        _any(
            "when",
            "btc",
            "how_many",
            "until",
            "how_far",
            "tomorrow",
            "after_halving",
            "month",
            "year",
            "week",
        ),
    ),
    Intent(
        "hashprice",
        (_any("hashprice"),),
        _any("price", "btc", "network", "sats", "profit", "hashrate", "tomorrow"),
    ),
    Intent("difficulty", (_any("difficulty"),), _any("network", "btc", "price", "how_many")),
    Intent("network", (_any("cost_to_mine"),), _any("btc", "price", "network", "machine_price")),
    Intent(
        "network",
        (_any("count_word", "which_machine"), _any("profit", "how_many", "who")),
        _any(
            "profit",
            "which_machine",
            "how_many",
            "network",
            "btc",
            "price",
            "power",
            "when",
            "who",
            "shut_off",
            "gone",
        ),
    ),
    Intent(
        "why",
        (_any("who", "selling"), _any("selling")),
        _any("btc", "count_word", "price", "who", "why", "network"),
        "miner_outflow",
    ),
    Intent("why", (_any("why"), _any("alert", "watch")), _any("alert", "mute", "critical", "watch")),
    Intent("hashrate", (_any("hashrate"),), _any("network", "btc", "price", "how_many", "profit", "high")),
    Intent("price", (_BTC,), _BTC | _any("network", "profit", "up", "down", "cost_to_mine")),
    Intent("unmute", (_any("unmute"),), _any("mute", "alert")),
    Intent("subscribe", (_any("only"), _any("critical")), _any("alert", "until", "watch"), "critical"),
    Intent("unsubscribe", (_any("stop"),), _any("alert", "until", "gone")),
    Intent("status", (_any("status"),), _any("count_word", "network", "selling", "btc", "how_many", "when")),
    Intent("help", (_any("help"),), frozenset()),
    Intent("start", (_any("greeting"),), frozenset()),
)
"""In the order in which they are tried: a text fits when every group of `must` has a word in it and nothing
else is said than `may` and dressing."""

_WORDS_OF_CHARTS: Final = {
    "btc_price": "price", "btc": "price", "price": "price", "hashrate": "hashrate", "hashprice": "hashprice",
    "difficulty": "difficulty", "fees": "fees", "selling": "outflow", "power": "power",
}  # fmt: skip
_WATCHED: Final = {
    "btc_price": "price", "btc": "price", "price": "price", "hashrate": "hashrate", "hashprice": "hashprice",
    "difficulty": "difficulty", "fees": "fees",
}  # fmt: skip


def command_of(scanned: ScannedText) -> CommandRequest | None:
    """The command that answers a text without a machine; None when no intent fits it whole."""
    items = scanned.items
    if any(item.kind is ItemKind.UNKNOWN for item in items):
        return None
    concepts = {item.concept for item in items if item.kind is ItemKind.WORD} - {"filler"}
    quantities = [item for item in items if item.quantity is not None]
    if (watch := _watch(items, concepts, quantities)) is not None:
        return watch
    if "mute" in concepts and not concepts - _DRESSING - {
        "mute",
        "until",
        "tomorrow",
        "hour",
        "week",
        "alert",
        "stop",
    }:
        return CommandRequest("mute", _span(items, quantities))
    if "chart" in concepts and not quantities:
        topics = [_WORDS_OF_CHARTS[item.concept] for item in items if item.concept in _WORDS_OF_CHARTS]
        allowed = _DRESSING | _WORDS_OF_CHARTS.keys() | {"chart", "network"}
        if not concepts - allowed and len(set(topics)) <= 1:
            return CommandRequest("chart", topics[0] if topics else "")
    for intent in INTENTS:
        if quantities and not (intent.command == "network" and _prices_only(quantities)):
            continue
        if all(concepts & group for group in intent.must):
            allowed_here = _DRESSING.union(intent.may, *intent.must)
            if not concepts - allowed_here:
                return CommandRequest(intent.command, intent.arguments)
    return None


def _prices_only(quantities: list[Item]) -> bool:
    return all(
        item.quantity is not None and (item.quantity.cents or "kwh" in item.quantity.per)
        for item in quantities
    )


def _watch(items: list[Item], concepts: set[str], quantities: list[Item]) -> CommandRequest | None:
    """“alert me when btc falls below 100k” as a line of `/watch`."""
    if "watch" not in concepts and not ("alert" in concepts and concepts & {"below", "above"}):
        return None
    subjects = [_WATCHED[item.concept] for item in items if item.concept in _WATCHED]
    allowed = (
        _DRESSING
        | _WATCHED.keys()
        | {"watch", "alert", "up", "down", "below", "above", "when", "half_of", "price"}
    )
    if concepts - allowed or len(set(subjects)) > 1:
        return None
    below = bool(concepts & {"below", "down"})
    above = bool(concepts & {"above", "up"})
    if len(quantities) == 1 and quantities[0].quantity is not None and (below or above):
        quantity, subject = quantities[0].quantity, subjects[0] if subjects else "price"
        side = "below" if "below" in concepts or (below and "above" not in concepts) else "above"
        if quantity.unit is MeasureUnit.PERCENT:
            return CommandRequest(
                "watch",
                f"{subject} {'drops' if below else 'rises'} {abs(quantity.small):g}% in 7d",
            )
        return CommandRequest("watch", f"{subject} {side} {quantity.large:g}")
    if quantities:
        return None
    return CommandRequest("watch", "")


def _span(items: list[Item], quantities: list[Item]) -> str:
    """How long to be silent, as `/mute` takes it."""
    if quantities:
        number = quantities[0].quantity
        after = next((item.concept for item in items[items.index(quantities[0]) + 1 :] if item.concept), "")
        unit = {"hour": "h", "day": "d", "week": "w"}.get(after, "h")
        per = number.per[0] if number is not None and number.per else ""
        unit = {"hour": "h", "day": "d", "week": "w"}.get(per, unit)
        return f"{number.small:g}{unit}" if number is not None else ""
    return "tomorrow" if any(item.concept == "tomorrow" for item in items) else ""
