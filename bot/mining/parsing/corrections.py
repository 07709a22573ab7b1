"""What somebody takes back within one text: “every weekday … actually just daily at 7:15”."""

import re
from dataclasses import replace
from typing import Final

from bot.mining.parsing.items import Item, ItemKind, ScannedText

_MARKS: Final = re.compile(
    r"(?<![^\W\d_])(?:actually|(?:oh |ah )?no,? (?:wait|sorry|make (?:it|that)|rather|better)|wait,? no"
    r"|i mean|(?:oh )?sorry|scratch that|(?:ach |ne |nein,? )?(?:doch )?(?:lieber|besser)|ach nein"
    r"|nein,? doch|ich meine?|quatsch|sorry,? nein|(?:no,? )?mejor(?: dicho)?|no,? (?:espera|perdón|perdon)"
    r"|perdón|quiero decir|(?:ой,? )?(?:нет,? )?(?:лучше|точнее|вернее)|нет,? (?:подожди|стоп)|то есть"
    r"|извини)(?![^\W\d_])"
    r"|不对|不不|还是改|哦不|应该是|我是说"
)
"""Words behind which something said before is said anew."""
_SORTS: Final = {
    **dict.fromkeys(("hour", "minute"), "figure"),
    **dict.fromkeys(("morning", "evening"), "half of the day"),
    **dict.fromkeys(
        (
            "day", "week", "month", "weekly", "workdays", "weekend", "tonight", "monday", "tuesday",
            "wednesday", "thursday", "friday", "saturday", "sunday",
        ),
        "day",
    ),
}  # fmt: skip
"""What sort of a time a meaning is of."""


def corrected(scanned: ScannedText) -> ScannedText | None:
    """A text without what its end takes back; None when it takes nothing back.

    Figures and times that are said before and behind the last of such words are meant as they are behind it.
    """
    matches = list(_MARKS.finditer(scanned.plain))
    if not matches or any(item.kind is ItemKind.MACHINE for item in scanned.items):
        return None
    mark = matches[-1]
    before = [item for item in scanned.items if _start(scanned, item) < mark.start()]
    behind = [item for item in scanned.items if _start(scanned, item) >= mark.end()]
    said_anew = {_sort(item) for item in before} & {_sort(item) for item in behind} - {""}
    if not said_anew:
        return None
    return replace(scanned, items=[*(each for each in before if _sort(each) not in said_anew), *behind])


def _start(scanned: ScannedText, item: Item) -> int:
    return scanned.tokens[item.start].start


def _sort(item: Item) -> str:
    """What sort of thing an item says; "" for one that can't be taken back here."""
    if item.quantity is not None:
        return "figure"
    return _SORTS.get(item.concept, "")
