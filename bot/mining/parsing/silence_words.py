"""What is said of a silence and asks for something else than to be silent: that it ends, or never does."""

from collections.abc import Sequence
from typing import Final

from bot.mining.parsing.command_arguments import IGNORABLE, quantities_of
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.roles import any_of, word_set

_SILENCES: Final = word_set("silence_words", "silences")
"""Nouns that name a silence: “the mute”, “die Stummschaltung”."""
_ENDS: Final = word_set("silence_words", "ends")
"""Words that end one, whatever else they mean: “break your silence”, “Stummschaltung weg”."""
_ENDED: Final = frozenset({"stop", "shut_off", "delete", "gone", "ended", "discard", "undo"})
_ARTICLES: Final = word_set("silence_words", "articles")
"""What may stand between an end and a silence: else each is said alone (“stop it, silence”)."""
_ASKS: Final = word_set("silence_words", "asks")
"""First words of a question whether it has ended."""
_FOR_GOOD: Final = any_of("silence_words", "for_good")


def unmute_command(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“end the silence”, “cancel the mute”, “mute aus” as `/unmute`."""
    if not concepts & {"mute"} or quantities_of(items) or not items or items[0].text in _ASKS:
        return None
    told = [item for item in items if not _is_passed_over(item)]
    if len(told) != 2 or sum(item.text in _SILENCES for item in told) != 1:
        return None
    ends = next(item for item in told if item.text not in _SILENCES)
    if ends.concept not in _ENDED and ends.text not in _ENDS:
        return None
    first, last = (items.index(item) for item in told)
    between = items[first + 1 : last]
    return CommandRequest("unmute") if all(item.text in _ARTICLES for item in between) else None


def _is_passed_over(item: Item) -> bool:
    if item.text in _ENDS or item.text in _SILENCES:
        return False
    return item.kind is ItemKind.SIGN or item.concept in IGNORABLE or item.text in _ARTICLES


def is_for_good(plain: str, concepts: set[str]) -> bool:
    """True where a text wants no message ever again, in words for a silence: “leave me be for good”.

    `plain` is the normalized text. “mute forever” says itself how long.
    """
    return "mute" in concepts and "forever_quiet" not in concepts and _FOR_GOOD.search(plain) is not None
