"""The languages of the chats as people name them, in any of these languages."""

import re
from functools import cache
from typing import Final

_NAMES: Final = {
    "en": "english|englisch|ingl[eé]s|английск|инглиш|英文|英语",
    "de": "german|deutsch|alem[aá]n|немецк|德语|德文",
    "es": "spanish|spanisch|espa[nñ]ol|castellano|испанск|西班牙",
    "ru": "russian|russisch|ruso|русск|俄语|俄文",
    "zh": "chinese|chinesisch|chino|китайск|中文|汉语|普通话|简体",
}
"""How a language is called, each by the beginning of the word that all its forms share."""


def languages_in(text: str) -> list[str]:
    """The codes of the languages that a text names, in the order in which it does."""
    return [str(match.lastgroup) for match in _pattern().finditer(text.lower())]


@cache
def _pattern() -> re.Pattern[str]:
    groups = "|".join(f"(?P<{code}>{names})" for code, names in _NAMES.items())
    return re.compile(rf"(?<![a-zа-яё])(?:по-)?(?:{groups})")
