"""Times of day as people say them, as figures: “7:30”, “at six”, “um Mitternacht”, “八点半”."""

import re
from typing import Final

from bot.mining.parsing.number_words import NUMBER_WORDS, with_digits

_CLOCK: Final = re.compile(r"(?<!\d)(\d{1,2})(?::|点(?=\d))(\d{2})(?![\d:])(?:(?<=点\d\d)分)?")
_HAN_PAST: Final = re.compile(
    r"(?<![\d一二三四五六七八九十])(?P<hour>\d{1,2}|[一二两三四五六七八九十]{1,3})点(?P<part>半|[一1三3]刻)"
)
_HAN_HOUR: Final = re.compile(
    r"(?<![一二三四五六七八九十])[一二两三四五六七八九十]{1,3}(?=点(?![一二三四五六七八九零\d]))"
)
_ONE_O_CLOCK: Final = re.compile(r"\bчасу(?= (?:ночи|дня))", re.IGNORECASE)
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
    text = _HAN_PAST.sub(_han_in_digits, _CLOCK.sub(r"\1.\2", text))
    for named, hour in _NAMED.items():
        text = named.sub(hour, text)
    return with_spoken_hours(text)


def with_spoken_hours(text: str) -> str:
    """A text with the hours that are written as words in digits: “until nine”."""
    text = _HAN_HOUR.sub(lambda match: _han_digits(match[0]), _ONE_O_CLOCK.sub("1", text))
    return _SPOKEN.sub(_in_digits, text)


def _han_in_digits(match: re.Match[str]) -> str:
    """“八点半”, “7点一刻” as one figure."""
    part = match["part"]
    minutes = 30 if part == "半" else 45 if part[0] in "三3" else 15
    return f" {_han_digits(match['hour'])}.{minutes} "


def _han_digits(word: str) -> str:
    """An hour as it is written, or in Chinese characters, in digits."""
    digits = with_digits(word)
    return digits if digits.isdigit() else f"{NUMBER_WORDS[digits]:.0f}"


def _in_digits(match: re.Match[str]) -> str:
    hour = NUMBER_WORDS.get(match["hour"].lower(), 11.0)  # “once” is eleven in Spanish, no number elsewhere
    return f"{match['before']} {hour:.0f}"
