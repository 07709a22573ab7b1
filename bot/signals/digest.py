"""A digest: where everything stands, and what changed since the last one."""

from dataclasses import dataclass
from datetime import datetime

from bot.signals.alert import Alert
from bot.signals.phase import Phase
from bot.signals.status import SignalStatus


@dataclass(frozen=True, slots=True)
class Digest:
    """What happened after `since`, up to `until` (UTC), oldest first, and the state of things at its end."""

    since: datetime
    until: datetime
    polled_at: datetime | None
    phase: Phase
    phase_since: datetime | None
    statuses: tuple[SignalStatus, ...]
    alerts: tuple[Alert, ...]
