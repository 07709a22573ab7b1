"""Evaluate every rule and the phase over the history known at a moment; make the alerts of what changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from bot.i18n.message import message
from bot.signals.alert import Alert, alerts
from bot.signals.history import History
from bot.signals.indicators import Indicator, Measured, Missing, NoDataReason, recent_decline, ribbon
from bot.signals.phase import (
    LIMITS,
    MarketTrend,
    PhaseChange,
    PhaseLimits,
    PhaseState,
    advance,
    evidence,
)
from bot.signals.rules import Rule, Severity
from bot.signals.series import SERIES
from bot.signals.state_machine import NEW, RuleState, Transition, TransitionKind, step

CONFIRMED_FOR: Final = timedelta(days=40)
"""How far back a critical rule wants its days confirmed: the span its means compare."""


Figures = dict[Indicator, Measured | Missing]
"""What indicators say at one moment."""


@dataclass(frozen=True, slots=True)
class RuleStates:
    """The state of every rule (by id) and of the phase; what is stored between two evaluations."""

    rules: Mapping[str, RuleState] = field(default_factory=dict)
    phase: PhaseState = field(default_factory=PhaseState)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result of evaluating rules: the states afterwards, what changed, and the alerts that tell it."""

    states: RuleStates
    transitions: tuple[Transition, ...]
    phase_change: PhaseChange | None
    alerts: tuple[Alert, ...]


def evaluate(
    rules: Sequence[Rule],
    states: RuleStates,
    history: History,
    at: datetime,
    limits: PhaseLimits = LIMITS,
    figures: Figures | None = None,
) -> Evaluation:
    """Evaluate every rule, then the phase, with what `history` knows at `at` (UTC).

    `figures` are those that evaluating other rules at the same moment has worked out; more are put in.
    """
    rules, after = tuple(rules), dict[str, RuleState]()
    transitions: list[Transition] = []
    figures = {} if figures is None else figures  # two rules may look at one
    for rule in rules:
        figure = figures.get(rule.indicator)
        if figure is None:
            figure = figures[rule.indicator] = rule.indicator(history, at)
        if history.doubted and isinstance(figure, Measured):
            figure = _believed(rule, figure, history, at)
        after[rule.id], transition = step(rule, states.rules.get(rule.id, NEW), figure, at)
        if transition is not None:
            transitions.append(transition)
    if transitions:
        _inhibit(rules, after, transitions)
    if ribbon not in figures:
        figures[ribbon] = ribbon(history, at)
    market = _market(figures[ribbon], history, limits)
    phase, change = advance(states.phase, evidence(rules, after), market, limits)
    news = alerts(transitions, rules, after, change)
    return Evaluation(RuleStates(after, phase), tuple(transitions), change, news)


def _believed(rule: Rule, measured: Measured, history: History, at: datetime) -> Measured | Missing:
    """The rule's figure. What rests on one source says so, and is no figure to a critical rule.

    Nor to a rule over spot prices, which waits for no second look: there the newest price must be confirmed.
    """
    since = at.date() + timedelta(days=1) if rule.intraday else at.date() - CONFIRMED_FOR
    for series in rule.inputs:
        if series in rule.minor_inputs:
            continue
        source = history.sole_source(series, since)
        if source is not None and (rule.intraday or rule.severity is Severity.CRITICAL):
            reason = message(
                "{series}: only one source, {source}", series=SERIES[series].title, source=source
            )
            return Missing(NoDataReason.STALE, reason)
        if source is not None:
            # Translators: {detail} says what a figure is made of; {source} is a provider's name.
            detail = message("{detail} (only one source, {source})", detail=measured.detail, source=source)
            return replace(measured, detail=detail)
    return measured


def _inhibit(rules: Sequence[Rule], after: dict[str, RuleState], transitions: Sequence[Transition]) -> None:
    """Mark the firing rules whose alerts another rule's make needless.

    A warning that fires while its critical rule does was never reported by itself; once the critical one
    clears, its end says that the warning stands. A touch during the day is taken over by the close.
    """
    fired = {change.rule.id for change in transitions if change.kind is TransitionKind.FIRED}
    cleared = {change.rule.id for change in transitions if change.kind is TransitionKind.CLEARED}
    for rule in rules:
        state = after[rule.id]
        if not rule.inhibited_by or not state.active:
            continue
        by = [other for other in rule.inhibited_by if other in after and after[other].active]
        if by and not state.inhibited and (rule.intraday or rule.id in fired):
            after[rule.id] = replace(state, inhibited=True)
        elif state.inhibited and not by and not rule.intraday and cleared.intersection(rule.inhibited_by):
            after[rule.id] = replace(state, inhibited=False)


def _market(measured: Measured | Missing, history: History, limits: PhaseLimits) -> MarketTrend:
    """What the phase needs beside the signals; without a hash ribbon nothing declines or has recovered."""
    if isinstance(measured, Missing):
        return MarketTrend()
    price = history.column("btc.price")
    momentum = price.values and price.means(10)[-1] > price.means(20)[-1]  # false for NaN
    return MarketTrend(recent_decline(history) <= limits.declining, bool(momentum) and measured.value > 0)
