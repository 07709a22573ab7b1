"""Words of a question that an answer may leave out, as long as it says so."""

from collections.abc import Sequence
from typing import Final

from bot.mining.parsing.items import Item, ItemKind, ScannedText
from bot.mining.parsing.lexicon import topic_lexicon
from bot.mining.parsing.roles import word_set

_MOST: Final = 2
"""More unknown words than this, and the question itself may be another one."""
_SHORTEST: Final = 3
_MOST_HAN: Final = 2
_TELLING_HAN: Final = frozenset(
    "零一二三四五六七八九十百千万亿两倍半成分毛角块元度折率价费税币不无没非比每月年天"
)
"""Characters of numbers, amounts, prices and spans of time."""
_CONNECTING: Final = frozenset({"filler", "per", "to", "by"})
_CHANGING: Final = frozenset({"no", "negation", "only", "or", "compare", "other_coin"})
"""What may turn the word beside it into something else."""
_GIVEN_A_FIGURE: Final = frozenset(
    {"btc", "btc_price", "price", "machine_price", "power", "kwh", "difficulty", "network", "hashrate"}
    | {"hashprice", "pool_fee", "uptime", "overhead", "fixed", "hosting", "debt", "heat", "surcharge"}
    | {"tax", "fees", "up", "down", "move", "gone", "come", "growth", "how_many"}
)
"""What a word in front of it names, whose figure may be the unknown word: “Kurs achzehntausend”."""
_BEFORE_A_PRICE: Final = word_set("left_out", "before_a_price")
"""What stands before a price, a currency or a unit."""
_ENDS: Final = frozenset(".?!")


def left_out(scanned: ScannedText) -> tuple[Item, ...]:
    """The unknown words of a text that may be left out; none where one of them may change the answer.

    Such a word stands by itself: not beside a figure or a machine, whose name it may be, nor beside a
    negation or behind what leads to a price; it isn't the name of something, nor known to a command.
    """
    items = scanned.items
    unknown = [place for place, item in enumerate(items) if item.kind is ItemKind.UNKNOWN and not item.used]
    if len(unknown) > _MOST or not all(_stands_alone(scanned, place) for place in unknown):
        return ()
    return tuple(items[place] for place in unknown)


def _stands_alone(scanned: ScannedText, place: int) -> bool:
    items, text = scanned.items, scanned.items[place].text
    if not _is_plain(text, scanned.language) or topic_lexicon().concept(text, scanned.language):
        return False
    begins = place == 0 or items[place - 1].text in _ENDS
    if not begins and items[place - 1].text in _BEFORE_A_PRICE:
        return False
    if not begins and text.capitalize() in scanned.typed:
        return False  # a name, and in German any thing
    return not any(_is_telling(items, place, step) for step in (-1, 1))


def _is_plain(text: str, language: str) -> bool:
    """True for a whole word in the letters of the language."""
    if language == "zh":
        is_han = all("\u4e00" <= character <= "\u9fff" for character in text)
        return is_han and len(text) <= _MOST_HAN and not set(text) & _TELLING_HAN
    is_cyrillic = all("а" <= character <= "я" or character == "ё" for character in text)
    return text.isalpha() and is_cyrillic == (language == "ru") and len(text) >= _SHORTEST


def _is_priced(item: Item) -> bool:
    """True for an amount of money with its currency or in cents."""
    quantity = item.quantity
    return quantity is not None and (quantity.cents or quantity.currency is not None)


def _is_telling(items: Sequence[Item], place: int, step: int) -> bool:
    """True where a figure, what takes one, a machine or a negation stands next in a direction."""
    beside = place = place + step
    while 0 <= place < len(items) and items[place].concept in _CONNECTING:
        place += step
    if not 0 <= place < len(items):
        return False
    item = items[place]
    takes_figure = step < 0 and item.concept in _GIVEN_A_FIGURE
    is_amount = item.quantity is not None or item.currency is not None
    if place != beside and _is_priced(item):  # “5 cents by the dam”
        return False
    return is_amount or takes_figure or item.kind is ItemKind.MACHINE or item.concept in _CHANGING
