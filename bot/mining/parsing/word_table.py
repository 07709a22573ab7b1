"""The words of one language: phrases and what they mean, from a table (`words/*.toml`, `topics/*.toml`).

`ordinary` holds what people say besides, such as “my cousin” or “not sure if”: it is passed over as `filler`
is, but no other word is taken for a slip or a form of it, and to a table built on this one it is unknown,
since a command is only read from words that are for it.
"""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from importlib.resources import files
from types import MappingProxyType
from typing import Final, Self

from bot.mining.parsing.tokens import Token, normalize, tokenize

_STEMMERS: Final = {"en": "english", "de": "german", "es": "spanish", "ru": "russian"}
"""Snowball's names of the languages whose words have endings."""
_SHORTEST_STEM: Final = 3
_LETTERS: Final = re.compile("[a-zäöüßáéíóúñа-яё ]+")
_FOLDED: Final = str.maketrans("áéíóúñёäöü", "aeiounеaou")
_SPELT_OUT: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_ONE: Final = (1,)
ORDINARY: Final = "ordinary"
"""The meaning of phrases that mean nothing, and are no model for other words."""


class WordTable:
    """A language's phrases; of two meanings that of the table itself counts, else that of `base`."""

    def __init__(self, folder: str, language: str, base: Self | None = None) -> None:
        """Read the table; takes some ten milliseconds, once."""
        self._language = language
        self._base: Mapping[str, str] = MappingProxyType({}) if base is None else base._concepts
        self._concepts: dict[str, str] = {}
        """What a phrase, its words joined by blanks, means."""
        self._ordinary: set[str] = set()
        self._lengths: dict[str, tuple[int, ...]] = {} if base is None else dict(base._lengths)
        """How many words the phrases have that begin with a word, the least first, where not just one."""
        self.prefixes: dict[str, str] = {} if base is None else dict(base.prefixes)
        """What words mean that begin so: `stromkost*` in the tables."""
        for phrase, concept in _phrases_of(folder, language).items():
            if phrase.endswith("*"):
                self.prefixes[phrase[:-1]] = concept
                continue
            texts = _texts_of(phrase)
            if concept == ORDINARY:
                self._ordinary.add(" ".join(texts))
            else:
                self._concepts[" ".join(texts)] = concept
            lengths = self._lengths.get(texts[0], _ONE)
            if len(texts) not in lengths:
                self._lengths[texts[0]] = _ascending((*lengths, len(texts)))

    def concept(self, phrase: str) -> str:
        """What a phrase means; "" when it is unknown."""
        concept = self._concepts.get(phrase) or self._base.get(phrase)
        return concept or (ORDINARY if phrase in self._ordinary else "")

    def begins(self, word: str) -> bool:
        """Whether a phrase begins with a word, or a table has a beginning of it."""
        if word in self._lengths or self.concept(word):
            return True
        return any(word[:length] in self.prefixes for length in range(3, len(word) + 1))

    def phrase_at(self, tokens: Sequence[Token], start: int) -> tuple[str, int]:
        """What the longest phrase that begins at a token means, and where it ends; "" when none begins."""
        first = tokens[start].text
        lengths = self._lengths.get(first)
        if lengths is None:
            return self.concept(first), start + 1
        found, phrase, end = ("", start), first, start + 1
        for count in lengths:
            if start + count > len(tokens):
                break
            while end < start + count:
                phrase += f" {tokens[end].text}"
                end += 1
            if concept := self.concept(phrase):
                found = concept, end
        return found

    @property
    def words(self) -> dict[str, str]:
        """The single words with what they mean."""
        return {
            phrase: concept
            for phrase, concept in {**self._base, **self._concepts}.items()
            if " " not in phrase
        }

    @cached_property
    def by_length(self) -> Mapping[int, list[str]]:
        """The single words by how many characters they have."""
        by_length: dict[int, list[str]] = {}
        for word in self.words:
            by_length.setdefault(len(word), []).append(word)
        return by_length

    @cached_property
    def han_words(self) -> frozenset[str]:
        """The parts of phrases that are Chinese characters."""
        phrases = (phrase for table in (self._base, self._concepts) for phrase in table)
        return frozenset(text for phrase in phrases for text in phrase.split() if is_han(text))

    def inflected(self, word: str) -> str:
        """The meaning of the known words with the same stem; "" when there is none, or when they differ."""
        return self._stems.get(_stemmer(self._language)(word), "") if self._language in _STEMMERS else ""

    @cached_property
    def _stems(self) -> Mapping[str, str]:
        """The meaning of each stem; "" where the words of one differ."""
        stems: dict[str, str] = {}
        stem_of = _stemmer(self._language)
        for word, concept in self.words.items():
            if len(stem := stem_of(word)) >= _SHORTEST_STEM:
                stems[stem] = concept if stems.get(stem, concept) == concept else ""
        return stems


def is_han(text: str) -> bool:
    """Whether a text has Chinese characters."""
    return any("\u3400" <= character <= "\u9fff" for character in text)


def _phrases_of(folder: str, language: str) -> dict[str, str]:
    """The phrases of a table in plain characters with their meanings, those typed without accents first."""
    path = files(__package__).joinpath(folder, f"{language}.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    exact: dict[str, str] = {}
    dressing = tuple(key for key in (ORDINARY, "filler") if key in table)
    for concept in (*dressing, *(key for key in table if key not in dressing)):
        phrases = (phrase.strip() for phrase in table[concept].replace("\n", " ").split(","))
        exact |= {phrase: concept for phrase in phrases if phrase}
    plain = {each: concept for phrase, concept in exact.items() for each in _plain_spellings(phrase)}
    spellings = plain | exact
    typed = normalize("\n".join(spellings)).split("\n")  # all in one, which is several times faster
    return dict(zip(typed, spellings.values(), strict=True))


def _plain_spellings(phrase: str) -> set[str]:
    """How a phrase is typed without its apostrophes, and the accents and umlauts of its letters."""
    if phrase.isascii():
        return {phrase.replace("'", "")} - {phrase}
    return {phrase.translate(_FOLDED), phrase.translate(_SPELT_OUT).translate(_FOLDED)} - {phrase}


def _texts_of(phrase: str) -> list[str]:
    """The words of a phrase, as those of a question are cut."""
    if _LETTERS.fullmatch(phrase):
        return phrase.split()  # as tokens would be, without the work
    return [token.text for token in tokenize(phrase)]


@cache
def _ascending(lengths: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(lengths))


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    """The stems of a language's words; loaded with the first word that no table has."""
    import Stemmer  # noqa: PLC0415 - 3 MiB

    stemmer = Stemmer.Stemmer(_STEMMERS[language])
    stemmer.maxCacheSize = 0  # whoever writes what no table has, writes it once
    stem: Callable[[str], str] = stemmer.stemWord
    return stem
