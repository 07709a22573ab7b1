"""What delivery did, in numbers: for /stats, for the metrics page, for the benchmark."""

from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

_MAX_GROUPS = 20


@dataclass(slots=True)
class _Run:
    """One alert_group on its way out."""

    at: datetime
    first_at: datetime
    last_at: datetime
    sent: int = 0


@dataclass(frozen=True, slots=True)
class AlertGroupStats:
    """Seconds from the reading behind a alert_group's alert to its first and last delivery so far."""

    alert_group: int
    sent: int
    first_s: float
    last_s: float


@dataclass(frozen=True, slots=True)
class DeliveryStats:
    """A snapshot. `outcomes` counts messages since the start; `waiting` counts rows in the outbox now."""

    outcomes: Mapping[str, int]
    waiting: int
    rate_per_second: float
    floods: int
    alert_groups: tuple[AlertGroupStats, ...]


@dataclass(slots=True)
class Tally:
    """Counts as deliveries end; memory stays the same however many there are."""

    outcomes: Counter[str] = field(default_factory=Counter)
    _runs: OrderedDict[int, _Run] = field(default_factory=OrderedDict)

    def count(self, name: str) -> None:
        """One more message ended as `name`: sent, repeated, uncertain, again, later, dead, gone, moved."""
        self.outcomes[name] += 1

    def delivered(self, alert_group: int, reading_at: datetime, now: datetime) -> None:
        """One more chat has the alert_group whose reading was taken at `reading_at`."""
        run = self._runs.get(alert_group)
        if run is None:
            run = self._runs[alert_group] = _Run(reading_at, now, now)
            if len(self._runs) > _MAX_GROUPS:
                self._runs.popitem(last=False)
        run.last_at = max(run.last_at, now)
        run.sent += 1

    def alert_groups(self) -> tuple[AlertGroupStats, ...]:
        """The latest alert_groups, oldest first."""
        return tuple(
            AlertGroupStats(
                number,
                run.sent,
                (run.first_at - run.at).total_seconds(),
                (run.last_at - run.at).total_seconds(),
            )
            for number, run in self._runs.items()
        )
