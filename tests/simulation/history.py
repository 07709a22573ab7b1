"""What happened in one simulated history: what the checker reads."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from tests.simulation.bot_api import BotApi
from tests.simulation.plan import Plan
from tests.simulation.sources import Look
from tests.simulation.virtual_time import BEGIN
from tests.simulation.webhook_receiver import Received


@dataclass(slots=True)
class History:
    """What happened: what the checker reads. `ends` are (began, took seconds) of clean stops."""

    plan: Plan
    api: BotApi
    path: Path
    faults: list[str] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    uptimes_s: list[tuple[float, float]] = field(default_factory=list)
    said: list[tuple[float, int, str]] = field(default_factory=list)
    stops_s: list[tuple[float, float]] = field(default_factory=list)
    disk_full_s: list[tuple[float, float]] = field(default_factory=list)
    jumps: list[tuple[float, timedelta]] = field(default_factory=list)
    rivals_s: list[tuple[float, float, bool]] = field(default_factory=list)
    """Other programs with the same token: (began, ended, whether it gave up)."""
    struck_s: list[float] = field(default_factory=list)
    """When something befell one of several programs."""
    gave_up_s: list[float] = field(default_factory=list)
    ends_at: datetime = BEGIN

    def disturbed(self, begin_s: float, end_s: float) -> bool:
        """Whether anything but a chat's own condition was wrong with the world in this span."""
        return (
            any(one.begin_s < end_s and begin_s < one.end_s for one in self.api.outages)
            or any(begin < end_s and begin_s < end for begin, end in self.disk_full_s)
            or any(begin_s <= jump_s <= end_s for jump_s, _ in self.jumps)
            or not any(up <= begin_s and end_s <= down for up, down in self.uptimes_s)
        )

    def is_mistimed(self) -> bool:
        """Whether a program began or ended by a clock that was wrong by a day: it can't have noticed.

        Nor can one that ended before the disk took what it had noticed.
        """
        for at_s in (at_s for uptime in self.uptimes_s for at_s in uptime):
            offsets = [
                sum((by for jump_s, by in self.jumps if jump_s <= seen_s), timedelta(0))
                for seen_s in (at_s - 3, at_s)  # a jump is noticed within a second
            ]
            offsets.append(
                sum((by for jump_s, by in self.jumps if self._writable_s(jump_s) <= at_s), timedelta(0))
            )
            if max(map(abs, offsets)) > timedelta(hours=20):
                return True
        return False

    def _writable_s(self, at_s: float) -> float:
        """The first moment from `at_s` on when the disk is not full."""
        for full_s, free_s in sorted(self.disk_full_s):
            if full_s <= at_s < free_s:
                at_s = free_s
        return at_s
