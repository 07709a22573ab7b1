"""One figure is one figure: the chat, inline, the command line, a watch, a chart and a fleet agree on it."""

import json
from argparse import ArgumentParser
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.charts.chart_data import ChartSource, take_chart
from bot.charts.chart_series import drawdowns, hashprices
from bot.charts.profit import ProfitChart
from bot.charts.spec import ChartKind, ChartSpan, ChartSpec
from bot.cli import breakeven as command_line
from bot.data.catalogue import load_machines
from bot.i18n.translator import translator_for
from bot.mining import formatting
from bot.mining.answer import USD, answer
from bot.mining.fleet import Fleet
from bot.mining.fleet_report import fleet_report
from bot.mining.network import next_halving
from bot.mining.parsing.fleet_parser import parse_fleet
from bot.mining.parsing.question_parser import parse_command
from bot.mining.parsing.understanding import parse_whatif, understand
from bot.mining.projection import projection
from bot.mining.question import MachineComparison, Question
from bot.mining.whatif import what_if
from bot.signals.derived import derived
from bot.signals.history import History
from bot.signals.series import Reading, end_of_day
from bot.snapshot import market
from bot.sources.types import Retarget
from bot.watches.watch import figures_of
from handlers.views import breakeven
from handlers.views import market_figures as market_view
from handlers.views import whatif as whatif_view
from handlers.views.situation import retarget_line

LAST = date(2024, 4, 20)
NOW = datetime(2024, 4, 21, tzinfo=UTC) + timedelta(minutes=5)
FEES_BTC = (0.6, 0.5, 0.9, 0.7, 0.8, 1.1, 9.5)
"""Of the halving's day and those before it: one day is ten times the others."""
CATALOGUE = load_machines()
T = translator_for("en")


@pytest.fixture
def history() -> History:
    high = date(2024, 3, 14)
    history = History([Reading("btc.price_high", 73_750.0, end_of_day(high), "test", NOW, high)])
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


QUESTION = "s21 7c fee=2% uptime=95% pue=1.1 fixed=1"
PER_MACHINE = ("profit_usd_per_day", "revenue_usd_per_day", "power_cost_usd_per_day", "btc_per_day")
PER_BITCOIN = (
    "breakeven_btc_price_usd",
    "cost_per_btc_usd",
    "breakeven_difficulty",
    "hashprice_usd_per_ph_day",
)


def test_a_machines_figures_on_every_surface(history: History) -> None:
    now = market(history, NOW, 0.07)
    answered = answer(parse_command(QUESTION, CATALOGUE), now)
    parser = ArgumentParser()
    command_line.add_arguments(parser)
    flags = "--pool-fee 0.02 --uptime 0.95 --overhead 1.1 --fixed-cost 1 --json"
    printed = json.loads(command_line.run(parser.parse_args(["s21", "0.07", *flags.split()]), now, CATALOGUE))
    typed = parse_fleet("add 3 s21, power 7c, fee 2%, uptime 95%, pue 1.1, fixed 1", CATALOGUE, ())
    fleet = fleet_report(typed.applied(Fleet()), now)
    supposed = what_if(parse_whatif(f"{QUESTION} fees=+0%", CATALOGUE), now)
    result = understand(QUESTION, CATALOGUE)
    assert isinstance(result, Question)
    picture = ProfitChart(answered.now)
    for figure in (*PER_MACHINE, *PER_BITCOIN):
        expected = getattr(answered.now, figure)
        assert printed[figure] == pytest.approx(expected), figure  # the page's API gives the same object
        assert getattr(supposed.now, figure) == pytest.approx(expected), figure
        assert getattr(answer(result, now).now, figure) == pytest.approx(expected), figure
        assert getattr(fleet.kinds[0].each, figure) == pytest.approx(expected), figure
    assert fleet.profit_usd_per_day == pytest.approx(3 * answered.now.profit_usd_per_day)
    assert fleet.revenue_usd_per_day == pytest.approx(3 * answered.now.revenue_usd_per_day)
    assert fleet.btc_per_day == pytest.approx(3 * answered.now.btc_per_day)
    assert fleet.breakeven_btc_price_usd == pytest.approx(answered.now.breakeven_btc_price_usd)
    assert picture.at(64_994.0) == pytest.approx(answered.now.profit_usd_per_day)
    assert picture.at(answered.now.breakeven_btc_price_usd or 0.0) == pytest.approx(0.0, abs=1e-6)
    profit = formatting.usd(answered.now.profit_usd_per_day, T)
    assert profit in breakeven.breakeven(answered, T)
    assert (
        whatif_view.outlook(supposed, T).count(formatting.number(answered.now.profit_usd_per_day, 2, T)) >= 1
    )


def test_the_price_and_its_distance_from_the_record_on_every_surface(history: History) -> None:
    history.add(Reading("btc.price", 63_000.0, NOW, "test", NOW))
    now = market(history, NOW, 0.07)
    fallen = 63_000.0 / 73_750.0 - 1.0
    text = market_view.figure("price", now, None, T)
    assert "63,000 USD" in text
    assert formatting.change(fallen, T) in text
    watched = figures_of(history, ["price", "drawdown", "record.price"], NOW, {})
    assert watched["price"].value == 63_000.0
    assert watched["drawdown"].value == watched["record.price"].value == pytest.approx(fallen)
    chart = take_chart(ChartSpec(ChartKind.DRAWDOWN, ChartSpan(30)), ChartSource(NOW, history, market=now))
    assert drawdowns(chart)[1][-1] == pytest.approx(100 * fallen)
    assert answer(parse_command("s21 7c", CATALOGUE), now).now.btc_price_usd == 63_000.0


def test_difficulty_and_retarget_on_every_surface(history: History) -> None:
    history.add(Reading("btc.retarget_estimate", -0.034, NOW, "test", NOW))
    estimate = Retarget(-0.034, 700, 0.65, NOW + timedelta(days=5), "test", NOW)
    now = market(history, NOW, 0.07, estimate)
    assert "86.39 T" in market_view.figure("difficulty", now, None, T)
    answered = answer(parse_command("s21 7c", CATALOGUE), now)
    assert answered.now.difficulty == 86.39e12
    watched = figures_of(history, ["difficulty", "retarget"], NOW, {})
    assert (watched["difficulty"].value, watched["retarget"].value) == (86.39e12, -0.034)
    for text in (
        market_view.figure("retarget", now, None, T),
        market_view.figure("difficulty", now, None, T),
        breakeven.breakeven(answered, T),
        retarget_line(now, NOW, T) or "",
    ):
        assert "−3.4 %" in text
    assert answered.after_retarget is not None
    assert answered.after_retarget.difficulty == pytest.approx(86.39e12 * (1 - 0.034))


def test_the_halving_on_every_surface(history: History) -> None:
    now = market(history, NOW, 0.07)
    day = next_halving(NOW.date())
    assert T.calendar_day(day) in market_view.figure("halving", now, None, T)
    path = projection(parse_command("s21 7c", CATALOGUE), now, 60, 0.0, 0.0)
    halved = next(month for month in path if month.halved)
    assert halved.day.replace(day=1) in (day.replace(day=1), (day + timedelta(days=31)).replace(day=1))
    supposed = what_if(parse_whatif("s21 7c halving=yes", CATALOGUE), now)
    reward = now.subsidy_btc + (now.fees_btc_per_block.value if now.fees_btc_per_block else 0.0)
    ratio = (reward - now.subsidy_btc / 2.0) / reward
    assert supposed.then.btc_per_day == pytest.approx(supposed.now.btc_per_day * ratio)


def test_hosting_by_the_month_on_every_surface(history: History) -> None:
    now = market(history, NOW, 0.07)
    answered = answer(parse_command("s21 7c hosting 60$ a month", CATALOGUE), now)
    parser = ArgumentParser()
    command_line.add_arguments(parser)
    flags = ["s21", "0.07", "--fixed-cost", str(60 / 30.4375), "--json"]
    printed = json.loads(command_line.run(parser.parse_args(flags), now, CATALOGUE))
    fleet = fleet_report(
        parse_fleet("add 2 s21, power 7c, hosting 60$ a month", CATALOGUE, ()).applied(Fleet()), now
    )
    asked = understand("is my s21 worth it at 7 cents with hosting of 60 dollars per month?", CATALOGUE)
    assert isinstance(asked, Question)
    expected = answered.now.profit_usd_per_day
    assert printed["profit_usd_per_day"] == pytest.approx(expected)
    assert answer(asked, now).now.profit_usd_per_day == pytest.approx(expected)
    assert fleet.profit_usd_per_day == pytest.approx(2 * expected)


def test_several_models_with_their_numbers_earn_what_the_fleet_earns(history: History) -> None:
    now = market(history, NOW, 0.07)
    asked = understand("3 s21 and 2 s19 at 7c", CATALOGUE)
    assert isinstance(asked, MachineComparison)
    answers = [answer(question, now) for question in asked.questions]
    fleet = parse_fleet("add 3 s21, power 7c", CATALOGUE, ()).applied(Fleet())
    fleet = parse_fleet("add 2 s19", CATALOGUE, ()).applied(fleet)
    total = fleet_report(fleet, now).profit_usd_per_day
    assert sum(each.question.count * each.now.profit_usd_per_day for each in answers) == pytest.approx(total)
    shown = breakeven.comparison(asked, answers, T)
    assert f"Together {formatting.usd(total, T)} a day" in shown
    assert "3 × S21" in shown
