"""Whether Telegram can be reached, and how long to wait while it can't."""

import math
from typing import Final

from bot.delivery.outcomes import RetryCause

MAX_WAIT_S: Final = 30.0
_FIRST_WAIT_S = 0.5
_SERVER_FAULTS = 5  # answers of a server at fault in a row that count as an outage


class Outage:
    """Counts failures in a row; times are the event loop's, in seconds.

    One failed connection is an outage, since it says nothing of the message; a server at fault is one after
    several answers. While it lasts everything waits, 0.5, 1, 2 … seconds up to MAX_WAIT_S at a time.
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
            self._until = now + min(MAX_WAIT_S, _FIRST_WAIT_S * 2.0 ** min(self._waits, 10))
            self._waits += 1

    def ended(self) -> None:
        """Telegram itself answered."""
        self._waits = self._server_faults = 0
