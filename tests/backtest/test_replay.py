"""The rules over the bundled history: what must be found, what must not, and no look-ahead."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.backtest.replay import ReplayDay, known_at, replay
from bot.data.bundle import bundled_readings
from bot.signals.history import History
from bot.signals.phase import Phase, SignalEvidence, evidence
from bot.signals.rules import Severity, default_rules
from bot.signals.series import SERIES, Reading
from bot.signals.state_machine import TransitionKind

RULES = default_rules(("DE-LU",))
LAST = date(2026, 8, 31)


@pytest.fixture(scope="module")
def readings() -> list[Reading]:
    return sorted(bundled_readings(), key=known_at)


@pytest.fixture(scope="module")
def days(readings: list[Reading]) -> dict[date, ReplayDay]:
    return {each.day: each for each in replay(readings, RULES, LAST)}


def phase_of(days: dict[date, ReplayDay], day: date) -> Phase:
    return days[day].evaluation.states.phase.phase


def dates(first: date, last: date) -> list[date]:
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def test_every_day_from_the_first_reading_to_the_last_is_replayed_once(days: dict[date, ReplayDay]) -> None:
    assert list(days) == dates(min(days), LAST)
    assert min(days) == date(2010, 8, 17), "before that no rule has anything to look at"


def test_the_drawdown_is_critical_on_the_day_of_the_crash_of_2022(days: dict[date, ReplayDay]) -> None:
    fired = [
        t for t in days[date(2022, 6, 16)].evaluation.transitions if t.rule.id == "price_drawdown.critical"
    ]
    assert [t.kind for t in fired] == [TransitionKind.FIRED]
    assert fired[0].value is not None
    assert -0.71 < fired[0].value <= -0.70


def test_the_summer_of_2022_shows_every_signal_and_none_flaps(days: dict[date, ReplayDay]) -> None:
    summer = [days[day] for day in dates(date(2022, 5, 1), date(2022, 8, 31))]
    fired = Counter(
        t.rule.id for each in summer for t in each.evaluation.transitions if t.kind is TransitionKind.FIRED
    )
    for rule in (
        *("price_drawdown.warning", "price_drawdown.critical", "hashrate_decline.warning"),
        *("hashrate_decline.critical", "energy_price.warning.DE-LU", "miner_outflow.warning.public"),
    ):
        assert fired[rule] >= 1, rule
    assert max(fired.values()) <= 3
    pending = [
        t.at.date() - timedelta(days=1)
        for each in summer
        for t in each.evaluation.transitions
        if t.rule.id == "hashrate_decline.warning" and t.after.value == "pending"
    ]
    assert date(2022, 6, 9) <= pending[0] <= date(2022, 6, 12)


def test_capitulation_begins_and_ends_in_the_summer_of_2022(days: dict[date, ReplayDay]) -> None:
    changes = [
        (day, change.after)
        for day in dates(date(2022, 5, 1), date(2022, 8, 31))
        if (change := days[day].evaluation.phase_change) is not None
    ]
    began = next(day for day, after in changes if after is Phase.CAPITULATION)
    assert date(2022, 6, 16) <= began <= date(2022, 6, 30)
    assert changes[-1][1] is not Phase.CAPITULATION


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2018, 11, 16), date(2019, 1, 17)),
        (date(2022, 6, 25), date(2022, 8, 26)),
        (date(2022, 12, 4), date(2023, 1, 21)),
    ],
)
def test_the_winters_are_capitulation(days: dict[date, ReplayDay], first: date, last: date) -> None:
    assert {phase_of(days, day) for day in dates(first, last)} == {Phase.CAPITULATION}


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2016, 8, 1), date(2018, 1, 31)),
        (date(2020, 10, 1), date(2021, 4, 30)),
        (date(2023, 2, 1), date(2025, 12, 31)),
    ],
)
def test_quiet_times_hold_no_capitulation(days: dict[date, ReplayDay], first: date, last: date) -> None:
    assert Phase.CAPITULATION not in {phase_of(days, day) for day in dates(first, last)}


def test_the_squeezes_without_a_crash_are_stress(days: dict[date, ReplayDay]) -> None:
    """After the halving of 2024 and at the end of 2025 miners left while the price stood near its record."""
    for first, last in ((date(2024, 5, 4), date(2024, 7, 27)), (date(2025, 12, 1), date(2025, 12, 31))):
        assert {phase_of(days, day) for day in dates(first, last)} == {Phase.STRESS}


def test_nothing_is_calm_while_price_or_miners_are_critical_and_no_recovery_follows_calm(
    days: dict[date, ReplayDay],
) -> None:
    before = Phase.UNKNOWN
    critical = [
        rule.id
        for rule in RULES
        if rule.severity is Severity.CRITICAL and rule.signal != "energy_price" and not rule.intraday
    ]
    for day in days.values():
        states = day.evaluation.states
        phase = states.phase.phase
        if phase is Phase.CALM and not states.phase.stale:
            assert not [name for name in critical if states.rules[name].active], day.day
        assert not (before is Phase.CALM and phase is Phase.RECOVERY)
        before = phase


def test_after_a_capitulation_begins_difficulty_falls_further_in_most_episodes(
    days: dict[date, ReplayDay], readings: list[Reading]
) -> None:
    difficulty = dict(History(readings).days("btc.difficulty"))
    starts = [
        day
        for day, each in days.items()
        if (change := each.evaluation.phase_change) is not None and change.after is Phase.CAPITULATION
    ]
    fell = [
        min(level for day, level in difficulty.items() if start <= day <= start + timedelta(days=30))
        <= 0.95 * difficulty[start]
        for start in starts
    ]
    assert len(starts) >= 8
    assert sum(fell) >= 0.7 * len(fell)


def test_only_real_rules_speak_in_replay(days: dict[date, ReplayDay]) -> None:
    """Prices of the day are not in the bundle, so rules over them never say anything about it."""
    intraday = {rule.id for rule in RULES if rule.intraday}
    assert intraday
    assert not [t for each in days.values() for t in each.evaluation.transitions if t.rule.id in intraday]


@pytest.mark.parametrize("month", [date(2024, 6, 1), date(2025, 6, 1)])
def test_a_falling_hashrate_alone_is_seen_and_is_no_capitulation(
    days: dict[date, ReplayDay], month: date
) -> None:
    span = dates(month, month + timedelta(days=45))
    assert any(
        days[day].evaluation.states.rules["hashrate_decline.warning"].value is not None for day in span
    )
    assert all(phase_of(days, day) is not Phase.CAPITULATION for day in span)


def test_sales_of_public_miners_speak_no_longer_than_their_data(days: dict[date, ReplayDay]) -> None:
    """Their months end in 2022-07 and 2023-10; what fired then is not evidence years later."""
    values = {
        day
        for day, each in days.items()
        if any(leg.signal == "miner_outflow" and leg.firing for leg in _evidence(each))
    }
    assert date(2022, 7, 20) in values
    assert not {day for day in values if date(2022, 10, 3) <= day < date(2023, 11, 15)}
    assert max(values) < date(2024, 1, 3)


def _evidence(day: ReplayDay) -> tuple[SignalEvidence, ...]:
    return evidence(RULES, day.evaluation.states.rules)


@pytest.mark.parametrize("until", [date(2018, 12, 24), date(2022, 6, 17)])
def test_what_comes_later_changes_nothing_of_what_was_said_before(
    readings: list[Reading], days: dict[date, ReplayDay], until: date
) -> None:
    end = max(known_at(r) for r in readings if known_at(r).date() <= until)
    poisoned = [r if known_at(r) <= end else replace(r, value=r.value * 7) for r in readings]
    by_day = {each.day: each.evaluation for each in replay(poisoned, RULES, until)}
    last = until - timedelta(days=1)
    for day in dates(until - timedelta(days=400), last):
        assert by_day[day] == days[day].evaluation


def test_it_can_be_interrupted_and_taken_up_again(
    readings: list[Reading], days: dict[date, ReplayDay]
) -> None:
    middle = date(2022, 6, 20)
    first = list(replay(readings, RULES, middle))[-1]
    after = first.evaluation.states.phase.as_of
    rest = list(replay(readings, RULES, date(2022, 9, 30), standing=first.evaluation.states, after=after))
    assert rest[0].day == middle + timedelta(days=1)
    assert [each.evaluation for each in rest] == [days[each.day].evaluation for each in rest]


def test_a_value_filled_in_later_counts_from_when_it_was_published(readings: list[Reading]) -> None:
    regular = [r for r in readings if SERIES[r.series].lag is not None]
    late = [replace(r, read_at=r.read_at + timedelta(days=900)) for r in regular]
    assert [known_at(r) for r in late] == [known_at(r) for r in regular]


def test_no_readings_are_no_days() -> None:
    assert list(replay([], RULES, LAST)) == []
    assert History().newest("btc.price") is None
