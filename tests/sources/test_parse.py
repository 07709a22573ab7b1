"""The checks that every figure from outside passes, and what they say when one doesn't."""

import math
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.parse import daily, figure, moment, number, positive, within
from bot.sources.source_error import SourceError

TODAY = date(2026, 11, 18)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(json_values)
def test_a_number_is_finite_or_refused(value: object) -> None:
    try:
        result = number(value, "a value")
    except SourceError:
        return
    assert math.isfinite(result)
    assert not isinstance(value, bool)


@given(json_values)
def test_a_moment_is_of_this_century_or_refused(value: object) -> None:
    try:
        result = moment(value, "a time")
    except SourceError:
        return
    assert datetime(2000, 1, 1, tzinfo=UTC) <= result <= datetime(2100, 1, 2, tzinfo=UTC)


points = st.lists(st.tuples(st.integers(-40, 3), json_values | st.floats(1, 10)), max_size=12)


@given(points, st.booleans())
def test_days_come_out_in_order_once_and_closed_or_not_at_all(
    sent: list[tuple[int, object]], newest_first: bool
) -> None:
    dated = [(TODAY + timedelta(days=offset), value) for offset, value in sent]
    try:
        result = daily(dated, "the close", TODAY, newest_first=newest_first)
    except SourceError:
        return
    rows = [day for day, _ in result]
    assert rows == sorted(set(rows))
    assert all(day < TODAY for day in rows)
    assert all(math.isfinite(value) and value > 0 for _, value in result)


def closes(*offsets: int) -> list[tuple[date, object]]:
    return [(TODAY + timedelta(days=offset), 5.0) for offset in offsets]


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (closes(-3, -2, -2, -1), "sent the close of 2026-11-16 twice"),
        (closes(-3, -1, -2), "sent the close out of order (2026-11-16 after 2026-11-17)"),
        (closes(-2, -1, 2), "stamped the close in the future (2026-11-20)"),
        (closes(-4, -2, -1), "left out the close between 2026-11-14 and 2026-11-16"),
        (closes(), "sent only 0 closed days of the close; at least 1 are expected"),
        ([(TODAY - timedelta(days=1), None)], "sent null as the close of 2026-11-17"),
        ([(TODAY - timedelta(days=1), 0)], "sent 0 as the close of 2026-11-17"),
    ],
)
def test_what_is_wrong_with_days_is_said(sent: list[tuple[date, object]], says: str) -> None:
    with pytest.raises(SourceError) as caught:
        daily(sent, "the close", TODAY)
    assert str(caught.value) == says


def test_the_running_day_is_dropped_and_old_placeholders_are_left_out() -> None:
    sent = [*closes(-30), (TODAY - timedelta(days=20), 0.0), *closes(-3, -2, -1, 0)]
    rows = [day for day, _ in daily(sent, "the close", TODAY)]
    assert rows == [TODAY + timedelta(days=offset) for offset in (-30, -3, -2, -1)]


def test_a_figure_outside_what_can_be_believed_is_told_with_the_bounds() -> None:
    assert within(5.0, 1, 10, "the price") == 5.0
    with pytest.raises(SourceError) as caught:
        within(81_445_000, 1_000, 2_000_000, "the price", "USD")
    assert str(caught.value) == ("sent 81,445,000 USD as the price; believable is 1,000 to 2,000,000")


def test_numbers_sent_as_text_are_numbers_but_words_are_not() -> None:
    assert positive("85866.185", "the price") == 85_866.185
    wrongs: tuple[object, ...] = ("n/a", "", "1,000.00 USD", "nan", "inf", True, [], {})
    for wrong in wrongs:
        with pytest.raises(SourceError):
            positive(wrong, "the price")


@pytest.mark.parametrize(
    ("value", "shown"),
    [(81_445.4, "81,445"), (0.0188, "0.0188"), (-3.5, "-3.5"), (1.32757e14, "1.328e+14"), (0, "0")],
)
def test_figures_are_shown_short(value: float, shown: str) -> None:
    assert figure(value) == shown
