"""The record of rules and phase: what began before and after the rules were frozen, and on any day."""

from datetime import date

import pytest

from bot.backtest import episodes
from bot.backtest.episodes import rule_history
from bot.backtest.evidence import any_day
from bot.backtest.index_record import index_bands
from bot.data.bundle import bundled_readings
from bot.signals.history import History
from bot.signals.rules import default_rules
from tests.signals.builders import START, daily

LAST = date(2026, 7, 3)


def test_what_began_after_the_rules_were_frozen_is_counted_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = default_rules(("DE-LU",))
    whole = rule_history(bundled_readings(), rules, LAST)
    assert whole.cards_since == {}, "the bundle ends on the day on which they were frozen"
    monkeypatch.setattr(episodes, "FROZEN", date(2020, 1, 1))
    divided = rule_history(bundled_readings(), rules, LAST)
    for name in ("capitulation", "hashrate_decline.critical", "miner_income.warning"):
        before, since, both = divided.cards[name], divided.cards_since[name], whole.cards[name]
        assert before.fell.n > 0
        assert since.fell.n > 0
        assert before.fell.n + since.fell.n == both.fell.n
        assert before.fell.hits + since.fell.hits == both.fell.hits
        assert since.base_rate == both.base_rate


def test_any_day_is_what_an_alert_is_to_be_better_than() -> None:
    levels = [100.0] * 10 + [94.0] * 10
    prices = [1.0, 2.0] * 10
    history = History([*daily("btc.difficulty", levels), *daily("btc.price", prices)])
    rates = any_day(history, START, 5)
    assert rates.fell == pytest.approx(5 / 15), "of the days 0 to 14 those from 5 to 9"
    assert rates.rose == pytest.approx(8 / 15), "from 1 to 2, never from 2 to 1"
    assert any_day(history, date(2030, 1, 1), 5).rose == 0


def test_high_values_of_the_stress_index_were_followed_more_often_than_low_ones() -> None:
    bands = index_bands(History(bundled_readings()))
    lowest, highest = bands[1], bands[-1]
    assert (highest.low, highest.high) == (90, 100)
    assert lowest.fell.high < highest.fell.low, "the intervals do not touch"
    assert lowest.fell.low <= lowest.base_rate < highest.fell.low
    assert [band.low for band in bands if band.holds(100)] == [90]
    assert [band.low for band in bands if band.holds(80)] == [80]
