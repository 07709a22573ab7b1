"""The columns that a history is kept in."""

from hypothesis import given
from hypothesis import strategies as st

from bot.signals.columns import DayNumbers

_DAYS = st.lists(st.tuples(st.integers(733_000, 733_060), st.integers(1, 65_535)), max_size=30)


@given(_DAYS)
def test_numbers_of_days_are_those_put_last_whatever_the_order(days: list[tuple[int, int]]) -> None:
    numbers = DayNumbers()
    for ordinal, number in days:
        numbers.put(ordinal, number)
    known = dict(days)
    assert [numbers.at(ordinal) for ordinal in range(732_990, 733_070)] == [
        known.get(ordinal, 0) for ordinal in range(732_990, 733_070)
    ]
    assert len(numbers.values) == (max(known) - min(known) + 1 if known else 0)


def test_a_number_appended_is_the_next_days() -> None:
    numbers = DayNumbers()
    numbers.put(733_000, 7)
    numbers.append(9)
    assert (numbers.at(733_000), numbers.at(733_001), numbers.at(733_002)) == (7, 9, 0)
