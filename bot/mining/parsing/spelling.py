"""Words run together, or a slip of the finger away from a known one."""

from collections.abc import Sequence
from typing import Final

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
