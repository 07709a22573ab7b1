"""What goes into a chart: copies, today's live value, episodes from the rules' history, or a reason."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from math import isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.backtest.episodes import Episode
from bot.charts.chart_data import ChartSource, NoDataError, take_chart
from bot.charts.chart_series import (
    coin_costs,
    hashprices,
    highest_before,
    retargets,
    trailing_mean,
    trailing_quantile,
)
from bot.charts.spec import EVERYTHING, ChartKind, ChartSpan, ChartSpec
from bot.data.catalogue import load_machines
from bot.mining.hashrate_mix import network_now
from bot.signals.columns import SeriesColumn
from bot.signals.history import History
from bot.signals.rules import Severity
from bot.signals.series import Reading, end_of_day
from bot.signals.state_machine import RuleState, State
from tests.charts.history import LAST, NOW, RULES, chart, past, source


def _day(n: int, price: float, series: str = "btc.price") -> Reading:
    day = date(2022, 1, 1) + timedelta(days=n)
    return Reading(series, price, end_of_day(day), "test", end_of_day(day), day)


def test_a_chart_holds_a_copy() -> None:
    history = History([_day(n, 100.0 + n) for n in range(60)])
    at = datetime(2022, 3, 2, tzinfo=UTC)
    taken = take_chart(ChartSpec(span=ChartSpan(30)), ChartSource(at, history))
    history.add(_day(60, 1.0))
    assert taken.last - taken.first == 29
    assert len(taken.columns["btc.price"].values) == 60


def test_todays_price_is_the_last_point_and_the_history_keeps_its_closes() -> None:
    history = History([_day(n, 20_000.0) for n in range(60)])
    noon = datetime.combine(date(2022, 3, 2), time(12), UTC)
    history.add(Reading("btc.price", 12_345.0, noon, "mempool", noon))
    data = take_chart(ChartSpec(), ChartSource(noon, history))
    assert data.live == {"btc.price": 12_345.0}
    assert (data.last, data.newest, data.source) == (date(2022, 3, 2).toordinal(), noon, "mempool")
    assert history.column("btc.price").last == date(2022, 3, 1).toordinal()
    yesterdays = take_chart(ChartSpec(), ChartSource(noon + timedelta(days=1), history))
    assert yesterdays.live == {}, "a spot value of yesterday isn't today's"


def test_the_live_hashprice_is_the_one_the_chat_tells() -> None:
    now = source().market
    assert now is not None
    days, values = hashprices(chart(ChartKind.HASHPRICE))
    assert days[-1] == NOW.date().toordinal()
    assert values[-1] == now.hashprice_usd_per_ph_day


def test_episodes_are_those_of_the_rules_history() -> None:
    result = chart(ChartKind.DRAWDOWN).episodes
    expected = past().rules["price_drawdown.critical"].episodes[-1]
    last = [episode for episode in result if episode.severity is Severity.CRITICAL][-1]
    assert (last.first, last.last) == (expected.fired, expected.cleared)
    everything = chart(ChartKind.DRAWDOWN, EVERYTHING).episodes
    records = [record for name, record in past().rules.items() if name.startswith("price_drawdown")]
    assert len(everything) == sum(len(each.episodes) for each in records if not each.rule.intraday)


def test_what_fires_since_today_is_marked_and_what_cleared_today_is_closed() -> None:
    rule = next(rule for rule in RULES if rule.id == "price_drawdown.critical")
    firing = RuleState(level=State.FIRING, fired=NOW, no_data=None)
    quiet = RuleState(no_data=None)
    record = replace(past().rules[rule.id], episodes=(Episode(date(2022, 6, 16), None, None, None),))
    history = replace(past(), rules={rule.id: record})
    spec = ChartSpec(ChartKind.DRAWDOWN)

    def critical(now: ChartSource) -> list[tuple[date, date | None]]:
        return [(each.first, each.last) for each in take_chart(spec, now).episodes if each.rule == rule.id]

    before = replace(source(), past=history)
    assert critical(replace(before, states={rule.id: firing})) == [(date(2022, 6, 16), None)]
    assert critical(replace(before, states={rule.id: quiet})) == [(date(2022, 6, 16), NOW.date())]
    assert critical(replace(source(), past=None, states={rule.id: firing})) == [(NOW.date(), None)]


def test_what_no_live_source_publishes_is_not_marked_beyond_its_figures() -> None:
    sales = [each for each in chart(ChartKind.OUTFLOW, EVERYTHING).episodes if each.rule.endswith(".public")]
    assert sales
    assert all(each.last is not None and each.last <= LAST + timedelta(days=1) for each in sales)


@pytest.mark.parametrize("count", [0, 1])
def test_too_little_to_draw_is_said(count: int) -> None:
    at = datetime(2022, 1, 3, tzinfo=UTC)
    with pytest.raises(NoDataError, match="no bitcoin price is known"):
        take_chart(ChartSpec(), ChartSource(at, History([_day(n, 1.0) for n in range(count)])))


def test_a_history_too_short_for_what_is_computed_of_it_says_how_much_is_needed() -> None:
    series = ("btc.price", "btc.hashrate", "btc.difficulty")
    history = History([_day(n, 1.0, name) for n in range(100) for name in series])
    at = datetime(2022, 4, 11, tzinfo=UTC)
    with pytest.raises(NoDataError, match="100 of 366 days of history so far"):
        take_chart(ChartSpec(ChartKind.PUELL), ChartSource(at, history))


def test_a_span_without_figures_says_where_they_are() -> None:
    with pytest.raises(NoDataError, match="only from 2010-08-17 to 2022-08-31"):
        chart(ChartKind.PRICE, ChartSpan(year=2009))
    history = History([_day(n, 1.0, "power.FR") for n in range(100)])
    late = ChartSource(datetime(2026, 1, 1, tzinfo=UTC), history)
    with pytest.raises(NoDataError, match="in this span no day-ahead power, FR"):
        take_chart(ChartSpec(ChartKind.ENERGY, ChartSpan(30), "FR"), late)


def test_outflow_shows_whichever_of_its_series_the_span_has() -> None:
    assert chart(ChartKind.OUTFLOW, ChartSpan(year=2021)).source == "ledger"
    only_sales = History(reading for reading in _sales())
    spec = ChartSpec(ChartKind.OUTFLOW, ChartSpan(year=2022))
    taken = take_chart(spec, ChartSource(NOW, only_sales))
    assert taken.newest == datetime(2022, 8, 1, tzinfo=UTC)


def _sales() -> list[Reading]:
    months = [date(2022, month, 1) for month in range(1, 8)]
    ends = [datetime(2022, month, 1, tzinfo=UTC) for month in range(2, 9)]
    return [
        Reading("btc.public_miner_sales", 1.5, end, "reports", end, month)
        for month, end in zip(months, ends, strict=True)
    ]


def test_a_machines_profit_begins_when_it_came_out() -> None:
    spec = ChartSpec(ChartKind.PROFIT, EVERYTHING, machine="s19 7c")
    taken = take_chart(spec, source(), None, date(2020, 5, 1))
    assert taken.first == date(2020, 5, 1).toordinal()


@given(
    st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(nan)), max_size=80),
    st.integers(5, 40),
    st.sampled_from([0.0, 0.1, 0.95, 1.0]),
)
def test_a_trailing_quantile_is_made_of_earlier_values(values: list[float], among: int, share: float) -> None:
    result = trailing_quantile(values, among, share)
    assert len(result) == len(values)
    for index, value in enumerate(result):
        before = [each for each in values[max(0, index - among) : index] if not isnan(each)]
        assert isnan(value) == (len(before) < 0.6 * among)
        if not isnan(value):
            assert value == sorted(before)[min(len(before) - 1, int(share * len(before)))]


@given(st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(nan)), min_size=1, max_size=60), st.integers(0, 10))
def test_a_record_is_the_highest_before(values: list[float], warm_up: int) -> None:
    for index, value in enumerate(highest_before(values, warm_up)):
        before = [each for each in values[:index] if not isnan(each)]
        if index < warm_up or not before:
            assert isnan(value)
        else:
            assert value == max(before)


@given(st.lists(st.floats(-1e3, 1e3), max_size=40), st.integers(1, 9))
def test_a_trailing_mean(values: list[float], days: int) -> None:
    for index, value in enumerate(trailing_mean(values, days)):
        if index + 1 < days:
            assert isnan(value)
        else:
            assert value == pytest.approx(sum(values[index + 1 - days : index + 1]) / days, abs=1e-6)


def test_retargets_are_found_through_the_days_between_two_levels() -> None:
    column = SeriesColumn()
    for n, value in enumerate([100.0, 100.0, 100.0, 104.0, 110.0, 110.0, 110.0, 99.0, 99.0]):
        column.put(738_000 + n, value)
    days, changes = retargets(column)
    assert days == [738_004, 738_007]
    assert changes == pytest.approx([10.0, -10.0])


def test_the_cost_of_a_coin_is_the_networks_as_the_chat_tells_it() -> None:
    now = source().market
    assert now is not None
    view = network_now(load_machines(), now)
    assert view is not None
    days, low, high = coin_costs(chart(ChartKind.INCOME), load_machines())
    assert days[-1] == LAST.toordinal()
    # a retarget on that day: its mean difficulty lies below the one of now
    rise = 30.977e12 / source().history.column("btc.difficulty").at(LAST.toordinal())
    assert rise > 1.01
    assert (rise * low[-1], rise * high[-1]) == pytest.approx(
        (view.cost_low_usd, view.cost_high_usd), rel=1e-3
    )
    earlier = coin_costs(chart(ChartKind.INCOME, ChartSpan(year=2019)), load_machines())
    assert all(isnan(cost) for cost in earlier[1]), "no estimate of the mix before 2022"
