"""What words mean, in five languages: one table a language (`words/*.toml`), read into one lexicon.

A meaning is named by its key in the tables (`btc`, `power`, `down` …); `filler` is what people say without
meaning anything for the answer. A word that no table has is unknown, and asked about.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from importlib.resources import files
from typing import Final, NamedTuple, Self

from bot.mining.parsing.number_words import NUMBER_WORDS
from bot.mining.parsing.spelling import Spelling, plain_spellings
from bot.mining.parsing.tokens import Token, TokenKind, normalize, tokenize
from bot.mining.parsing.units import CURRENCIES, SATS, SUBUNITS, TENTHS, WITHOUT_RATE

LANGUAGES: Final = ("en", "de", "es", "ru", "zh")
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
    "zh": 1e9, "terahash": 1.0, "terahashes": 1.0, "petahash": 1e3, "exahash": 1e6, "gigahash": 1e-3,
    "тх": 1.0, "терахеш": 1.0, "терахэш": 1.0, "пх": 1e3, "эх": 1e6, "гх": 1e-3, "thps": 1.0,
}  # fmt: skip
POWER_UNITS: Final = {
    "w": 1.0, "watt": 1.0, "watts": 1.0, "вт": 1.0, "ватт": 1.0, "瓦": 1.0, "vatios": 1.0,
    "kw": 1e3, "kilowatt": 1e3, "kilowatts": 1e3, "квт": 1e3, "千瓦": 1e3, "mw": 1e6, "megawatt": 1e6,
    "megawatts": 1e6, "мвт": 1e6, "兆瓦": 1e6,
}  # fmt: skip
_OF_MODELS: Final = frozenset({"pro", "plus", "mini", "max", "ultra", "air", "xp", "se"})
"""Words that say nothing of the language, since they are parts of machines' names."""
PERCENT_WORDS: Final = frozenset(
    {"%", "percent", "pct", "prozent", "процент", "процента", "процентов", "porciento", "pc", "проц"}
)


_SHORTEST_MENDED: Final = 6
"""Letters of a word that may be misspelt in a question: short ones are too near to each other."""
_SHORTEST_GUESSED: Final = 4
_LONG: Final = 8
"""Letters of a word that may have one typo, and two, where a wrong guess only offers a wrong button."""
_DRAWN_OUT: Final = re.compile(r"(\w)\1{2,}")
"""A letter three times or more: “hellooo”."""
_LETTERS: Final = re.compile("[a-zäöüßáéíóúñа-яё ]+")
_NOTHING: Final[Mapping[str, str]] = {}


_SHORTEST_CLIPPED: Final = 4
"""Letters of the shortest word whose last one may be left out."""


class Meaning(NamedTuple):
    """What the tokens up to `end` mean, in a language."""

    concept: str
    end: int
    language: str


class Lexicon:
    """The words of all languages, from the tables of a folder.

    A lenient one also reads inflected forms, words run together, and words without their accents.
    """

    def __init__(self, folder: str = "words", base: Self | None = None, *, is_lenient: bool = False) -> None:
        """Read the tables; takes some tens of milliseconds, once.

        What they have comes before `base`, whose phrases are shared: tens of thousands are large in memory.
        """
        self.is_lenient = is_lenient
        self._base: Mapping[str, Mapping[str, str]] = {} if base is None else base._concepts
        self._concepts: dict[str, Mapping[str, str]] = {}
        """What a phrase, its words joined by blanks, means by language."""
        self._lengths: dict[str, tuple[int, ...]] = {} if base is None else dict(base._lengths)
        """How many words the phrases have that begin with a word, the most first, where not just one."""
        self._stems: dict[str, dict[str, str]] = {}
        self._han: set[str] = set()
        if base is not None:
            self._stems = {stem: dict(concepts) for stem, concepts in base._stems.items()}
            self._han |= base._han
        alike: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}
        for language in LANGUAGES:
            for phrase, concept in _phrases_of(folder, language):
                self._add(phrase, concept, language, alike)
        for words in (
            CURRENCIES,
            SUBUNITS,
            TENTHS,
            SATS,
            WITHOUT_RATE,
            SCALES,
            POWER_UNITS,
            NUMBER_WORDS,
        ):
            self._han |= {word for word in words if _is_han(word)}
        self._longest_han = max(map(len, self._han))

    def _add(
        self,
        phrase: str,
        concept: str,
        language: str,
        alike: dict[tuple[tuple[str, str], ...], Mapping[str, str]],
    ) -> None:
        """Add a phrase; `alike` has each meaning once, however many phrases have it."""
        if phrase.endswith("*"):
            self._stems.setdefault(phrase[:-1], {})[language] = concept
            return
        texts = _texts_of(phrase)
        key = " ".join(texts)
        if not key.isascii():
            self._han |= {text for text in texts if _is_han(text)}
        concepts = {**self._concepts_of(key), language: concept}
        self._concepts[key] = alike.setdefault(tuple(concepts.items()), concepts)
        lengths = self._lengths.get(texts[0], (1,))
        if len(texts) not in lengths:
            self._lengths[texts[0]] = _descending((*lengths, len(texts)))

    def _concepts_of(self, phrase: str) -> Mapping[str, str]:
        """What a phrase means by language; empty when no table has it."""
        return self._concepts.get(phrase) or self._base.get(phrase, _NOTHING)

    def cut(self, tokens: Sequence[Token]) -> list[Token]:
        """The tokens with runs of Chinese characters cut into words, so that as much is known as can be.

        A lenient lexicon also cuts two known words apart that are run together, such as “btcprice”.
        """
        words: list[Token] = []
        for token in tokens:
            if token.kind is not TokenKind.HAN:
                words += self._apart(token)
                continue
            start = 0
            for text, is_known in self._han_words(token.text):
                position = token.start + start
                kind = TokenKind.WORD if is_known else TokenKind.HAN
                words.append(Token(kind, text, position, position + len(text), glued=False))
                start += len(text)
        return words

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

    def _apart(self, token: Token) -> tuple[Token, ...]:
        text = token.text
        if not self.is_lenient or token.kind is not TokenKind.WORD:
            return (token,)
        if text in self._lengths or self._concepts_of(text):
            return (token,)
        place = self._spelling.joined(text)
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
        first = tokens[start].text
        for count in self._lengths.get(first, (1,)):
            end = start + count
            if end <= len(tokens):
                phrase = first if count == 1 else " ".join([token.text for token in tokens[start:end]])
                if (language := self._language_of(phrase, order)) is not None:
                    return Meaning(self._concepts_of(phrase)[language], end, language)
        if tokens[start].kind is TokenKind.WORD:
            for length in range(len(first), 2, -1):
                by_language = self._stems.get(first[:length])
                if by_language is not None:
                    language = next((code for code in order if code in by_language), None)
                    if language is not None:
                        return Meaning(by_language[language], start + 1, language)
            whole = _in_full(first)
            if whole and (language := self._language_of(whole, order)) is not None:
                return Meaning(self._concepts_of(whole)[language], start + 1, language)
        return None

    def _language_of(self, phrase: str, order: Sequence[str]) -> str | None:
        """The first language of `order` in which a phrase means something."""
        concepts = self._concepts_of(phrase)
        return next((code for code in order if code in concepts), None) if concepts else None

    @cached_property
    def _spelling(self) -> Spelling:
        return Spelling(
            {
                phrase: concepts
                for phrase, concepts in {**self._base, **self._concepts}.items()
                if " " not in phrase
            }
        )

    def near(self, word: str, order: Sequence[str]) -> str:
        """The meaning of the known word that a long one is a slip of the finger away from; "" when none is.

        Of several meanings none is meant; `order` are the languages that count.
        """
        if len(word) < _SHORTEST_MENDED:
            return ""
        return self._spelling.misspelt(word, order, 1, same_start=True)

    def guess(self, word: str, order: Sequence[str]) -> str:
        """What a word that no table has seems to mean: drawn out, inflected, with typos; else ""."""
        for drawn_out in (_DRAWN_OUT.sub(r"\1", word), _DRAWN_OUT.sub(r"\1\1", word)):
            if drawn_out != word and (language := self._language_of(drawn_out, order)):
                return self._concepts_of(drawn_out)[language]
        if inflected := self._spelling.inflected(word, order):
            return inflected
        slips = 2 if len(word) >= _LONG else 1 if len(word) >= _SHORTEST_GUESSED else 0
        return self._spelling.misspelt(word, order, slips, same_start=False) if slips else ""

    def number_word(self, text: str) -> float | None:
        """The number a word stands for."""
        return NUMBER_WORDS.get(text)

    def language(self, tokens: Sequence[Token], usual: str) -> str:
        """The language most of the words belong to; `usual` where that leaves it open."""
        if any(_is_han(token.text) for token in tokens if not token.text.isascii()):
            return "zh"
        hits = dict.fromkeys(LANGUAGES, 0)
        for token in tokens:
            of_model = token.glued or token.text in _OF_MODELS
            if token.kind is not TokenKind.WORD or len(token.text) < 2 or of_model:
                continue
            if "а" <= token.text[0] <= "ё":
                return "ru"
            for code in self._concepts_of(token.text):
                hits[code] += 1
        most = max(hits.values())
        if not most or hits.get(usual) == most:
            return usual
        return next(code for code in LANGUAGES if hits[code] == most)

    def words(self, language: str) -> list[str]:
        """The single words of a language that mean something."""
        return [
            phrase
            for phrase, concepts in {**self._base, **self._concepts}.items()
            if " " not in phrase and concepts.get(language, "filler") != "filler"
        ]

    def concept(self, word: str, language: str) -> str:
        """What a single word means in a language; "" when nothing."""
        return self._concepts_of(word).get(language, "")


@cache
def lexicon() -> Lexicon:
    """The lexicon of questions for the calculator."""
    return Lexicon()


@cache
def topic_lexicon() -> Lexicon:
    """The same with the words by which people ask for a command, which count first."""
    return Lexicon("topics", lexicon(), is_lenient=True)


def load_lexicons() -> None:
    """Read all tables, which takes a tenth of a second; else the first question does."""
    topic_lexicon()


def _phrases_of(folder: str, language: str) -> Iterator[tuple[str, str]]:
    """The phrases of a table in plain characters with their meanings, those typed without accents first."""
    path = files(__package__).joinpath(folder, f"{language}.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    exact: dict[str, str] = {}
    for concept in ("filler", *(key for key in table if key != "filler")):
        phrases = (phrase.strip() for phrase in table[concept].replace("\n", " ").split(","))
        exact |= {phrase: concept for phrase in phrases if phrase}
    plain = {each: concept for phrase, concept in exact.items() for each in plain_spellings(phrase)}
    spellings = plain | exact
    typed = normalize("\n".join(spellings)).split("\n")  # all in one, which is several times faster
    return zip(typed, spellings.values(), strict=True)


def _texts_of(phrase: str) -> list[str]:
    """The words of a phrase, as those of a question are cut."""
    if _LETTERS.fullmatch(phrase):
        return phrase.split()  # as tokens would be, without the work
    return [token.text for token in tokenize(phrase)]


@cache
def _descending(lengths: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(lengths, reverse=True))


def _in_full(word: str) -> str:
    """A word in full that is written as it is spoken, without its g or with an ’s; "" for any other."""
    if word.endswith("in'") or (word.endswith("in") and len(word) > _SHORTEST_CLIPPED):
        return word.rstrip("'") + "g"
    return word.partition("'")[0] if "'" in word[1:] else ""


def _is_han(text: str) -> bool:
    return any("\u3400" <= character <= "\u9fff" for character in text)
