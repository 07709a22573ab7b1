"""Whether Telegram can be reached, and how long to wait while it can't."""

import math
from datetime import timedelta
from typing import Final

from bot.backoff import backoff
from bot.delivery.outcomes import RetryCause

FIRST_WAIT: Final = timedelta(seconds=0.5)
LONGEST_WAIT: Final = timedelta(seconds=30)
_SERVER_FAULTS = 5  # answers of a server at fault in a row that count as an outage


class Outage:
    """Counts failures in a row; times are the event loop's, in seconds.

    One failed connection is an outage, since it says nothing of the message; a server at fault is one after
    several answers. While it lasts everything waits, 0.5, 1, 2 … seconds up to LONGEST_WAIT at a time.
    """

    def __init__(self) -> None:
        self._waits = 0
        self._server_faults = 0
        self._until = -math.inf

    def paused_for(self, now: float) -> float:
        """Seconds to wait before the next try."""
        return max(0.0, self._until - now)

    def failed(self, cause: RetryCause, now: float) -> None:
        """Count a failure. Those sent together to find out count as one."""
        if cause is RetryCause.SERVER:
            self._server_faults += 1
            if self._server_faults < _SERVER_FAULTS:
                return
        if now >= self._until:
            self._waits += 1
            self._until = now + backoff(self._waits, FIRST_WAIT, LONGEST_WAIT).total_seconds()

    def ended(self) -> None:
        """Telegram itself answered."""
        self._waits = self._server_faults = 0
