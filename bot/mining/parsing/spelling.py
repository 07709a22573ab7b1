"""Words as people write them: inflected, run together, or a slip of the finger away from a known one."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final

_STEMMERS: Final = {"en": "english", "de": "german", "es": "spanish", "ru": "russian"}
"""Snowball's names of the languages whose words have endings."""
_SHORTEST_STEM: Final = 3
_SHORTEST_PART: Final = 3
_LONGEST_JOINED: Final = 40
_FOLDED: Final = str.maketrans("áéíóúñёäöü", "aeiouneaou")
_SPELT_OUT: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


class Spelling:
    """Finds what a word that is not in the tables means: `meanings` are the known words' by language."""

    def __init__(self, meanings: Mapping[str, Mapping[str, str]]) -> None:
        """Take the words; their stems and lengths are worked out when first asked for."""
        self._meanings = meanings
        self._stems: dict[str, dict[str, str]] = {}
        self._by_length: dict[int, list[str]] = {}

    def inflected(self, word: str, order: Sequence[str]) -> str:
        """The meaning of the known word with the same stem in the first language of `order` that has one.

        "" when there is none, or when known words of this stem differ in meaning.
        """
        for code in order:
            if code in _STEMMERS and (meaning := self._stems_of(code).get(_stemmer(code)(word), "")):
                return meaning
        return ""

    def joined(self, word: str) -> int:
        """The place where a word is two known ones of one language run together; 0 when it is not."""
        if len(word) > _LONGEST_JOINED:
            return 0
        for place in range(len(word) - _SHORTEST_PART, _SHORTEST_PART - 1, -1):
            first, second = self._meanings.get(word[:place], {}), self._meanings.get(word[place:], {})
            for code in first.keys() & second.keys():
                if "filler" not in (first[code], second[code]):
                    return place
        return 0

    def misspelt(self, word: str, order: Sequence[str], slips: int, *, same_start: bool) -> str:
        """The meaning of the nearest known words, at most `slips` letters away; "" when they differ.

        A letter missing, added, wrong or changed places with the next is one slip; of words equally far
        away those with the same first letter and length are nearer. `order` are the languages that count;
        with `same_start` the first letter must be right.
        """
        from rapidfuzz import process  # noqa: PLC0415 - 4 MiB that only whoever misspells a word needs
        from rapidfuzz.distance import OSA  # noqa: PLC0415

        near: list[tuple[tuple[float, bool, int], str]] = []
        for length in range(len(word) - slips, len(word) + slips + 1):
            for known, distance, _ in process.extract(
                word, self._of_length(length), scorer=OSA.distance, score_cutoff=slips, limit=None
            ):
                other_start = known[0] != word[0]
                if self._said_in(known, order) and not (same_start and other_start):
                    near.append(((distance, other_start, abs(length - len(word))), known))
        least = min((nearness for nearness, _ in near), default=None)
        meanings = {
            self._meanings[known][code]
            for nearness, known in near
            if nearness == least
            for code in order
            if code in self._meanings[known]
        }
        return meanings.pop() if len(meanings) == 1 else ""

    def _said_in(self, known: str, order: Sequence[str]) -> bool:
        return any(code in self._meanings[known] for code in order)

    def _of_length(self, length: int) -> list[str]:
        if not self._by_length:
            for word in self._meanings:
                self._by_length.setdefault(len(word), []).append(word)
        return self._by_length.get(length, [])

    def _stems_of(self, code: str) -> dict[str, str]:
        """The meaning of each stem of a language; "" where the words of one differ."""
        if code not in self._stems:
            stems: dict[str, str] = {}
            stem_of = _stemmer(code)
            for word, meanings in self._meanings.items():
                if code in meanings and len(stem := stem_of(word)) >= _SHORTEST_STEM:
                    stems[stem] = meanings[code] if stems.get(stem, meanings[code]) == meanings[code] else ""
            self._stems[code] = stems
        return self._stems[code]


def plain_spellings(phrase: str) -> set[str]:
    """How a phrase is typed without its apostrophes, and the accents and umlauts of its letters."""
    if phrase.isascii():
        return {phrase.replace("'", "")} - {phrase}
    return {phrase.translate(_FOLDED), phrase.translate(_SPELT_OUT).translate(_FOLDED)} - {phrase}


@cache
def _stemmer(code: str) -> Callable[[str], str]:
    """The stems of a language's words; loaded with the first word that no table has."""
    import Stemmer  # noqa: PLC0415 - 3 MiB

    stemmer = Stemmer.Stemmer(_STEMMERS[code])
    stemmer.maxCacheSize = 0  # whoever writes what no table has, writes it once
    stem: Callable[[str], str] = stemmer.stemWord
    return stem
