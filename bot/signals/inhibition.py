"""What a change of phase has said already, so that the minor messages of its signals need not."""

from datetime import timedelta
from typing import Final

from bot.signals.alert import Alert, AlertKind
from bot.signals.phase import HOLD, Phase
from bot.signals.rules import Severity

WINDOW: Final[timedelta] = HOLD
"""How long a change of phase speaks for its signals: as long as the phase itself gathers its evidence."""

_MINOR = (AlertKind.FIRED, AlertKind.REMINDER)


def inhibits(phase: Alert, later: Alert, *, together: bool, ended: bool) -> bool:
    """Whether whoever heard of the change of phase need not hear of `later`, told within WINDOW of it.

    `phase` is the newest change there is; `together`: the same poll told both; `ended`: the end of an alert
    of the same signal was told since. Ends and critical news are never absorbed. A firing or a reminder is

    - when the same poll told the change, whose evidence it is;
    - while stress or capitulation stands whose evidence names its signal as firing, as gravely or more: it
      adds nothing, unless an end told since took that back;
    - while capitulation stands: that a further signal warns makes it no graver. Under stress a further
      signal is news, since a third may make it capitulation.
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
