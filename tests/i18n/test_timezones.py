"""Local time: zones as people type them, quiet hours, and what is due next, through clock changes too."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n.timezones import next_due, quiet_until, zone, zone_name

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kolkata", "Pacific/Apia", "UTC-09:30"]
)
MOMENTS = st.integers(0, 5_000_000).map(lambda n: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=n))
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Europe/Berlin", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin"), ("berlin", "Europe/Berlin"),
        ("New York", "America/New_York"), ("+2", "UTC+02:00"), ("UTC+5:30", "UTC+05:30"),
        ("GMT-3", "UTC-03:00"), ("−0330", "UTC-03:30"), ("utc", "UTC"), ("Z", "UTC"), ("+15", None),
        ("+2:75", None), ("Atlantis", None), ("", None), ("../../etc/passwd", None),
    ],
)  # fmt: skip
def test_zones_as_they_are_typed(text: str, name: str | None) -> None:
    assert zone_name(text) == name


@given(ZONES, MOMENTS)
def test_a_kept_name_gives_a_zone(name: str, at: datetime) -> None:
    assert zone_name(name) == name
    assert at.astimezone(zone(name)).utcoffset() is not None


def test_a_zone_the_system_no_longer_knows_is_utc() -> None:
    assert zone("Mars/Olympus") is UTC


def test_quiet_hours_pass_midnight() -> None:
    def until(hour: int) -> datetime | None:
        return quiet_until(datetime(2022, 7, 5, hour, tzinfo=UTC), time(22), time(7), BERLIN)

    assert until(12) is None
    assert until(21) == datetime(2022, 7, 6, 5, tzinfo=UTC)
    assert until(4) == datetime(2022, 7, 5, 5, tzinfo=UTC)
    assert until(5) is None


@given(MOMENTS, TIMES, TIMES, ZONES)
def test_quiet_hours_end_later_and_within_a_day(at: datetime, start: time, end: time, name: str) -> None:
    ends = quiet_until(at, start, end, zone(name))
    if ends is not None:
        assert at < ends <= at + timedelta(hours=25)
        if start != end:
            assert quiet_until(ends, start, end, zone(name)) is None


def test_a_skipped_and_a_doubled_time_come_once() -> None:
    at = time(2, 30)
    spring = next_due(datetime(2022, 3, 26, 12, tzinfo=UTC), at, None, BERLIN)
    assert spring == datetime(2022, 3, 27, 1, 30, tzinfo=UTC)  # the clock shows 03:30
    autumn = next_due(datetime(2022, 10, 29, 12, tzinfo=UTC), at, None, BERLIN)
    assert autumn == datetime(2022, 10, 30, 0, 30, tzinfo=UTC)
    assert next_due(autumn, at, None, BERLIN) == datetime(2022, 10, 31, 1, 30, tzinfo=UTC)


@given(MOMENTS, TIMES, ZONES)
def test_every_local_day_has_exactly_one(after: datetime, at: time, name: str) -> None:
    place = zone(name)
    due = [after]
    for _ in range(20):
        due.append(next_due(due[-1], at, None, place))
    days = [each.astimezone(place).date() for each in due[1:]]
    assert len(set(days)) == 20
    assert all(timedelta(0) < b - a <= timedelta(hours=49) for a, b in pairwise(due))


@given(MOMENTS, TIMES, st.integers(0, 6), ZONES)
def test_weekly_is_on_its_day(after: datetime, at: time, weekday: int, name: str) -> None:
    due = next_due(after, at, weekday, zone(name))
    assert after < due <= after + timedelta(days=8)
    assert due.astimezone(zone(name)).weekday() == weekday or due.astimezone(zone(name)).time() != at
