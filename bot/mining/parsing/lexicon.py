"""What words mean, in five languages: one table a language (`words/*.toml`), looked up as one lexicon.

A meaning is named by its key in the tables (`btc`, `power`, `down` …); `filler` is what people say without
meaning anything for the answer. A word that no table has is unknown, and asked about.
"""

import re
from collections.abc import Sequence
from functools import cache, cached_property
from typing import Final, NamedTuple, Self

from bot.mining.parsing.currency_names import CURRENCIES, SUBUNITS, TENTHS, WITHOUT_RATE
from bot.mining.parsing.number_words import NUMBER_WORDS
from bot.mining.parsing.spelling import SHORTEST_JOINED, disordered, joined, misspelt
from bot.mining.parsing.tokens import Token, TokenKind
from bot.mining.parsing.units import SATS
from bot.mining.parsing.word_table import ORDINARY, WordTable, is_han

LANGUAGES: Final = ("en", "de", "es", "ru", "zh")
_LATIN: Final = ("en", "de", "es")
"""The languages that Latin letters may be."""
DECIMAL_COMMA: Final = frozenset({"de", "es", "ru"})

SCALES: Final = {
    "k": 1e3, "thousand": 1e3, "grand": 1e3, "тыщ": 1e3, "riesen": 1e3,
    "tsd": 1e3, "tausend": 1e3, "mil": 1e3, "тыс": 1e3, "тысяч": 1e3,
    "тысячи": 1e3,
    "тысяча": 1e3, "к": 1e3, "千": 1e3, "万": 1e4, "萬": 1e4, "亿": 1e8, "百": 1e2,
    "m": 1e6, "mio": 1e6, "mn": 1e6, "million": 1e6, "millions": 1e6, "millionen": 1e6, "millón": 1e6,
    "millones": 1e6, "млн": 1e6, "миллион": 1e6, "миллиона": 1e6, "миллионов": 1e6, "百万": 1e6,
    "bn": 1e9, "billion": 1e9, "milliarde": 1e9, "milliarden": 1e9, "mrd": 1e9, "млрд": 1e9, "十亿": 1e9,
    "trillion": 1e12, "trillions": 1e12, "tn": 1e12, "billionen": 1e12, "billones": 1e12, "трлн": 1e12,
    "триллионов": 1e12, "триллиона": 1e12, "万亿": 1e12, "兆": 1e12, "quadrillion": 1e15,
}  # fmt: skip
HASHRATE_UNITS: Final = {
    "gh": 1e-3, "gh/s": 1e-3, "ghs": 1e-3, "th": 1.0, "ths": 1.0, "ph": 1e3, "phs": 1e3, "eh": 1e6,
    "ehs": 1e6,
    "zh": 1e9, "zhs": 1e9, "zh/s": 1e9, "zettahash": 1e9, "zettahashes": 1e9, "зетта": 1e9, "зеттахеш": 1e9,
    "terahash": 1.0, "terahashes": 1.0, "petahash": 1e3, "exahash": 1e6, "gigahash": 1e-3,
    "тх": 1.0, "терахеш": 1.0, "терахэш": 1.0, "пх": 1e3, "эх": 1e6, "гх": 1e-3, "thps": 1.0,
}  # fmt: skip
POWER_UNITS: Final = {
    "w": 1.0, "watt": 1.0, "watts": 1.0, "вт": 1.0, "ватт": 1.0, "瓦": 1.0, "vatios": 1.0,
    "kw": 1e3, "kilowatt": 1e3, "kilowatts": 1e3, "квт": 1e3, "千瓦": 1e3, "mw": 1e6, "megawatt": 1e6,
    "megawatts": 1e6, "мвт": 1e6, "兆瓦": 1e6,
    "gw": 1e9, "gigawatt": 1e9, "gigawatts": 1e9, "гвт": 1e9, "吉瓦": 1e9,
}  # fmt: skip
_OF_MODELS: Final = frozenset({"pro", "plus", "mini", "max", "ultra", "air", "xp", "se"})
"""Words that say nothing of the language, since they are parts of machines' names."""
PERCENT_WORDS: Final = frozenset(
    {"%", "percent", "pct", "prozent", "процент", "процента", "процентов", "porciento", "pc", "проц", "个点"}
)


_SHORTEST_MENDED: Final = 6
"""Letters of a word that may be misspelt in a question: short ones are too near to each other."""
_SHORTEST_DISORDERED: Final = 4
_ASKING: Final = frozenset({"filler", "profit", "breakeven", "payback", "how_many", "which_machine"})
"""Meanings of words that ask a question: no figure, unit or condition rests on them."""
_SHORTEST_GUESSED: Final = 4
_LONG: Final = 8
"""Letters of a word that may have one typo, and two, where a wrong guess only offers a wrong button."""
_DRAWN_OUT: Final = re.compile(r"(\w)\1{2,}")
"""A letter three times or more: “hellooo”."""


_SHORTEST_INFLECTED: Final = 5
_SHORTEST_CLIPPED: Final = 4
"""Letters of the shortest word whose last one may be left out."""


class Meaning(NamedTuple):
    """What the tokens up to `end` mean, in a language.

    `is_ordinary` is True for what people say besides; it is passed over.
    """

    concept: str
    end: int
    language: str
    is_ordinary: bool = False


class Lexicon:
    """The words of all languages, from the tables of a folder; a language is read when a text first needs it.

    A lenient one also reads inflected forms, words run together, and words without their accents.
    """

    def __init__(self, folder: str = "words", base: Self | None = None, *, is_lenient: bool = False) -> None:
        """What the tables of the folder have comes before `base`, whose phrases are shared."""
        self.is_lenient = is_lenient
        self._folder = folder
        self._base = base
        self._tables: dict[str, WordTable] = {}

    def _table(self, language: str) -> WordTable:
        table = self._tables.get(language)
        if table is None:
            base = None if self._base is None else self._base._table(language)
            table = self._tables[language] = WordTable(self._folder, language, base)
        return table

    def cut(self, tokens: Sequence[Token], usual: str = "en") -> list[Token]:
        """The tokens with runs of Chinese characters cut into words, so that as much is known as can be.

        A lenient lexicon also cuts two known words apart that are run together, such as “btcprice”; the
        usual language is looked at first.
        """
        words: list[Token] = []
        for token in tokens:
            if token.kind is not TokenKind.HAN:
                words += self._apart(token, usual) if self.is_lenient else (token,)
                continue
            start = 0
            for text, is_known in self._han_words(token.text):
                position = token.start + start
                kind = TokenKind.WORD if is_known else TokenKind.HAN
                words.append(Token(kind, text, position, position + len(text), glued=False))
                start += len(text)
        return words

    @cached_property
    def _han(self) -> frozenset[str]:
        units = (
            CURRENCIES,
            SUBUNITS,
            TENTHS,
            SATS,
            WITHOUT_RATE,
            SCALES,
            POWER_UNITS,
            NUMBER_WORDS,
            PERCENT_WORDS,
        )
        return self._table("zh").han_words | {word for words in units for word in words if is_han(word)}

    @cached_property
    def _longest_han(self) -> int:
        return max(map(len, self._han))

    def _han_words(self, text: str) -> list[tuple[str, bool]]:
        """A run of Chinese characters as words, and whether each is known.

        The cut that leaves the fewest characters unknown is taken, of these the one into the fewest words;
        unknown characters in a row stay together.
        """
        least: list[tuple[int, int, int, bool]] = [(0, 0, 0, True)]  # unknown, words, length of the last one
        for end in range(1, len(text) + 1):
            unknown, count, _, _ = least[end - 1]
            best = (unknown + 1, count + 1, 1, False)
            for size in range(1, min(self._longest_han, end) + 1):
                if text[end - size : end] in self._han:
                    unknown, count, _, _ = least[end - size]
                    best = min(best, (unknown, count + 1, size, True))
            least.append(best)
        words: list[tuple[str, bool]] = []
        end = len(text)
        while end:
            _, _, size, is_known = least[end]
            word = text[end - size : end]
            if words and not is_known and not words[-1][1]:
                words[-1] = (word + words[-1][0], False)
            else:
                words.append((word, is_known))
            end -= size
        return words[::-1]

    def _apart(self, token: Token, usual: str) -> tuple[Token, ...]:
        text = token.text
        if token.kind is not TokenKind.WORD or len(text) < SHORTEST_JOINED:
            return (token,)
        if self._table(usual).begins(text):
            return (token,)
        languages = written_in(text, usual)
        if any(self._table(code).begins(text) for code in languages):
            return (token,)
        place = joined(text, [self._table(code) for code in languages])
        if not place:
            return (token,)
        middle = token.start + place
        return (
            token._replace(text=text[:place], end=middle),
            Token(TokenKind.WORD, text[place:], middle, token.end, glued=False),
        )

    def meaning(self, tokens: Sequence[Token], start: int, order: Sequence[str]) -> Meaning | None:
        """The longest phrase of the languages in `order` that begins at a token; the first breaks a tie.

        None when it is unknown to them: a word of another language says nothing here.
        """
        tables = [(code, self._table(code)) for code in order]
        meant, furthest, language = "", start, ""
        for code, table in tables:
            concept, end = table.phrase_at(tokens, start)
            if concept and end > furthest:
                meant, furthest, language = concept, end, code
        if meant == ORDINARY:
            return Meaning("filler", furthest, language, is_ordinary=True)
        if meant:
            return Meaning(meant, furthest, language)
        if tokens[start].kind is not TokenKind.WORD:
            return None
        first = tokens[start].text
        for length in range(len(first), 2, -1):
            for code, table in tables:
                if concept := table.prefixes.get(first[:length], ""):
                    return Meaning(concept, start + 1, code)
        if whole := _in_full(first):
            for code, table in tables:
                if concept := table.concept(whole):
                    return Meaning(concept, start + 1, code)
        return None

    def near(self, word: str, order: Sequence[str]) -> str:
        """The meaning of the known word that a long one is a slip of the finger away from; "" when none is.

        Of several meanings none is meant; `order` are the languages that count. A shorter word is only mended
        where two of its letters have changed places or one is missing, and it asks or dresses a question.
        """
        tables = [self._table(code) for code in order]
        if len(word) >= _SHORTEST_MENDED:
            return misspelt(word, tables, 1, same_start=True)
        concept = disordered(word, tables) if len(word) >= _SHORTEST_DISORDERED else ""
        return concept if concept in _ASKING else ""

    def inflected(self, word: str, language: str) -> str:
        """The meaning of the known words of a language with the same stem; "" without one, or several."""
        return self._table(language).inflected(word) if len(word) >= _SHORTEST_INFLECTED else ""

    def guess(self, word: str, order: Sequence[str]) -> str:
        """What a word that no table has seems to mean: drawn out, inflected, with typos; else ""."""
        tables = [self._table(code) for code in order]
        for drawn_out in (_DRAWN_OUT.sub(r"\1", word), _DRAWN_OUT.sub(r"\1\1", word)):
            for table in tables:
                if drawn_out != word and (concept := table.concept(drawn_out)):
                    return concept
        for table in tables:
            if concept := table.inflected(word):
                return concept
        slips = 2 if len(word) >= _LONG else 1 if len(word) >= _SHORTEST_GUESSED else 0
        return misspelt(word, tables, slips, same_start=False) if slips else ""

    def language(self, tokens: Sequence[Token], usual: str) -> str:
        """The language most of the words belong to; `usual` where that leaves it open."""
        if any(is_han(token.text) for token in tokens if not token.text.isascii()):
            return "zh"
        words: list[str] = []
        for token in tokens:
            of_model = token.glued or token.text in _OF_MODELS
            if token.kind is not TokenKind.WORD or len(token.text) < 2 or of_model:
                continue
            if "а" <= token.text[0] <= "ё":
                return "ru"
            words.append(token.text)
        if all(map(self._table(usual).concept, words)):
            return usual  # without the other languages' tables
        hits = {
            code: sum(map(bool, map(self._table(code).concept, words)))
            for code in dict.fromkeys((usual, *_LATIN))
        }
        most = max(hits.values())
        if hits[usual] == most:
            return usual
        return next(code for code in LANGUAGES if hits.get(code) == most)

    def words(self, language: str) -> list[str]:
        """The single words of a language that mean something."""
        return [word for word, concept in self._table(language).words.items() if concept != "filler"]

    def concept(self, word: str, language: str) -> str:
        """What a single word means in a language; "" when nothing."""
        return self._table(language).concept(word)


@cache
def lexicon() -> Lexicon:
    """The lexicon of questions for the calculator."""
    return Lexicon()


@cache
def topic_lexicon() -> Lexicon:
    """The same with the words by which people ask for a command, which count first."""
    return Lexicon("topics", lexicon(), is_lenient=True)


def written_in(text: str, usual: str) -> tuple[str, ...]:
    """The languages in whose letters a text is written, after the usual one."""
    scripts = {
        "zh": is_han(text),
        "ru": any("а" <= character <= "ё" for character in text),
        **dict.fromkeys(_LATIN, any("a" <= character <= "z" for character in text)),
    }
    return tuple(dict.fromkeys((usual, *(code for code in LANGUAGES if scripts[code]))))


def _in_full(word: str) -> str:
    """A word in full that is written as it is spoken, without its g or with an ’s; "" for any other."""
    if word.endswith("in'") or (word.endswith("in") and len(word) > _SHORTEST_CLIPPED):
        return word.rstrip("'") + "g"
    return word.partition("'")[0] if "'" in word[1:] else ""
