"""The columns that a history is kept in."""

from array import array
from math import isnan, nan

from hypothesis import given
from hypothesis import strategies as st

from bot.signals.columns import DayNumbers, SeriesColumn

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


_VALUES = st.lists(st.one_of(st.floats(0, 1e6), st.just(nan)), max_size=40)


@given(_VALUES, st.integers(2, 9), st.booleans(), st.integers(0, 40))
def test_trailing_means_are_the_same_however_many_days_come_at_once(
    values: list[float], days: int, without_highest: bool, before: int
) -> None:
    """A mean needs seven tenths of its days; sums are of the very same floats in the same order."""
    column = SeriesColumn()
    column.values.extend(values[:before])
    column.means(days, without_highest=without_highest)
    column.values.extend(values[before:])
    expected = []
    for end in range(1, len(values) + 1):
        known = [value for value in values[max(0, end - days) : end] if not isnan(value)]
        count = len(known) - without_highest
        total = sum(known) - (max(known, default=0.0) if without_highest else 0.0)
        expected.append(total / count if len(known) >= 0.7 * days else nan)
    means = column.means(days, without_highest=without_highest)
    assert means.tobytes() == array("d", expected).tobytes()
