"""What people call severities, phases and states; every surface translates these same words."""

from typing import Final

from bot.i18n.message import N_, Translator, bracketed
from bot.signals.phase import Phase
from bot.signals.rules import Severity
from bot.signals.state_machine import State
from bot.signals.status import SignalStatus

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
    Phase.CALM: N_(
        "Hashrate isn't falling together with price, income or outflow, and none of the four is critical."
    ),
    Phase.STRESS: N_(
        "Hashrate is falling together with price, income or outflow, or one of the four is critical, or "
        "miners have not recovered from a capitulation yet."
    ),
    Phase.CAPITULATION: N_(
        "For three days or more the price has been at least 50 % below its record while hashrate fell by "
        "more than its usual noise."
    ),
    Phase.RECOVERY: N_("After capitulation: the hash ribbon has crossed back and the price turns up."),
    Phase.UNKNOWN: N_("Price or hashrate has no data that can be trusted."),
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


def state_text(signal: SignalStatus, t: Translator) -> str:
    """A signal's state in words: “firing (critical)”, “no fresh data, had fired”."""
    state = t(STATE_NAMES[signal.state])
    if signal.state is State.FIRING:
        state = bracketed(state, t(SEVERITY_NAMES[signal.severity]), t)
    if signal.active and signal.state in (State.STALE, State.WARMING_UP):
        state = t("{state}, had fired", state=state)
    return state


def phase_change(before: Phase | None, after: Phase | None, t: Translator) -> str:
    """“phase stress → capitulation”."""
    return t(
        "phase {before} → {after}",
        before=t(PHASE_NAMES[before or Phase.UNKNOWN]),
        after=t(PHASE_NAMES[after or Phase.UNKNOWN]),
    )
