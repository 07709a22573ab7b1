"""Numbers said in words: “eight and a half”, “fünfundzwanzig”, “treinta y dos”, “六点五”, as digits."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from bot.mining.parsing.roles import word_set

_UNITS: Final[Mapping[str, Mapping[str, int]]] = {
    "en": {
        "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    },
    "de": {
        "ein": 1, "eins": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "fuenf": 5, "sechs": 6, "sieben": 7,
        "acht": 8, "neun": 9,
    },
    "es": {
        "un": 1, "uno": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7,
        "ocho": 8, "nueve": 9,
    },
    "ru": {
        "один": 1, "одна": 1, "одного": 1, "два": 2, "две": 2, "двух": 2, "три": 3, "трех": 3, "трёх": 3,
        "четыре": 4, "четырех": 4, "четырёх": 4, "пять": 5, "пяти": 5, "шесть": 6, "шести": 6, "семь": 7,
        "семи": 7, "восемь": 8, "восьми": 8, "девять": 9, "девяти": 9,
    },
}  # fmt: skip
_TEENS: Final[Mapping[str, Mapping[str, int]]] = {
    "en": {
        "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
        "seventeen": 17, "eighteen": 18, "nineteen": 19,
    },
    "de": {
        "zehn": 10, "elf": 11, "zwölf": 12, "zwoelf": 12, "dreizehn": 13, "vierzehn": 14, "fünfzehn": 15,
        "fuenfzehn": 15, "sechzehn": 16, "siebzehn": 17, "achtzehn": 18, "neunzehn": 19,
    },
    "es": {
        "diez": 10, "once": 11, "doce": 12, "trece": 13, "catorce": 14, "quince": 15, "dieciseis": 16,
        "dieciséis": 16, "diecisiete": 17, "dieciocho": 18, "diecinueve": 19, "veintiuno": 21, "veintiun": 21,
        "veintiún": 21, "veintiuna": 21, "veintidos": 22, "veintidós": 22, "veintitres": 23,
        "veintitrés": 23, "veinticuatro": 24, "veinticinco": 25, "veintiseis": 26, "veintiséis": 26,
        "veintisiete": 27, "veintiocho": 28, "veintinueve": 29,
    },
    "ru": {
        "десять": 10, "десяти": 10, "одиннадцать": 11, "одиннадцати": 11, "двенадцать": 12,
        "двенадцати": 12, "тринадцать": 13, "тринадцати": 13, "четырнадцать": 14, "четырнадцати": 14,
        "пятнадцать": 15, "пятнадцати": 15, "шестнадцать": 16, "шестнадцати": 16, "семнадцать": 17,
        "семнадцати": 17, "восемнадцать": 18, "восемнадцати": 18, "девятнадцать": 19, "девятнадцати": 19,
    },
}  # fmt: skip
_TENS: Final[Mapping[str, Mapping[str, int]]] = {
    "en": {
        "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
        "eighty": 80, "ninety": 90,
    },
    "de": {
        "zwanzig": 20, "dreißig": 30, "dreissig": 30, "vierzig": 40, "fünfzig": 50, "fuenfzig": 50,
        "sechzig": 60, "siebzig": 70, "achtzig": 80, "neunzig": 90,
    },
    "es": {
        "veinte": 20, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70,
        "ochenta": 80, "noventa": 90,
    },
    "ru": {
        "двадцать": 20, "двадцати": 20, "тридцать": 30, "тридцати": 30, "сорок": 40, "сорока": 40,
        "пятьдесят": 50, "пятидесяти": 50, "шестьдесят": 60, "шестидесяти": 60, "семьдесят": 70,
        "семидесяти": 70, "восемьдесят": 80, "восьмидесяти": 80, "девяносто": 90, "девяноста": 90,
    },
}  # fmt: skip
_HUNDREDS: Final[Mapping[str, Mapping[str, int]]] = {
    "es": {
        "cien": 100, "ciento": 100, "doscientos": 200, "doscientas": 200, "trescientos": 300,
        "trescientas": 300, "cuatrocientos": 400, "cuatrocientas": 400, "quinientos": 500, "quinientas": 500,
        "seiscientos": 600, "setecientos": 700, "ochocientos": 800, "novecientos": 900,
    },
    "ru": {
        "сто": 100, "ста": 100, "двести": 200, "двухсот": 200, "триста": 300, "четыреста": 400,
        "пятьсот": 500, "шестьсот": 600, "семьсот": 700, "восемьсот": 800, "девятьсот": 900,
    },
}  # fmt: skip
_DOZENS: Final = {
    "half a dozen": 6, "half dozen": 6, "a dozen": 12, "a couple of": 2, "a couple": 2, "couple of": 2,
    "couple": 2, "a pair of": 2, "pair of": 2,
    "a trio of": 3, "trio of": 3,
    "ein halbes dutzend": 6, "halbes dutzend": 6, "ein dutzend": 12, "media docena de": 6,
    "media docena": 6, "una docena de": 12, "docena de": 12, "un par de": 2, "par de": 2, "полдюжины": 6,
    "дюжина": 12, "дюжину": 12, "пара": 2, "пару": 2, "пары": 2, "半打": 6, "一打": 12,
}  # fmt: skip

NUMBER_WORDS: Final[Mapping[str, float]] = {
    word: float(value)
    for tables in (_UNITS, _TEENS, _TENS, _HUNDREDS)
    for language, table in tables.items()
    for word, value in table.items()
    if word not in ("ein", "un", "una", "once", "один", "одна", "одного")
} | {
    "zero": 0.0, "hundred": 100.0, "hundert": 100.0, "dozen": 12.0, "dutzend": 12.0, "docena": 12.0,
    "一": 1.0, "二": 2.0, "两": 2.0, "三": 3.0, "四": 4.0, "五": 5.0, "六": 6.0, "七": 7.0, "八": 8.0,
    "九": 9.0, "十": 10.0,
}  # fmt: skip
"""Numbers of one word, which count where a unit or a machine follows."""


def _alternatives(words: Mapping[str, int]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_HAN_DIGITS: Final = {
    "零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8,
    "九": 9,
}  # fmt: skip
_HAN_PLACES: Final = {"十": 10, "百": 100, "千": 1000}
HAN: Final = "零〇一二两三四五六七八九十百千"
"""The characters of Chinese numbers below ten thousand."""
_NOT_HAN: Final = f"(?<![{HAN}万亿之第几数])"
_JOINS: Final = {"en": r"(?:[ -]| and )", "es": "(?: y )", "ru": " "}
_HALVES: Final = {
    "en": r" and (?:a|one)? ?(half|quarter)", "de": r" ?und ?ein(?:e|en)? (halbe?[nrs]?|viertel)",
    "es": r" y (medi[oa]|cuarto)", "ru": r" с (половиной|четвертью)",
}  # fmt: skip
_POINTS: Final = {"en": "point", "de": "komma|punkt", "es": "coma|punto|con", "ru": "точка|запятая"}
_NULLS: Final = {
    "en": ("zero", "oh", "o", "nought"),
    "de": ("null",),
    "es": ("cero",),
    "ru": ("ноль", "нуль"),
}


def cardinal(language: str) -> str:
    """The pattern of a number below a thousand in words."""
    units, teens = _alternatives(_UNITS[language]), _alternatives(_TEENS[language])
    tens = _alternatives(_TENS[language])
    if language == "de":
        below = f"(?:(?:(?:{units})und)?(?:{tens})|{teens}|{units})"
        return f"(?:(?:{units})?hundert(?:und)?{below}?|{below})"
    below = f"(?:(?:{tens})(?:{_JOINS[language]}(?:{units}))?|{teens}|{units})"
    if language == "en":
        return f"(?:(?:a|{units}) hundred(?: (?:and )?{below})?|{below})"
    return f"(?:(?:{_alternatives(_HUNDREDS[language])})(?: {below})?|{below})"


_LANGUAGES: Final = ("en", "de", "es", "ru")


@cache
def _compound(language: str) -> re.Pattern[str]:
    """The pattern of a number in words with what may follow it: a half, decimals, thousands."""
    nulls = "|".join(_NULLS[language])
    digit = "|".join(
        (*map(_alternatives, (_UNITS[language], _TEENS[language], _TENS[language])), nulls, r"\d+")
    )
    decimals = rf"(?P<digits>(?: (?:{digit})(?!\w))+)"
    return re.compile(
        rf"(?<![\w.,-])(?:(?P<whole>{cardinal(language)}|{nulls}|\d+(?=[ e]))"
        rf"(?:(?P<half>{_HALVES[language]})|(?P<half_word>einhalb)"
        rf"|(?P<point> (?:{_POINTS[language]}){decimals})"
        rf"|(?P<thousand>tausend(?:und)?(?P<rest>{cardinal('de')})?))?"
        rf"|(?P<lone>point|punto|точка)(?P<lone_digits>(?: (?:{digit})(?!\w))+))(?![\w-])"
    )


@cache
def _sign_of_numbers() -> re.Pattern[str]:
    """What a text has that has such numbers; most have none, which saves the work."""
    words = {
        word for tables in (_UNITS, _TEENS, _TENS, _HUNDREDS) for table in tables.values() for word in table
    }
    words -= {"ein", "un", "una", "one", "один", "одна"}
    words |= {"hundred", "point", "punto", "точка"}.union(*_NULLS.values())
    alternatives = "|".join(sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{alternatives}|(?:ein)?hundert|\d+ (?:and|y|с)(?= ))")


_DOZEN: Final = re.compile(rf"(?<!\w)(?:{_alternatives(_DOZENS)})(?!\w)(?! (?:days?|weeks?|months?)\b)")
_MODEL: Final = re.compile(
    r"(?<![\w'])(?P<letter>[stm]|es)[ -](?P<number>9|11|15|17|19|21|23|30|31|50|53|56|60|63|66|70)"
    r"(?=[a-z+]{0,5}(?:\+|(?!\w)))(?! ?(?:%|c\b|ct\b|cents?\b|usd|\$|€))"
)
"""A model's letter and number apart: “s 21 xp”, which voices type."""
_SPOKEN_MODEL: Final = re.compile(
    r"(?<![\w'])(?P<letter>es|[stm]) (?P<number>nine|nineteen|seventeen|fifteen|thirty|fifty|sixty"
    r"|neunzehn|siebzehn|diecinueve|diecisiete|девятнадцать)(?!\w)"
)


_HALF_DAY: Final = re.compile(
    r"(?P<han>早上|上午|凌晨|清晨|下午|晚上|傍晚|夜里)(?P<han_hour>\d{1,2})点"
    r"|(?<![\w.,])(?P<hour>\d{1,2})(?::00)? (?P<half>de la mañana|de la manana|de la tarde|de la noche"
    r"|утра|вечера|ночи|morgens|abends|nachts|in the morning|in the evening|in the afternoon)(?!\w)"
)
_TWELVE: Final = re.compile(
    r"(?P<before>\d ?(?:am|pm|a\.m\.|p\.m\.|h|hs|uhr)?"
    r" ?(?:-|to|till|until|bis|a|hasta(?: la)?|до|到|至) ?(?:the )?)"
    r"(?P<end>midnight|mitternacht|(?:la )?medianoche|полуночи|午夜|noon|midday|mittags?|(?:el )?mediod[ií]a"
    r"|полудня|中午)(?!\w)"
    r"|(?<!\w)(?P<start>midnight|mitternacht|medianoche|полуночи|午夜|noon|midday|mediod[ií]a|полудня|中午)"
    r"(?= ?(?:-|to|till|until|bis|a|hasta|до|到|至) ?\d)"
)


def _twelve(match: re.Match[str]) -> str:
    """Midnight and noon as hours, in a span of the day: “7am-midnight”."""
    word = match["end"] or match["start"]
    is_noon = word.startswith(("noon", "midday", "mittag", "mediod", "el mediod", "полудня", "中午"))
    hour = "24" if match["end"] else "0"
    if not is_noon:
        return f"{match['before'] or ''}{hour}h"
    return f"{match['before'] or ''}12h"


_MORNINGS: Final = word_set("number_words", "mornings")


def _on_the_clock(match: re.Match[str]) -> str:
    """An hour of half a day on the clock of the whole: “10 de la noche”, “晚上11点”."""
    hour = int(match["han_hour"] or match["hour"])
    half = match["han"] or match["half"]
    afternoon = half not in _MORNINGS and not (half in ("ночи", "nachts", "夜里") and hour < 6)
    hour = hour + 12 if afternoon and hour < 12 else hour
    return f"{hour}点" if match["han"] else f"{hour}h"


_JOINING_PLUS: Final = re.compile(
    r"plus(?<= plus) (?=(?:an?|one|two|three|four|five|ein|eine|einen|zwei|drei|vier|\d+) ?x? ?[a-z]{1,2}\d)"
)
"""“S21 plus an S19” names two machines, not an S21 Plus."""
_JOINING_SIGN: Final = re.compile(r"\+(?<= \+) (?=\d+ ?x? ?[a-z]{1,2}\d)")
"""“40 S19j Pro + 20 S21”."""
_WHOLE: Final = _alternatives({**_UNITS["en"], **_UNITS["es"], **_UNITS["ru"], **_TEENS["es"]})
_HALF_BEHIND: Final = re.compile(
    rf"(?<![\w.,])(\d+|{_WHOLE}) ?(c|ct|cents?|ctvs?|centavos?|céntimos?|центов|цента|rappen|pence)"
    r" (?:y medio|and a half|und ein halber|с половиной)(?!\w)"
)
"""“5 centavos y medio”."""


_COINS: Final = {"nickel": "5 cents", "dime": "10 cents"}
_COIN: Final = re.compile(r"(?<!\w)(?:a |one )(nickel|dime)(?![\w-]| and| a dozen)")
"""American coins, as people say what a kWh costs."""


def with_digits(plain: str) -> str:
    """The text, in lower case, with its numbers of more than one word as digits.

    Single words stay: whether “one” counts is for the reader of quantities to say.
    """
    plain = _HALF_DAY.sub(_on_the_clock, plain)
    plain = _COIN.sub(lambda match: _COINS[match[1]], plain)
    plain = _TWELVE.sub(_twelve, plain)
    plain = _JOINING_PLUS.sub("& ", plain)
    plain = _JOINING_SIGN.sub("& ", plain)
    plain = _DOZEN.sub(lambda match: f"{_DOZENS[match[0]]}", plain)
    has_numbers = _sign_of_numbers().search(plain) is not None
    if has_numbers:
        for language in _LANGUAGES:
            plain = _compound(language).sub(_replacing(language), plain)
    plain = _HALF_BEHIND.sub(lambda match: f"{_spoken(match[1])}.5 {match[2]}", plain)
    if has_numbers:
        plain = _SPOKEN_MODEL.sub(_in_figures, plain)
    plain = _MODEL.sub(lambda match: f"{match['letter'][-1]}{match['number']}", plain)
    if plain.isascii():
        return plain
    return _with_han_digits(_ABOUT.sub(_in_order, plain.replace("полтора", "1.5")))


def _in_figures(match: re.Match[str]) -> str:
    """“s nineteen” as “s19”."""
    return f"{match['letter'][-1]}{NUMBER_WORDS[match['number']]:g}"


def _in_order(match: re.Match[str]) -> str:
    """“процентов семь” as “7 процентов”: a Russian unit before its number says about how much."""
    return match[0] if match["before"] else f"{_spoken(match['number'])} {match['unit']}"


_SPOKEN_IN_RUSSIAN: Final = _alternatives(
    {word: 0 for word in NUMBER_WORDS if "а" <= word[0] <= "я"}  # the words alone count
)
_ABOUT: Final = re.compile(
    rf"(?P<before>(?<!\w)(?:\d[\d.,]*|{_SPOKEN_IN_RUSSIAN})[ -])?"
    r"(?<!\w)(?P<unit>процентов|центов|копеек|долларов|рублей|евро|ватт|терахеш(?:ей)?|штук|месяцев)"
    rf" (?P<number>{_SPOKEN_IN_RUSSIAN}|\d+)(?![\w%.,]\d?)"
    r"(?! ?(?:%|процент|цент|коп|долл|руб|евро|ватт|к?вт|тера|t|p|штук|шт|час|месяц|[$€₽]))"
)


def _spoken(text: str) -> str:
    return text if text.isdigit() else f"{NUMBER_WORDS[text]:g}"


def _replacing(language: str) -> Callable[[re.Match[str]], str]:
    """What takes the place of a match: digits, or the same where it is one word."""

    def replaced(match: re.Match[str]) -> str:
        if match["lone"]:
            return f"0.{_digits(language, match['lone_digits'])}"
        whole, tail = match["whole"], match["half"] or match["half_word"] or match["point"]
        if not (tail or match["thousand"]) and _words(language, whole) < 2:
            return match[0]
        if match["point"] and match["point"].startswith(" con") and whole.isdigit():
            return match[0]  # “con 5 centavos”: with
        value = float(cardinal_value(language, whole))
        if match["half"]:
            value += 0.25 if re.search("quarter|viertel|cuarto|четв", match["half"]) else 0.5
        elif match["half_word"]:
            value += 0.5
        elif match["point"]:
            value = float(f"{int(value)}.{_digits(language, match['digits'])}")
        if match["thousand"]:
            value = 1000.0 * value + (
                float(cardinal_value(language, match["rest"])) if match["rest"] else 0.0
            )
        return f"{value:.10g}"

    return replaced


def _digits(language: str, words: str) -> str:
    return "".join(
        str(cardinal_value(language, word)) if not word.isdigit() else word for word in words.split()
    )


def _words(language: str, whole: str) -> int:
    """How many numbers a number in words is put together from."""
    if language == "de":
        return sum(
            1
            for _ in re.finditer(
                f"hundert|{_alternatives({**_UNITS['de'], **_TEENS['de'], **_TENS['de']})}", whole
            )
        )
    return len(re.split(r"[ -]", whole))


def cardinal_value(language: str, text: str) -> int:
    """The number that a number below a thousand in words is."""
    if text.isdigit():
        return int(text)
    if text in _NULLS[language]:
        return 0
    tables = {**_UNITS[language], **_TEENS[language], **_TENS[language], **_HUNDREDS.get(language, {})}
    if text in tables:
        return tables[text]
    total = 0
    pattern = re.compile(f"hundred|hundert|{_alternatives(tables)}")
    for match in pattern.finditer(text):
        word = match[0]
        if word in ("hundred", "hundert"):
            total = max(total, 1) * 100
        else:
            total += tables[word]
    return total


_OF_ONE: Final = "度|千瓦|天|月|年|周|小时|枚|次|半"
"""What one of may follow an amount: “5毛一度” is 0.5 yuan each, not 0.51."""


_ONE_YUAN: Final = re.compile(
    rf"{_NOT_HAN}(?<!每)一(?=块钱|元|毛|角|分钱|美元|美金|美分|欧元|块(?:[一每,。/ ]|$))"
)
"""“一块钱一度”: one of a currency, where 一 alone may mean each."""


_BEHIND_A_NAME: Final = re.compile(r"(?<=[0-9+])(?=[零〇一二两三四五六七八九])")
"""Between a model and the price behind it: “s21四毛五”."""


def _with_han_digits(plain: str) -> str:
    """The text with Chinese numbers of several characters as digits, and amounts in two units as one."""
    plain = _BEHIND_A_NAME.sub(" ", plain)
    plain = re.sub(
        rf"{_NOT_HAN}([{HAN}]+|\d+(?:\.\d+)?)(块|元|毛|角)(?:钱)?(?!一(?:{_OF_ONE}))"
        rf"([一二两三四五六七八九\d])(?![毛角分台个部\d.]|[{HAN}](?!度))",
        _two_units,
        plain,
    )
    plain = _ONE_YUAN.sub("1", plain)
    plain = re.sub(
        rf"{_NOT_HAN}([{HAN}]+|\d+)万([一二三四五六七八九\d])(?![\d.千百十]|[{HAN}])",
        lambda match: str(int(han_value(match[1]) * 10_000 + han_value(match[2]) * 1_000)),
        plain,
    )
    plain = re.sub(
        rf"{_NOT_HAN}([{HAN}]+|\d+)(?:分半(美元|美金)?|(美分|美元|毛|块)半)",
        lambda match: f"{han_value(match[1])}.5{'美分' if match[2] else match[3] or '分'}",
        plain,
    )
    plain = re.sub(
        rf"(?<![到至从]){_NOT_HAN}([{HAN}]+|(?<!\d)\d+)点([零〇一二三四五六七八九]+|\d+)(?![{HAN}]|[半刻到至])",
        lambda match: (
            f"{han_value(match[1])}.{''.join(str(_HAN_DIGITS.get(digit, digit)) for digit in match[2])}"
        ),
        plain,
    )
    plain = re.sub(
        rf"{_NOT_HAN}([一二两三四五六七八九\d])成(?!本|为|交|立|功|都|[{HAN}])",
        lambda match: f"{han_value(match[1])}0%",
        plain,
    )
    return re.sub(
        rf"{_NOT_HAN}[一二两三四五六七八九十]?[{HAN}]*[十百千][{HAN}]*(?![之几多来]|分之)",
        lambda match: str(han_value(match[0])) if len(match[0]) > 1 else match[0],
        plain,
    )


def _two_units(match: re.Match[str]) -> str:
    """“四毛五” is 0.45 yuan, “三块五” is 3.5."""
    first, last = float(han_value(match[1])), float(han_value(match[3]))
    yuan = first + last / 10.0 if match[2] in "块元" else first / 10.0 + last / 100.0
    return f"{yuan:.10g}元"


def han_value(text: str) -> float | int:
    """The number that Chinese digits and places below ten thousand are."""
    if text[0].isdigit():
        return float(text) if "." in text else int(text)
    total, digit = 0, None
    for character in text:
        if character in _HAN_PLACES:
            total += (1 if digit is None else digit) * _HAN_PLACES[character]
            digit = None
        elif character in "零〇":
            digit = None
        else:
            digit = _HAN_DIGITS[character]
    return total + (digit or 0)
