"""Where every rule and the phase stand, so that a restart repeats nothing."""

from collections.abc import Mapping
from functools import cache

from pydantic import TypeAdapter

from bot.signals.evaluation import RuleStates
from bot.signals.phase import PhaseState
from bot.signals.state_machine import RuleState
from storage.engine import Database

PHASE = "phase"
"""The name under which the phase's state is kept among the rules'."""


@cache
def _rule_state() -> TypeAdapter[RuleState]:
    return TypeAdapter(RuleState)


@cache
def _phase_state() -> TypeAdapter[PhaseState]:
    return TypeAdapter(PhaseState)


def dumped(standing: RuleStates) -> dict[str, str]:
    """The state of each rule and of the phase as it is kept: JSON by name."""
    rules = {rule: _rule_state().dump_json(state).decode() for rule, state in standing.rules.items()}
    return rules | {PHASE: _phase_state().dump_json(standing.phase).decode()}


def phase(state: str) -> PhaseState:
    """The phase's state out of its JSON."""
    return _phase_state().validate_json(state)


def save(db: Database, before: RuleStates, after: RuleStates) -> None:
    """Write what differs between two standings."""
    rules = {rule: state for rule, state in after.rules.items() if before.rules.get(rule) != state}
    changed = dumped(RuleStates(rules, after.phase))
    if before.phase == after.phase:
        del changed[PHASE]
    fill(db, changed)


def fill(db: Database, states: Mapping[str, str]) -> None:
    """Keep states that are in their kept form already."""
    db.executemany(
        "INSERT INTO rule_states (rule, state) VALUES (?, ?) "
        "ON CONFLICT (rule) DO UPDATE SET state = excluded.state",
        list(states.items()),
    )


def load(db: Database) -> RuleStates:
    """The standing last saved; an empty one at first."""
    states = dict(db.execute("SELECT rule, state FROM rule_states").fetchall())
    phase_row = states.pop(PHASE, None)
    rules = {rule: _rule_state().validate_json(state) for rule, state in states.items()}
    return RuleStates(rules, PhaseState() if phase_row is None else phase(phase_row))
