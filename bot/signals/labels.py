"""What people call severities, phases and states; every surface translates these same words."""

from typing import Final

from bot.i18n.message import N_
from bot.signals.phase import Phase
from bot.signals.rules import Severity
from bot.signals.state_machine import State

SEVERITY_NAMES: Final = {
    Severity.INFO: N_("info"),
    Severity.WARNING: N_("warning"),
    Severity.CRITICAL: N_("critical"),
}

PHASE_NAMES: Final = {
    Phase.CALM: N_("calm"),
    Phase.STRESS: N_("stress"),
    Phase.CAPITULATION: N_("capitulation"),
    Phase.RECOVERY: N_("recovery"),
    Phase.UNKNOWN: N_("unknown"),
}

PHASE_MEANINGS: Final = {
    Phase.CALM: N_("Fewer than two signals fire."),
    Phase.STRESS: N_("At least two signals fire together."),
    Phase.CAPITULATION: N_("Hashrate is falling together with other signals, for three days or more."),
    Phase.RECOVERY: N_("After capitulation: the hash ribbon has crossed back and the price turns up."),
    Phase.UNKNOWN: N_("Too few signals have data that can be trusted."),
}

STATE_NAMES: Final = {
    State.OK: N_("ok"),
    State.PENDING: N_("pending"),
    State.FIRING: N_("firing"),
    State.RECOVERING: N_("recovering"),
    State.STALE: N_("stale"),
    State.WARMING_UP: N_("warming up"),
}

OUTFLOW_NOTE: Final = N_(
    "Miner outflow is a proxy for selling: it shows the miners that can be seen, not all of them."
)
