"""Questions about the machines of some makers: “which whatsminers still pay at 8c”, “best avalon at 5c”."""

from collections.abc import Sequence
from typing import Final

from bot.mining.machines import Catalogue
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.question_draft import CHOOSING
from bot.mining.parsing.roles import word_set

_MAKERS: Final = {
    **dict.fromkeys(("antminer", "bitmain", "蚂蚁"), "Bitmain"),
    **dict.fromkeys(("whatsminer", "microbt", "神马"), "MicroBT"),
    **dict.fromkeys(("avalon", "avalonminer", "canaan", "阿瓦隆", "嘉楠"), "Canaan"),
    **dict.fromkeys(("sealminer", "bitdeer"), "Bitdeer"),
    **dict.fromkeys(("teraflux", "auradine"), "Auradine"),
    **dict.fromkeys(("ebit", "ebang", "翼比特"), "Ebang"),
}
"""Makers as the catalogue writes them, by their names and those of what they make."""
_WHICH: Final = word_set("makers", "which")
_WHICH_MACHINES: Final = word_set("makers", "which_machines")
"""What elsewhere asks for companies that mine, too."""
_ENDINGS: Final = frozenset({"ы", "и", "ов", "а"})
"""Russian endings of several, cut off a name that is written in Latin letters."""
_MACHINES: Final = frozenset({"count_word", "machine_unit"})
_MOST_BETWEEN: Final = 2


def read_makers(items: Sequence[Item]) -> tuple[str, ...]:
    """The makers whose machines are chosen among, their words taken; none where a machine is named."""
    if any(item.kind is ItemKind.MACHINE for item in items):
        return ()
    named = [index for index, item in enumerate(items) if maker_of(item)]
    for index, item in enumerate(items):
        if item.text in _WHICH_MACHINES:
            item.concept = "which_machine"
        if (index in named or item.concept in _MACHINES) and (asked := _asked(items, index)) is not None:
            asked.concept = "which_machine"
    if not named or not any(item.concept in CHOOSING for item in items):
        return ()
    for index in named:
        item = items[index]
        item.kind, item.concept, item.used = ItemKind.WORD, "machine_unit", True
        behind = items[index + 1] if index + 1 < len(items) else None
        if behind is not None and behind.text in _ENDINGS and behind.kind is ItemKind.UNKNOWN:
            behind.used, behind.kind = True, ItemKind.WORD
    return tuple(dict.fromkeys(maker_of(items[index]) for index in named))


def maker_of(item: Item) -> str:
    """The maker that an item names; "" for any other."""
    name = item.text.split()[0] if item.text.strip() else ""
    return _MAKERS.get(name) or _MAKERS.get(name.removesuffix("s"), "")


def models_of(catalogue: Catalogue, makers: Sequence[str]) -> tuple[str, ...]:
    """The models of these makers, or all of them where none is named."""
    return tuple(
        model for model in catalogue.models if not makers or catalogue.bins(model)[0].maker in makers
    )


def _asked(items: Sequence[Item], index: int) -> Item | None:
    """The “which” before a word for machines; None without one."""
    for item in items[max(0, index - 1 - _MOST_BETWEEN) : index][::-1]:
        if item.text in _WHICH:
            return item
        if item.concept != "filler" and item.concept not in _MACHINES and not maker_of(item):
            return None
    return None
