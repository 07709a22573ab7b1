"""The status of each signal: that of its representative rule, with value, threshold, source and age."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.i18n.message import Message
from bot.signals.evaluation import RuleStates
from bot.signals.phase import CORE
from bot.signals.rules import SIGNALS, Quantity, Rule, Severity
from bot.signals.state_machine import RuleState, State


@dataclass(frozen=True, slots=True)
class SignalStatus:
    """A signal as people are shown it. `value` is None while there is no data; `reason` says why.

    `threshold` is the level that fires it, `clears` the one that ends it.
    `since` is when the state was reached, by the data's own time: for one that fires, when its episode
    began, as its alert says; `fired` is when it fired, where it has. `active`: it fired and has not cleared,
    which lack of data does not change.
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
    fired: datetime | None = None


def signal_statuses(rules: Iterable[Rule], states: RuleStates) -> tuple[SignalStatus, ...]:
    """One status for each signal, in the contract's order. Rules over prices of the day are left out."""
    by_signal: dict[str, list[tuple[Rule, RuleState]]] = {signal: [] for signal in SIGNALS}
    for rule in rules:
        if not rule.intraday:
            by_signal[rule.signal].append((rule, states.rules.get(rule.id, RuleState())))
    return tuple(_status(*max(pairs, key=_representative_key)) for pairs in by_signal.values())


def phase_is_stale(statuses: Iterable[SignalStatus]) -> bool:
    """Whether price or hashrate has no data, so that the phase is only the last one known."""
    return any(status.value is None for status in statuses if status.signal in CORE)


def _representative_key(pair: tuple[Rule, RuleState]) -> tuple[bool, bool, bool, int]:
    """Sort key of the rule that represents a signal.

    Firing rules first, by descending severity; then rules with data, by ascending severity.
    """
    rule, state = pair
    return (
        state.active,
        state.no_data is None,
        state.level is State.PENDING,
        rule.severity * (1 if state.active else -1),
    )


def _status(rule: Rule, state: RuleState) -> SignalStatus:
    has_data = state.no_data is None
    return SignalStatus(
        signal=rule.signal,
        state=state.state,
        active=state.active,
        severity=rule.severity,
        title=rule.title,
        quantity=rule.quantity,
        value=state.value if has_data else None,
        threshold=rule.fire,
        clears=rule.clear,
        since=_since(state),
        as_of=state.as_of,
        source=state.source,
        reason=state.detail if has_data else state.reason,
        fired=state.fired if state.active else None,
    )


def _since(state: RuleState) -> datetime | None:
    if state.no_data is not None:
        return state.no_data_since
    return state.began if state.active else state.since
