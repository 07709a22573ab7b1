"""Moments to come, as they are typed in five languages."""

from datetime import datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n.moments import hour_of, moment_in, parse_moment, with_until_first
from bot.i18n.translator import LANGUAGES, translator_for

SUNDAY = datetime(2026, 11, 29, 6, 45)  # noqa: DTZ001 - the clock of the chat


@pytest.mark.parametrize(
    ("text", "hour"),
    [("7", time(7)), ("07:30", time(7, 30)), ("10pm", time(22)), ("12 am", time(0)), ("24:00", time(0)),
     ("25", None), ("7:60", None), ("13pm", None), ("x", None)],
)  # fmt: skip
def test_hours(text: str, hour: time | None) -> None:
    assert hour_of(text) == hour


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("until monday", "2026-11-30 08:00"), ("mon 9", "2026-11-30 09:00"),
        ("until sunday", "2026-12-06 08:00"),
        ("sunday 18", "2026-11-29 18:00"), ("sunday 6", "2026-12-06 06:00"),
        ("until next friday", "2026-12-04 08:00"), ("tomorrow 10pm", "2026-11-30 22:00"),
        ("until tonight", "2026-11-29 18:00"), ("until 6", "2026-11-30 06:00"), ("9am", "2026-11-29 09:00"),
        ("until 10 in the evening", "2026-11-29 22:00"), ("next week", "2026-11-30 08:00"),
        ("the 24th of december", "2026-12-24 08:00"), ("dec 24 9:30", "2026-12-24 09:30"),
        ("2026-12-24", "2026-12-24 08:00"), ("january 2", "2027-01-02 08:00"), ("feb 29", "2028-02-29 08:00"),
        ("bis Freitag 9 Uhr", "2026-12-04 09:00"), ("bis 24.12.", "2026-12-24 08:00"),
        ("morgen früh", "2026-11-30 08:00"), ("bis 18 uhr", "2026-11-29 18:00"),
        ("hasta el viernes a las 18", "2026-12-04 18:00"), ("24 de diciembre", "2026-12-24 08:00"),
        ("mañana por la mañana", "2026-11-30 08:00"), ("до пятницы 9 утра", "2026-12-04 09:00"),
        ("24 декабря", "2026-12-24 08:00"), ("до 9 вечера", "2026-11-29 21:00"),
        ("到周一早上9点", "2026-11-30 09:00"), ("12月24日", "2026-12-24 08:00"),
        ("到明天", "2026-11-30 08:00"), ("until the morning", "2026-11-29 08:00"),
        ("until noon", "2026-11-29 12:00"), ("until midnight", "2026-11-30 00:00"),
        ("bis zum Abend", "2026-11-29 18:00"), ("bis morgen Mittag", "2026-11-30 12:00"),
        ("hasta la noche", "2026-11-29 18:00"), ("hasta mañana a mediodía", "2026-11-30 12:00"),
        ("до утра", "2026-11-29 08:00"), ("до обеда", "2026-11-29 12:00"), ("到早上", "2026-11-29 08:00"),
        ("到明早", "2026-11-30 08:00"), ("到中午", "2026-11-29 12:00"),
    ],
)  # fmt: skip
def test_moments(text: str, moment: str) -> None:
    assert parse_moment(text, SUNDAY) == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "until", "9", "31", "monday 25", "monday tuesday", "2020-01-01", "31 feb", "monday soon"],
)
def test_what_names_no_moment_to_come(text: str) -> None:
    assert parse_moment(text, SUNDAY) is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("mute until monday 9 please", "until monday 9"), ("stumm bis freitag bitte", "bis freitag"),
        ("тишина до понедельника пожалуйста", "до понедельника"), ("静音到周一早上9点吧", "到周一早上9点"),
        ("until then", ""), ("monday", ""),
    ],
)  # fmt: skip
def test_a_moment_in_a_text(text: str, named: str) -> None:
    place = moment_in(text)
    assert (text[slice(*place)] if place else "") == named


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_of_a_silence_is_understood(language: str) -> None:
    assert parse_moment(translator_for(language)("until monday"), SUNDAY) == datetime(2026, 11, 30, 8)  # noqa: DTZ001


def test_before_a_moment_is_until_it() -> None:
    assert with_until_first("明早之前别发") == "到明早别发"
    assert with_until_first("周一早上9点前安静") == "到周一早上9点安静"


@given(st.text(max_size=20), st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))  # noqa: DTZ001
def test_a_moment_is_never_over(text: str, now: datetime) -> None:
    moment = parse_moment(text, now)
    assert moment is None or moment > now
