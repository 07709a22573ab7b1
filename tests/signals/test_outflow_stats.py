"""This week's outflow against its year, from plain daily values."""

import re
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.signals.columns import SeriesColumn
from bot.signals.history import History
from bot.signals.indicators import Measured, Missing, NoDataReason
from bot.signals.outflow_indicators import miner_outflow_percentile, miner_outflow_record
from bot.signals.outflow_sources import evidence_name
from bot.signals.outflow_stats import (
    WarmingUp,
    WeekAgainstYear,
    largest_in,
    mpi_ratio,
    mpi_z_score,
    reserve_change,
    week_against_year,
)
from bot.signals.rules import default_rules
from bot.signals.series import Reading, end_of_day

LAST = date(2026, 9, 18)


def days(values: list[float]) -> dict[date, float]:
    """Values that end with LAST."""
    return {LAST - timedelta(days=len(values) - 1 - n): value for n, value in enumerate(values)}


def column(values: list[float]) -> SeriesColumn:
    """The same as a column of the history."""
    return column_of(days(values))


def column_of(daily: dict[date, float]) -> SeriesColumn:
    filled = SeriesColumn()
    for day, value in daily.items():
        filled.put(day.toordinal(), value)
    return filled


def found(values: list[float]) -> WeekAgainstYear:
    result = week_against_year(column(values), LAST)
    assert isinstance(result, WeekAgainstYear)
    return result


def test_a_weekly_payout_schedule_is_nothing_unusual() -> None:
    """Pools that pay on Mondays: single days leap by a factor of eight, seven-day sums stand still."""
    monday = [800.0 if (LAST - timedelta(days=n)).weekday() == 0 else 100.0 for n in range(420)][::-1]
    for n in range(7):
        result = week_against_year(column(monday[: 420 - n]), LAST)
        assert isinstance(result, WeekAgainstYear)
        assert result.percentile == 0.5
        assert result.z_score is None
        assert result.record_since == LAST - timedelta(days=1)


def test_a_week_above_all_others_is_named_by_how_long_ago_there_was_as_much() -> None:
    values = [100.0] * 800
    for n in range(7):
        values[800 - 430 - n] = 300.0
        values[-1 - n] = 250.0
    result = found(values)
    assert result.percentile == 1.0
    assert result.sum_btc == 1_750
    assert result.highest_btc == 6 * 250 + 100
    assert result.of_highest == pytest.approx(1_750 / 1_600)
    assert str(largest_in(result)) == "the largest in 14 months"
    assert result.z_score is not None
    assert result.z_score > 5


def test_the_largest_of_all_is_said_to_be_the_largest_held() -> None:
    result = found([100.0] * 400 + [200.0] * 7)
    assert result.record_since is None
    assert str(largest_in(result)) == "the largest since my data began, 13 months ago"
    assert largest_in(found([100.0] * 400)) is None


@given(st.lists(st.floats(-5_000, 5_000), min_size=372, max_size=430))
@settings(max_examples=40, deadline=None)
def test_rank_and_record_agree(values: list[float]) -> None:
    result = found(values)
    assert 0 <= result.percentile <= 1
    assert (result.percentile == 1.0) == (result.sum_btc > result.highest_btc)
    ratio = result.of_highest
    if ratio is not None:
        assert (ratio >= 1) == (result.sum_btc >= result.highest_btc)
    if result.record_since is not None:
        until = days(values)
        week = [until[result.record_since - timedelta(days=n)] for n in range(7)]
        assert sum(week) >= result.sum_btc - 1e-6


@pytest.mark.parametrize(("stored", "so_far"), [(7, 0), (100, 93), (353, 346)])
def test_before_a_year_is_there_it_is_warming_up(stored: int, so_far: int) -> None:
    assert week_against_year(column([1.0] * stored), LAST) == WarmingUp(so_far, 365)


def test_a_missing_day_leaves_no_sum_and_a_few_are_borne() -> None:
    values = days([float(n % 11) for n in range(420)])
    del values[LAST - timedelta(days=100)]
    assert isinstance(week_against_year(column_of(values), LAST), WeekAgainstYear)
    assert week_against_year(column_of(values), LAST - timedelta(days=98)) is None
    del values[LAST - timedelta(days=3)]
    assert week_against_year(column_of(values), LAST) is None


def test_reserve() -> None:
    entries = {LAST: 95.0, LAST - timedelta(days=30): 100.0}
    change = reserve_change(entries, LAST, 30)
    assert change is not None
    assert change.change_btc == -5
    assert change.fraction == pytest.approx(-0.05)
    assert reserve_change(entries, LAST, 7) is None


def test_both_miner_position_indices() -> None:
    price = days([50_000.0] * 800)
    steady = [100.0] * 799
    assert mpi_ratio(days([*steady, 300.0]), price, LAST) == pytest.approx(300 / (364 * 100 + 300) * 365)
    wavy = days([100.0 + n % 2 for n in range(799)] + [300.0])
    score = mpi_z_score(wavy, price, LAST)
    assert isinstance(score, float)
    assert score > 10
    assert mpi_z_score(days(steady), price, LAST) is None
    assert mpi_ratio(days([1.0] * 300), price, LAST) == WarmingUp(300, 365)
    assert mpi_ratio(days([-1.0] * 400), price, LAST) is None
    assert isinstance(mpi_z_score(days([1.0] * 500), price, LAST), WarmingUp)


def history(values: list[float], *, newest_complete: bool = True) -> History:
    return History(
        Reading(series, value, end_of_day(day), "ledger:mempool.space", end_of_day(day), day, complete)
        for day, value in days(values).items()
        for series in ("btc.miner_outflow", "btc.miner_reserve")
        for complete in [newest_complete or day < LAST]
    )


SOON = end_of_day(LAST) + timedelta(hours=2)


def test_the_indicators_say_what_they_measured_and_that_it_is_a_proxy() -> None:
    measured = miner_outflow_percentile(history([100.0] * 400 + [200.0] * 7), SOON)
    assert isinstance(measured, Measured)
    assert measured.value == 1.0
    assert measured.source == "ledger:mempool.space"
    assert measured.as_of == end_of_day(LAST)
    assert str(measured.detail) == (
        "1,400 BTC net left the pools' wallets in 7 days, more than in 100 % of such weeks in the past year "
        "(mean 706 BTC, z-score +14.0), the largest since my data began, 13 months ago, "
        "reserve 200 BTC, +100.0 % in 30 days; a proxy for selling"
    )
    record = miner_outflow_record(history([100.0] * 400 + [200.0] * 7), SOON)
    assert isinstance(record, Measured)
    assert record.value == pytest.approx(1_400 / 1_300)


def test_a_week_of_gains_is_no_record() -> None:
    gained = miner_outflow_record(history([-100.0] * 380), SOON)
    assert isinstance(gained, Measured)
    assert gained.value == 0
    first = miner_outflow_record(history([-100.0] * 380 + [2_000.0]), SOON)
    assert isinstance(first, Measured)
    assert first.value > 1


@pytest.mark.parametrize(
    ("values", "at", "complete", "no_data", "reason"),
    [
        ([], SOON, True, NoDataReason.WARMING_UP, "no complete day of net outflow of pool wallets yet"),
        ([1.0] * 3, SOON, True, NoDataReason.WARMING_UP, "3 of 365 days of history so far"),
        ([1.0] * 207, SOON, True, NoDataReason.WARMING_UP, "200 of 365 days of history so far"),
        (
            [1.0] * 400,
            SOON + timedelta(days=2),
            True,
            NoDataReason.STALE,
            "newest complete day .* is 2026-09-18",
        ),
        (
            [1.0] * 400,
            SOON + timedelta(hours=36),
            False,
            NoDataReason.STALE,
            "newest complete day .* is 2026-09-17",
        ),
    ],
)
def test_without_data_to_trust_the_reason_is_said(
    values: list[float], at: datetime, complete: bool, no_data: NoDataReason, reason: str
) -> None:
    for indicator in (miner_outflow_percentile, miner_outflow_record):
        missing = indicator(history(values, newest_complete=complete), at)
        assert isinstance(missing, Missing)
        assert missing.no_data is no_data
        assert re.search(reason, str(missing.reason))


def test_each_source_is_named_as_what_it_is() -> None:
    assert "pool wallets, counted on the chain (a proxy for selling)" in str(
        evidence_name("ledger:node.local")
    )
    assert str(evidence_name("bgeometrics")).startswith("BGeometrics")
    assert str(evidence_name("glassnode")).startswith("Glassnode")
    assert str(evidence_name("cryptoquant")).startswith("CryptoQuant")
    assert str(evidence_name("another")) == "miner outflow as another reports it"


def test_a_halving_by_itself_fires_nothing() -> None:
    """What is earned and sold halves from one day to the next, as on 2024-04-20: for a year never unusual."""
    halving, noise = date(2024, 4, 20), (0.95, 1.05, 1.0, 0.9, 1.1)
    first = halving - timedelta(days=400)
    daily = {
        day: (900.0 if day < halving else 450.0) * noise[number % len(noise)]
        for number, day in enumerate(first + timedelta(days=n) for n in range(750))
    }
    warning, critical = (
        rule for rule in default_rules(()) if rule.signal == "miner_outflow" and rule.id.endswith("pools")
    )
    for day in (halving + timedelta(days=n) for n in range(7, 340)):
        result = week_against_year(column_of(daily), day)
        assert isinstance(result, WeekAgainstYear)
        assert not warning.fires(result.percentile)
        assert not critical.fires(result.of_highest or 0.0)
