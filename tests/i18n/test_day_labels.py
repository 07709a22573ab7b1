"""One rule of day labels: what a whole day decides carries the name of that day."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n.translator import LANGUAGES, closed_day, translator_for
from bot.signals.series import end_of_day
from handlers.html import moment


@given(st.dates(date(2009, 1, 3), date(2100, 1, 1)))
def test_the_end_of_a_day_has_the_days_name(day: date) -> None:
    assert closed_day(end_of_day(day)) == day


@given(
    st.datetimes(timezones=st.just(UTC)).filter(lambda at: at.year < 9000 and at.time() != time()),
    st.sampled_from(tuple(LANGUAGES)),
)
def test_a_moment_within_a_day_keeps_its_time(at: datetime, code: str) -> None:
    t = translator_for(code)
    assert closed_day(at) is None
    assert t.day_or_moment(at) == t.utc(at)
    assert "tg-time" in moment(at, t)


def test_the_zone_a_moment_is_given_in_does_not_matter() -> None:
    berlin = timezone(timedelta(hours=2))
    assert closed_day(datetime(2022, 6, 17, 2, tzinfo=berlin)) == date(2022, 6, 16)
    assert closed_day(datetime(2022, 6, 17, 0, tzinfo=berlin)) is None


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_day_is_not_shown_in_the_readers_clock(code: str) -> None:
    t = translator_for(code)
    shown = moment(datetime(2022, 6, 17, tzinfo=UTC), t)
    assert shown == t.calendar_day(date(2022, 6, 16))
    assert moment(None, t) == t.utc(None)
