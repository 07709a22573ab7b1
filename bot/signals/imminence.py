"""Whether the next look may begin what is reported with a picture, so that one can be made ready."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.signals.evaluation import RuleStates
from bot.signals.phase import LIMITS, Phase
from bot.signals.rules import Rule, Severity
from bot.signals.state_machine import NEW, RuleState, State

_DAY: Final = timedelta(days=1)
_CLOSE_TO_LEVEL: Final = 0.01
"""How near the level a figure without a hold has to be, as a fraction of the record price."""


def may_begin(rules: Sequence[Rule], standing: RuleStates, now: datetime) -> bool:
    """True when the day that is due next can end a hold, or a price of the day is about to touch a level."""
    states = standing.rules
    return _phase_may_change(standing, now) or any(
        _is_near(rule, state) if rule.intraday else _hold_may_end(rule, state, now)
        for rule in rules
        if (state := states.get(rule.id, NEW)).no_data is None
    )


def _phase_may_change(standing: RuleStates, now: datetime) -> bool:
    phase = standing.phase
    since = phase.against_since if phase.phase is Phase.CAPITULATION else phase.for_since
    return since is not None and _ends_with_next_day(phase.as_of, since + LIMITS.hold, now)


def _hold_may_end(rule: Rule, state: RuleState, now: datetime) -> bool:
    if state.since is None or state.level not in (State.PENDING, State.RECOVERING):
        return False
    hold = rule.fire_hold if state.level is State.PENDING else rule.clear_hold
    return _ends_with_next_day(state.as_of, state.since + hold, now)


def _ends_with_next_day(as_of: datetime | None, end: datetime, now: datetime) -> bool:
    return as_of is not None and end <= as_of + _DAY <= now


def _is_near(rule: Rule, state: RuleState) -> bool:
    if state.active or rule.severity is not Severity.CRITICAL or state.value is None:
        return False
    return abs(state.value - rule.fire) <= _CLOSE_TO_LEVEL
