"""Leaving a failing provider alone: pauses that double, a Retry-After obeyed, a recovery noticed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LONGEST: Final = 30
"""The longest pause of our own choosing, in units."""


def pause(failures: int, unit: timedelta) -> timedelta:
    """How long to wait after so many failures in a row, at least one: 1, 2, 4 … up to `LONGEST` units."""
    return unit * min(1 << min(failures - 1, 20), LONGEST)


@dataclass(slots=True)
class Backoff:
    """What is known of one provider's (or one request's) recent failures."""

    failures: int = 0
    since: datetime | None = None
    until: datetime | None = None
    reason: str = ""

    def failed(self, now: datetime, reason: str, unit: timedelta, retry_after: timedelta | None) -> None:
        """One more failure: rest for 1, 2, 4 … `unit`s, or as long as the provider asked when that's more."""
        own = pause(self.failures + 1, unit)
        self.failures = min(self.failures + 1, 20)
        self.since, self.until = now, now + max(own, retry_after or timedelta(0))
        self.reason = reason

    def resting(self, now: datetime) -> bool:
        """Whether to leave it alone. A clock set back ends every rest."""
        return self.since is not None and self.until is not None and self.since <= now < self.until

    def answered(self) -> int:
        """It works again: forget the failures, and say how many there were."""
        failures, self.failures = self.failures, 0
        self.since = self.until = None
        self.reason = ""
        return failures
