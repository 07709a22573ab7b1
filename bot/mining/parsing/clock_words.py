"""Times of day as people say them, as figures: “7:30”, “at six”, “um Mitternacht”, “八点半”."""

import re
from typing import Final

from bot.mining.parsing.number_words import NUMBER_WORDS

_CLOCK: Final = re.compile(r"(?<!\d)(\d{1,2})(?::|点(?=\d))(\d{2})(?![\d:])")
_HALF_PAST: Final = re.compile(r"(?<!\d)(\d{1,2})点半")
_NAMED: Final = {
    re.compile(r"\b(?:midnight|mitternacht|medianoche|полу?ноч[иь])\b|午夜|零点", re.IGNORECASE): " 0 ",
    re.compile(r"\b(?:noon|midday|mittags?|mediodía|полд(?:ень|ня))\b|中午|正午", re.IGNORECASE): " 12 ",
}
_HALF_DAY: Final = re.compile(r"(?<![今明昨上])[早晚](?=[一二三四五六七八九十\d]{1,3}点)")
"""Half a day in one character: “晚十一点” is “晚上十一点”."""
_SPOKEN: Final = re.compile(
    r"\b(?P<before>at|by|until|till?|from|to|um|bis|ab|gegen|von|a las|hasta las|desde las|las|в|до|к|с)"
    r" (?P<hour>"
    + "|".join(word for word, value in NUMBER_WORDS.items() if 1 <= value <= 24 and word.isalpha())
    + r"|once)\b(?! (?:th|ph|cents?|céntimos?|центов|percent|prozent|euros?|dollars?))",
    re.IGNORECASE,
)
"""An hour in words behind a word that may stand before one."""


def with_clock_digits(text: str) -> str:
    """A text with its times of day as one figure each: 7:30 is 7.30 there."""
    text = _HALF_DAY.sub(r"\g<0>上", text)
    text = _HALF_PAST.sub(r"\1.30 ", _CLOCK.sub(r"\1.\2", text))
    for named, hour in _NAMED.items():
        text = named.sub(hour, text)
    return _SPOKEN.sub(_in_digits, text)


def _in_digits(match: re.Match[str]) -> str:
    hour = NUMBER_WORDS.get(match["hour"].lower(), 11.0)  # “once” is eleven in Spanish, no number elsewhere
    return f"{match['before']} {hour:.0f}"
