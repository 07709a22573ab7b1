"""When the next look may begin what is reported with a picture."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.signals.evaluation import RuleStates
from bot.signals.imminence import may_begin
from bot.signals.phase import Phase, PhaseState
from bot.signals.rules import default_rules
from bot.signals.state_machine import RuleState, State

RULES = default_rules(())
NIGHT = datetime(2026, 3, 1, tzinfo=UTC)
HASHRATE = next(rule for rule in RULES if rule.id == "hashrate_decline.warning")
TOUCH = next(rule for rule in RULES if rule.id == "price_drawdown.critical.intraday")


def standing(phase: PhaseState | None = None, **states: RuleState) -> RuleStates:
    by_id = {
        rule.id: states[name] for name, rule in (("hashrate", HASHRATE), ("touch", TOUCH)) if name in states
    }
    return RuleStates(by_id, phase or PhaseState(Phase.CALM))


def pending(days: int) -> RuleState:
    since = NIGHT - timedelta(days=days)
    return RuleState(level=State.PENDING, since=since, as_of=NIGHT, value=-0.02, no_data=None)


def test_a_hold_that_the_day_due_next_ends() -> None:
    days = HASHRATE.fire_hold.days
    due = NIGHT + timedelta(days=1, minutes=5)
    assert may_begin(RULES, standing(hashrate=pending(days - 1)), due)
    assert not may_begin(RULES, standing(hashrate=pending(days - 1)), due - timedelta(hours=1))
    assert not may_begin(RULES, standing(hashrate=pending(days - 2)), due)
    assert not may_begin(RULES, standing(hashrate=replace(pending(days - 1), level=State.FIRING)), due)


def test_a_price_close_to_the_level_it_would_touch() -> None:
    quiet = RuleState(value=TOUCH.fire + 0.05, as_of=NIGHT, no_data=None)
    near = replace(quiet, value=TOUCH.fire + 0.005)
    assert not may_begin(RULES, standing(touch=quiet), NIGHT)
    assert may_begin(RULES, standing(touch=near), NIGHT)
    assert not may_begin(RULES, standing(touch=replace(near, level=State.FIRING)), NIGHT)


def test_a_capitulation_that_the_day_due_next_ends_or_begins() -> None:
    due = NIGHT + timedelta(days=1, minutes=5)
    for phase in (
        PhaseState(Phase.STRESS, for_since=NIGHT - timedelta(days=2), as_of=NIGHT),
        PhaseState(Phase.CAPITULATION, against_since=NIGHT - timedelta(days=2), as_of=NIGHT),
    ):
        assert may_begin(RULES, standing(phase), due)
        assert not may_begin(RULES, standing(phase), due - timedelta(hours=1))


def test_nothing_is_near_in_calm_or_before_the_first_look() -> None:
    assert not may_begin(RULES, standing(), NIGHT)
