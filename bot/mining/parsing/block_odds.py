"""In what time a block is hoped for: “chance to find a block solo within a year”, “шанс за 2 года”."""

from typing import Final

from bot.mining.parsing.items import Item
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.question_draft import DAYS, QuestionDraft
from bot.mining.parsing.roles import any_of, word_set

_CHANCE: Final = any_of("block_odds", "chance")
_WITHIN: Final = word_set("block_odds", "within")
_INSIDE: Final = word_set("block_odds", "inside")
_SPANS: Final = frozenset({"day", "week", "month", "year"})
_BETWEEN: Final = frozenset({"filler", "per"})
_LONGEST_DAYS: Final = 36_525.0
"""A hundred years."""


def read_block_odds(draft: QuestionDraft) -> None:
    """Take the time within which the chance of a block is asked for, where it is."""
    if "solo" not in draft.concepts() or _CHANCE.search(draft.scanned.plain) is None:
        return
    if any(item.concept == "profit" for item in draft.items):
        return
    for index, span in enumerate(draft.items):
        if span.concept not in _SPANS or span.used:
            continue
        words = _span_words(draft.items, index)
        if words is None:
            continue
        count = next((each.quantity.small for each in words if each.quantity is not None), 1.0)
        if not 0.0 < count * DAYS[span.concept] <= _LONGEST_DAYS:
            continue
        draft.block_span = (count, span.concept)
        for each in draft.items:
            is_said = each.quantity is None and _CHANCE.search(each.text) is not None
            each.used = each.used or is_said or any(each is word for word in (span, *words))
        return


def _span_words(items: list[Item], index: int) -> list[Item] | None:
    """The words around a span of time that make it the one within which something is hoped for; else None."""
    words: list[Item] = []
    place = index - 1
    while place >= 0 and items[place].text not in _WITHIN:
        quantity = items[place].quantity
        is_number = quantity is not None and quantity.unit is MeasureUnit.NUMBER and not quantity.per
        is_count = is_number and not any(each.quantity is not None for each in words)
        if not (is_count or (items[place].concept in _BETWEEN and quantity is None)):
            break
        words.append(items[place])
        place -= 1
    if place >= 0 and items[place].text in _WITHIN:
        while place >= 0 and items[place].text in _WITHIN:  # “in the next 2 years”
            words.append(items[place])
            place -= 1
            if place >= 0 and items[place].concept == "filler" and place and items[place - 1].text in _WITHIN:
                place -= 1
        return words
    behind = items[index + 1 : index + 2]
    if behind and behind[0].text in _INSIDE:
        return [*(each for each in words if each.quantity is not None), behind[0]]
    return None
