"""Phrases: said in English or another language, and kept as JSON without loss."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from bot.i18n.message import (
    ENGLISH,
    NOTHING,
    DayValue,
    Message,
    MomentValue,
    MonthValue,
    NumberValue,
    SpanValue,
    Value,
    message,
    significant,
)
from bot.i18n.translator import translator_for

KEPT = TypeAdapter(Message)

_numbers = st.floats(-1e9, 1e9)
_days = st.dates(date(2009, 1, 3), date(2200, 1, 1))
_plain: st.SearchStrategy[Value] = st.one_of(
    st.text(max_size=9),
    st.builds(NumberValue, _numbers, st.integers(0, 9), st.booleans()),
    st.builds(DayValue, _days),
    st.builds(MonthValue, _days),
    st.builds(
        MomentValue, st.integers(1_230_000_000, 7_000_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))
    ),
    st.builds(SpanValue, st.floats(0, 1e9)),
)


def _phrase_of(value: Value) -> Message:
    return message("it is {value} now", value=value)


_values: st.SearchStrategy[Value] = st.recursive(
    _plain, lambda inner: inner.map(_phrase_of) | st.lists(inner.map(_phrase_of), max_size=3).map(tuple)
)


@given(_values)
def test_what_is_kept_is_said_the_same(value: Value) -> None:
    text = _phrase_of(value)
    again = KEPT.validate_json(KEPT.dump_json(text))
    assert again == text
    for t in (ENGLISH, translator_for("de"), translator_for("zh")):
        assert again(t) == text(t)


@given(st.floats(1e-9, 1e9), st.integers(1, 6))
def test_so_many_digits_are_significant_and_the_rest_of_the_whole_stays(value: float, digits: int) -> None:
    shown = float(str(message("{x}", x=significant(value, digits))).replace(",", ""))
    assert abs(shown - value) <= max(0.5 * 10 ** (1 - digits) * value, 0.5) * 1.000001
    assert shown >= 1 or value < 1


@pytest.mark.parametrize(
    ("value", "english", "german"),
    [
        (NumberValue(69_000.0), "69,000", "69.000"),
        (NumberValue(-0.31, 1, signed=True), "−0.3", "−0,3"),
        (NumberValue(14.0, 1, signed=True), "+14.0", "+14,0"),
        (NumberValue(-0.04, 1, signed=True), "0.0", "0,0"),
        (significant(218.0, 4), "218.0", "218,0"),
        (significant(1_023.4, 4), "1,023", "1.023"),
        (significant(12_345.6, 4), "12,346", "12.346"),
        (significant(0.0, 4), "0.000", "0,000"),
        (DayValue(date(2021, 11, 10)), "2021-11-10", "10. Nov. 2021"),
        (MonthValue(date(2022, 6, 1)), "June 2022", "Juni 2022"),
        (
            MomentValue(datetime(2022, 7, 5, 6, 30, tzinfo=UTC)),
            "2022-07-05 06:30 UTC",
            "5. Juli 2022, 06:30 UTC",
        ),
        (SpanValue(90 * 60), "90 min", "90 Min."),
        (SpanValue(5 * 3600), "5 h", "5 Std."),
        (SpanValue(9 * 86_400), "9 days", "9 Tage"),
        (message("bitcoin price"), "bitcoin price", "Bitcoin-Preis"),
        (
            (message("bitcoin price"), message("a month")),
            "bitcoin price, a month",
            "Bitcoin-Preis, einem Monat",
        ),
    ],
)
def test_values_are_written_as_the_language_does(value: Value, english: str, german: str) -> None:
    result = Message("{x}", (("x", value),))
    assert str(result) == english
    assert result(translator_for("de")) == german


def test_foreign_words_cannot_break_a_phrase() -> None:
    assert str(message("it is {name} now", name="{0} {name!r}")) == "it is {0} {name!r} now"
    assert str(Message("kept as {plain} English")) == "kept as {plain} English"
    assert str(NOTHING) == NOTHING(translator_for("de")) == ""


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("en", "70 %"),
        ("de", "70\N{NO-BREAK SPACE}%"),
        ("es", "70\N{NO-BREAK SPACE}%"),
        ("ru", "70\N{NO-BREAK SPACE}%"),
        ("zh", "70%"),
    ],
)
def test_per_cent_is_written_as_the_language_does(code: str, written: str) -> None:
    t = translator_for(code)
    assert t.change(-0.7).replace(".0", "").replace(",0", "") == f"−{written}"
    assert written in t("lowest {share} % of its year", share=t.number(70))


@pytest.mark.parametrize(
    ("code", "values", "words"),
    [
        ("zh", {"day": "2022年6月25日"}, "自 2022年6月25日起"),
        ("ru", {"day": "25 июн. 2022 г."}, "с 25 июн. 2022 г."),
    ],
)
def test_words_and_values_meet_without_odd_spaces(code: str, values: dict[str, str], words: str) -> None:
    assert translator_for(code)("since {day}", **values) == words


def test_no_sentence_ends_with_two_full_stops() -> None:
    t = translator_for("ru")
    assert t("The first time since {year}; {dates}.", year=2020, dates="с 8 мая 2022 г.").endswith("2022 г.")
