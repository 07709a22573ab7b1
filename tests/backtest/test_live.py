"""Live is replay: polls of intraday prices give the transitions that daily closes give.

The bundle has no figures finer than a day's high, low and close, so prices between them are straight lines,
and a day opens at the close before.
"""

import csv
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from bot.backtest.messages import Inbox, quiet_windows
from bot.backtest.replay import ReplayDay, ReplayHistory, series_needed
from bot.data.bundle import bundled_readings
from bot.signals.evaluation import Evaluation, RuleStates, evaluate
from bot.signals.phase import Phase
from bot.signals.rules import Rule, default_rules
from bot.signals.series import Reading, end_of_day
from bot.signals.state_machine import TransitionKind

POLLS = 288
CORNERS = 3  # low, high and close, or high, low and close
FIRST, LAST = date(2017, 8, 18), date(2026, 7, 3)
RULES = tuple(
    rule
    for rule in default_rules(())
    if rule.signal in ("price_drawdown", "hashrate_decline", "miner_income")
)
# Binance BTCUSDT, as in the bundle
RANGES = Path(__file__).parent / "data" / "daily_range.csv"
HASHRATE_LATE = timedelta(hours=3)

Changes = list[tuple[str, str, datetime | None]]


def changes(evaluation: Evaluation) -> Changes:
    """What fired, cleared or changed phase, with the moment of its figure; not of prices of the day."""
    rows: Changes = [
        (change.rule.id, change.kind.value, change.as_of)
        for change in evaluation.transitions
        if change.kind in (TransitionKind.FIRED, TransitionKind.CLEARED) and not change.rule.intraday
    ]
    change = evaluation.phase_change
    return rows if change is None else [*rows, (change.before.value, change.after.value, change.at)]


def touches(evaluation: Evaluation) -> int:
    """How many rules over prices of the day fired."""
    return sum(
        change.rule.intraday and change.kind is TransitionKind.FIRED for change in evaluation.transitions
    )


@cache
def ranges() -> dict[date, tuple[float, float]]:
    """Each day's high and low, USD."""
    rows = csv.DictReader(RANGES.read_text().splitlines())
    return {date.fromisoformat(row["day"]): (float(row["high_usd"]), float(row["low_usd"])) for row in rows}


@cache
def readings(rules: tuple[Rule, ...]) -> tuple[Reading, ...]:
    needed = series_needed(rules)
    return tuple(reading for reading in bundled_readings() if reading.series in needed)


def prices(day: date, corners: Sequence[float], polls: int) -> Iterator[Reading]:
    """The spot prices of a day's polls but the last, in straight lines from its first corner to its last."""
    for poll in range(1, polls):
        leg, step = divmod(poll * (len(corners) - 1) / polls, 1)
        value = corners[int(leg)] + (corners[int(leg) + 1] - corners[int(leg)]) * step
        at = end_of_day(day) - timedelta(days=1) + timedelta(days=1) * poll / polls
        yield Reading("btc.price", value, at, "exchange", at)


def replayed(first: date, last: date, rules: tuple[Rule, ...] = RULES) -> tuple[RuleStates, Changes]:
    """Where the rules stood before `first`, and what a daily replay says from then on."""
    past, states, expected = ReplayHistory(), RuleStates(), Changes()
    past.learn_all(readings(rules))
    for day in past.days(rules, last):
        if day.day < first:
            states = day.evaluation.states
        else:
            expected += changes(day.evaluation)
    return states, expected


def polled(
    states: RuleStates,
    first: date,
    last: date,
    polls: int,
    rules: tuple[Rule, ...] = RULES,
    *,
    low_first: bool = True,
) -> Iterator[ReplayDay]:
    """What a live program finds that polls so often a day, poll by poll."""
    live = ReplayHistory(end_of_day(last))
    live.learn_all(r for r in readings(rules) if r.as_of <= end_of_day(first - timedelta(days=1)))
    by_day: dict[date, list[Reading]] = {}
    for reading in readings(rules):
        if reading.day is not None and first <= reading.day <= last:
            by_day.setdefault(reading.day, []).append(reading)
    for day, arriving in by_day.items():
        ends = [reading for reading in arriving if reading.series.startswith("btc.price")]
        close = next(reading.value for reading in ends if reading.series == "btc.price")
        high, low = ranges()[day]
        opening = live.history.column("btc.price").values[-1]
        between = (low, high) if low_first else (high, low)
        moments = [
            (reading.as_of, reading) for reading in (*prices(day, (opening, *between, close), polls), *ends)
        ]
        moments += [(reading.as_of + HASHRATE_LATE, reading) for reading in arriving if reading not in ends]
        for at, reading in moments:
            live.history.add(reading)
            evaluation = evaluate(rules, states, live.history, at)
            states = evaluation.states
            yield ReplayDay((at - timedelta(microseconds=1)).date(), evaluation)


@pytest.mark.parametrize(
    ("first", "last"), [(date(2021, 5, 10), date(2021, 6, 30)), (date(2022, 5, 1), date(2022, 7, 15))]
)
def test_a_poll_every_five_minutes_gives_the_transitions_of_daily_closes(first: date, last: date) -> None:
    states, expected = replayed(first, last)
    polls = list(polled(states, first, last, POLLS))
    assert [change for poll in polls for change in changes(poll.evaluation)] == expected
    assert expected, "the weeks chosen hold firings and changes of phase"
    assert any(touches(poll.evaluation) for poll in polls), "and prices that no close confirmed at once"


@pytest.mark.parametrize("low_first", [True, False])
def test_open_low_high_and_close_of_nine_years_give_the_transitions_of_daily_closes(low_first: bool) -> None:
    states, expected = replayed(FIRST, LAST)
    polls = list(polled(states, FIRST, LAST, CORNERS, low_first=low_first))
    assert [change for poll in polls for change in changes(poll.evaluation)] == expected
    assert len(expected) > 150
    assert sum(touches(poll.evaluation) for poll in polls) == 12, "as docs/rules.md says"


def test_with_touches_too_nine_in_ten_calm_years_hold_twelve_messages_at_most() -> None:
    rules = default_rules(("DE-LU",))
    inbox, capitulation = Inbox(), set[date]()
    for poll in polled(replayed(FIRST, LAST, rules)[0], FIRST, LAST, CORNERS, rules):
        inbox.receive(poll)
        if poll.evaluation.states.phase.phase is Phase.CAPITULATION:
            capitulation.add(poll.day)
    windows = quiet_windows(inbox.days, FIRST, LAST, capitulation)
    assert len(windows) > 900
    assert sum(messages <= 12 for messages in windows) >= 0.9 * len(windows)
