"""A change that is supposed several times in a row: “difficulty rises 5 % three times”."""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import replace
from typing import Final

from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.number_words import NUMBER_WORDS
from bot.mining.parsing.roles import word_set
from bot.mining.scenario import ScenarioChange

_TIMES: Final = word_set("repetitions", "times")
_IN_ONE_WORD: Final[Mapping[str, int]] = {
    "twice": 2, "thrice": 3, "zweimal": 2, "dreimal": 3, "viermal": 4, "fünfmal": 5, "sechsmal": 6,
    "дважды": 2, "трижды": 3, "четырежды": 4,
}  # fmt: skip
_DRESSING: Final = word_set("repetitions", "dressing")
"""Words around a repetition that say no more than it does."""
_LEADING: Final = word_set("repetitions", "leading")
"""Words before it: “at each of the next three retargets”."""
_MOST: Final = 24
_NEAR: Final = 6
"""How many words a share may be away from how often it is."""


def read_repetition(items: Sequence[Item]) -> int:
    """How many times in a row a share is supposed, taken out of the text; 1 where nothing says it."""
    for index, item in enumerate(items):
        count, end = _count_at(items, index)
        if count == 1 or item.used:
            continue
        near = items[max(0, index - _NEAR) : end + _NEAR]
        if not any(each.is_share and not each.used for each in near):
            continue  # “fees rise three times”: a factor
        for each in items[index:end]:
            each.used = True
        for each in items[end : end + 4]:
            is_comma = each.kind is ItemKind.SIGN and each.text == ","
            if each.text not in _DRESSING and not is_comma:
                break
            each.used = each.text not in ("um", "by", "на")
        for each in reversed(items[max(0, index - _NEAR) : index]):
            if each.text not in _LEADING:
                break
            each.used = True
        _use_beside_share(items)
        return count
    return 1


def _use_beside_share(items: Sequence[Item]) -> None:
    """“by 5 % each”, “jeweils 5 %”."""
    for index, item in enumerate(items):
        if item.is_share:
            for each in (*items[max(0, index - 2) : index], *items[index + 1 : index + 3]):
                each.used = each.used or each.text in ("each", "each time", "jeweils", "je", "每", "每次")


def _count_at(items: Sequence[Item], index: int) -> tuple[int, int]:
    """How many times an item says, and where that ends; 1 where it says nothing of the kind."""
    item = items[index]
    if (count := _IN_ONE_WORD.get(item.text)) is not None:
        return count, index + 1
    behind = items[index + 1].text if index + 1 < len(items) else ""
    plain = item.quantity is not None and item.quantity.unit is MeasureUnit.NUMBER and not item.quantity.per
    number = item.quantity.small if plain and item.quantity else NUMBER_WORDS.get(item.text, 0.0)
    is_retargets = index + 1 < len(items) and items[index + 1].concept == "retarget"
    if (behind in _TIMES or is_retargets) and number == int(number) and 1 < number <= _MOST:
        return int(number), index + 2
    return 1, index


def repeated(changes: MutableMapping[str, ScenarioChange], count: int) -> bool:
    """Let the one relative change be that many; False where there is none, or several may be meant."""
    relative = [key for key, change in changes.items() if change.to is None]
    if count == 1 or len(relative) != 1:
        return count == 1
    change = changes[relative[0]]
    changes[relative[0]] = replace(change, by=(1.0 + change.by) ** count - 1.0)
    return True
