"""How far a question looks ahead, “over 24 months”, and ages of machines, which look back and say nothing."""

from collections.abc import Sequence
from typing import Final

from bot.mining.parsing.items import Item
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.projection_parser import period_of
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.parsing.roles import word_set

_HORIZON: Final = word_set("horizon", "horizon")
_AGED: Final = word_set("horizon", "aged")
_EVERY: Final = word_set("horizon", "every")
"""Words that say of a span of time how often it is meant."""
_AHEAD: Final = word_set("horizon", "ahead")
_LONGEST: Final = 480
"""Months and years: more is a date."""


def read_horizon(draft: QuestionDraft) -> None:
    """How far to project: “over 24 months”, “in the next 2 years”."""
    _read_ages(draft.items)
    for index, item in enumerate(draft.items[:-1]):
        following = draft.items[index + 1]
        if following.text == "-" and following.glued and index + 2 < len(draft.items):
            following.used, following = True, draft.items[index + 2]
        plain = item.quantity is not None and item.quantity.unit is MeasureUnit.NUMBER and not item.used
        if not plain or following.concept not in ("month", "year") or item.quantity is None:
            continue
        if following.text.split()[0] in _EVERY or following.text[0] == "每":
            continue  # “300 al mes”: how much each month, not how many months
        introduced = any(each.concept == "projection" for each in draft.items[:index])
        is_one_year = following.concept == "year" and bool(_years_asked(draft))
        if (not introduced and not is_one_year and item.quantity.small < 2) or item.quantity.small > _LONGEST:
            continue
        times = 12.0 if following.concept == "year" else 1.0
        draft.set_number("months", round(item.quantity.small * times))
        item.used = following.used = True
        before = draft.items[index - 1] if index else None
        if before is not None and before.text in _HORIZON:
            before.used = True
    if "months" not in draft.numbers and (year := _year_ahead(draft)) is not None:
        draft.set_number("months", 12.0)
        year.used = True
    if "months" not in draft.numbers and {"projection", "growth"} <= draft.concepts():
        year = next((item for item in draft.items if item.concept == "year" and not item.used), None)
        if year is not None:
            draft.set_number("months", 12.0)
            year.used = True
    for item in draft.items:
        if item.concept == "projection" and "months" in draft.numbers:
            item.used = True


def _read_ages(items: Sequence[Item]) -> None:
    """“my 2 year old S19”, “3 Jahre alt”: it earns as a new one does, so its age says nothing."""
    for index, item in enumerate(items):
        span = _behind_hyphen(items, index + 1)
        if item.quantity is None or item.used or span >= len(items):
            continue
        if items[span].concept not in ("month", "year"):
            continue
        behind = _behind_hyphen(items, span + 1)
        for end in (behind + 1, behind + 2):
            if " ".join(each.text for each in items[behind:end]) in _AGED:
                for each in items[index:end]:
                    each.used = True


def _behind_hyphen(items: Sequence[Item], index: int) -> int:
    return index + 1 if index < len(items) and items[index].text == "-" else index


def _year_ahead(draft: QuestionDraft) -> Item | None:
    """The word for a year in “in a year”, “через год”, “auf ein Jahr”, where something changes till then;
    of what changes by the month any year is the whole time: “difficulty +3 % a month, one year”.
    """
    if len(years := _years_asked(draft)) == 1:
        return years[0]
    shares = [item for item in draft.items if item.quantity and item.quantity.unit is MeasureUnit.PERCENT]
    if not shares or not draft.concepts() & {"up", "down", "growth"}:
        return None
    for index, item in enumerate(draft.items):
        if item.concept != "year" or item.used:
            continue
        before = [each.text for each in draft.items[max(0, index - 2) : index]]
        behind = draft.items[index + 1].text if index + 1 < len(draft.items) else ""
        if any(text.split()[-1] in _AHEAD for text in before if text) or behind in ("后", "以后", "之后"):
            return item
    return None


def _years_asked(draft: QuestionDraft) -> list[Item]:
    """The words for a year where something is said to change by less than a year."""
    shares = [item for item in draft.items if item.quantity and item.quantity.unit is MeasureUnit.PERCENT]
    if not any(period_of(draft, share) in ("week", "month", "retarget") for share in shares):
        return []
    return [item for item in draft.items if item.concept == "year" and not item.used]
