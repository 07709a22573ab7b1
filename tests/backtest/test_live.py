"""Live is replay: 288 polls a day of intraday prices give the transitions that daily closes give."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from bot.backtest.replay import ReplayHistory, series_needed
from bot.data.bundle import bundled_readings
from bot.signals.evaluation import Evaluation, RuleStates, evaluate
from bot.signals.rules import default_rules
from bot.signals.series import Reading, end_of_day
from bot.signals.state_machine import TransitionKind

POLLS = 288
RULES = tuple(
    rule
    for rule in default_rules(())
    if rule.signal in ("price_drawdown", "hashrate_decline", "miner_income")
)
# Binance BTCUSDT, as in the bundle
LOWS = Path(__file__).parent / "data" / "daily_lows.csv"
HASHRATE_LATE = timedelta(hours=3)

Told = list[tuple[str, str, datetime | None]]


def changes(evaluation: Evaluation) -> Told:
    """What fired, cleared or changed phase, with the moment of its figure."""
    told: Told = [
        (one.rule.id, one.kind.value, one.as_of)
        for one in evaluation.transitions
        if one.kind in (TransitionKind.FIRED, TransitionKind.CLEARED)
    ]
    change = evaluation.phase_change
    return told if change is None else [*told, (change.before.value, change.after.value, change.at)]


def prices(day: date, opening: float, low: float, high: float, close: float) -> Iterator[Reading]:
    """A day's spot prices: from its opening to its low, its high and its close."""
    corners = (opening, low, high, close)
    third = POLLS // 3
    for poll in range(1, POLLS):
        leg, step = divmod(poll, third)
        value = corners[leg] + (corners[leg + 1] - corners[leg]) * step / third
        at = end_of_day(day) - timedelta(days=1) + timedelta(minutes=5 * poll)
        yield Reading("btc.price", value, at, "exchange", at)


@pytest.fixture(scope="module")
def readings() -> list[Reading]:
    needed = series_needed(RULES)
    return [reading for reading in bundled_readings() if reading.series in needed]


@pytest.mark.parametrize(
    ("first", "last"), [(date(2021, 5, 10), date(2021, 6, 30)), (date(2022, 5, 1), date(2022, 7, 15))]
)
def test_intraday_prices_give_the_transitions_of_daily_closes(
    readings: Sequence[Reading], first: date, last: date
) -> None:
    replayed, live = ReplayHistory(), ReplayHistory()
    replayed.learn_all(readings)
    live.learn_all(r for r in readings if r.as_of <= end_of_day(first - timedelta(days=1)))
    states, expected = RuleStates(), Told()
    for day in replayed.days(RULES, last):
        if day.day < first:
            states = day.evaluation.states
        else:
            expected += changes(day.evaluation)
    for _ in live.days(RULES, date.min):
        raise AssertionError("this only takes in what is known")
    told, touches = follow(live, states, readings, first, last)
    assert told == expected
    assert expected, "the weeks chosen hold firings and changes of phase"
    assert touches, "and prices that no close confirmed at once"


def follow(
    live: ReplayHistory, states: RuleStates, readings: Sequence[Reading], first: date, last: date
) -> tuple[Told, set[str]]:
    """Poll through the days; gives the changes, and apart from them the rules of the day that fired."""
    history, told, touches = live.history, Told(), set()
    rows = csv.DictReader(LOWS.read_text().splitlines())
    lows = {date.fromisoformat(row["day"]): float(row["low_usd"]) for row in rows}
    by_day = {day: [r for r in readings if r.day == day] for day in lows}
    day = first
    while day <= last:
        known = {reading.series: reading for reading in by_day[day]}
        close, opening = known["btc.price"].value, history.column("btc.price").values[-1]
        high = max(close, opening) * 1.001
        arriving = [*prices(day, opening, min(lows[day], close), high, close)]
        arriving += [reading for reading in by_day[day] if reading.series.startswith("btc.price")]
        late = [reading for reading in by_day[day] if not reading.series.startswith("btc.price")]
        moments = [(reading.as_of, reading) for reading in arriving]
        moments += [(reading.as_of + HASHRATE_LATE, reading) for reading in late]
        for at, reading in moments:
            history.add(reading)
            evaluation = evaluate(RULES, states, history, at)
            states = evaluation.states
            intraday = {one.rule.id for one in evaluation.transitions if one.rule.intraday}
            told += [one for one in changes(evaluation) if one[0] not in intraday]
            touches |= {
                one.rule.id
                for one in evaluation.transitions
                if one.rule.intraday and one.kind is TransitionKind.FIRED
            }
        day += timedelta(days=1)
    return told, touches
