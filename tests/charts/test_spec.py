"""What people type for a picture."""

import pytest

from bot.charts.spec import ChartKind, ChartSpec, days_of, kind_of, span_word


@pytest.mark.parametrize(
    ("text", "days"),
    [("30d", 30), ("90 days", 90), ("6m", 183), ("1y", 365), ("10y", 3652), ("99y", 3653), ("2d", 7),
     ("7d", 7), ("all", 3653), ("max", 3653),
     ("12w", 84), ("soon", None), ("-5d", None), ("10", None)],
)  # fmt: skip
def test_spans_are_kept_between_a_week_and_ten_years(text: str, days: int | None) -> None:
    assert days_of(text) == days


def test_series_signals_and_plain_words_name_a_picture() -> None:
    assert kind_of("btc.price") is kind_of("price_drawdown") is kind_of("Price") is ChartKind.PRICE
    assert kind_of("power") is kind_of("energy_price") is ChartKind.ENERGY
    assert kind_of("weather") is None


@pytest.mark.parametrize(
    ("days", "word"), [(30, "30d"), (365, "1y"), (1461, "4y"), (3653, "10y"), (90, "90d")]
)
def test_spans_as_they_are_said(days: int, word: str) -> None:
    assert span_word(days) == word


def test_an_energy_picture_is_drawn_from_its_zone() -> None:
    assert ChartSpec(ChartKind.ENERGY, zone="FR").series == ("power.FR",)
