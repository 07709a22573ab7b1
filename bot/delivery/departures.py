"""Doubt that chats are gone when too many refuse at once."""

from collections import deque
from typing import Final

CHECK_S: Final = 5.0
"""How long a refusal waits to be compared with what other chats answer."""

DOUBT_S: Final = 1800.0
"""How long a chat's refusals are doubted at most."""

_MIN_CHATS = 3
_SHARE = 0.5


class Departures:
    """Counts refusals and deliveries around a refusal; times are the event loop's, in seconds.

    A fault of the server has answered 403 for chats that were there all the time. What follows from a refusal
    (no more alerts until somebody sends /start) is worth a second look.
    """

    def __init__(self, check_s: float = CHECK_S) -> None:
        self.check_s = check_s
        self._refused: deque[tuple[float, int]] = deque()
        self._delivered: deque[float] = deque()
        self._doubted_since: dict[int, float] = {}

    def delivered(self, chat_id: int, now: float) -> None:
        """Count a message that Telegram accepted."""
        self._doubted_since.pop(chat_id, None)
        if not self._refused:  # which is what deliveries are compared with
            return
        self._forget(now)
        if self._refused:
            self._delivered.append(now)

    def refused(self, chat_id: int, now: float) -> None:
        """Count a refusal that says the chat is gone."""
        self._forget(now)
        self._refused.append((now, chat_id))

    def is_doubtful(self, chat_id: int, now: float) -> bool:
        """Whether several chats refuse, and most of those written to; not for ever of the same chat."""
        self._forget(now)
        chats = len({chat for _, chat in self._refused})
        if chats < _MIN_CHATS or chats <= _SHARE * (chats + len(self._delivered)):
            return False
        if now - self._doubted_since.setdefault(chat_id, now) < DOUBT_S:
            return True
        del self._doubted_since[chat_id]
        return False

    def _forget(self, now: float) -> None:
        since = now - 2 * self.check_s
        while self._refused and self._refused[0][0] < since:
            self._refused.popleft()
        if not self._refused:
            self._delivered.clear()
        while self._delivered and self._delivered[0] < since:
            self._delivered.popleft()
