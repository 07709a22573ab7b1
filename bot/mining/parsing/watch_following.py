"""Texts that go on from a watch that was just set: “delete it again”, “make it 95k instead”, “no, above”."""

import re
from typing import Final

from bot.mining.parsing.command_arguments import quantities_of
from bot.mining.parsing.command_request import INSTEAD, UNDO, CommandRequest
from bot.mining.parsing.following import ALSO, PASSED
from bot.mining.parsing.items import Item
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.roles import word_set
from bot.mining.parsing.watch_arguments import watch_level

_LEVEL: Final = re.compile(
    r"(?P<figure>price|hashprice|hashrate|difficulty|fees) (?P<side>below|above|crosses) (?P<level>\S+)"
    r"(?P<rest>(?: (?!.*\b(?:and|or)\b).*)?)"
)
"""A watch whose level can be set anew."""
_SIDES: Final = {
    "above": frozenset(
        {"above", "over", "higher", "above it", "above that", "darüber", "drüber", "über", "höher",
         "por encima", "arriba", "encima", "más alto", "выше", "больше", "高于",
         "以上", "大于", "超过", "之上", "涨破"}
    ),
    "below": frozenset(
        {"below", "under", "lower", "below it", "below that", "darunter", "drunter", "unter", "niedriger",
         "por debajo", "abajo", "debajo", "más bajo", "ниже", "меньше", "低于", "以下", "小于", "之下",
         "跌破"}
    ),
}  # fmt: skip
"""Words that alone say on which side of a level."""
_TURN: Final = re.compile(
    r"(?P<begin>(?:price|hashprice|hashrate|difficulty|fees) (?:drops|rises) )(?P<share>[\d.,]+) ?%"
    r"(?P<end> in .*)"
)
"""A watch of a change by a share, which can be set anew."""
_THOUSANDS: Final = (1.0, 1e3)
"""What a level may be said in behind another one: “actually 38” behind 40,000 is 38,000."""
_ALIKE: Final = 3.0
"""How many times the level before a new one may be that is said so."""
_LEAST_DIFFICULTY: Final = 1e9
"""From this on a difficulty is given in full, not in trillions."""
_FARTHEST: Final = 100.0
"""How many times it may be at most, said in full."""
_NO_SIDE: Final = word_set("watch_following", "no_side")
"""Words for a side of a level that beside a new one mean nothing: “ändere das auf 95k”."""


def watch_followed(items: list[Item], concepts: set[str], said: set[str], line: str) -> CommandRequest | None:
    """“delete it again”, “make it 95k instead” behind a watch."""
    is_guess = any(item.is_guess and item.concept in ("delete", "undo", "change") for item in items)
    numbers = quantities_of(items)
    if said & {"delete", "undo"} and not numbers:
        is_whole = said <= {"delete", "undo", "watch", "alert"} and "all" not in concepts and not is_guess
        return CommandRequest("watch", UNDO) if is_whole else None
    match = _LEVEL.fullmatch(line)
    beside = {"change", "above", "below", "up", "down", "negation", "best", "dearer", "cheaper", "undo"}
    if concepts - PASSED - beside or len(numbers) > 1:
        return None
    if (turn := _TURN.fullmatch(line)) is not None and numbers and _is_small(numbers[0]):
        return None if concepts & {"up", "down", "above", "below"} else _by_share(turn, numbers[0])
    if match is None or not numbers or not _is_level(numbers[0]):
        return None
    currency = numbers[0].currency
    if currency is not None and currency.value not in match["rest"]:
        return None
    sides = {item.concept for item in items if item.concept in ("above", "below")}
    sides -= {item.concept for item in items if item.text in _NO_SIDE}
    side = sides.pop() if len(sides) == 1 else match["side"]
    quantity = numbers[0].quantity
    is_bare = quantity is not None and quantity.unit is MeasureUnit.NUMBER
    level = _near(watch_level(numbers[0], match["figure"]), match["level"], match["rest"], is_bare=is_bare)
    if level is None or any(item.concept == "sats" for item in items):
        return None
    if "also" in concepts or any(item.text in ALSO for item in items):
        return CommandRequest("watch", f"{match['figure']} {side} {level}{match['rest']}")
    return CommandRequest("watch", f"{INSTEAD} {match['figure']} {side} {level}{match['rest']}")


def other_side(plain: str, line: str) -> CommandRequest | None:
    """“no, above” behind a watch of what falls below a level."""
    match = _LEVEL.fullmatch(line)
    side = next((side for side, words in _SIDES.items() if plain.strip(" .!?,。！，") in words), "")
    if match is None or not side or match["side"] == side:
        return None
    return CommandRequest("watch", f"{INSTEAD} {match['figure']} {side} {match['level']}{match['rest']}")


def _is_small(item: Item) -> bool:
    """True for per cent, and for a number that may be of them."""
    quantity = item.quantity
    if quantity is None or quantity.per or quantity.cents:
        return False
    return item.is_share or (quantity.unit is MeasureUnit.NUMBER and 1.0 <= quantity.small < 100.0)


def _by_share(match: re.Match[str], item: Item) -> CommandRequest | None:
    """“make it 15%” behind a watch of what drops by 10 % in a week."""
    share = item.quantity.small if item.quantity is not None else 0.0
    if not share > 0.0:
        return None
    return CommandRequest("watch", f"{INSTEAD} {match['begin']}{share:g}%{match['end']}")


def _near(level: str, before: str, rest: str, *, is_bare: bool) -> str | None:
    """A new level as it must be meant behind the one before; None where it is not clear.

    A currency stands behind it where one was said; `rest` begins with the unit of the one before.
    """
    number, _, currency = level.partition(" ")
    try:
        former, said = float(before.replace(",", "")), float(number)
    except ValueError:
        return level
    if rest.startswith(" T") and said >= _LEAST_DIFFICULTY:
        said /= 1e12
        number = level = f"{said:.15g}"
    for scale in _THOUSANDS if is_bare else _THOUSANDS[:1]:
        if former and 1 / _ALIKE <= said * scale / former <= _ALIKE:
            return f"{said * scale:.15g} {currency}".strip()
    return level if former and 1 / _FARTHEST <= said / former <= _FARTHEST else None


def _is_level(item: Item) -> bool:
    quantity = item.quantity
    units = (MeasureUnit.NUMBER, MeasureUnit.MONEY, MeasureUnit.THS, MeasureUnit.T)
    return quantity is not None and quantity.unit in units and not quantity.per and not quantity.cents
