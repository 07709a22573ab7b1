"""Incidents: what belongs to one event, from the alert that opens it to the one that ends it.

A warning and the critical alert it becomes, a touch during the day and the close that follows, and all
reminders between are one incident. So are the phases from the first that is not calm to calm again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.signals.alert import Alert, AlertKind
from bot.signals.phase import Phase
from bot.signals.rules import Severity

_CHANGES = (AlertKind.FIRED, AlertKind.CLEARED, AlertKind.PHASE)


def continues(earlier: Sequence[Alert], alert: Alert) -> bool:
    """Whether `alert` belongs to the incident of these earlier alerts of its subject, oldest first."""
    if not earlier:
        return False
    return is_open(earlier) or (alert.kind is AlertKind.CLEARED and _is_late_end(earlier, alert))


def is_open(incident: Sequence[Alert]) -> bool:
    """Whether the incident of these alerts, oldest first, goes on."""
    last = next((alert for alert in reversed(incident) if alert.kind in _CHANGES), None)
    if last is None:  # what was about to fire, and has data again, tells of itself when it does
        return incident[-1].kind is not AlertKind.DATA_BACK or incident[-1].severity > Severity.INFO
    if last.kind is AlertKind.PHASE:
        return last.after is not Phase.CALM
    return last.kind is AlertKind.FIRED or last.stands is not None


def _is_late_end(earlier: Sequence[Alert], alert: Alert) -> bool:
    """Whether an end belongs to an incident that seemed over: it began in it, unreported."""
    return alert.began is not None and alert.began <= earlier[-1].at


@dataclass(frozen=True, slots=True)
class Incident:
    """What the alerts of an incident, oldest first, have come to."""

    alerts: tuple[Alert, ...]

    @property
    def is_over(self) -> bool:
        """Whether the last word was an end."""
        return not is_open(self.alerts)

    @property
    def current(self) -> Alert:
        """The alert that says how things are: the newest, or of an end the one that lasted longest."""
        ends = [alert for alert in self.alerts if alert.kind is AlertKind.CLEARED]
        if not self.is_over or not ends:
            return self.alerts[-1]
        return min(ends, key=lambda alert: alert.began or alert.at)

    @property
    def began(self) -> datetime | None:
        """When the first of its episodes began."""
        return min((alert.began for alert in self.alerts if alert.began is not None), default=None)

    @property
    def critical_since(self) -> datetime | None:
        """When it became critical after it had been reported as less; None when it is not."""
        since = None
        for alert in self.alerts:
            if alert.kind is AlertKind.FIRED and alert.severity is Severity.CRITICAL:
                since = since or alert.at
            elif alert.kind is AlertKind.CLEARED and alert.severity is Severity.CRITICAL:
                since = None
        first = self.alerts[0]
        was_less = first.kind is AlertKind.FIRED and first.severity is not Severity.CRITICAL
        return since if was_less else None
