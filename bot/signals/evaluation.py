"""Evaluate every rule and the phase over the history known at a moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import isnan
from typing import Final

from bot.i18n.message import message
from bot.signals.history import History
from bot.signals.indicators import Measured, Missing, NoDataReason, ribbon
from bot.signals.phase import PhaseChange, PhaseState, advance, evidence
from bot.signals.rules import Rule, Severity
from bot.signals.series import SERIES
from bot.signals.state_machine import RuleState, Transition, step

CONFIRMED_FOR: Final = timedelta(days=40)
"""How far back a critical rule wants its days confirmed: the span its means compare."""


@dataclass(frozen=True, slots=True)
class RuleStates:
    """The state of every rule (by id) and of the phase; what is stored between two evaluations."""

    rules: Mapping[str, RuleState] = field(default_factory=dict)
    phase: PhaseState = field(default_factory=PhaseState)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result of evaluating `rules`: the states afterwards and what changed."""

    rules: tuple[Rule, ...]
    states: RuleStates
    transitions: tuple[Transition, ...]
    phase_change: PhaseChange | None


def evaluate(rules: Sequence[Rule], states: RuleStates, history: History, at: datetime) -> Evaluation:
    """Evaluate every rule, then the phase, with what `history` knows at `at` (UTC)."""
    after: dict[str, RuleState] = {}
    transitions: list[Transition] = []
    for rule in rules:
        state = states.rules.get(rule.id, RuleState())
        after[rule.id], transition = step(rule, state, _measure(rule, history, at), at)
        if transition is not None:
            transitions.append(transition)
    phase, change = advance(states.phase, evidence(rules, after), recovered=_recovered(history, at))
    return Evaluation(tuple(rules), RuleStates(after, phase), tuple(transitions), change)


def _measure(rule: Rule, history: History, at: datetime) -> Measured | Missing:
    """The rule's figure. What rests on one source says so, and is no figure to a critical rule."""
    measured = rule.indicator(history, at)
    if isinstance(measured, Missing):
        return measured
    since = at.date() - CONFIRMED_FOR
    for series in rule.inputs:
        source = history.sole_source(series, since)
        if source is not None and rule.severity is Severity.CRITICAL:
            reason = message(
                "{series} rests on one source, {source}", series=SERIES[series].title, source=source
            )
            return Missing(NoDataReason.STALE, reason)
        if source is not None:
            # Translators: {detail} says what a figure is made of; {source} is a provider's name.
            detail = message(
                "{detail} (resting on one source, {source})", detail=measured.detail, source=source
            )
            return replace(measured, detail=detail)
    return measured


def _recovered(history: History, at: datetime) -> bool:
    """Whether the ribbon has crossed back and price momentum is up; no data is no recovery."""
    measured = ribbon(history, at)
    price = history.column("btc.price")
    short, long = price.mean(price.last, 10), price.mean(price.last, 20)
    if not isinstance(measured, Measured) or isnan(short) or isnan(long):
        return False
    return measured.value > 0 and short > long
