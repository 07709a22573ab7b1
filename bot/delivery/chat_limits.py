"""Telegram's limits for one chat, adjusted by the 429s it has answered with."""

import math
from collections import deque

PRIVATE_S = 1.02  # between two messages to one chat
GROUP_LIMIT, GROUP_WINDOW_S = 20, 60.5  # messages in one group or channel
GROUP_REPLIES = 18  # of them that replies may take, so that no crowd that asks keeps an alert away
GROUP_EDITS = 10  # of them that edits may take, so that an alert never waits for edits
GROUP_S = 3.05  # between two of them once the group answered 429 to a burst
REPLY_BURST = 20  # replies that may follow each other at once in one chat; then one a second
STRICT_S = 600.0  # how long a chat that answered 429 gets no bursts


class ChatLimits:
    """Send history of one chat; times are the event loop's, in seconds."""

    __slots__ = ("_blocked_until", "_due", "_edit_due", "_gap_s", "_log", "_strict_until")

    def __init__(self, *, is_group: bool, gap_s: float) -> None:
        self._gap_s = gap_s
        self._due = self._blocked_until = self._strict_until = self._edit_due = -math.inf
        self._log: deque[float] | None = deque(maxlen=GROUP_LIMIT) if is_group else None

    def ready_at(self) -> float:
        """Time at which the next message may go."""
        return max(self._blocked_until, self._due, self._window_ready_at(GROUP_LIMIT))

    def reply_ready_at(self, now: float) -> float:
        """Time at which a reply may go; some may follow each other, and a group's leave room for others."""
        allowance = 0.0 if now < self._strict_until else (REPLY_BURST - 1) * self._gap_s
        return max(self._blocked_until, self._due - allowance, self._window_ready_at(GROUP_REPLIES))

    def edit_ready_at(self) -> float:
        """Time at which a message may be edited: edits wait for messages and for each other."""
        return max(self.ready_at(), self._edit_due, self._window_ready_at(GROUP_EDITS))

    def _window_ready_at(self, limit: int) -> float:
        """Time from which fewer than `limit` messages of the last minute are a group's."""
        if self._log is None or len(self._log) < limit:
            return -math.inf
        return self._log[-limit] + GROUP_WINDOW_S

    def take_edit(self, now: float) -> None:
        """Count one edit made at `now`; the next message need not wait for it."""
        self._edit_due = now + self._gap_s
        if self._log is not None:
            self._log.append(now)

    def take(self, now: float) -> None:
        """Count one message sent at `now`."""
        strict_group = self._log is not None and now < self._strict_until
        self._due = max(self._due, now) + (GROUP_S if strict_group else self._gap_s)
        if self._log is not None:
            self._log.append(now)

    def block(self, now: float, seconds: float) -> None:
        """Count a 429: nothing for `seconds`, then no bursts for a while."""
        self._blocked_until = max(self._blocked_until, now + seconds)
        self._strict_until = now + STRICT_S

    def is_idle(self, now: float) -> bool:
        """Whether nothing is known that matters at `now`."""
        last = self._log[-1] + GROUP_WINDOW_S if self._log else -math.inf
        return now > max(self._due, self._edit_due, self._blocked_until, self._strict_until, last)
