"""What is said to move in a supposition, which way, and how far: “falls to a tenth”, “plus 15 %”."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.roles import word_set

FALLS: Final = frozenset({"down", "gone", "cheaper", "shut_off"})
RISES: Final = frozenset({"up", "come", "dearer"})
ARRIVALS: Final = word_set("scenario_moves", "arrivals")
_ARTICLE: Final = "a"
"""An arrival in Spanish, an article in English."""
PLUS: Final = word_set("scenario_moves", "plus")
MINUS: Final = word_set("scenario_moves", "minus")
_ADDED: Final = frozenset(
    {"power", "hosting", "hosted", "fixed", "running_cost", "pool_fee", "tax", "debt", "cooling", "surcharge"}
)
"""Costs that a plus may join to a machine."""


def mark_recoveries(items: Sequence[Item]) -> None:
    """“si btc se recupera a 30k”: a price rises with the verb by which a machine pays back."""
    telling = [item for item in items if item.concept != "filler"]
    for before, item, behind in zip(telling, telling[1:], telling[2:], strict=False):
        moves = behind.quantity is not None or behind.concept in ("to", "by") or behind.text in ARRIVALS
        if before.concept in ("btc", "btc_price", "price") and "recuper" in item.text and moves:
            item.concept = "up"


def mark_additions(items: Sequence[Item]) -> None:
    """“s21 más luz 7 centavos”, “add 5 % downtime”: words for more only join a figure to the rest.

    “add 2 cents” raises what is paid, and “add an S21” takes another machine: both stay as they are.
    """
    for before, item, behind in zip(items, items[1:], items[2:], strict=False):
        joins = before.kind is ItemKind.MACHINE and behind.concept in _ADDED
        if joins and item.concept in FALLS | RISES and item.text in PLUS:
            item.concept = "and"
    for index, item in enumerate(items):
        added = [each for each in items[index + 1 :] if each.concept != "filler"]
        if item.concept != "add" or not added or any(each.mention for each in added):
            continue
        if added[0].concept == "halving":
            item.concept, added[0].concept = "and", "after_halving"
        elif any(each.is_share or each.concept in _ADDED for each in [*items[:index], *added]):
            item.concept = "and"


def mark_downtime(items: Sequence[Item]) -> None:
    """“5 % apagado”, “停机5%”: the share of the time in which a machine is off."""
    for before, behind in pairwise(items):
        for share, word in ((before, behind), (behind, before)):
            if share.is_share and word.text in _OFF:
                word.concept = "downtime"


_OFF: Final = word_set("scenario_moves", "off")
"""What a machine is where it does not run, said of a share of the time."""


def mark_joined_suppositions(items: Sequence[Item]) -> None:
    """“halving + Kurs verdoppelt”: a sign between two suppositions joins them."""
    for before, item, behind in zip(items, items[1:], items[2:], strict=False):
        is_apart = before.quantity is None and behind.quantity is None and behind.mention is None
        if item.text == "+" and is_apart and before.mention is None and behind.concept in _SUPPOSED:
            item.concept, item.kind, item.used = "and", ItemKind.WORD, True


_SUPPOSED: Final = frozenset(
    {"btc", "btc_price", "price", "difficulty", "hashrate", "network", "halving", "fees", "hashprice"}
    | {"double", "halve", "triple", "up", "down"}
)


def is_move(item: Item) -> bool:
    """True for a word by which something rises, falls, comes or goes."""
    return item.concept in FALLS | RISES or (is_loss(item) and not item.used)


def is_loss(item: Item) -> bool:
    """True for “we lose a quarter of the hashrate”."""
    return item.concept == "profit" and loses_too(item)


def loses_too(item: Item) -> bool:
    """True for a verb that is said of a machine as well: “para que un T19 no pierda”."""
    return item.text.startswith(("los", "verlier", "perd", "pierd", "теря", "потер"))


def is_named(segment: list[Item], index: int) -> bool:
    """True for a share with a word behind it that says what it is: “8 ct plus 19 % VAT”."""
    behind = segment[index + 1] if index + 1 < len(segment) else None
    return behind is not None and behind.concept in ("tax", "surcharge", "cooling", "downtime", "uptime")


def sign_before(segment: list[Item], index: int) -> int:
    """What a sign in words before a share says: “hashrate plus 15 %”."""
    before = segment[index - 1].text if index else ""
    return 1 if before in PLUS else -1 if before in MINUS else 0


def to_before(segment: list[Item], index: int, move: Item) -> bool:
    """True for “falls to 50 %”: a word of arrival between the move and the share."""
    if " to" in move.text or move.text.endswith((" auf", "到", "至", " до", " a")):
        return True
    first = next((position for position, item in enumerate(segment) if item is move), index)
    between = segment[first + 1 : index] if first < index else segment[max(0, index - 1) : index]
    return any(
        item.text in ARRIVALS and not (item.text == _ARTICLE and item.concept == "per") for item in between
    )


def nearest(segment: list[Item], index: int, candidates: list[Item]) -> Item | None:
    """Of some items of a segment the one nearest to a place, before it rather than behind."""
    positions = [
        position for position, item in enumerate(segment) if any(item is each for each in candidates)
    ]
    return (
        segment[min(positions, key=lambda position: (abs(position - index), position > index))]
        if positions
        else None
    )


def mover(segment: list[Item], index: int, move: Item | None, candidates: list[Item]) -> Item | None:
    """What moves by the share at an index, where it stands right before its verb: “difficulty rises 10 %”."""
    place = next((position for position, item in enumerate(segment) if item is move), index)
    before = [item for item in segment[:place] if item.concept != "filler"]
    if place >= index or not before or not any(before[-1] is each for each in candidates):
        return None
    return before[-1]
