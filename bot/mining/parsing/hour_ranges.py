"""Ranges of hours of the day in a text: “17-21”, “10pm to 6am”, “between 3 and 7 pm”."""

import re
from typing import Final

from bot.mining.parsing.items import Item
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.question_draft import QuestionDraft

_MINUTES: Final = (
    r"(?::(\d\d))?\s*(am|pm|a\.m\.|p\.m\.|hs|hrs|horas|hours|h|std|uhr|点|时|часов|часа|часами|ч)?"
    r"(?![a-zа-яäöü])"
)
_CLOCK: Final = rf"(\d{{1,2}}){_MINUTES}"
_RANGE: Final = re.compile(
    # The look back behind the first digit: a search that begins with a character passes over the rest.
    rf"(\d(?<![0-9a-zа-яäöüßñ.,].)\d?){_MINUTES}\s*"
    r"(?:-|–|to|till|until|thru|through|bis|a(?: las?)?|hasta(?: las?)?|y(?: las?)?|до|по|到|至)"
    rf"\s*{_CLOCK}(?:(?![0-9a-zа-яäöüßñ%]|[.,]\d)|(?<=点)(?=\d+(?:\.\d+)?(?:美|欧|毛|块|元)))"
)
_BETWEEN: Final = re.compile(
    rf"(?:b(?<!\w.)etween|z(?<!\w.)wischen|м(?<!\w.)ежду|介(?<![\u4e00-\u9fff].)于)\s*{_CLOCK}"
    rf"\s*(?:and|und|и|和)\s*{_CLOCK}"
    r"(?! ?(?:c|cents?|ct|¢|цент\w*|usd|eur|euros?|[$€£])(?!\w)|[0-9a-zа-яäöüßñ%]|[.,]\d)"
)
"""“between 3pm and 7pm”, where “and” alone would join anything."""


def ranges_of(text: str) -> list[re.Match[str]]:
    """The ranges of hours in a text, in its order."""
    matches = (*_RANGE.finditer(text), *_BETWEEN.finditer(text))
    return sorted(matches, key=lambda match: match.start())


def begins_in(draft: QuestionDraft, item: Item, match: re.Match[str]) -> bool:
    """True for an item that begins within a range."""
    return match.start() <= draft.scanned.tokens[item.start].start < match.end()


def hours_of(match: re.Match[str]) -> tuple[float, float] | None:
    """The hours of a range; “8 to 10 pm” are both after noon."""
    half = [None if part is None else part.replace(".", "") for part in (match[3], match[6])]
    if half[0] is None and half[1] == "pm" and int(match[1]) < int(match[4]) <= 12:
        half[0] = "pm"
    start, end = _hour(match[1], match[2], half[0]), _hour(match[4], match[5], half[1])
    if not (0 <= start <= 24 and 0 <= end <= 24) or start == end:
        return None
    return start, end


def _hour(hour: str, minute: str | None, half: str | None) -> float:
    value = float(hour) + float(minute or 0) / 60.0
    if half == "pm" and value < 12:
        value += 12
    elif half == "am" and value >= 12:
        value -= 12
    return value


def are_of_a_clock(match: re.Match[str]) -> bool:
    """True where minutes, a word or an article say that numbers are hours: “3pm-7pm”, “15 y las 19”."""
    return any(match[group] for group in (2, 3, 5, 6)) or " las " in match[0]


def is_scaled(draft: QuestionDraft, match: re.Match[str]) -> bool:
    """True where a number of a range goes on: “6-22 thousand”."""
    items = [item for item in draft.items if begins_in(draft, item, match)]
    return any(item.quantity is not None and item.quantity.scaled for item in items)


def is_of_hours(draft: QuestionDraft, match: re.Match[str]) -> bool:
    """True for a range of hours, not of prices or shares."""
    items = [item for item in draft.items if begins_in(draft, item, match)]
    units = {item.quantity.unit for item in items if item.quantity is not None}
    return units <= {MeasureUnit.NUMBER}
