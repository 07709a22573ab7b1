"""Tell a 429 over all chats from the limits of single chats."""

from typing import Final

MIN_CHATS: Final = 3
"""Chats that must answer 429 before it is taken for a limit over all of them."""

_RUN_S = 2.0  # 429s further apart are no run
_WINDOW_S = 1.0
_SHORT_S = 3.0  # a longer wait is asked by a chat (slow mode) or by a limit that refuses everything
_SHARE = 0.1  # of the answers of a window; fewer 429s are the chats' own


class FloodEvidence:
    """Counts 429s and deliveries; times are the event loop's, in seconds.

    A client can't tell whose limit a 429 reports (a group's slow mode looks like the limit over all chats),
    so one chat's 429s prove nothing about the others. Evidence is a run of 429s from different chats without
    a delivery in between, or 429s with a short wait for a tenth of the messages of a second.
    """

    def __init__(self) -> None:
        self._run: set[int | str] = set()
        self._run_at = self._window_at = float("-inf")
        self._window: set[int | str] = set()
        self._delivered = 0

    def delivered(self, now: float) -> None:
        """Count a message that Telegram accepted; nothing is counted before the first 429."""
        if self._window:
            self._run.clear()
            self._roll(now)
            self._delivered += 1

    def flooded(self, chat: int | str, seconds: float, now: float) -> bool:
        """Count a 429 that asks for `seconds`; returns True when the limit concerns all chats."""
        if now - self._run_at > _RUN_S:
            self._run.clear()
        self._run_at = now
        self._run.add(chat)
        self._roll(now)
        self._window.add(chat)
        if len(self._run) >= MIN_CHATS:
            return True
        share = len(self._window) / (len(self._window) + self._delivered)
        return len(self._window) >= MIN_CHATS and seconds <= _SHORT_S and share >= _SHARE

    def _roll(self, now: float) -> None:
        if now - self._window_at > _WINDOW_S:
            self._window_at = now
            self._window.clear()
            self._delivered = 0
