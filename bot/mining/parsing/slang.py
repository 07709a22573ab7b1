"""Words of slang and of messages typed in haste, in full: “u” is “you”, “скока” is “сколько”, “咋” is “怎么”.

A text is read so only where it was not understood as it was typed.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from bot.mining.parsing.roles import words_of
from bot.mining.parsing.word_table import is_han

_MARK: Final = ":"
"""What stands in the tables between a word and how it is written in full."""


def spelt_out(text: str, language: str) -> str:
    """The text with the slang of a language in full; the text itself where it has none."""
    pattern, in_full = _table(language)
    return pattern.sub(lambda match: in_full[match[0].lower()], text)


@cache
def _table(language: str) -> tuple[re.Pattern[str], Mapping[str, str]]:
    pairs = [each.split(_MARK) for each in words_of("slang", language)]
    in_full = {word.strip(): meant.strip() for word, meant in pairs}
    words = sorted(in_full, key=len, reverse=True)
    spaced = "|".join(re.escape(word) for word in words if not is_han(word))
    joined = [re.escape(word) for word in words if is_han(word)]
    parts = [rf"(?<!\w)(?:{spaced})(?!\w)"] if spaced else []
    return re.compile("|".join([*parts, *joined]), re.IGNORECASE), in_full
