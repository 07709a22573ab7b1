"""The pause of a failing provider: doubled with each failure, or as long as Retry-After asks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.backoff import backoff
from bot.i18n.message import NOTHING, Message

LONGEST: Final = 30
"""The longest pause of our own choosing, in units."""


@dataclass(slots=True)
class Pause:
    """What is known of one provider's (or one request's) recent failures."""

    failures: int = 0
    since: datetime | None = None
    until: datetime | None = None
    reason: Message = NOTHING

    def record_failure(
        self, now: datetime, reason: Message, unit: timedelta, retry_after: timedelta | None
    ) -> None:
        """One more failure: pause for 1, 2, 4 … `unit`s, or for as long as the provider asked if longer."""
        self.failures = min(self.failures + 1, 20)
        own = backoff(self.failures, unit, unit * LONGEST)
        self.since, self.until = now, now + max(own, retry_after or timedelta(0))
        self.reason = reason

    def active(self, now: datetime) -> bool:
        """Whether to leave it alone. A clock set back ends every pause."""
        return self.since is not None and self.until is not None and self.since <= now < self.until

    def end(self) -> int:
        """It works again: forget the failures, and give how many there were."""
        failures, self.failures = self.failures, 0
        self.since = self.until = None
        self.reason = NOTHING
        return failures
