"""Alerts, made from rule transitions and changes of phase; each holds everything its message says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.i18n.message import NOTHING, Message
from bot.signals.phase import Phase, PhaseChange, SignalEvidence
from bot.signals.rules import COMPOSITE, Quantity, Rule, Severity
from bot.signals.state_machine import RuleState, Transition, TransitionKind


class AlertKind(StrEnum):
    """What an alert reports."""

    FIRED = "fired"
    CLEARED = "cleared"
    REMINDER = "reminder"
    NO_DATA = "no_data"
    DATA_BACK = "data_back"
    PHASE = "phase"


@dataclass(frozen=True, slots=True)
class Alert:
    """One message to the subscribers of `signal`, complete in itself.

    `at` is the moment of the data that caused it, `threshold` the level it passed, `clears` the one that ends
    what has fired, `began` when the episode began, `lasted` how long it was when it ended and `worst`
    its extreme; after an end `stands` is the severity at which its subject still fires, if it does. For a
    change of phase `before`, `after` and `evidence` say why.
    """

    rule: str
    signal: str
    severity: Severity
    kind: AlertKind
    at: datetime
    title: Message
    value: float | None = None
    threshold: float | None = None
    clears: float | None = None
    quantity: Quantity | None = None
    began: datetime | None = None
    lasted: timedelta | None = None
    worst: float | None = None
    source: str = ""
    as_of: datetime | None = None
    detail: Message = NOTHING
    before: Phase | None = None
    after: Phase | None = None
    evidence: tuple[SignalEvidence, ...] = ()
    stands: Severity | None = None


_KINDS = {
    TransitionKind.FIRED: AlertKind.FIRED,
    TransitionKind.CLEARED: AlertKind.CLEARED,
    TransitionKind.REMINDER: AlertKind.REMINDER,
    TransitionKind.NO_DATA: AlertKind.NO_DATA,
    TransitionKind.DATA_BACK: AlertKind.DATA_BACK,
}
_ABOUT_DATA = (AlertKind.NO_DATA, AlertKind.DATA_BACK)

_SEVERITY_OF = {
    Phase.CAPITULATION: Severity.CRITICAL,
    Phase.RECOVERY: Severity.WARNING,
    Phase.STRESS: Severity.WARNING,
    Phase.CALM: Severity.INFO,
    Phase.UNKNOWN: Severity.INFO,
}


def alerts(
    transitions: Sequence[Transition],
    rules: Sequence[Rule],
    states: Mapping[str, RuleState],
    change: PhaseChange | None,
) -> tuple[Alert, ...]:
    """The alerts of one evaluation of `rules`, the change of phase first, then by severity.

    `states` are those of the rules (by id) afterwards.

    Missing data, and its return, is reported once a signal, however many rules it feeds. What another rule
    inhibits is left out. A change of phase is as severe as the graver of the two phases, so that whoever was
    told of a beginning is told of its end. A change to `unknown` for missing data is not
    reported, nor the return from it, unless the phase differs from the one before.
    """
    reported = (
        transition
        for transition in transitions
        if transition.kind in _KINDS and not states[transition.rule.id].inhibited
    )
    by_rule_severity = sorted(reported, key=lambda transition: -transition.rule.severity)
    result = [_of_rule(transition, rules, states) for transition in by_rule_severity]
    result.sort(key=lambda alert: -alert.severity)
    inputs: set[tuple[str, AlertKind, Message | str]] = set()
    for alert in list(result):
        key = (alert.signal, alert.kind, alert.detail if alert.kind is AlertKind.NO_DATA else alert.source)
        if alert.kind in _ABOUT_DATA and key in inputs:
            result.remove(alert)
        inputs.add(key)
    if change is not None and change.known not in (None, change.after) and change.after is not Phase.UNKNOWN:
        result.insert(0, _of_phase(change))
    return tuple(result)


def _of_rule(transition: Transition, rules: Sequence[Rule], states: Mapping[str, RuleState]) -> Alert:
    rule = transition.rule
    cleared = transition.kind is TransitionKind.CLEARED
    severity = rule.severity
    if transition.kind in (TransitionKind.NO_DATA, TransitionKind.DATA_BACK):
        severity = Severity.WARNING if transition.active else Severity.INFO
    return Alert(
        rule=rule.id,
        signal=rule.signal,
        severity=severity,
        kind=_KINDS[transition.kind],
        at=transition.as_of or transition.at,
        title=rule.title,
        value=transition.value,
        threshold=rule.clear if cleared else rule.fire,
        clears=rule.clear,
        quantity=rule.quantity,
        began=transition.began,
        lasted=transition.lasted,
        worst=transition.worst,
        source=transition.source,
        as_of=transition.as_of,
        detail=transition.detail,
        stands=_standing(rule, rules, states) if cleared else None,
    )


def subject_of(rule: str) -> str:
    """What a rule is about whatever its severity: signal and zone, or kind of outflow."""
    signal, *rest = rule.split(".")
    return ".".join([signal, *(part for part in rest[1:] if part != "intraday")])


def _standing(rule: Rule, rules: Sequence[Rule], states: Mapping[str, RuleState]) -> Severity | None:
    """The gravest severity at which the rule's subject still fires by another rule over closes."""
    standing = [
        other.severity
        for other in rules
        if other.id != rule.id
        and not other.intraday
        and subject_of(other.id) == subject_of(rule.id)
        and states[other.id].active
    ]
    return max(standing, default=None)


def _of_phase(change: PhaseChange) -> Alert:
    before = change.known or change.before
    was_known = change.before is not Phase.UNKNOWN  # else its length is not known
    severity = max(_SEVERITY_OF[before], _SEVERITY_OF[change.after])  # whoever was told of a beginning
    return Alert(
        rule=COMPOSITE,
        signal=COMPOSITE,
        severity=severity,
        kind=AlertKind.PHASE,
        at=change.at,
        title=Message(f"{before} → {change.after}"),
        began=change.since if was_known else None,
        lasted=change.lasted if was_known else None,
        as_of=change.at,
        before=before,
        after=change.after,
        evidence=change.evidence,
    )
