"""Health figures of the running program, and which of their values are faults."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.delivery.stats import DeliveryStats

_LATE_POLL_S: Final = 60.0
_LONG_POLL_S: Final = 90.0  # Telegram answers every ten seconds, with nothing when there is nothing
_LATE_MESSAGE_S: Final = 300.0
_LONG_PAUSE_S: Final = 120.0  # the pacer ends a pause of everything after a minute at most
_STUCK_S: Final = 120.0  # the relay looks every half minute, the scheduler runs every ten seconds


@dataclass(frozen=True, slots=True)
class HealthSnapshot:
    """Everything measured, at one moment. Ages in seconds; None is never yet, or not in this mode.

    `queue_age_s` is the age of the oldest message that waits, `due_age_s` how long one has been due without
    being taken, `stalled_s` how long several chats have waited without any message being confirmed; what is
    held back for quiet or muted chats counts nowhere. `leads` says whether this replica is the one that
    polls, `led_s` for how long. `relay_age_s` and `scheduler_age_s` say when those two last showed a sign of
    life.
    """

    version: str
    leads: bool
    uptime_s: float
    led_s: float
    poll_interval_s: float
    poll_age_s: float | None
    polls: Mapping[str, int]
    blind: bool
    source_age_s: Mapping[str, float]
    source_ok: Mapping[str, bool]
    calls_today: Mapping[str, int]
    series_age_s: Mapping[str, float]
    get_updates_age_s: float | None
    updates: int
    turned_away: int
    delivery: DeliveryStats
    queue_age_s: float
    due_age_s: float
    stalled_s: float
    pause_s: float
    relay_age_s: float
    scheduler_age_s: float
    database_bytes: int
    disk_free_bytes: int | None

    def stuck(self) -> list[str]:
        """What of the program itself no longer moves; only a restart helps."""
        return stuck(self.relay_age_s, self.scheduler_age_s)

    def faults(self) -> list[str]:
        """Why the program is not well; empty when it is. A data outage is the world's fault and not here."""
        faults = self.stuck()
        since_poll = self.led_s if self.poll_age_s is None else self.poll_age_s
        if self.leads and since_poll > 3 * self.poll_interval_s + _LATE_POLL_S:
            faults.append(f"no poll for {since_poll:.0f} s")
        if self.leads and self.get_updates_age_s is not None and self.get_updates_age_s > _LONG_POLL_S:
            faults.append(f"Telegram has not answered getUpdates for {self.get_updates_age_s:.0f} s")
        if self.due_age_s > _LATE_MESSAGE_S:
            faults.append(f"a message has been due for {self.due_age_s:.0f} s")
        if self.stalled_s > _LATE_MESSAGE_S:
            faults.append(f"messages wait and none was delivered for {self.stalled_s:.0f} s")
        if self.pause_s > _LONG_PAUSE_S:
            faults.append(f"nothing may be sent for {self.pause_s:.0f} s")
        return faults


def stuck(relay_age_s: float, scheduler_age_s: float) -> list[str]:
    """Which of the two loops has shown no sign of life for two minutes."""
    ages = {"the relay": relay_age_s, "the scheduler": scheduler_age_s}
    return [f"{name} has not moved for {age:.0f} s" for name, age in ages.items() if age > _STUCK_S]
