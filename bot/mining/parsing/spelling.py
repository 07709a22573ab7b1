"""Words run together, or a slip of the finger away from a known one."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.mining.machine_spelling import BRANDS
from bot.mining.parsing.word_table import WordTable

_SHORTEST_PART: Final = 3
SHORTEST_JOINED: Final = 2 * _SHORTEST_PART
"""Letters of the shortest word that may be two run together."""
_LONGEST_JOINED: Final = 40


def joined(word: str, tables: Sequence[WordTable]) -> int:
    """The place where a word is two known ones of one language run together; 0 when it is not."""
    if len(word) > _LONGEST_JOINED:
        return 0
    for place in range(len(word) - _SHORTEST_PART, _SHORTEST_PART - 1, -1):
        for table in tables:
            concepts = table.concept(word[:place]), table.concept(word[place:])
            if all(concepts) and "filler" not in concepts:
                return place
    return 0


def misspelt(word: str, tables: Sequence[WordTable], slips: int, *, same_start: bool) -> str:
    """The meaning of the nearest known words, at most `slips` letters away; "" when they differ.

    A letter missing, added, wrong or changed places with the next is one slip; of words equally far away
    those with the same first letter and length are nearer. With `same_start` the first letter must be right.
    """
    from rapidfuzz import process  # noqa: PLC0415 - 4 MiB that only whoever misspells a word needs
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    near: list[tuple[tuple[float, bool, int], str]] = []
    for table in tables:
        for length in range(len(word) - slips, len(word) + slips + 1):
            for known, distance, _ in process.extract(
                word, table.by_length.get(length, []), scorer=OSA.distance, score_cutoff=slips, limit=None
            ):
                other_start = known[0] != word[0]
                if not (same_start and other_start):
                    nearness = (distance, other_start, abs(length - len(word)))
                    near.append((nearness, table.concept(known)))
    least = min((nearness for nearness, _ in near), default=None)
    meanings = {concept for nearness, concept in near if nearness == least}
    return meanings.pop() if len(meanings) == 1 else ""


def disordered(word: str, tables: Sequence[WordTable]) -> str:
    """The meaning of the known words with two neighbouring letters of a short one changed about, or with one
    letter more behind its first; "" when there is none, or when they differ.
    """
    letters = sorted(word)
    meanings: set[str] = set()
    for table in tables:
        meanings |= {
            table.concept(known)
            for known in table.by_length.get(len(word), [])
            if known[0] == word[0] and sorted(known) == letters and _is_swapped(word, known)
        }
        if len(word) >= _SHORTEST_LACKING:
            meanings |= {
                table.concept(known)
                for known in table.by_length.get(len(word) + 1, [])
                if known[0] == word[0] and _lacks_one(word, known)
            }
    return meanings.pop() if len(meanings) == 1 else ""


_SHORTEST_LACKING: Final = 5
"""Letters of the shortest word that one may be missing from."""


def nearest_maker(word: str) -> str:
    """The maker, or line of machines, whose name is a slip or two away; "" when none is, or several are."""
    if len(word) < _SHORTEST_MAKER or not word.isascii():
        return ""
    slips = 2 if len(word) >= _LONG_MAKER else 1
    near = [brand for brand in _MAKERS.get(word[0], ()) if abs(len(brand) - len(word)) <= slips]
    if not near:
        return ""
    from rapidfuzz.distance import OSA  # noqa: PLC0415 - 4 MiB that only whoever misspells a word needs

    distances = {brand: OSA.distance(word, brand, score_cutoff=slips) for brand in near}
    least = min(distances.values())
    nearest = [brand for brand, distance in distances.items() if distance == least]
    return nearest[0] if least <= slips and len(nearest) == 1 else ""


_SHORTEST_MAKER: Final = 5
_LONG_MAKER: Final = 8
"""Letters of a maker's name in which two slips still leave it that name."""
_MAKERS: Final[Mapping[str, tuple[str, ...]]] = {
    letter: tuple(sorted(brand for brand in BRANDS if brand[0] == letter and len(brand) > _SHORTEST_MAKER))
    for letter in {brand[0] for brand in BRANDS}
}
"""Makers by their first letter, which is hardly ever the wrong one."""


def _is_swapped(word: str, known: str) -> bool:
    """True for two words of the same letters, of which two neighbouring ones have changed places."""
    differing = [place for place, (one, other) in enumerate(zip(word, known, strict=True)) if one != other]
    return len(differing) == 2 and differing[1] == differing[0] + 1


def _lacks_one(word: str, known: str) -> bool:
    """True for a word that is a known one with a letter left out."""
    return any(known[:place] + known[place + 1 :] == word for place in range(1, len(known)))
