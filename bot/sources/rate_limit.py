"""The request rate towards one host: a small burst, then a steady rate."""

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a host may be asked: `burst` requests at once, then one every `interval_s` seconds."""

    burst: int = 4
    interval_s: float = 1.0


class TokenBucket:
    """A token bucket: `wait` returns when the next request may start."""

    def __init__(self, pace: Pace) -> None:
        """A bucket that is full."""
        self._pace = pace
        self._next_free = 0.0

    async def wait(self) -> None:
        """Sleep until the host's pace allows one more request; callers are served in order."""
        now = asyncio.get_running_loop().time()
        earliest = now - (self._pace.burst - 1) * self._pace.interval_s
        self._next_free = max(self._next_free, earliest) + self._pace.interval_s
        delay = self._next_free - self._pace.interval_s - now
        if delay > 0:
            await asyncio.sleep(delay)
