"""Plain words as a command with its arguments: “plot hashprice for a year” is `/chart hashprice 1y`."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.mining.parsing.chart_vocabulary import CHARTED, GENERAL, SPAN_CONCEPTS, ZONES
from bot.mining.parsing.chart_words import chart_words, is_theme
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.currency_names import WITHOUT_RATE
from bot.mining.parsing.items import Item, ScannedText
from bot.mining.parsing.roles import word_set

IGNORABLE: Final = frozenset(
    {
        "filler", "greeting", "thanks", "send", "per", "to", "by", "and", "or", "day", "money_out",
        "machine_unit", "count_word", "network", "how_many", "profit", "which_machine", "between",
        "all", "move", "again", "bought", "ordinal",
    }
)  # fmt: skip
"""Concepts that change nothing beside those of a command."""
AND_WORDS: Final = word_set("command_arguments", "and_words")
"""Words that join two things."""
_OF_CHARTS: Final = SPAN_CONCEPTS | {
    "chart", "last", "past", "until", "up", "down", "history", "projection", "picture", "only", "compare",
    "tonight",
}  # fmt: skip
"""What may be said of a chart beside its figure."""
_OF_THE_NEXT: Final = frozenset({"retarget", "when", "high", "forecast"})
"""With these “how far” asks for something else than what a chart shows."""
_NEAR_DAYS: Final = frozenset({"tomorrow", "tonight", "when"})


def quantities_of(items: Sequence[Item]) -> list[Item]:
    """The items that are figures."""
    return [item for item in items if item.quantity is not None]


def subject_of(concepts: set[str], names: Mapping[str, str]) -> str | None:
    """The one subject that is named, "" when none is; None when several are."""
    named = concepts & names.keys()
    named = named - GENERAL or named
    subjects = {names[concept] for concept in named}
    return None if len(subjects) > 1 else next(iter(subjects), "")


def charted(concepts: set[str]) -> str:
    """The series that a text about a chart names; "" when it names none or several."""
    return subject_of(concepts, CHARTED) or ""


def is_set_beside(items: Sequence[Item]) -> bool:
    """True where settings are spoken of, not only how light a chart is."""
    return any(item.concept == "settings" and not is_theme(item) for item in items)


def chart_command(scanned: ScannedText, concepts: set[str]) -> CommandRequest | None:
    """“plot hashprice for a year”, “difficulty over the last year” as `/chart hashprice 1y`."""
    if "chart" in concepts and not is_set_beside(scanned.items):
        concepts = concepts - {"settings"}
    is_of_zone = bool(concepts & ZONES.keys() and concepts & {"energy", "power"})
    if is_of_zone:
        concepts = concepts - ZONES.keys() - _NEAR_DAYS - {"costs", "cheap"} | {"chart"}
    words = chart_words(scanned, is_asked="chart" in concepts)
    over_time = bool(words.charts and words.spans)
    if "chart" not in concepts and not over_time and not (words.charts and "picture" in concepts):
        return None
    if "chart" in concepts:
        concepts = concepts - {"halving", "after_halving"}
    if over_time and any("halving" in span or span[4:5] == "-" for span in words.spans):
        concepts = concepts - {"halving", "after_halving"}
    if over_time:
        concepts = concepts - {"above"}  # “over the last two years”
    if over_time and not concepts & _OF_THE_NEXT:
        concepts = concepts - {"how_far", "moves"}  # “the hashrate, and how much has it fallen this month?”
    if concepts - IGNORABLE - CHARTED.keys() - _OF_CHARTS or "profit" in concepts:
        return None
    if words.rest and not is_of_zone:
        return None
    several = max(len(words.charts), len(words.spans), len(words.zones)) > 1
    figures = 2 if any(".." in span or span[4:5] == "-" for span in words.spans) else 1
    if several or len(quantities_of(scanned.items)) > figures:
        return None
    subject = words.zones or words.charts
    theme = () if words.dark is None else ("dark",) if words.dark else ("light",)
    return CommandRequest("chart", " ".join((*subject, *words.spans, *theme)))


def currency_command(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“show prices in euro”, “switch to euros” as `/currency EUR`."""
    named = {item.currency for item in items if item.currency is not None}
    allowed = IGNORABLE | {"currency_word", "currency", "price", "change", "settings", "no_rate"}
    if not concepts & {"currency_word", "change"} or concepts - allowed:
        return None
    currency = next(iter(named), None)
    if not named and len(without := names_without_rate(items)) == 1:
        return CommandRequest("currency", WITHOUT_RATE[without[0]])  # which says that there is no rate
    return CommandRequest("currency", currency.value) if currency is not None and len(named) == 1 else None


def names_without_rate(items: Sequence[Item]) -> list[str]:
    """The names of currencies that can't be converted, also within a phrase: “в рублях”."""
    names = [item.text.rpartition(" ")[2] for item in items if item.concept in ("no_rate", "currency_word")]
    return [name for name in names if name in WITHOUT_RATE]


EPISODES: Final = {
    "hashrate": "hashrate_decline", "hash_ribbon": "hashrate_decline", "selling": "miner_outflow",
    "energy": "energy_price", "power": "energy_price", "income": "miner_income",
    "hashprice": "miner_income", "drawdown": "price_drawdown", "high": "price_drawdown",
    "btc_price": "price_drawdown", "btc": "price_drawdown", "price": "price_drawdown",
}  # fmt: skip
"""The signal whose episodes tell how often a figure stood so low, or so high."""


def history_command(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“how often was the price 70 % below its high” as `/history price_drawdown`."""
    allowed = IGNORABLE | EPISODES.keys() | {
        "how_often", "history", "past", "last", "below", "above", "down", "up", "moves", "how_far", "when",
        "forever", "alert", "until",
    }  # fmt: skip
    quantities = quantities_of(items)
    is_of_past = concepts & {"how_often", "history"} or {"when", "last"} <= concepts
    if not is_of_past or concepts - allowed or len(quantities) != 1:
        return None
    signal = subject_of(concepts, EPISODES)
    return CommandRequest("history", signal) if signal and quantities[0].is_share else None
