"""Thousands in words as digits: “a grand”, “mil quinientos dólares”, “полторы тысячи”, “一万块”."""

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from bot.mining.parsing.currency_names import CURRENCIES
from bot.mining.parsing.number_words import HAN, cardinal, cardinal_value, han_value

_WORDS: Final = {
    "en": "thousand|grand",
    "de": "tausend(?:er)?|riesen",
    "es": "mil|lucas",
    "ru": "тысяч[аиу]?|тыщ[аиу]?|тыс|косар(?:ь|я|ей)|штук[аиу]?(?= (?:бакс|доллар|евро|рубл|зел))",
}
"""What a thousand is called."""
_ALONE: Final = {
    "en": "(?:an?|one) thousand",
    "de": r"(?:ein(?:en|em)? |nen |nem )?tausend(?:er)?",
    "es": "mil",
    "ru": "(?:одну |одной )?(?:тысяч[аиу]|тыщ[аиу]|косарь|штук[аиу])",
}
"""One thousand, which is a number where money or a span of time follows: “mil gracias” is none."""
_A: Final = "(?:ein(?:e[nmr])?|ne[nm]|ner)"
_AMOUNTS: Final = {
    "de": (("anderthalb ?tausend", "1500"), ("zwei(?:und)?einhalb ?tausend", "2500"),
           (rf"{_A} zehner", "10"), (rf"{_A} zwanziger", "20"),
           (rf"{_A} (?:fünfziger|fuffi|fuffziger)", "50"),
           (rf"{_A} (?:hunderter|hunni)", "100")),
    "ru": ((r"полтор(?:ы|а|ух) (?:тысяч[аи]?|тыщ[аи]?|штук[аи]?|косаря)", "1500"),
           ("пол ?(?:тысячи|тыщи|штуки)", "500")),
    "en": ((r"an? grand(?! (?:total|scheme|plan))", "1000"), (r"half an? (?:thousand|grand)", "500"),
           (r"(?:an?|one) thousand and a half", "1500")),
    "es": (("mil y medio", "1500"), ("medio mill[óo]n", "500000")),
}  # fmt: skip
"""Amounts that are said in no other way, with what they are."""
_LANGUAGES: Final = ("en", "de", "es", "ru")
_PERIODS: Final = (
    "(?:a|per|each|every|im|pro|je|al|por|в|за) (?:day|week|month|year|tag|woche|monat|jahr|día|dia|semana"
    "|mes|año|день|сутки|неделю|месяц|год)|monthly|daily|monatlich|täglich|mensual(?:es)?"
)
_HUNDREDS: Final = re.compile(
    r"(?<![\w.,-])(?P<tens>(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
    r"(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?"
    r"|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)"
    r" hundred(?![\w-])"
)
"""“fifteen hundred”."""
_TENS_OF_THOUSANDS: Final = re.compile(
    rf"(?<![{HAN}万亿之第几数])(?P<most>[{HAN}]+)万(?P<rest>[{HAN}]*[百千十][{HAN}]*)?(?![之几多来亿]|[{HAN}](?!个?[月天年台]))"
)
_SAID_TWICE: Final = re.compile("块钱?(?=人民币|美金|美元|港币|欧元)|(?<=元)人民币")
"""A measure word before the currency, which is one amount with it: “一万块人民币”, “一百块美金”."""


def with_tens_of_thousands(plain: str) -> str:
    """The text with its Chinese numbers above ten thousand as digits."""
    if plain.isascii():
        return plain
    return _TENS_OF_THOUSANDS.sub(_of_ten_thousands, _SAID_TWICE.sub("", plain))


def with_thousands(plain: str) -> str:
    """The text, in lower case, with its thousands in words as digits.

    Numbers below a thousand may be digits already: “32 mil quinientos”. “28 mil” stays.
    """
    if _sign_of_thousands().search(plain) is None:
        return plain
    plain = _HUNDREDS.sub(lambda match: f"{cardinal_value('en', match['tens']) * 100}", plain)
    for language in _LANGUAGES:
        for pattern, number in _AMOUNTS[language]:
            plain = re.sub(rf"(?<![\w.,-])(?:{pattern})(?![\w-])", number, plain)
        plain = _pattern(language).sub(_replacing(language), plain)
    return plain


@cache
def _sign_of_thousands() -> re.Pattern[str]:
    """What a text has that has such numbers; most have none, which saves the work."""
    return re.compile(
        "|".join(
            (
                *_WORDS.values(),
                "hundred",
                "medio mill",
                "zehner",
                "zwanziger",
                "fünfziger",
                "fuff",
                "hunni",
                "hunderter",
            )
        )
    )


@cache
def _pattern(language: str) -> re.Pattern[str]:
    """The pattern of thousands in words, with what follows of hundreds, and of one thousand alone."""
    number, word, alone = cardinal(language), _WORDS[language], _ALONE[language]
    blank = "(?:und)?" if language == "de" else " (?:and )?" if language == "en" else " "
    money = "|".join(sorted(map(re.escape, CURRENCIES), key=len, reverse=True))
    below = rf"{blank}(?P<below>{number}|\d{{1,3}}(?!\w| ?(?:%|c|ct|w)))"
    return re.compile(
        rf"(?<![\w.,-])(?:(?P<most>{number}) ?(?:{word})(?:{below})?"
        rf"|(?P<digits>\d{{1,3}}) (?:{word}){below.replace('below', 'rest')}"
        rf"|(?<!\d )(?:{alone}){below.replace('below', 'hundreds')}"
        rf"|(?<!\d )(?:{alone})(?= ?(?:(?:de |of |von )?(?:{money})(?!\w)|{_PERIODS})))(?![\w-])"
    )


def _replacing(language: str) -> Callable[[re.Match[str]], str]:
    def value(text: str | None) -> int:
        return cardinal_value(language, text) if text else 0

    def replaced(match: re.Match[str]) -> str:
        thousands = value(match["most"] or match["digits"]) or 1
        return f"{thousands * 1000 + value(match['below'] or match['rest'] or match['hundreds'])}"

    return replaced


def _of_ten_thousands(match: re.Match[str]) -> str:
    rest = match["rest"]
    return f"{han_value(match['most']) * 10_000 + (han_value(rest) if rest else 0):.0f}"
