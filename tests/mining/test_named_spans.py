"""Spans of charts that the calendar or the chain names."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.spec import ChartSpan, parse_span
from bot.mining.named_spans import MONTHS, SEASONS, named_bounds

_BEGINNING = date(2010, 7, 18)


def _drawn(text: str, today: date) -> tuple[date, date]:
    """The days a chart of this span shows where figures begin with 2010."""
    span = parse_span(text)
    assert span is not None
    assert parse_span(span.word) == span
    first, last = span.bounds(_BEGINNING.toordinal(), today.toordinal())
    return date.fromordinal(first), date.fromordinal(last)


@pytest.mark.parametrize(
    ("span", "today", "first", "last"),
    [
        ("halving+", date(2026, 11, 30), date(2024, 4, 20), date(2026, 11, 30)),
        ("halving+", date(2022, 7, 5), date(2020, 5, 11), date(2022, 7, 5)),
        ("2020-05-11+", date(2022, 7, 5), date(2020, 5, 11), date(2022, 7, 5)),
        ("winter", date(2026, 11, 30), date(2025, 12, 1), date(2026, 2, 28)),
        ("winter", date(2026, 1, 20), date(2024, 12, 1), date(2025, 2, 28)),
        ("this-winter", date(2026, 1, 20), date(2025, 12, 1), date(2026, 1, 20)),
        ("winter+", date(2026, 11, 30), date(2025, 12, 1), date(2026, 11, 30)),
        ("summer", date(2026, 7, 15), date(2025, 6, 1), date(2025, 8, 31)),
        ("this-summer", date(2026, 7, 15), date(2026, 6, 1), date(2026, 7, 15)),
        ("march", date(2026, 11, 30), date(2026, 3, 1), date(2026, 3, 31)),
        ("march+", date(2026, 2, 1), date(2025, 3, 1), date(2026, 2, 1)),
        ("2024-02", date(2026, 11, 30), date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-03+", date(2026, 11, 30), date(2023, 3, 1), date(2026, 11, 30)),
        ("2019..2021", date(2026, 11, 30), date(2019, 1, 1), date(2021, 12, 31)),
        ("..2019", date(2026, 11, 30), _BEGINNING, date(2019, 12, 31)),
    ],
)
def test_a_named_span_is_these_days(span: str, today: date, first: date, last: date) -> None:
    assert _drawn(span, today) == (first, last)


@pytest.mark.parametrize("text", ["halving", "fall", "2023-13", "2023-02-30+", "2021..2019", "winters", "+"])
def test_anything_else_is_no_span(text: str) -> None:
    assert parse_span(text) is None


@given(st.sampled_from((*SEASONS, *MONTHS)), st.dates(date(2011, 1, 1), date(2099, 12, 31)))
def test_what_is_named_has_begun_within_two_years(name: str, today: date) -> None:
    first, last = named_bounds(name, today)
    assert first is not None
    assert last is not None
    assert timedelta(0) <= today - first < timedelta(days=2 * 366)
    assert ChartSpan(named=name).bounds(0, today.toordinal())[1] <= today.toordinal()
