"""What happened at a time: “what happened to miners in june 2022” as `/history 2022-06`."""

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Final

from bot.mining.named_spans import MONTHS, SEASONS, is_named_span
from bot.mining.parsing.chart_spans import is_year
from bot.mining.parsing.chart_vocabulary import SPAN_CONCEPTS
from bot.mining.parsing.chart_words import chart_words
from bot.mining.parsing.command_arguments import IGNORABLE, quantities_of
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.items import Item, ScannedText
from bot.mining.parsing.roles import word_set

_HAPPENED: Final = word_set("past_events", "happened")
"""What asks for the events of a time."""
_TOLD: Final = frozenset({"status", "capitulation", "drawdown", "stress", "history"})
_BESIDE: Final = IGNORABLE | SPAN_CONCEPTS | _TOLD | {
    "when", "gone", "past", "explain", "why", "down", "moves", "until", "tonight", "btc", "price", "ended",
    "count_word", "only", "who",
}  # fmt: skip
_YEAR: Final = re.compile(r"20\d\d")


def happened_then(scanned: ScannedText, concepts: set[str]) -> tuple[CommandRequest, bool] | None:
    """The command, and whether the text surely asks for it; None where it names no time gone by."""
    items = scanned.items
    if not quantities_of(items) and not concepts & {*SEASONS, *MONTHS}:
        return None
    if concepts - _BESIDE:
        return None
    words = chart_words(scanned, is_asked=False)
    if set(words.charts) - {"price", "drawdown", "stress"} or words.zones:
        return None
    spans = [span.rstrip("+") for span in words.spans] if _is_about_whom(items) else words.spans
    is_month_numbered = any(item.text == "月" for item in items)
    numbers = len(quantities_of(items)) - is_month_numbered
    span = _day(items) if numbers == 2 else _span(spans) if numbers < 2 else ""
    if not span:
        return None
    said = {word for item in items for word in item.text.split()}
    happened = bool(said & _HAPPENED) or (scanned.language == "de" and "los" in said)
    if words.charts and not happened:
        return None
    return CommandRequest("history", span), happened or bool(concepts & _TOLD)


def _is_about_whom(items: Sequence[Item]) -> bool:
    """True for Russian “с майнерами”: the word is no “since” there."""
    return any(item.text == "с" and behind.concept == "filler" for item, behind in pairwise(items))


def _day(items: Sequence[Item]) -> str:
    """The day that is named, “12 march 2020”, “2020年3月12日”, as 2020-03-12; "" for none."""
    place = next(
        (index for index, item in enumerate(items) if item.concept in MONTHS or item.text == "月"), -1
    )
    if place < 0:
        return ""
    beside = [item for item in items[max(0, place - 3) : place + 5] if item.quantity is not None]
    years = [f"{item.quantity.small:.0f}" for item in beside if item.quantity is not None and is_year(item)]
    others = [item.quantity.small for item in beside if item.quantity is not None and not is_year(item)]
    numbered = [] if items[place].concept not in MONTHS else [MONTHS.index(items[place].concept) + 1.0]
    match [*numbered, *others]:
        case [month, day] if len(years) == 1:
            return _date(f"{years[0]}-{month:02.0f}-{day:02.0f}")
    return ""


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _span(spans: Sequence[str]) -> str:
    """The one month, season or year that is named, as `/history` takes it; "" for none."""
    if len(spans) == 2:
        year, season = sorted(spans)  # digits come before letters
        return f"{season} {year}" if season in SEASONS and _YEAR.fullmatch(year) else ""
    if len(spans) != 1 or spans[0].endswith("+") or ".." in spans[0]:
        return ""
    return spans[0] if _YEAR.fullmatch(spans[0]) or is_named_span(spans[0]) else ""
