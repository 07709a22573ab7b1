"""What a text says of a chart: which figure, how far back, which day-ahead zone, light or dark."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.mining.parsing.chart_spans import SINCE_HALVING, span_at
from bot.mining.parsing.chart_vocabulary import (
    CHARTED,
    CHARTS,
    DARK,
    FROM_NOW_ON,
    GENERAL,
    JOINING,
    LIGHT,
    OTHER_NAMES,
    ZONES,
)
from bot.mining.parsing.items import Item, ItemKind, ScannedText

_BESIDE: Final = frozenset(
    {
        "filler", "greeting", "thanks", "send", "per", "to", "by", "and", "or", "money_out", "network",
        "how_many", "between", "all", "again", "chart", "picture", "last", "past", "until", "history", "only",
        "compare", "projection", "how_far", "when", "who", "explain", "up", "down", "moves", "move",
        "tonight", "below", "above", "currency",
    }
)  # fmt: skip
"""What may be said of a chart without changing it."""
_PASSED: Final = frozenset(
    {"filler", "chart", "picture", "last", "past", "until", "send", "history", "above"}
)
"""What is left out of the words that say something else."""


@dataclass(frozen=True, slots=True)
class ChartWords:
    """What is said of a chart: names of charts and zones, spans as they are typed.

    `rest` are the words that say something else, a machine perhaps.
    """

    charts: tuple[str, ...] = ()
    spans: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    dark: bool | None = None
    rest: str = ""


def chart_words(scanned: ScannedText, *, is_asked: bool) -> ChartWords:
    """Read a text to its last word; `is_asked` where it asks for a chart, whatever else it says."""
    items = scanned.items
    of_chart: list[Item] = []
    named: list[tuple[str, bool]] = []  # a chart, and whether another name beside it is meant
    spans: list[str] = []
    zones: list[str] = []
    dark: bool | None = None
    for index, item in enumerate(items):
        if any(item is each for each in of_chart):
            continue
        span, length = span_at(items, index)
        if span:
            spans.append(span)
            of_chart += items[index : index + length]
        elif chart := _chart(item):
            named.append((chart, item.concept in GENERAL))
            of_chart.append(item)
        elif item.concept in ZONES:
            zones.append(ZONES[item.concept])
            of_chart.append(item)
        elif is_asked and is_theme(item):
            dark = item.text.removeprefix("auf ") in DARK
            of_chart.append(item)
    if is_asked and not spans:
        since_halving = [item for item in items if item.concept in ("halving", "after_halving")]
        of_chart += since_halving
        is_all = any(item.concept == "all" for item in items)
        spans = [SINCE_HALVING] if since_halving else ["all"] if is_all else []
    other = [item for item in items if not any(item is each for each in of_chart) and not _is_beside(item)]
    passed = [*of_chart, *(item for item in items if item.concept in _PASSED)]
    return ChartWords(
        _charts(named, joined=any(item.text in JOINING for item in items)),
        tuple(dict.fromkeys(spans)),
        tuple(dict.fromkeys(zones)),
        dark,
        scanned.text_without(passed) if other else "",
    )


def is_theme(item: Item) -> bool:
    """True for what says that a chart be light or dark."""
    return item.text.removeprefix("auf ") in DARK | LIGHT


def theme_set(items: Sequence[Item]) -> str:
    """“dark” or “light” where all charts are to be so: “charts on black”, “dark mode”; "" elsewhere."""
    themes = {item.text.removeprefix("auf ") in DARK for item in items if is_theme(item)}
    is_drawn = any(item.concept == "chart" for item in items)
    is_for_all = any(
        item.text in CHARTS | FROM_NOW_ON or item.concept in ("change", "again") for item in items
    )
    if len(themes) != 1 or (is_drawn and not is_for_all):
        return ""
    return "dark" if themes.pop() else "light"


def _is_beside(item: Item) -> bool:
    if item.kind is ItemKind.WORD:
        return item.concept in _BESIDE
    return item.kind is ItemKind.SIGN and item.text in ",;:!?.-()\"'“”…·"


def _chart(item: Item) -> str:
    """The chart that a word names; "" for none."""
    if item.kind is not ItemKind.WORD:
        return ""
    if item.is_guess and item.concept in ("profit", "moves", "pool_fee"):
        return ""
    if item.concept in ("pool_fee", "profit", "moves") and item.text in OTHER_NAMES:
        return OTHER_NAMES[item.text]
    return CHARTED.get(item.concept, "")


def _charts(named: Sequence[tuple[str, bool]], *, joined: bool) -> tuple[str, ...]:
    """“Bitcoin difficulty” and “power price” name one chart, “price and difficulty” two."""
    special = [chart for chart, is_general in named if not is_general]
    counted = special if special and not joined else [chart for chart, _ in named]
    return tuple(dict.fromkeys(counted))
