"""Figures as a young, broken or dull history has them: everything is drawn, or said to be missing."""

from datetime import UTC, date, datetime, timedelta
from math import sin

import pytest

from bot.charts.chart_data import ChartSource, NoDataError, take_chart
from bot.charts.drawing.pictures import figure_of
from bot.charts.spec import EVERYTHING, ChartKind, ChartSpan, ChartSpec
from bot.i18n.translator import translator_for
from bot.signals.history import History
from bot.signals.rules import default_rules
from bot.signals.series import Reading, end_of_day
from tests.charts.history import machine

FIRST = date(2021, 1, 1)
DAYS = 800
AT = datetime(2023, 3, 12, 15, tzinfo=UTC)
USUAL = {
    "btc.price": 20_000.0,
    "btc.price_high": 69_000.0,
    "btc.hashrate": 200.0,
    "btc.difficulty": 3e13,
    "btc.fees": 0.1,
    "btc.miner_outflow": 10.0,
    "btc.miner_outflow_gross": 900.0,
    "btc.public_miner_sales": 0.5,
    "power.DE-LU": 80.0,
}


def history(shape: str) -> History:
    """Two years: flat, with gaps, negative or zero where that can be, or of a few days only."""
    known = History()
    for number in range(DAYS):
        if shape == "gaps" and (number % 7 == 0 or 400 < number < 440):
            continue
        if shape == "few days" and number < DAYS - 3:
            continue
        day = FIRST + timedelta(days=number)
        for series, usual in USUAL.items():
            value = usual
            if shape == "wild":
                value = usual * (1 + 0.9 * sin(number))
            if shape == "negative" and series in ("btc.fees", "btc.miner_outflow", "power.DE-LU"):
                value = 0.0 if series == "btc.fees" else -usual * (number % 3)
            if series == "btc.public_miner_sales" and day.day != 1:
                continue
            known.add(Reading(series, value, end_of_day(day), "test", end_of_day(day), day))
    return known


@pytest.mark.parametrize("kind", ChartKind)
@pytest.mark.parametrize("shape", ["flat", "gaps", "wild", "negative", "few days"])
def test_any_history_is_drawn_or_said_to_be_missing(shape: str, kind: ChartKind) -> None:
    source = ChartSource(AT, history(shape), default_rules(("DE-LU",)))
    zone = "DE-LU" if kind is ChartKind.ENERGY else ""
    for span in (ChartSpan(7), EVERYTHING):
        try:
            data = take_chart(ChartSpec(kind, span, zone), source, machine())
        except NoDataError:
            continue
        figure = figure_of(data, translator_for("en"))
        assert any(text.get_text() for text in figure.texts if text.get_gid() == "title")
        assert figure.get_label(), "a headline"


def test_a_chart_of_weekly_figures_needs_a_week() -> None:
    source = ChartSource(AT, history("few days"), default_rules(("DE-LU",)))
    for kind in (ChartKind.FEES, ChartKind.INCOME, ChartKind.ENERGY):
        with pytest.raises(NoDataError, match="3 of 8 days of history so far"):
            take_chart(ChartSpec(kind, zone="DE-LU"), source)
