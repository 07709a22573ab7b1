"""The span of time that a text names for a chart: “since 2018”, “last winter”, “90d”, “2019 to 2021”."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.i18n.durations import parse_duration
from bot.mining.named_spans import MONTHS, SEASONS, is_named_span
from bot.mining.network import HALVINGS
from bot.mining.parsing.chart_vocabulary import (
    BEFORE_YEAR,
    BETWEEN_YEARS,
    OF_A_YEAR,
    ONWARDS,
    ONWARDS_ENDS,
    SINCE,
    SINCE_BEGINS,
    THIS,
    THIS_BEGINS,
    THIS_YEAR,
    YEAR_BEFORE,
)
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.measures import MeasureUnit

_SPANS: Final = {
    "week": "7d", "month": "30d", "quarter": "90d", "half_year": "180d", "year": "1y", "forever": "all",
}  # fmt: skip
_LETTERS: Final = {"day": "d", "week": "w", "month": "m", "year": "y"}
SINCE_HALVING: Final = "halving+"
"""All the time after the last halving, as it is typed."""
_LEADS: Final = frozenset({"filler", "last", "past", "between", "the"})
"""What may stand between “since” and what it is since."""
_YEAR_TO_DATE: Final = "ytd"
_SINCE_TYPED: Final = re.compile(r"20\d\d\+")
_FIRST_YEAR: Final = 2009
_LAST_YEAR: Final = 2100
_LONGEST: Final = 1000
"""Days, weeks, months or years of a span: a larger number is no span."""
_LONGEST_TYPED: Final = timedelta(days=36_525)
_MOST_WEEKS: Final = 100
"""Weeks of a span: “3250W” is what a machine draws."""


def is_year(item: Item) -> bool:
    """True for a figure that may be a year of Bitcoin's."""
    quantity = item.quantity
    is_number = quantity is not None and quantity.unit is MeasureUnit.NUMBER and not quantity.per
    return is_number and quantity is not None and _FIRST_YEAR <= quantity.small <= _LAST_YEAR


def typed_span(word: str) -> str:
    """A span in short as it is typed, such as “90d”, “6m” or “max”; "" for any other word."""
    if word.lower() in ("all", "max"):
        return "all"
    if word.lower() == _YEAR_TO_DATE or _SINCE_TYPED.fullmatch(word) or is_named_span(word.lower()):
        return word.lower()
    length = parse_duration(word, m="month") if word[:1].isdecimal() else None
    is_watts = word[-1:] in "wW" and len(word) > len(str(_MOST_WEEKS))
    is_span = length is not None and timedelta(days=1) <= length < _LONGEST_TYPED
    return word.lower() if is_span and not is_watts else ""


def span_at(items: Sequence[Item], index: int) -> tuple[str, int]:
    """The span that begins at an item, and how many items it takes; "" when none does."""
    item = items[index]
    if item.kind is ItemKind.WORD:
        if item.text in OF_A_YEAR and index + 1 < len(items) and is_year(items[index + 1]):
            return f"{items[index + 1].text}{_to_now(items, index, 2)}", 2  # “el año 2018”
        if item.concept in SEASONS or item.concept in MONTHS:
            return _of_calendar(items, index)
        if item.concept in ("halving", "after_halving") and _to_now(items, index, 1):
            return SINCE_HALVING, 1
        if item.text in THIS_YEAR:
            return _YEAR_TO_DATE, 1
        return _SPANS.get(item.concept, ""), 1
    quantity = item.quantity
    if quantity is None or quantity.unit is not MeasureUnit.NUMBER or quantity.small > _LAST_YEAR:
        return "", 0
    behind = items[index + 1].concept if index + 1 < len(items) else ""
    if is_year(item):
        if (of_years := _of_years(items, index)) is not None:
            return of_years
        is_said = behind == "year" and items[index + 1].text in OF_A_YEAR
        length = 2 if is_said else 1
        return f"{quantity.small:.0f}{_to_now(items, index, length)}", length
    unit = next((each for each in quantity.per if each in _LETTERS), "")
    letter = _LETTERS.get(unit or behind, "")
    if not letter or not 0 < quantity.small <= _LONGEST:
        return "", 0
    return f"{quantity.small:.0f}{letter}", 1 if unit else 2


def _of_years(items: Sequence[Item], index: int) -> tuple[str, int] | None:
    """“2019 to 2021”, “before 2020”, “the 2020 halving”: the span that begins at a year; None for none."""
    item, behind = items[index], [each.text for each in items[index + 1 : index + 3]]
    year = int(item.quantity.small) if item.quantity is not None else 0
    if index + 2 < len(items) and behind[0] in BETWEEN_YEARS and is_year(items[index + 2]):
        is_said = index + 3 < len(items) and items[index + 3].text in OF_A_YEAR
        return f"{year}..{items[index + 2].text}", 4 if is_said else 3
    if index + 1 < len(items) and items[index + 1].concept in ("halving", "after_halving"):
        day = next((day for day in HALVINGS if day.year == year), None)
        return None if day is None else (f"{day}+", 2)
    numbered = items[index + 1 : index + 4]
    if [each.text for each in numbered[::2]] == ["年", "月"] and (number := numbered[1].text).isdecimal():
        if not 1 <= int(number) <= len(MONTHS):
            return None
        return f"{year}-{int(number):02}{_to_now(items, index, 4)}", 4
    months = [each for each in items[index + 1 : index + 3] if each.concept in MONTHS]
    if months:  # “2023年三月”
        length = items.index(months[0]) - index + 1
        return f"{year}-{_month_number(months[0])}{_to_now(items, index, length)}", length
    is_before = any(each.text in BEFORE_YEAR for each in items[max(0, index - 1) : index])
    if is_before or (behind and behind[0] in YEAR_BEFORE):
        return f"..{year - 1}", 1
    return None


def _month_number(item: Item) -> str:
    return f"{MONTHS.index(item.concept) + 1:02}"


def _of_calendar(items: Sequence[Item], index: int) -> tuple[str, int]:
    """“since last winter”, “this summer”, “March 2023”: the span of a month or a season."""
    item = items[index]
    since = _to_now(items, index, 1)
    if item.concept in MONTHS:
        ahead = items[index + 1 : index + 3]
        if len(ahead) > 1 and ahead[0].concept in ("filler", "between"):  # “marzo de 2023”
            ahead = ahead[1:]
        if not ahead or not is_year(ahead[0]):
            return f"{item.concept}{since}", 1
        length = items.index(ahead[0]) - index + 1
        return f"{ahead[0].text}-{_month_number(item)}{since or _to_now(items, index, length)}", length
    words = {*item.text.split(), *(each.text for each in items[max(0, index - 1) : index])}
    is_this = words & THIS or item.text.startswith(THIS_BEGINS)
    return f"{item.concept}+" if since else f"this-{item.concept}" if is_this else item.concept, 1


def _to_now(items: Sequence[Item], index: int, length: int) -> str:
    """“+” where what stands at a place begins what is drawn up to now: “since 2018”, “2018年以来”."""
    text = items[index].text
    if text.split()[0] in SINCE or text.startswith(SINCE_BEGINS) or text.endswith(ONWARDS_ENDS):
        return "+"
    if items[index + length : index + length + 1] and items[index + length].text in ONWARDS:
        return "+"
    for item in reversed(items[max(0, index - 4) : index]):
        if item.text in SINCE:
            return "+"
        if item.concept not in _LEADS:
            return ""
    return ""
