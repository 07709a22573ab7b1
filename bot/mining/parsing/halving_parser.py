"""The halving of a question: its year, and whether it is the end of a span or what is supposed."""

from typing import Final

from bot.mining.parsing.items import Item
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.number_words import NUMBER_WORDS
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.parsing.roles import word_set

_HALVING: Final = frozenset({"halving", "after_halving"})
_JOINING: Final = frozenset({"filler", "per", "by", "to", "year", "money_out"})
_MONTH_OF_IT: Final = word_set("halving_parser", "month_of_it")
"""The month of the halvings of 2024 and, as far as it is known, of 2028."""
_AFTER: Final = word_set("halving_parser", "after")
_BEFORE: Final = word_set("halving_parser", "before")
"""How words begin that end a span."""
_BEFORE_BEHIND: Final = word_set("halving_parser", "before_behind")


def read_halving_year(draft: QuestionDraft) -> int | None:
    """The year said of the halving, taken out of the text: “after the 2024 halving”; None without one."""
    items = draft.items
    for index, item in enumerate(items):
        if item.concept not in _HALVING:
            continue
        beside = _year_among(items[index + 1 : index + 5])
        beside = beside or _year_among(items[max(0, index - 4) : index][::-1])
        if not beside:
            continue
        place = items.index(beside[-1])
        around = [*items[max(0, place - 1) : place], *items[place + 1 : place + 2]]
        introducing = [each for each in items[max(0, index - 4) : index] if each.text in _AFTER]
        dressing = [each for each in around if each.concept == "year" or each.text in _MONTH_OF_IT]
        for each in (*beside, *dressing, *introducing):
            each.used = True
        return None if beside[-1].quantity is None else int(beside[-1].quantity.large)
    return None


def read_halvings(draft: QuestionDraft) -> int:
    """How many halvings are supposed, the number taken out of the text: “after the next two halvings”."""
    for index, item in enumerate(draft.items):
        before = draft.items[index - 1] if item.concept in _HALVING and index else None
        if before is not None and before.text in _TIMES and index > 1:
            before.used, before = True, draft.items[index - 2]  # 两次减半
        count = 0.0 if before is None else _count_of(before)
        if before is None or before.used or count not in _COUNTS:
            continue
        before.used = True
        for each in draft.items[max(0, draft.items.index(before) - 3) : index]:
            each.used = each.used or each.text in _AFTER or each.text in _NEXT
        return int(count)
    return 1


def _count_of(item: Item) -> float:
    """The number that an item says; 0 for any other."""
    quantity = item.quantity
    if quantity is None:
        return NUMBER_WORDS.get(item.text, 0.0)
    is_plain = quantity.unit is MeasureUnit.NUMBER and not quantity.per and not quantity.signed
    return quantity.small if is_plain and not quantity.scaled else 0.0


_COUNTS: Final = (2.0, 3.0, 4.0, 5.0)
"""So many halvings may be supposed at once."""
_TIMES: Final = frozenset({"次"})
_NEXT: Final = word_set("halving_parser", "next")


def _year_among(items: list[Item]) -> list[Item]:
    """The items up to the year that is the first thing said among them, and “года” behind it; [] without."""
    for place, item in enumerate(items):
        quantity = item.quantity
        if quantity is not None:
            is_plain = quantity.unit is MeasureUnit.NUMBER and not quantity.scaled and not quantity.signed
            is_year = is_plain and 2009 <= quantity.large <= 2100 and quantity.large == int(quantity.large)
            return items[: place + 1] if is_year else []
        if item.concept not in _JOINING and item.text not in _MONTH_OF_IT:
            return []
    return []


def ends_at_halving(draft: QuestionDraft) -> list[Item]:
    """What says that a span ends with the halving: “before the halving”, “减半前”; [] where nothing does."""
    items = draft.items
    for index, item in enumerate(items):
        if item.concept not in _HALVING:
            continue
        before = [
            each for each in items[max(0, index - 4) : index] if each.concept != "filler" or _ends(each)
        ]
        years = [each for each in items[index + 1 : index + 4] if each.used]
        if before and _ends(before[-1]):
            return [*items[items.index(before[-1]) : index + 1], *years]
        behind = items[index + 1] if index + 1 < len(items) else None
        if behind is not None and behind.text in _BEFORE_BEHIND:
            return [item, behind]
    return []


def _ends(item: Item) -> bool:
    return bool(item.text.split()) and item.text.split()[0] in _BEFORE
