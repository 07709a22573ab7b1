"""What a watch can look at, on hand-made histories."""

from datetime import datetime, timedelta
from math import isclose

import pytest

from bot.signals.derived import derived
from bot.signals.history import History
from bot.signals.indicators import Measured, Missing, NoDataReason
from bot.signals.series import end_of_day
from bot.watches.metrics import metric
from bot.watches.watch import figures_of
from tests.signals.builders import START, daily, spot

DAYS = 60
AT = end_of_day(START + timedelta(days=DAYS - 1))


def value(key: str, history: History, at: datetime = AT) -> float:
    result = metric(key)
    assert result is not None
    measured = result.measure(history, at)
    assert isinstance(measured, Measured), measured
    return measured.value


def no_data_reason(key: str, history: History, at: datetime = AT) -> NoDataReason:
    result = metric(key)
    assert result is not None
    measured = result.measure(history, at)
    assert isinstance(measured, Missing), measured
    return measured.no_data


def prices(*values: float) -> History:
    return History([*daily("btc.price", values), *daily("btc.hashrate", values)])


def test_a_spot_value_is_the_newest_and_stale_when_it_is_too_old() -> None:
    history = prices(*[100.0] * DAYS)
    history.add(spot("btc.price", 90.0, AT + timedelta(minutes=5)))
    assert value("price", history, AT + timedelta(minutes=5)) == 90.0
    assert no_data_reason("price", history, AT + timedelta(minutes=30)) is NoDataReason.STALE
    assert no_data_reason("price", History()) is NoDataReason.WARMING_UP


def test_a_change_of_price_is_against_the_same_day_then_one_of_hashrate_between_weeks() -> None:
    history = prices(*[100.0] * 50, *[80.0] * 10)
    assert isclose(value("change.price.30", history), -0.2)
    assert isclose(value("change.hashrate.30", history), -0.2)
    assert isclose(value("change.hashrate.7", history), (80 * 7) / (100 * 4 + 80 * 3) - 1)
    assert no_data_reason("change.price.90", history) is NoDataReason.WARMING_UP


def test_the_price_against_its_mean() -> None:
    history = prices(*[100.0] * (DAYS - 1), 110.0)
    assert isclose(value("mean.price.10", history), 110 / 101 - 1)
    assert no_data_reason("mean.price.200", history) is NoDataReason.WARMING_UP


def test_any_figure_against_its_own_mean() -> None:
    history = prices(*[100.0] * (DAYS - 1), 110.0)
    for reading in (
        *daily("btc.difficulty", [1e12] * DAYS),
        *daily("btc.fees", [0.1] * DAYS),
        *daily("power.DE-LU", [*[50.0] * (DAYS - 1), 100.0]),
    ):
        history.add(reading)
    assert isclose(value("mean.power.DE-LU.10", history), 100 / 55 - 1)
    assert isclose(value("mean.fees.10", history), 0.0, abs_tol=1e-9)
    for reading in derived(history, AT):
        history.add(reading)
    assert isclose(value("mean.hashprice.10", history), 110 / 101 - 1)
    assert isclose(value("change.hashprice.30", history), 0.1)
    assert metric("mean.power.XX.10") is None
    assert metric("mean.puell.10") is None


def test_the_retarget_estimate_is_stale_after_two_hours() -> None:
    history = History([spot("btc.retarget_estimate", -0.034, AT)])
    assert value("retarget", history, AT + timedelta(hours=1)) == -0.034
    assert no_data_reason("retarget", history, AT + timedelta(hours=3)) is NoDataReason.STALE


def test_each_new_difficulty_is_a_record_once() -> None:
    def of(*values: float) -> float:
        first = AT.date() - timedelta(days=len(values))
        return value("record.difficulty", History(daily("btc.difficulty", values, first)))

    assert of(100, 100, 105) > 0
    assert of(100, 105, 105) == 0
    assert of(100, 105, 101) < 0


def test_the_prices_record_counts_daily_highs() -> None:
    history = prices(*[100.0] * DAYS)
    history.add(spot("btc.price_high", 120.0, AT - timedelta(days=9)))
    assert value("record.price", history) < 0
    history.add(spot("btc.price", 121.0, AT + timedelta(seconds=1)))
    assert value("record.price", history, AT + timedelta(seconds=1)) == 0


def test_power_is_the_mean_of_the_newest_complete_day() -> None:
    history = History(daily("power.DE-LU", [50.0] * (DAYS - 1) + [150.0]))
    assert value("power.DE-LU", history) == 150.0


@pytest.mark.parametrize("key", ["hashprice", "outflow", "gas", "euro", "fees", "sales"])
def test_what_is_not_known_is_missing(key: str) -> None:
    assert no_data_reason(key, History()) is NoDataReason.WARMING_UP


def test_only_fresh_figures_not_older_than_the_last_are_given_and_a_gap_is_marked() -> None:
    history = prices(*[100.0] * DAYS)
    assert figures_of(history, ["price"], AT, {})["price"].after_gap is False
    assert figures_of(history, ["price"], AT, {"price": AT - timedelta(days=4)})["price"].after_gap is True
    later = AT + timedelta(minutes=10)
    assert figures_of(history, ["price"], later, {"price": AT + timedelta(minutes=5)}) == {}
    of_a_clock_ahead = {"price": later + timedelta(days=365)}
    assert figures_of(history, ["price"], later, of_a_clock_ahead)["price"].after_gap is False
    assert figures_of(history, ["gas", "no such"], AT, {}) == {}
