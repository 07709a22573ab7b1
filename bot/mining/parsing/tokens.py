"""A text as tokens: numbers, words and signs, in plain characters, each with its place in the text."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple

from bot.mining.parsing.traditional_characters import simplified

LONGEST: Final = 4096
"""Characters of a Telegram message."""

_WITHOUT_WIDTH: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")
"""Characters without width: joiners, marks of direction, soft hyphens."""
_REPLACED: Final = {
    0x066B: ".", 0x066C: ",", 0x060C: ",", 0x061F: "?", 0x2212: "-", 0x2012: "-", 0x2013: "-", 0x2014: "-",
    0x2019: "'", 0x2018: "'", 0x201C: '"', 0x201D: '"', 0x201E: '"', 0x3001: ",", 0x3002: ".", 0x00D7: "×",
    0x2022: ",", 0x00B7: " ", 0x22C5: " ", 0x2219: " ",
}  # fmt: skip
_OTHER_DIGIT: Final = re.compile(r"(?![0-9])\d")
"""A digit of another script."""
_GROUPS: Final = re.compile(r"(?<![\d.,])\d{1,3}(?:[\u00a0\u202f\u2009]\d{3})+(?!\d)")
"""Thousands grouped by a space that is made for it."""
_SPACED_GROUPS: Final = re.compile(
    r"[1-9](?:(?:(?<=\bto .)|(?<=\bдо .)|(?<=\bauf .))\d{0,2}(?: 000)+(?!\d)"
    r"|(?<![\w.,].)\d{0,2}(?: \d{3})+(?=(?:[.,]\d+)? ?(?:[$€£¥₽]|usd\b|eur|dollar|руб|долл|дол)))"
)
"""Thousands grouped by an ordinary space, where it can be nothing else.

It begins with the digit, and looks back from there: where a pattern begins so, most of a text is skipped.
"""
_BRAND_OF: Final = {
    "ант": "antminer", "ват": "whatsminer", "вот": "whatsminer", "ава": "avalon",
    "бит": "bitaxe", "阿瓦隆": "avalon", "蚂蚁": "antminer", "神马": "whatsminer", "翼比特": "ebit",
    "芯动": "innosilicon", "芯动科": "innosilicon", "инн": "innosilicon", "ино": "innosilicon",
}  # fmt: skip
_BRANDS: Final = re.compile(
    r"(?<!\w)(?:антма?[иай]+нер\w*|в[ао]тсма?[ий]+нер\w*|авалон\w*|битакс\w*|инн?осилик\w*)(?= ?\w)"
    r"|(?:阿瓦隆|蚂蚁|神马|翼比特|芯动科技|芯动)(?= ?[a-z])|阿瓦隆(?= ?\d{3,4}(?!\d))"
)
"""Makers' names in other scripts, before a model."""
_PLURAL: Final = re.compile(
    r"(?i)(?<!\w)((?:[a-z]{0,2}\d{2,4}[a-z]?\+*|avalon q|nano|mini|pro|xp|gamma|miner))['’]s(?!\w)"
)
"""The apostrophe of several machines: “two Avalon Q's”."""
_LONG_FORMS: Final = {"c/u": "each", "к/шт": "each", "квт*ч": "квтч", "квт * ч": "квтч", "kw*h": "kwh"}
_SHORT_FORMS: Final = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, _LONG_FORMS))})(?!\w)")
"""Abbreviations whose signs would be taken for something else."""
_CHIP_CODE: Final = re.compile(r"(m(?<![^\W_]m)\d\d[a-z]{0,2}?\+{0,2})\s?v[a-z]\d{2}(?!\w)")
"""A Whatsminer's model with the code of its chip and board behind it: “M63S++VL50”."""
_CYRILLIC_MODEL: Final = re.compile(
    r"(?<!\w)(?:[смт]-?(?:9|\d\d)|а1\d{3}|л[3-9]|[smt]\d\d(?=[а-я]))(?:[сsкj+йжхрxpk]{0,2})"
    r"(?=про(?!\w)|хп(?!\w)|хайд|гидро|плюс(?!\w)|(?!\w))"
)
"""A model's name typed on a Russian keyboard: “с19”, “м50с”, “м30с++”."""
_CYRILLIC: Final = str.maketrans("смткйжхрал-", "smtkjjxpal\0")
_CHINESE_PERCENT: Final = re.compile(r"百分之(\d+(?:\.\d+)?|[一二两三四五六七八九十百零点]+)")
_HALVES: Final = {"½": ".5", "¼": ".25", "¾": ".75"}
_TOKEN: Final = re.compile(
    r"(?P<word>(?:[^\W\d_\u3400-\u9fff\uf900-\ufaff]+(?:'[^\W\d_]+)*))"
    r"|(?P<number>(?<=(?<![^\W\d_])[a-z])\d+(?:\.\d+)?|\d+(?:[.,']\d+)*(?:e[+-]?\d{1,4}(?!\d))?|\.\d+)"
    r"|(?P<han>[\u3400-\u9fff\uf900-\ufaff]+)"
    r"|(?P<sign>(?P<mark>[^\w\s+\-$€£¥%])(?P=mark)*|\S)"
)
"""A run of one punctuation mark is one sign; a letter is never run together, nor is what counts."""


class TokenKind:
    """What a token is. HAN is a run of Chinese characters, still to be cut into words."""

    NUMBER: Final = "number"
    WORD: Final = "word"
    HAN: Final = "han"
    SIGN: Final = "sign"


_KINDS: Final = {kind: kind for kind in (TokenKind.NUMBER, TokenKind.WORD, TokenKind.HAN, TokenKind.SIGN)}
"""The kinds by the groups of the pattern."""


class Token(NamedTuple):
    """`text` is lower case; `start` and `end` are its place; `glued` is True when no space stands before.

    Chinese characters are never glued to anything: they need no spaces.
    """

    kind: str
    text: str
    start: int
    end: int
    glued: bool


_CYRILLIC_CENTS: Final = re.compile(r"(?<![\w.,])(\d{1,2}(?:[.,]\d+)?)с(?!\w)")
"""“5.5с”, which looks like a c."""


def normalize(text: str) -> str:
    """The text in lower case and plain characters: full-width and Arabic digits, marks, dashes, spaces."""
    plain = _PLURAL.sub(r"\1", text) if "'" in text or "’" in text else text
    plain = plain.lower() if plain.isascii() else _in_plain_characters(plain)
    if "/" in plain or "*" in plain:
        plain = _SHORT_FORMS.sub(lambda match: _LONG_FORMS[match[0]], plain)
    plain = _CHIP_CODE.sub(r"\1", plain)
    return _SPACED_GROUPS.sub(lambda match: match[0].replace(" ", ""), plain)


def _in_plain_characters(text: str) -> str:
    """A text in lower case, in characters that the readers know; machines' names in Latin letters."""
    plain = _GROUPS.sub(lambda match: re.sub(r"\s", "", match[0]), text)
    for sign, decimals in _HALVES.items():
        plain = plain.replace(sign, decimals)
    plain = plain.replace("，", ", ").replace("、", ", ")
    plain = unicodedata.normalize("NFKC", _WITHOUT_WIDTH.sub("", plain)).translate(_REPLACED).lower()
    if plain.isascii():
        return plain
    plain = simplified(_OTHER_DIGIT.sub(lambda match: str(unicodedata.digit(match[0])), plain))
    plain = _CYRILLIC_CENTS.sub(r"\1c", plain)
    plain = _CHINESE_PERCENT.sub(lambda match: f"{match[1]}%", plain)
    plain = _BRANDS.sub(lambda match: f" {_BRAND_OF[match[0][:3]]} ", plain)
    return _CYRILLIC_MODEL.sub(lambda match: match[0].translate(_CYRILLIC).replace("\0", ""), plain)


def tokenize(plain: str) -> list[Token]:
    """The tokens of a normalized text."""
    tokens = []
    last_end, after_han = -1, False
    for match in _TOKEN.finditer(plain):
        kind = _KINDS[match.lastgroup or ""]
        start, end = match.span()
        is_han = kind is TokenKind.HAN
        text = plain[start] if kind is TokenKind.SIGN else plain[start:end]
        tokens.append(Token(kind, text, start, end, start == last_end and not is_han and not after_han))
        last_end, after_han = end, is_han
    return tokens


def text_of(tokens: Sequence[Token], start: int, end: int) -> str:
    """The text that tokens were cut from, with single blanks."""
    return "".join(
        ("" if token.glued or index == 0 else " ") + token.text
        for index, token in enumerate(tokens[start:end])
    )
