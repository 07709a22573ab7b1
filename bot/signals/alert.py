"""What is worth telling: alerts made of transitions and of changes of phase, complete in themselves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.i18n.message import NOTHING, Message
from bot.signals.evaluation import Evaluation
from bot.signals.phase import Phase, PhaseChange, SignalEvidence
from bot.signals.rules import COMPOSITE, Quantity, Severity
from bot.signals.state_machine import Transition, TransitionKind


class AlertKind(StrEnum):
    """What an alert tells."""

    FIRED = "fired"
    CLEARED = "cleared"
    REMINDER = "reminder"
    NO_DATA = "no_data"
    DATA_BACK = "data_back"
    PHASE = "phase"


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to tell the subscribers of `signal`; everything its message says, and nothing to look up.

    `at` is the moment of the data that caused it, `threshold` the level it passed, `clears` the one that ends
    what has fired, `began` when the episode began, `lasted` how long it was when it ended and `worst`
    its extreme. For a change of phase `before`, `after` and `evidence` say why.
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


_KINDS = {
    TransitionKind.FIRED: AlertKind.FIRED,
    TransitionKind.CLEARED: AlertKind.CLEARED,
    TransitionKind.REMINDER: AlertKind.REMINDER,
    TransitionKind.NO_DATA: AlertKind.NO_DATA,
    TransitionKind.DATA_BACK: AlertKind.DATA_BACK,
}
_OF_THE_FEED = (AlertKind.NO_DATA, AlertKind.DATA_BACK)

_LOUDNESS = {
    Phase.CAPITULATION: Severity.CRITICAL,
    Phase.RECOVERY: Severity.WARNING,
    Phase.STRESS: Severity.WARNING,
    Phase.CALM: Severity.INFO,
    Phase.UNKNOWN: Severity.INFO,
}


def alerts(evaluation: Evaluation) -> tuple[Alert, ...]:
    """What one evaluation gives to tell, the phase first, then the loudest.

    A feed that falls silent or comes back is told once a signal, however many rules it serves. Nobody is
    reminded of a warning while the same signal's critical rule stands. That the phase became unknown for lack
    of data is not told, nor that it is known again, unless it is another than before.
    """
    gravest: dict[str, Severity] = {}
    for rule in evaluation.rules:
        if evaluation.standing.rules[rule.id].active:
            gravest[rule.signal] = max(rule.severity, gravest.get(rule.signal, rule.severity))
    news = (
        one
        for one in evaluation.transitions
        if one.kind is not TransitionKind.REMINDER or one.rule.severity >= gravest[one.rule.signal]
    )
    gravest_first = sorted(news, key=lambda one: -one.rule.severity)
    told = sorted(
        (_of_rule(one) for one in gravest_first if one.kind in _KINDS), key=lambda one: -one.severity
    )
    feeds: set[tuple[str, AlertKind, Message | str]] = set()
    for alert in list(told):
        feed = (alert.signal, alert.kind, alert.detail if alert.kind is AlertKind.NO_DATA else alert.source)
        if alert.kind in _OF_THE_FEED and feed in feeds:
            told.remove(alert)
        feeds.add(feed)
    change = evaluation.phase_change
    if change is not None and change.known not in (None, change.after) and change.after is not Phase.UNKNOWN:
        told.insert(0, _of_phase(change))
    return tuple(told)


def _of_rule(transition: Transition) -> Alert:
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
    )


def _of_phase(change: PhaseChange) -> Alert:
    before = change.known or change.before
    seen = change.before is not Phase.UNKNOWN  # else nobody knows how long it really was
    # The end of capitulation matters to whoever heard of its beginning.
    ended = before is Phase.CAPITULATION
    severity = Severity.CRITICAL if ended else _LOUDNESS[change.after]
    return Alert(
        rule=COMPOSITE,
        signal=COMPOSITE,
        severity=severity,
        kind=AlertKind.PHASE,
        at=change.at,
        title=Message(f"{before} → {change.after}"),
        began=change.since if seen else None,
        lasted=change.lasted if seen else None,
        as_of=change.at,
        before=before,
        after=change.after,
        evidence=change.evidence,
    )
