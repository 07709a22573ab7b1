"""What the rules look at, against hand-made histories."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from math import isclose

import pytest

from bot.signals.history import History
from bot.signals.income_indicators import hashprice_column, hashprice_low, hashprice_percentile
from bot.signals.indicators import (
    Measured,
    Missing,
    NoDataReason,
    drawdown,
    energy_percentile,
    energy_record,
    hashrate_change,
    intraday_drawdown,
    public_miner_sales,
    ribbon,
)
from bot.signals.series import Reading, end_of_day, end_of_month
from tests.signals.builders import START, daily, spot


def measured(what: Measured | Missing) -> Measured:
    assert isinstance(what, Measured), what
    return what


def lacking(what: Measured | Missing) -> Missing:
    assert isinstance(what, Missing), what
    return what


def end(days: int) -> datetime:
    """The end of the last of so many days."""
    return end_of_day(START + timedelta(days=days - 1))


def test_drawdown_is_the_newest_close_against_the_record_and_not_the_spot_price() -> None:
    at = end(2)
    history = History([*daily("btc.price_high", [69_000]), *daily("btc.price", [30_000, 20_700])])
    result = measured(drawdown(history, at))
    assert isclose(result.value, -0.7)
    assert str(result.detail) == ("20,700 USD at the close of 2020-01-02; record 69,000 USD (2020-01-01)")
    history.add(spot("btc.price", 10_000, at + timedelta(minutes=1)))
    assert measured(drawdown(history, at + timedelta(minutes=1))) == result


def test_a_touch_during_the_day_looks_at_spot_prices_alone() -> None:
    at = end(1)
    history = History([*daily("btc.price_high", [69_000]), *daily("btc.price", [20_700])])
    assert lacking(intraday_drawdown(history, at)).no_data is NoDataReason.WARMING_UP
    history.add(spot("btc.price", 34_500, at + timedelta(minutes=5)))
    result = measured(intraday_drawdown(history, at + timedelta(minutes=5)))
    assert isclose(result.value, -0.5)
    history.add(spot("btc.price", 70_000, at + timedelta(minutes=10)))
    assert measured(intraday_drawdown(history, at + timedelta(minutes=10))).value == 0


def test_a_close_older_than_it_may_be_is_stale_and_names_its_age() -> None:
    history = History([*daily("btc.price_high", [69_000]), *daily("btc.price", [20_700])])
    assert isinstance(drawdown(history, end(1) + timedelta(hours=36)), Measured)
    result = lacking(drawdown(history, end(1) + timedelta(hours=37)))
    assert result.no_data is NoDataReason.STALE
    assert "2020-01-02 00:00 UTC" in str(result.reason)
    assert lacking(drawdown(History(), end(1))).no_data is NoDataReason.WARMING_UP


def test_hashprice_is_that_of_the_day_in_both_units_and_a_halving_is_named() -> None:
    days = 400
    first = date(2023, 8, 1)
    prices = daily("btc.price", [60_000.0] * days, first)
    levels = daily("btc.difficulty", [8e13] * days, first)
    history = History([*prices, *levels, *daily("btc.fees", [0.2] * days, first)])
    column = hashprice_column(history)
    before = 1e15 * 86_400 / (8e13 * 2**32) * (6.25 + 0.2) * 60_000
    assert isclose(column.values[0], before)
    assert isclose(column.values[-1], before * (3.125 + 0.2) / 6.45)
    at = end_of_day(first + timedelta(days=days - 1))
    low = measured(hashprice_low(history, at))
    assert isclose(low.value, 1.0)
    assert "the halving on 2024-04-20 alone cut it in half" in str(low.detail)
    assert "sats" in str(low.detail)
    rank = measured(hashprice_percentile(history, at))
    assert 0 < rank.value < 0.25, "lower than all the days before the halving, as high as those after it"


def test_a_revised_price_is_seen_in_the_hashprice() -> None:
    history = History([*daily("btc.price", [100.0] * 3), *daily("btc.difficulty", [1e6] * 3)])
    old = list(hashprice_column(history).values)
    history.add(replace(daily("btc.price", [200.0])[0], read_at=end(9)))
    assert isclose(hashprice_column(history).values[0], 2 * old[0])
    history.add(daily("btc.fees", [5.0])[0])
    assert hashprice_column(history).values[2] > old[2], "fees that come late count too"


def test_the_ribbon_is_the_thirty_day_mean_against_the_sixty_day_mean() -> None:
    history = History(daily("btc.hashrate", [100.0] * 30 + [90.0] * 30))
    result = measured(ribbon(history, end(60)))
    assert isclose(result.value, 90 / 95 - 1)
    assert result.as_of == end(60)


def test_the_ribbon_bears_a_few_missing_days_and_no_more() -> None:
    holes: list[float | None] = [100.0] * 60
    holes[-10:-4] = [None] * 6
    assert measured(ribbon(History(daily("btc.hashrate", holes)), end(60))).value == 0
    holes[-20:-4] = [None] * 16
    assert lacking(ribbon(History(daily("btc.hashrate", holes)), end(60))).no_data is NoDataReason.STALE


def test_a_short_history_warms_up_and_says_how_far_it_is() -> None:
    result = lacking(ribbon(History(daily("btc.hashrate", [1.0] * 20)), end(20)))
    assert (result.no_data, str(result.reason)) == (
        NoDataReason.WARMING_UP,
        "20 of 60 days of history so far",
    )
    assert lacking(ribbon(History(), end(1))).no_data is NoDataReason.WARMING_UP


def test_the_change_of_hashrate_compares_weeks_not_days() -> None:
    history = History(daily("btc.hashrate", [100.0] * 30 + [80.0] * 7))
    assert isclose(measured(hashrate_change(history, end(37))).value, -0.2)
    noisy = History(daily("btc.hashrate", [100.0] * 36 + [30.0]))
    assert isclose(measured(hashrate_change(noisy, end(37))).value, -0.1)


def test_one_dear_day_is_no_dear_week_but_a_dear_week_is() -> None:
    calm = [50.0 + 20.0 * ((day // 20) % 2) + day % 3 for day in range(372)]
    spike = History(daily("power.DE-LU", [*calm, 500.0]))
    week = History(daily("power.DE-LU", [*calm, *[100.0] * 7]))
    rank = energy_percentile("power.DE-LU")
    assert measured(rank(spike, end(373))).value < 0.95
    assert measured(rank(week, end(379))).value == 1.0


def test_the_energy_record_is_against_what_came_before() -> None:
    history = History(daily("power.DE-LU", [50.0] * 372 + [60.0] * 7))
    result = measured(energy_record("power.DE-LU")(history, end(379)))
    assert isclose(result.value, 60 / (50 + (60 - 50) * 5 / 6))
    assert "highest before" in str(result.detail)


def test_negative_power_prices_are_prices() -> None:
    history = History(daily("power.DE-LU", [50.0] * 372 + [-20.0] * 7))
    assert measured(energy_percentile("power.DE-LU")(history, end(379))).value < 0.01
    assert measured(energy_record("power.DE-LU")(history, end(379))).value < 0


@pytest.mark.parametrize(
    ("published", "no_data"), [(date(2022, 6, 1), None), (date(2022, 1, 1), NoDataReason.WARMING_UP)]
)
def test_monthly_sales_count_only_while_they_are_recent(
    published: date, no_data: NoDataReason | None
) -> None:
    as_of = end_of_month(published)
    history = History([Reading("btc.public_miner_sales", 3.74, as_of, "reports", as_of, published)])
    result = public_miner_sales(history, end_of_day(date(2022, 7, 15)))
    if no_data is None:
        assert "374 %" in str(measured(result).detail)
    else:
        assert lacking(result).no_data is no_data
