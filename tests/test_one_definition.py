"""One figure is one figure: the chat, inline, the command line, a watch, a chart and a fleet agree on it."""

import json
from argparse import ArgumentParser
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.charts.chart_data import ChartSource, take_chart
from bot.charts.chart_series import hashprices
from bot.charts.spec import ChartKind, ChartSpan, ChartSpec
from bot.cli import breakeven as command_line
from bot.data.catalogue import load_machines
from bot.i18n.translator import translator_for
from bot.mining import formatting
from bot.mining.answer import USD, answer
from bot.mining.fleet import Fleet
from bot.mining.fleet_report import fleet_report
from bot.mining.parsing.fleet_parser import parse_fleet
from bot.mining.parsing.question_parser import parse_command
from bot.mining.parsing.understanding import parse_whatif
from bot.mining.whatif import what_if
from bot.signals.derived import derived
from bot.signals.history import History
from bot.signals.series import Reading, end_of_day
from bot.snapshot import market
from bot.watches.watch import figures_of
from handlers.views import breakeven
from handlers.views import market_figures as market_view

LAST = date(2024, 4, 20)
NOW = datetime(2024, 4, 21, tzinfo=UTC) + timedelta(minutes=5)
FEES_BTC = (0.6, 0.5, 0.9, 0.7, 0.8, 1.1, 9.5)
"""Of the halving's day and those before it: one day is ten times the others."""
CATALOGUE = load_machines()
T = translator_for("en")


@pytest.fixture
def history() -> History:
    history = History()
    for back, fees in enumerate(reversed(FEES_BTC)):
        day = LAST - timedelta(days=back)
        end = end_of_day(day)
        for series, value in (("btc.fees", fees), ("btc.price", 64_994.0), ("btc.difficulty", 86.39e12)):
            history.add(Reading(series, value, end, "test", end, day))
    for reading in derived(history, NOW):
        history.add(reading)
    return history


def test_the_hashprice_of_every_surface(history: History) -> None:
    now = market(history, NOW, 0.07)
    result = answer(parse_command("s21 7c", CATALOGUE), now)
    expected = result.now.hashprice_usd_per_ph_day
    assert now.hashprice_usd_per_ph_day == pytest.approx(expected)
    watched = figures_of(history, ["hashprice"], NOW, {})["hashprice"].value
    assert watched == pytest.approx(expected)
    chart = take_chart(ChartSpec(ChartKind.HASHPRICE, ChartSpan(30)), ChartSource(NOW, history, market=now))
    assert hashprices(chart)[1][-1] == pytest.approx(expected)
    shown = formatting.hashprice(expected, USD, T)
    assert shown in breakeven.breakeven(result, T)
    assert shown in market_view.figure("hashprice", now, None, T)
    assert shown.endswith("USD/PH/day")


def test_the_profit_and_break_even_of_every_surface(history: History) -> None:
    now = market(history, NOW, 0.07)
    result = answer(parse_command("s21 7c fee=2% uptime=95% pue=1.1 fixed=1", CATALOGUE), now)
    parser = ArgumentParser()
    command_line.add_arguments(parser)
    flags = "--pool-fee 0.02 --uptime 0.95 --overhead 1.1 --fixed-cost 1 --json"
    printed = json.loads(command_line.run(parser.parse_args(["s21", "0.07", *flags.split()]), now, CATALOGUE))
    typed = parse_fleet("add 3 s21, power 7c, fee 2%, uptime 95%, pue 1.1, fixed 1", CATALOGUE, ())
    fleet = fleet_report(typed.applied(Fleet()), now)
    supposed = what_if(parse_whatif("s21 7c fee=2% uptime=95% pue=1.1 fixed=1 fees=+0%", CATALOGUE), now)
    assert printed["profit_usd_per_day"] == pytest.approx(result.now.profit_usd_per_day)
    assert fleet.profit_usd_per_day == pytest.approx(3 * result.now.profit_usd_per_day)
    assert supposed.now.profit_usd_per_day == pytest.approx(result.now.profit_usd_per_day)
    assert printed["breakeven_btc_price_usd"] == pytest.approx(result.now.breakeven_btc_price_usd)
    assert fleet.breakeven_btc_price_usd == pytest.approx(result.now.breakeven_btc_price_usd)
