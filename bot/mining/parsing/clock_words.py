"""Times of day as people say them, as figures: “7:30”, “at six”, “um Mitternacht”, “八点半”."""

import re
from functools import partial
from typing import Final

from bot.mining.parsing.number_words import NUMBER_WORDS, with_digits

_CLOCK: Final = re.compile(r"(\d(?<!\d.)\d?)(?::|点(?=\d))(\d{2})(?![\d:])(?:(?<=点\d\d)分)?")
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
_SPOKEN_HOURS: Final = (
    "once",
    *(word for word, value in NUMBER_WORDS.items() if 1 <= value <= 24 and word.isalpha()),
)
_HOUR_WORDS: Final = "|".join(_SPOKEN_HOURS)
_ANY_HOUR: Final = frozenset(_SPOKEN_HOURS)
_WORD: Final = re.compile(r"\w+")
_SPOKEN: Final = re.compile(
    r"\b(?P<before>at|by|until|till?|from|to|um|bis|ab|gegen|von|a las|hasta las|desde las|las|в|до|к|с)"
    rf" (?P<hour>{_HOUR_WORDS})\b(?! (?:th|ph|cents?|céntimos?|центов|percent|prozent|euros?|dollars?))",
    re.IGNORECASE,
)
"""An hour in words behind a word that may stand before one."""


_BETWEEN: Final = re.compile(
    rf"\b(?P<before>between|zwischen|entre(?: las)?|from|von|de|desde las|между|с) (?P<hour>{_HOUR_WORDS})"
    rf" (?P<to>and|und|y(?: las)?|to|bis|a(?: las)?|hasta las|и|до) (?P<last>{_HOUR_WORDS})\b",
    re.IGNORECASE,
)
"""Two hours in words that quiet is kept between: “zwischen elf und sechs”, “de once a siete”."""
_HAN_DAY: Final = re.compile(r"((?:周|星期|礼拜)[一二三四五六日天])(?=[一二两三四五六七八九十]{1,3}点)")
"""A day of the week right before an hour: “周五十点” is Friday at ten."""
_HOURS_IN_WORDS: Final = r"\d{1,2}|" + "|".join(
    sorted((word for word, value in NUMBER_WORDS.items() if 1 <= value <= 12 and word.isalpha()), key=len)
)
_OFF_THE_HOUR: Final = tuple(
    (re.compile(pattern.replace("HOUR", f"(?P<hour>{_HOURS_IN_WORDS})"), re.IGNORECASE), minutes)
    for pattern, minutes in (
        (r"\b(?:a )?quarter (?:to|of|before) HOUR\b", -15),
        (r"\b(?:a )?quarter (?:past|after) HOUR\b", 15),
        (r"\bhalf past HOUR\b", 30),
        (r"\b(?:viertel vor|dreiviertel) HOUR\b", -15),
        (r"\bviertel nach HOUR\b", 15),
        (r"\bhalb HOUR\b", -30),
        (r"\b(?<=las )HOUR menos cuarto\b", -15),
        (r"\b(?<=las )HOUR y cuarto\b", 15),
        (r"\b(?<=las )HOUR y media\b", 30),
        (r"\bбез четверти HOUR\b", -15),
    )
)
"""Quarters and halves of an hour as they are said, and by how many minutes they are off the hour named."""
_GENITIVE_HOURS: Final = (
    "первого", "второго", "третьего", "четв[её]ртого", "пятого", "шестого", "седьмого", "восьмого",
    "девятого", "десятого", "одиннадцатого", "двенадцатого",
)  # fmt: skip
_RUSSIAN_HALF: Final = tuple(
    re.compile(rf"\b(?P<part>пол|половин[аеу] |четверть ){hour}\b", re.IGNORECASE) for hour in _GENITIVE_HOURS
)
"""“полвосьмого”, “четверть восьмого”: of the hour that ends with the one named."""


_TOLD_IN_WORDS: Final = re.compile(
    "quarter|half past|viertel|halb|cuarto|y media|четверт|пол"
    "|midnight|mitternacht|medianoche|noon|midday|mittag|mediodía|午夜|零点|中午|正午"
)
"""What a text has, in lower case, that names a time by part of an hour, noon or midnight."""


def _off_the_hour(text: str) -> str:
    """A text with “quarter to seven” as 6.45, “halb acht” and “полвосьмого” as 7.30."""
    for pattern, minutes in _OFF_THE_HOUR:
        text = pattern.sub(partial(_shifted, minutes=minutes), text)
    for number, pattern in enumerate(_RUSSIAN_HALF, 1):
        text = pattern.sub(partial(_within, hour=number), text)
    return text


def _shifted(match: re.Match[str], minutes: int) -> str:
    hour = match["hour"].lower()
    return _clock(int(hour) if hour.isdigit() else int(NUMBER_WORDS[hour]), minutes)


def _within(match: re.Match[str], hour: int) -> str:
    return _clock(hour, -45 if match["part"].startswith("ч") else -30)


def _clock(hour: int, minutes: int) -> str:
    shifted = (60 * hour + minutes) % (24 * 60)
    return f"{shifted // 60}.{shifted % 60:02}"


def with_clock_digits(text: str) -> str:
    """A text with its times of day as one figure each: 7:30 is 7.30 there."""
    is_told_in_words = _TOLD_IN_WORDS.search(text.lower()) is not None
    text = _off_the_hour(text) if is_told_in_words else text
    if not text.isascii():
        text = _HALF_DAY.sub(r"\g<0>上", _HAN_DAY.sub(r"\1 ", text))
    text = _CLOCK.sub(r"\1.\2", text)
    if not text.isascii():
        text = _HAN_PAST.sub(_han_in_digits, text)
    for named, hour in _NAMED.items() if is_told_in_words else ():
        text = named.sub(hour, text)
    return with_spoken_hours(text)


def with_spoken_hours(text: str) -> str:
    """A text with the hours that are written as words in digits: “until nine”."""
    if text.isascii() and _ANY_HOUR.isdisjoint(_WORD.findall(text.lower())):
        return text
    text = _HAN_HOUR.sub(lambda match: _han_digits(match[0]), _ONE_O_CLOCK.sub("1", text))
    text = _BETWEEN.sub(_both_in_digits, text)
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


def _both_in_digits(match: re.Match[str]) -> str:
    hour, last = (f"{NUMBER_WORDS.get(match[each].lower(), 11.0):.0f}" for each in ("hour", "last"))
    return f"{match['before']} {hour} {match['to']} {last}"


def _in_digits(match: re.Match[str]) -> str:
    hour = NUMBER_WORDS.get(match["hour"].lower(), 11.0)  # “once” is eleven in Spanish, no number elsewhere
    return f"{match['before']} {hour:.0f}"
