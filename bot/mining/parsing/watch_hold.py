"""How long something is to last before a watch tells: “stays below 50k for two days” waits two days."""

from collections.abc import Sequence
from typing import Final

from bot.mining.parsing.items import Item
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.roles import word_set

LASTING: Final = "lasting"
"""What words such as “stays” and “in a row” mean."""
_UNITS: Final = {"hour": ("h", 1), "day": ("d", 1), "week": ("d", 7), "month": ("d", 30)}
_BEFORE: Final = word_set("watch_hold", "before")
_BEHIND: Final = word_set("watch_hold", "behind")
"""What says before a time, and behind it, that something lasts so long."""


_ONE: Final = word_set("watch_hold", "one")


def without_hold(items: Sequence[Item]) -> tuple[Sequence[Item], str]:
    """The items without what says how long something lasts, and that as `/watch` takes it: “for 2d”.

    "" where nothing is said of it, or several times are.
    """
    spans = [span for index in range(len(items)) if (span := _time_at(items, index)) is not None]
    if len(spans) != 1:
        return items, ""
    start, end, length = spans[0]
    first = start - 1
    while first >= 0 and items[first].concept == "filler" and items[first].text not in _BEFORE:
        first -= 1
    is_before = first >= 0 and items[first].text in _BEFORE
    last = end
    is_behind = last < len(items) and items[last].text in _BEHIND
    is_said = any(item.concept == LASTING for item in items)
    is_share = any(item.is_share for item in items)
    if not (is_said or ((is_before or is_behind) and not is_share)):
        return items, ""
    begin = first if is_before else start
    rest = [*items[:begin], *items[last + is_behind :]]
    return [item for item in rest if item.concept != LASTING], f"for {length}"


def _time_at(items: Sequence[Item], index: int) -> tuple[int, int, str] | None:
    """The time that begins at an item: its first and last place, and its length such as “2d”."""
    item = items[index]
    quantity = item.quantity
    if quantity is None:
        known = _UNITS.get(item.concept)
        if known is None or _behind_figure(items, index):
            return None
        if item.concept != "week" and not _is_one(items, index):
            return None
        return index, index + 1, f"{known[1]}{known[0]}"
    if quantity.unit is not MeasureUnit.NUMBER or not quantity.small.is_integer():
        return None
    unit = next((each for each in quantity.per if each in _UNITS), "")
    behind = items[index + 1].concept if index + 1 < len(items) else ""
    known = _UNITS.get(unit or behind)
    if known is None or not 0 < quantity.small <= 1000:
        return None
    letter, days = known
    return index, index + (1 if unit else 2), f"{quantity.small * days:g}{letter}"


def _is_one(items: Sequence[Item], index: int) -> bool:
    """True for “for a day”, “einen Tag lang”: the time alone says how long, it is no “per day”."""
    before = [item.text for item in items[max(0, index - 2) : index]]
    is_article = bool(before) and before[-1] in _ONE
    is_for = len(before) > 1 and before[0] in _BEFORE
    return is_article and (is_for or any(item.text in _BEHIND for item in items[index + 1 : index + 2]))


def _behind_figure(items: Sequence[Item], index: int) -> bool:
    before = items[index - 1].quantity if index else None
    return before is not None and before.unit is MeasureUnit.NUMBER
