"""What a subscriber with the usual subscriptions would have got, 2011 to 2026."""

from datetime import date
from itertools import pairwise

import pytest

from bot.backtest.messages import DEFAULTS, Inbox, quiet_windows
from bot.backtest.replay import ReplayDay, replay
from bot.data.bundle import bundled_readings
from bot.signals.alert import Alert, AlertKind
from bot.signals.phase import Phase
from bot.signals.rules import REMINDERS, Severity, default_rules

FIRST, LAST = date(2011, 1, 1), date(2026, 7, 3)
RULES = default_rules(("DE-LU",))


@pytest.fixture(scope="module")
def days() -> list[ReplayDay]:
    return [day for day in replay(bundled_readings(), RULES, LAST) if day.day >= FIRST]


@pytest.fixture(scope="module")
def messages(days: list[ReplayDay]) -> dict[date, list[Alert]]:
    inbox = Inbox()
    for day in days:
        inbox.receive(day)
    return inbox.days


def test_nine_in_ten_calm_years_hold_twelve_messages_at_most(
    days: list[ReplayDay], messages: dict[date, list[Alert]]
) -> None:
    capitulation = [day.day for day in days if day.evaluation.states.phase.phase is Phase.CAPITULATION]
    windows = quiet_windows(messages, FIRST, LAST, capitulation)
    assert len(windows) > 2_000
    assert sum(count <= 12 for count in windows) >= 0.9 * len(windows)


def test_whoever_is_told_of_a_beginning_is_told_of_its_end(messages: dict[date, list[Alert]]) -> None:
    begun: set[str] = set()
    for alerts in messages.values():
        for alert in alerts:
            if alert.kind is AlertKind.FIRED:
                assert alert.rule not in begun, f"{alert.rule} begins twice without an end"
                begun.add(alert.rule)
            elif alert.kind is AlertKind.CLEARED:
                begun.discard(alert.rule)
    assert begun <= {rule.id for rule in RULES if rule.signal in ("price_drawdown", "hashrate_decline")}
    assert len(begun) <= 2, "what lasts at the end of the history"


def test_every_change_of_phase_is_told_and_follows_on_the_one_before(
    messages: dict[date, list[Alert]],
) -> None:
    changes = [alert for alerts in messages.values() for alert in alerts if alert.kind is AlertKind.PHASE]
    assert len(changes) > 50
    for before, after in pairwise(changes):
        assert before.after is after.before
    assert all(alert.severity >= DEFAULTS["capitulation"] for alert in changes)


def test_reminders_thin_out_and_never_come_for_a_warning(messages: dict[date, list[Alert]]) -> None:
    assert [span.days for span in REMINDERS] == [30, 90, 210]
    reminders = [
        alert for alerts in messages.values() for alert in alerts if alert.kind is AlertKind.REMINDER
    ]
    assert reminders
    assert all(alert.severity is Severity.CRITICAL for alert in reminders)
    assert all(rule.reminders == () for rule in RULES if rule.severity is not Severity.CRITICAL)


def test_dear_power_is_told_only_when_it_is_a_record(messages: dict[date, list[Alert]]) -> None:
    power = [alert for alerts in messages.values() for alert in alerts if alert.signal == "energy_price"]
    assert power
    assert all(alert.severity is Severity.CRITICAL for alert in power)
    assert not [alert for alerts in messages.values() for alert in alerts if alert.signal == "miner_income"]


def test_a_warning_is_not_told_beside_its_critical_rule(messages: dict[date, list[Alert]]) -> None:
    for alerts in messages.values():
        fired = {alert.rule for alert in alerts if alert.kind is AlertKind.FIRED}
        assert not {"price_drawdown.warning", "price_drawdown.critical"} <= fired
