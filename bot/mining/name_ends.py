"""Where a machine's name ends among the words of a text: suffixes, plurals, words that change nothing."""

import re
from collections.abc import Sequence
from typing import Final

from bot.mining.machine_spelling import BRANDS, spelled
from bot.mining.parsing.tokens import Token, TokenKind

SUFFIXES: Final = frozenset(
    {"pro", "xp", "hyd", "hydro", "imm", "immersion", "plus", "плюс", "se", "max", "ultra", "lite", "mini"}
    | {"ex", "exp", "hidro", "air", "std", "xph", "hp", "jpro", "kpro"}
    | {"xphyd", "v2", "ai", "promax", "quantum"}
    | {"水冷", "水冷版", "液冷", "浸没", "浸没式"}
)  # fmt: skip
"""Words that make another model of the one before them."""
_LIMITED: Final = frozenset({"power", "electricity", "energy", "price", "kwh", "tariff", "btc", "difficulty"})
"""Behind “max” these are a limit, and no model's name: “S21 max power price”."""
_LETTER_SUFFIXES: Final = frozenset("lkjehxns")
_IGNORED: Final = (("(", "mix", ")"), ("mix",), ("hiveon",), ("no", "pic"))
_IGNORED_FIRST: Final = frozenset(words[0] for words in _IGNORED)
"""What sellers and firmwares write behind a model's name without meaning another machine."""
_STOPS: Final = frozenset(",.;:!?)")
"""Marks that may stand right behind a name."""
_GERMAN_PER: Final = frozenset(
    {"tag", "monat", "jahr", "woche", "stunde", "kwh", "mwh", "th", "ph", "kilowattstunde"}
    | {"maschine", "gerät", "terahash", "petahash"}
)  # fmt: skip
"""Behind these a German “pro” is no part of a model's name: “S21 pro Tag”."""
_HASHRATE_UNITS: Final = frozenset({"t", "th", "ths", "ph", "gh", "terahash"})


def suffix_end(tokens: Sequence[Token], end: int) -> int:
    """Where the suffix ends that makes another, unknown model of the name before `end`."""
    while end < len(tokens):
        token = tokens[end]
        following = tokens[end + 1] if end + 1 < len(tokens) else None
        attached = token.glued or (end > 0 and tokens[end - 1].text == "-" and tokens[end - 1].glued)
        if (
            (token.kind is TokenKind.WORD and attached and token.text not in _HASHRATE_UNITS)
            or (token.text == "+" and not joins_next(tokens, end))
            or (
                token.kind is TokenKind.WORD
                and token.text in SUFFIXES
                and not is_per(tokens, end)
                and not (spelled(token.text) == "+" and joins_next(tokens, end))
                and not (token.text == "max" and following is not None and following.text in _LIMITED)
            )
            or (
                token.kind is TokenKind.WORD
                and token.text in _LETTER_SUFFIXES
                and (following is None or following.kind is not TokenKind.NUMBER or not _times(tokens, end))
            )
        ):
            end += 1
        elif (
            token.kind is TokenKind.NUMBER
            and following is not None
            and following.glued
            and following.text in ("u", "uh")
        ):
            end += 2
        elif token.text in "-_" and following is not None and following.text in SUFFIXES:
            end += 1
        else:
            break
    return end


def _times(tokens: Sequence[Token], index: int) -> bool:
    """True for a letter glued to the number behind it, and for the x of “S19 x 3”."""
    return tokens[index + 1].glued or tokens[index].text == "x"


def is_attached(tokens: Sequence[Token], index: int) -> bool:
    """True for a token that is written to the one before it, with or without a hyphen."""
    return tokens[index].glued or (index > 0 and tokens[index - 1].text in "-_" and tokens[index - 1].glued)


def joins_next(tokens: Sequence[Token], index: int) -> bool:
    """True for a plus that is no part of the name before it: “two S21 + three T21” are two kinds of machines.

    A sign with a space before it is one only where another plus or a suffix follows, “M30S ++”; a word is
    one unless another machine follows it, “3 S21 plus 2 T21”, a share, “S21 plus 2 % fee”, or another cost.
    """
    token, following = tokens[index], tokens[index + 1 : index + 2]
    if token.kind is TokenKind.WORD:
        if number_follows(tokens, index) and any(each.text == "%" for each in tokens[index + 2 : index + 3]):
            return not token.glued
        if _names_cost(tokens, index + 1):
            return not token.glued
        counts = bool(following) and following[0].kind is not TokenKind.SIGN
        return not token.glued and any(_begins_name(tokens, index + 1 + place) for place in range(1 + counts))
    if token.glued:
        return number_follows(tokens, index)
    return not any(each.text in SUFFIXES or (each.text == "+" and each.glued) for each in following)


def _names_cost(tokens: Sequence[Token], index: int) -> bool:
    """True where a cost beside power stands, or an amount of money with its name behind: “60 usd hosting”."""
    texts = [token.text for token in tokens[index : index + 3]]
    is_amount = len(texts) == 3 and not _MONEY.isdisjoint(texts[:2])
    return bool(texts) and (texts[0] in _COSTS or (is_amount and texts[2] in _COSTS))


_COSTS: Final = frozenset(
    {"hosting", "colo", "colocation", "rent", "fee", "fees", "pool", "tax", "taxes", "vat", "cooling"}
    | {"miete", "mwst", "steuer", "steuern", "gebühr", "gebühren", "poolgebühr", "kühlung", "netzentgelt"}
    | {"хостинг", "аренда", "комиссия", "пул", "налог", "налоги", "ндс", "охлаждение"}
)
_MONEY: Final = frozenset({"$", "€", "usd", "dollars", "bucks", "euro", "euros", "eur", "долларов", "баксов"})


def may_join_power(tokens: Sequence[Token], index: int) -> bool:
    """True for the plus of “S21 plus Strom 7 ct”, which may as well be the model S21+."""
    token = tokens[index]
    is_word = token.kind is TokenKind.WORD and spelled(token.text) == "+" and not is_attached(tokens, index)
    behind = [each.text for each in tokens[index + 1 : index + 3]]
    return (
        is_word
        and bool(behind)
        and (behind[0] in _POWER or (behind[0] in _ARTICLES and behind[-1] in _POWER))
    )


_POWER: Final = frozenset(
    {"power", "electricity", "electric", "energy", "strom", "stromkosten", "strompreis", "energie"}
    | {"luz", "electricidad", "energía", "energia", "corriente", "свет", "электричество", "электроэнергия"}
    | {"ток", "энергия", "电费", "电价", "电"}
)
_ARTICLES: Final = frozenset({"the", "my", "der", "den", "mein", "la", "mi"})


def _begins_name(tokens: Sequence[Token], index: int) -> bool:
    """True where a maker's name stands, or letters with a number glued to them, as models are called."""
    words = tokens[index : index + 2]
    if not words or words[0].kind is not TokenKind.WORD or words[0].glued:
        return False
    is_shaped = len(words) == 2 and words[1].glued and words[1].kind is TokenKind.NUMBER
    return words[0].text in BRANDS or (is_shaped and words[0].text.isascii() and len(words[0].text) == 1)


def number_follows(tokens: Sequence[Token], index: int) -> bool:
    """True when the next token is a number."""
    return index + 1 < len(tokens) and tokens[index + 1].kind is TokenKind.NUMBER


def is_per(tokens: Sequence[Token], index: int) -> bool:
    """True for a German “pro” that means per: “S21 pro Tag”."""
    return (
        tokens[index].text == "pro"
        and not tokens[index].glued
        and index + 1 < len(tokens)
        and tokens[index + 1].text in _GERMAN_PER
    )


def ends_here(tokens: Sequence[Token], index: int) -> bool:
    """True when no letter is glued on, nor a digit that is no bin of its own."""
    if index + 1 >= len(tokens) or not tokens[index + 1].glued:
        return True
    following = tokens[index + 1]
    if following.kind is TokenKind.WORD:
        return with_plural(tokens, index + 1) > index + 1
    if following.kind is TokenKind.NUMBER:
        return tokens[index].kind is TokenKind.WORD or tokens[index].text == "+"
    return True


def with_plural(tokens: Sequence[Token], end: int) -> int:
    """The end behind the s of several: “my S19s”; a Whatsminer's S is another model."""
    is_plural = end < len(tokens) and tokens[end].text == "s" and tokens[end].glued
    if not is_plural or tokens[end - 1].kind is not TokenKind.NUMBER or tokens[end - 2].text == "m":
        return end
    following = tokens[end + 1] if end + 1 < len(tokens) else None
    ends = following is None or not following.glued or following.text in _STOPS
    return end + 1 if ends else end


def with_ignored(tokens: Sequence[Token], end: int) -> int:
    """The end behind words that sellers and firmwares add."""
    if end < len(tokens) and tokens[end].text in _IGNORED_FIRST:
        for words in _IGNORED:
            if tuple(token.text for token in tokens[end : end + len(words)]) == words:
                end += len(words)
    if (
        end + 1 < len(tokens)
        and tokens[end].text == "/"
        and tokens[end].glued
        and re.fullmatch(r"\d\.\d", tokens[end + 1].text)
    ):
        end += 2
    if end < len(tokens) and tokens[end].text == "." and tokens[end].glued:
        end += 1
    return end
