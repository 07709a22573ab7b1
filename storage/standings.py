"""Where every rule and the phase stand, so that a restart repeats nothing."""

from functools import cache

from pydantic import TypeAdapter
from sqlite_utils import Database

from bot.signals.evaluation import Standing
from bot.signals.machine import RuleState
from bot.signals.phase import PhaseState

_PHASE = "phase"


@cache
def _rule_state() -> TypeAdapter[RuleState]:
    return TypeAdapter(RuleState)


@cache
def _phase_state() -> TypeAdapter[PhaseState]:
    return TypeAdapter(PhaseState)


def save(db: Database, before: Standing, after: Standing) -> None:
    """Write what differs between two standings."""
    changed = [
        (rule, _rule_state().dump_json(state).decode())
        for rule, state in after.rules.items()
        if before.rules.get(rule) != state
    ]
    if before.phase != after.phase:
        changed.append((_PHASE, _phase_state().dump_json(after.phase).decode()))
    db.conn.executemany(
        "INSERT INTO rule_states (rule, state) VALUES (?, ?) "
        "ON CONFLICT (rule) DO UPDATE SET state = excluded.state",
        changed,
    )


def load(db: Database) -> Standing:
    """The standing last saved; an empty one at first."""
    rules: dict[str, RuleState] = {}
    phase = PhaseState()
    for row in db.query("SELECT rule, state FROM rule_states"):
        if row["rule"] == _PHASE:
            phase = _phase_state().validate_json(row["state"])
        else:
            rules[row["rule"]] = _rule_state().validate_json(row["state"])
    return Standing(rules, phase)
