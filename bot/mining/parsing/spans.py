"""Lengths of time in a question: the hours of a peak price, the months to look ahead."""

import re
from typing import Final

from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.question_draft import QuestionDraft

_HORIZON: Final = frozenset(
    {"over", "next", "for", "within", "über", "próximos", "durante", "за", "未来", "within the next"}
)


_LONGEST: Final = 480
"""Months and years: more is a date."""


def read_hours(draft: QuestionDraft) -> None:
    """The hours of a peak price: “17-21”, “17:00–21:00”, “5pm to 9pm”."""
    if not draft.concepts() & {"peak", "off_peak"}:
        return
    clock = r"(\d{1,2})(?::(\d\d))?\s*(am|pm|h|uhr|点)?"
    match = re.search(
        rf"(?<![\w.,]){clock}\s*(?:-|–|to|bis|a|до|到|至)\s*{clock}(?![\w%.]|,\d)", draft.scanned.plain
    )
    if match is None:
        return
    start, end = _hour(match[1], match[2], match[3]), _hour(match[4], match[5], match[6])
    if not (0 <= start <= 24 and 0 <= end <= 24):
        return
    draft.hours = (start % 24, end % 24)
    for item in draft.items:
        position = draft.scanned.tokens[item.start].start
        if match.start() <= position < match.end():
            item.used = True


def read_horizon(draft: QuestionDraft) -> None:
    """How far to project: “over 24 months”, “in the next 2 years”."""
    for index, item in enumerate(draft.items[:-1]):
        following = draft.items[index + 1]
        plain = item.quantity is not None and item.quantity.unit is MeasureUnit.NUMBER and not item.used
        if not plain or following.concept not in ("month", "year") or item.quantity is None:
            continue
        introduced = any(each.concept == "projection" for each in draft.items[:index])
        if (not introduced and item.quantity.small < 2) or item.quantity.small > _LONGEST:
            continue
        times = 12.0 if following.concept == "year" else 1.0
        draft.set_number("months", round(item.quantity.small * times))
        item.used = following.used = True
        before = draft.items[index - 1] if index else None
        if before is not None and before.text in _HORIZON:
            before.used = True
    for item in draft.items:
        if item.concept == "projection" and "months" in draft.numbers:
            item.used = True


def _hour(hour: str, minute: str | None, half: str | None) -> float:
    value = float(hour) + float(minute or 0) / 60.0
    if half == "pm" and value < 12:
        value += 12
    return value
