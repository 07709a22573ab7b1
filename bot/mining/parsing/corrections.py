"""What somebody takes back within one text: “every weekday … actually just daily at 7:15”."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.mining.parsing.chart_vocabulary import CHARTED
from bot.mining.parsing.items import Item, ItemKind, ScannedText
from bot.mining.parsing.roles import word_set

_MARKS: Final = re.compile(
    r"(?<![^\W\d_])(?:actually|(?:oh |ah )?no,? (?:wait|sorry|make (?:it|that)|rather|better)|wait,? no"
    r"|i mean|(?:oh )?sorry|scratch that|(?:ach |ne |nein,? )?(?:doch )?(?:lieber|besser)|ach nein"
    r"|nein,? doch|ich meine?|quatsch|sorry,? nein|(?:no,? )?mejor(?: dicho)?|no,? (?:espera|perdón|perdon)"
    r"|perdón|quiero decir|(?:ой,? )?(?:нет,? )?(?:лучше|точнее|вернее)|нет,? (?:подожди|стоп)|то есть"
    r"|извини)(?![^\W\d_])"
    r"|不对|不不|还是改|哦不|应该是|我是说"
)
"""Words behind which something said before is said anew."""
_APART: Final = frozenset(
    {",", "，", "、", ";", "but", "rather", "sondern", "sino", "а", "но", "而是", "但", "但是"}
)
"""What stands between what is not meant and what is."""
_WITHOUT: Final = word_set("corrections", "without")
_ENDS: Final = frozenset({"mute", "stop", "shut_off", "delete", "forget"})
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


def contrasted(scanned: ScannedText) -> ScannedText | None:
    """“no, not the price, the hashrate” without what is not meant; None for a text that sets nothing apart.

    Between commas or a “but” one part names a figure beside a no, another names what is meant.
    """
    parts = _parts(scanned)
    denied = [part for part in parts if _denies(part)]
    meant = [part for part in parts if part and not _denies(part) and _said(part) - {"filler", "negation"}]
    if not any(_said(part) & CHARTED.keys() for part in denied) or len(meant) != 1:
        return None
    return replace(scanned, items=meant[0])


def kept_from_ending(scanned: ScannedText) -> ScannedText | None:
    """“don't unsubscribe me, I just want 2 hours of peace” without the end that is not wanted.

    None where no part of a text says only that, or where several parts are left.
    """
    parts = _parts(scanned)
    denied = [part for part in parts if spares(part) and _is_known(part) and not _said(part) - _OF_AN_END]
    meant = [part for part in parts if part and not spares(part) and _said(part) - {"filler"}]
    if len(denied) != 1 or len(meant) != 1 or _said(denied[0]) & _said(meant[0]) & _ENDS:
        return None
    return replace(scanned, items=meant[0])


_OF_AN_END: Final = _ENDS | {"filler", "negation", "alert", "all", "subscribe"}


def _parts(scanned: ScannedText) -> list[list[Item]]:
    """A text cut at its commas and at each “but”."""
    parts: list[list[Item]] = [[]]
    for item in scanned.items:
        if item.text in _APART:
            parts.append([])
        else:
            parts[-1].append(item)
    return parts


def _is_known(part: Sequence[Item]) -> bool:
    return all(item.kind in (ItemKind.WORD, ItemKind.SIGN) and not item.is_guess for item in part)


def _denies(part: Sequence[Item]) -> bool:
    """True for a no and at most a figure beside it."""
    is_no = any(item.concept == "negation" and item.text not in _WITHOUT for item in part)
    return is_no and _is_known(part) and not _said(part) - {"filler", "negation"} - CHARTED.keys()


def _said(part: Sequence[Item]) -> set[str]:
    return {item.concept for item in part if item.kind is ItemKind.WORD}


def spares(items: Sequence[Item]) -> bool:
    """True where a no stands at a word for an end: “don't mute me”, “schalt mich nicht stumm”."""
    for index, item in enumerate(items):
        ahead = [each for each in items[index + 1 : index + 4] if each.concept != "filler"]
        if item.concept == "negation" and ahead and ahead[0].concept in _ENDS:
            return True
    return False


def _start(scanned: ScannedText, item: Item) -> int:
    return scanned.tokens[item.start].start


def _sort(item: Item) -> str:
    """What sort of thing an item says; "" for one that can't be taken back here."""
    if item.quantity is not None:
        return "figure"
    return _SORTS.get(item.concept, "")
