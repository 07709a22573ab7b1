"""Lengths of time: read as people type them, shown in one unit everywhere."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n.durations import compact, in_largest_unit, parse_duration
from bot.i18n.message import ENGLISH
from bot.i18n.translator import translator_for
from bot.mining.formatting import ago

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("1h", timedelta(hours=1)), ("90 min", timedelta(minutes=90)), ("2 days", 2 * DAY), ("1w", 7 * DAY),
        ("30m", timedelta(minutes=30)), ("an hour", timedelta(hours=1)), ("a week", 7 * DAY),
        ("2 Stunden", timedelta(hours=2)), ("1 Woche", 7 * DAY), ("eine Stunde", timedelta(hours=1)),
        ("3 días", 3 * DAY), ("una hora", timedelta(hours=1)), ("2 semanas", 14 * DAY),
        ("3 дня", 3 * DAY), ("8 часов", timedelta(hours=8)), ("2小时", timedelta(hours=2)), ("一周", 7 * DAY),
        ("0h", None), ("soon", None), ("-1h", None), ("h", None), ("1 parsec", None),
    ],
)  # fmt: skip
def test_lengths(text: str, length: timedelta | None) -> None:
    assert parse_duration(text) == length


def test_m_is_a_month_only_where_it_is_said() -> None:
    assert parse_duration("6m") == timedelta(minutes=6)
    assert round(parse_duration("6m", m="month") / DAY) == 183  # type: ignore[operator]


@given(st.text(max_size=20))
def test_no_text_is_more_than_misunderstood(text: str) -> None:
    parse_duration(text)


@given(st.integers(min_value=1, max_value=60 * 24 * 60))
def test_the_compact_form_is_read_again(minutes: int) -> None:
    assert parse_duration(compact(timedelta(minutes=minutes))) == timedelta(minutes=minutes)


def test_37_hours_read_the_same_everywhere() -> None:
    now = datetime(2026, 11, 28, 12, tzinfo=UTC)
    then = now - timedelta(hours=37)
    assert in_largest_unit(now - then) == (37, "hour")
    assert ENGLISH.span(now - then) == "37 h"
    assert ago(now, then, ENGLISH) == "37 h"
    assert ago(now, then, translator_for("en")) == translator_for("en").span(now - then) == "37 h"
    assert translator_for("en").age(then, now) == "37 h old"


@given(st.integers(min_value=0, max_value=10**9))
def test_a_longer_time_never_reads_shorter(seconds: int) -> None:
    sizes = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}

    def shown(length: int) -> float:
        count, unit = in_largest_unit(timedelta(seconds=length))
        return count * sizes[unit]

    assert abs(shown(seconds) - seconds) <= max(30, seconds / 3)
