"""Telegram's flood limits, enforced."""

import math
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What the server enforces; None switches a limit off.

    `burst`: messages over all chats that may come at once (1: every gap is enforced). `window`: count the
    messages of any one second instead. `private_burst` alike for one chat. `strict`: who doesn't wait out a
    429 gets nothing until then, rather than whatever there is room for.
    """

    per_second: float | None = None
    burst: int = 1
    window: bool = False
    private_per_second: float | None = None
    private_burst: int = 3
    group_per_minute: float | None = None
    strict: bool = True


class _Gap:
    """At most `rate` a second, at most `burst` at once."""

    def __init__(self, rate: float, burst: int) -> None:
        self._gap = 1 / rate
        self._allowance = (burst - 1) * self._gap
        self._due = -math.inf

    def wait(self, now: float) -> float:
        return max(0.0, self._due - self._allowance - now)

    def take(self, now: float) -> None:
        self._due = max(self._due, now) + self._gap


class _Window:
    """At most `count` in any `seconds`."""

    def __init__(self, count: int, seconds: float) -> None:
        self._log: deque[float] = deque(maxlen=count)
        self._seconds = seconds

    def wait(self, now: float) -> float:
        if len(self._log) < (self._log.maxlen or 0):
            return 0.0
        return max(0.0, self._log[0] + self._seconds - now)

    def take(self, now: float) -> None:
        self._log.append(now)


class Gate:
    """Says of every message whether it passes, and if not, after how many whole seconds it may try again."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._everywhere: _Gap | _Window | None = None
        if limits.per_second is not None:
            self._everywhere = (
                _Window(int(limits.per_second), 1.0)
                if limits.window
                else _Gap(limits.per_second, limits.burst)
            )
        self._chats: dict[int, _Gap | _Window] = {}
        self._closed_until = -math.inf
        self._chats_closed_until: dict[int, float] = {}

    def pass_or_wait(self, chat_id: int, now: float) -> int:
        """0 when the message passes, else `retry_after`."""
        closed = -math.inf
        if self.limits.strict:
            closed = max(self._closed_until, self._chats_closed_until.get(chat_id, -math.inf))
        if now < closed:
            return math.ceil(closed - now)
        each = self._chat(chat_id)
        if self._everywhere is not None and (wait := self._everywhere.wait(now)) > 0:
            self._closed_until = now + math.ceil(wait)
            return math.ceil(wait)
        if each is not None and (wait := each.wait(now)) > 0:
            self._chats_closed_until[chat_id] = now + math.ceil(wait)
            return math.ceil(wait)
        if self._everywhere is not None:
            self._everywhere.take(now)
        if each is not None:
            each.take(now)
        return 0

    def _chat(self, chat_id: int) -> _Gap | _Window | None:
        known = self._chats.get(chat_id)
        if known is None:
            if chat_id > 0 and self.limits.private_per_second is not None:
                known = _Gap(self.limits.private_per_second, self.limits.private_burst)
            elif chat_id < 0 and self.limits.group_per_minute is not None:
                known = _Window(int(self.limits.group_per_minute), 60.0)
            if known is not None:
                self._chats[chat_id] = known
        return known
