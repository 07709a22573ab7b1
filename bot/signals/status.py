"""Each signal in one line: the rule that speaks for it now, with value, threshold, source and age."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.i18n.message import Message
from bot.signals.evaluation import RuleStates
from bot.signals.rules import SIGNALS, Quantity, Rule, Severity
from bot.signals.state_machine import RuleState, State


@dataclass(frozen=True, slots=True)
class SignalStatus:
    """A signal as people are shown it. `value` is None while no figure can be trusted; `reason` says why.

    `threshold` is the level that fires it, `clears` the one that ends it.
    `since` is when the state was reached, by the data's own time: for one that fires, when its episode
    began, as its alert says. `active`: it fired and has not cleared, which lack of data does not change.
    """

    signal: str
    state: State
    active: bool
    severity: Severity
    title: Message
    quantity: Quantity
    value: float | None
    threshold: float
    clears: float
    since: datetime | None
    as_of: datetime | None
    source: str
    reason: Message


def signal_statuses(rules: Iterable[Rule], standing: RuleStates) -> tuple[SignalStatus, ...]:
    """One status for each of the four signals, in the contract's order."""
    by_signal: dict[str, list[tuple[Rule, RuleState]]] = {signal: [] for signal in SIGNALS}
    for rule in rules:
        by_signal[rule.signal].append((rule, standing.rules.get(rule.id, RuleState())))
    return tuple(_status(*max(pairs, key=_voice)) for pairs in by_signal.values())


def has_any_data(statuses: Iterable[SignalStatus]) -> bool:
    """Whether any signal has data: without, the phase is only the last one known."""
    return any(one.value is not None for one in statuses)


def _voice(pair: tuple[Rule, RuleState]) -> tuple[bool, bool, bool, int]:
    """Who speaks for a signal: what has fired, gravest first; else what has data, mildest first."""
    rule, state = pair
    loudness = int(rule.severity)
    return (
        state.active,
        state.lack is None,
        state.level is State.PENDING,
        loudness * (1 if state.active else -1),
    )


def _status(rule: Rule, state: RuleState) -> SignalStatus:
    trusted = state.lack is None
    return SignalStatus(
        signal=rule.signal,
        state=state.state,
        active=state.active,
        severity=rule.severity,
        title=rule.title,
        quantity=rule.quantity,
        value=state.value if trusted else None,
        threshold=rule.fire,
        clears=rule.clear,
        since=_since(state),
        as_of=state.as_of,
        source=state.source,
        reason=state.detail if trusted else state.reason,
    )


def _since(state: RuleState) -> datetime | None:
    if state.lack is not None:
        return state.lack_since
    return state.began if state.level is State.FIRING else state.since
