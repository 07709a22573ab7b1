"""Spans as they are typed and shown."""

from datetime import date

import pytest

from bot.charts.spec import EVERYTHING, ChartKind, ChartSpan, ChartSpec, parse_span


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("7d", ChartSpan(7)),
        ("30d", ChartSpan(30)),
        ("90 days", ChartSpan(90)),
        ("6m", ChartSpan(183)),
        ("1w", ChartSpan(7)),
        ("1y", ChartSpan(365)),
        ("10y", ChartSpan(3652)),
        ("2022", ChartSpan(year=2022)),
        ("2018+", ChartSpan(year=2018, to_now=True)),
        ("ytd", ChartSpan(year=0, to_now=True)),
        ("all", EVERYTHING),
        ("MAX", EVERYTHING),
        ("soon", None),
        ("-5d", None),
        ("10", None),
        ("2001", None),
    ],
)
def test_spans_as_they_are_typed(text: str, span: ChartSpan | None) -> None:
    assert parse_span(text) == span


@pytest.mark.parametrize("word", ["30d", "1y", "4y", "10y", "90d", "7d", "2022", "2018+", "ytd", "all"])
def test_a_span_is_shown_as_it_is_typed(word: str) -> None:
    span = parse_span(word)
    assert span is not None
    assert span.word == word


def test_the_days_of_a_span() -> None:
    first, today = date(2010, 8, 17).toordinal(), date(2022, 9, 1).toordinal()
    assert ChartSpan(7).bounds(first, today) == (today - 6, today)
    assert ChartSpan(year=2021).bounds(first, today) == (
        date(2021, 1, 1).toordinal(),
        date(2021, 12, 31).toordinal(),
    )
    assert ChartSpan(year=2022).bounds(first, today) == (date(2022, 1, 1).toordinal(), today)
    assert ChartSpan(year=2018, to_now=True).bounds(first, today) == (date(2018, 1, 1).toordinal(), today)
    assert ChartSpan(year=0, to_now=True).bounds(first, today) == (date(2022, 1, 1).toordinal(), today)
    assert EVERYTHING.bounds(first, today) == (first, today)
    assert ChartSpan(99_999).bounds(first, today) == (first, today)


def test_an_energy_picture_is_drawn_from_its_zone() -> None:
    assert ChartSpec(ChartKind.ENERGY, zone="FR").series == ("power.FR",)
