"""Inhibition: a change of phase suppresses the minor alerts of its signals."""

from datetime import timedelta
from typing import Final

from bot.signals.alert import Alert, AlertKind
from bot.signals.phase import LIMITS, Phase
from bot.signals.rules import Severity

WINDOW: Final[timedelta] = LIMITS.hold
"""How long after a change of phase its signals' minor alerts are suppressed."""

_MINOR = (AlertKind.FIRED, AlertKind.REMINDER)


def inhibits(phase: Alert, later: Alert, *, together: bool, ended: bool) -> bool:
    """Whether `later`, sent within WINDOW of the change of phase, is suppressed for whoever got that.

    `phase` is the newest change; `together`: both come from one poll; `ended`: a CLEARED alert of the same
    signal was sent since. CLEARED and critical alerts are never suppressed. FIRED and REMINDER are

    - when they come from the poll of the change, whose evidence they are;
    - in stress whose evidence names their signal as firing with the same or a higher severity, unless an
      end was sent since;
    - in capitulation, which a further warning does not change.
    """
    if later.kind not in _MINOR or later.severity is Severity.CRITICAL:
        return False
    if together or phase.after is Phase.CAPITULATION:
        return True
    named = any(
        leg.signal == later.signal and leg.severity is not None and leg.severity >= later.severity
        for leg in phase.evidence
    )
    return phase.after is Phase.STRESS and named and not ended
