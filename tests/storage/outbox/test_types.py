"""The values of the outbox."""

from hypothesis import given
from hypothesis import strategies as st

from storage.outbox import ArrivedParts

TEXTS = st.lists(st.text(max_size=20), max_size=5)


def test_nothing_has_arrived_at_first() -> None:
    assert ArrivedParts.of([]) == ArrivedParts(0, "")


@given(TEXTS, TEXTS)
def test_parts_are_the_same_when_their_texts_are_the_same_in_the_same_order(
    one: list[str], other: list[str]
) -> None:
    assert (ArrivedParts.of(one) == ArrivedParts.of(other)) is (one == other)


@given(TEXTS, st.text())
def test_one_more_part_counts_and_changes_the_digest(texts: list[str], text: str) -> None:
    before = ArrivedParts.of(texts)
    after = before.plus(text)
    assert after == ArrivedParts.of([*texts, text])
    assert (after.count, len(after.digest)) == (len(texts) + 1, 16)
