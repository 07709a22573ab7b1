"""What one chat may be sent, by Telegram's limits for chats and by what the chat itself has taught."""

import math
from collections import deque

PRIVATE_S = 1.02  # between two messages to one chat
GROUP_LIMIT, GROUP_WINDOW_S = 20, 60.5  # messages in one group or channel
GROUP_S = 3.05  # between two of them once the group answered 429 to a burst
STRICT_S = 600.0  # how long a chat that answered 429 gets no bursts


class ChatLimits:
    """One chat: what it was sent lately. Times are the event loop's, in seconds."""

    __slots__ = ("_blocked_until", "_due", "_gap_s", "_log", "_previous", "_strict_until")

    def __init__(self, *, is_group: bool, gap_s: float) -> None:
        self._gap_s = gap_s
        self._due = self._previous = -math.inf
        self._blocked_until = self._strict_until = -math.inf
        self._log: deque[float] | None = deque(maxlen=GROUP_LIMIT) if is_group else None

    def ready_at(self, now: float, burst: int) -> float:
        """When the next message may go; up to `burst` may follow each other at once."""
        allowance = 0.0 if now < self._strict_until else (burst - 1) * self._gap_s
        ready = max(self._blocked_until, self._due - allowance)
        if self._log is not None and len(self._log) == GROUP_LIMIT:
            ready = max(ready, self._log[0] + GROUP_WINDOW_S)
        return ready

    def take(self, now: float) -> None:
        """One message goes now."""
        strict_group = self._log is not None and now < self._strict_until
        self._previous = self._due
        self._due = max(self._due, now) + (GROUP_S if strict_group else self._gap_s)
        if self._log is not None:
            self._log.append(now)

    def is_crowded(self, now: float) -> bool:
        """Whether a 429 just now may well be this chat's own: it was sent other messages moments ago."""
        recent = 5 * PRIVATE_S if self._log is None else GROUP_WINDOW_S
        return now < self._strict_until or now - self._previous < recent

    def block(self, now: float, seconds: float) -> None:
        """The chat answered 429: silence for `seconds`, then no bursts for a while."""
        self._blocked_until = max(self._blocked_until, now + seconds)
        self._strict_until = now + STRICT_S

    def is_idle(self, now: float) -> bool:
        """Whether it can be forgotten."""
        last = self._log[-1] + GROUP_WINDOW_S if self._log else -math.inf
        return now > max(self._due, self._blocked_until, self._strict_until, last)
