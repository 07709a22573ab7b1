"""One look at everything: every rule and the phase, over the history known at a moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import isnan

from bot.signals.history import History
from bot.signals.indicators import Measured, ribbon
from bot.signals.phase import PhaseChange, PhaseState, advance, evidence
from bot.signals.rules import Rule
from bot.signals.state_machine import RuleState, Transition, step


@dataclass(frozen=True, slots=True)
class RuleStates:
    """Where every rule and the phase stand; what must be kept between two looks."""

    rules: Mapping[str, RuleState] = field(default_factory=dict)
    phase: PhaseState = field(default_factory=PhaseState)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one look at `rules` found: the new standing and what changed."""

    rules: tuple[Rule, ...]
    standing: RuleStates
    transitions: tuple[Transition, ...]
    phase_change: PhaseChange | None


def evaluate(rules: Sequence[Rule], standing: RuleStates, history: History, at: datetime) -> Evaluation:
    """Evaluate every rule, then the phase, with what `history` knows at `at` (UTC)."""
    states: dict[str, RuleState] = {}
    transitions: list[Transition] = []
    for rule in rules:
        state = standing.rules.get(rule.id, RuleState())
        states[rule.id], transition = step(rule, state, rule.indicator(history, at), at)
        if transition is not None:
            transitions.append(transition)
    phase, change = advance(standing.phase, evidence(rules, states), recovered=_recovered(history, at))
    return Evaluation(tuple(rules), RuleStates(states, phase), tuple(transitions), change)


def _recovered(history: History, at: datetime) -> bool:
    """Whether the ribbon has crossed back and price momentum is up; no data is no recovery."""
    measured = ribbon(history, at)
    price = history.column("btc.price")
    short, long = price.mean(price.last, 10), price.mean(price.last, 20)
    if not isinstance(measured, Measured) or isnan(short) or isnan(long):
        return False
    return measured.value > 0 and short > long
