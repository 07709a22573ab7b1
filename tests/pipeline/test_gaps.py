"""Which days are missing: none is asked for twice, none that is there, and holidays are no gap."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.pipeline.gaps import KEPT_WHOLE, Gap, gaps

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
TODAY, DAY = NOW.date(), timedelta(days=1)
ALL = {TODAY - n * DAY for n in range(1, KEPT_WHOLE.days + 1)}


def days_of(found: list[Gap]) -> list[date]:
    return [first + n * DAY for _, first, last in found for n in range((last - first).days + 1)]


@given(st.sets(st.integers(1, 420), max_size=5), st.integers(0, 20))
def test_every_missing_day_is_asked_for_once_and_no_other(missing: set[int], old: int) -> None:
    lost = {TODAY - n * DAY for n in missing} & ALL
    result = (ALL - lost) | {TODAY - (KEPT_WHOLE.days + 1 + n) * DAY for n in range(old)}
    asked = days_of(gaps("btc.price", result, NOW, up_to_now=True))
    assert len(asked) == len(set(asked))
    assert set(asked) == lost
    inner = days_of(gaps("btc.price", result, NOW, up_to_now=False))
    newest = max(ALL - lost)
    assert set(inner) == {day for day in lost if day < newest}


def test_nothing_held_is_one_long_gap_at_a_start_and_none_for_a_poll() -> None:
    assert gaps("power.FR", (), NOW, up_to_now=True) == [("power.FR", TODAY - KEPT_WHOLE, TODAY - DAY)]
    assert gaps("power.FR", (), NOW, up_to_now=False) == []


def test_many_gaps_are_asked_for_as_one_span() -> None:
    lost = {TODAY - n * DAY for n in range(10, 40, 5)}
    assert gaps("btc.fees", ALL - lost, NOW, up_to_now=True) == [("btc.fees", min(lost), max(lost))]


def test_weekends_and_holidays_of_a_market_are_no_gap_but_a_missing_week_is() -> None:
    working = {day for day in ALL if day.weekday() < 5}
    christmas = {date(2025, 12, 25), date(2025, 12, 26)}
    assert gaps("fx.eur_usd", working - christmas, NOW, up_to_now=False) == []
    week = {date(2026, 3, 2) + n * DAY for n in range(5)}
    (gap,) = gaps("fx.eur_usd", working - week, NOW, up_to_now=False)
    assert week <= set(days_of([gap]))


def test_a_market_that_is_a_few_days_behind_is_asked_at_a_start() -> None:
    working = {day for day in ALL if day.weekday() < 5 and day < TODAY - 3 * DAY}
    assert gaps("gas.henry_hub", working, NOW, up_to_now=True)[-1].last == TODAY - DAY
    assert gaps("gas.henry_hub", working, NOW, up_to_now=False) == []
