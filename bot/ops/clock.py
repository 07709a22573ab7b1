"""Notice jumps of the wall clock by comparing it with the monotonic clock."""

import asyncio
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

JUMP: Final = timedelta(minutes=1)
"""A smaller step of the wall clock is an ordinary correction."""

GLITCH_S: Final = 2.0
"""A jump that is taken back sooner dates nothing."""

SETTLE_S: Final = 60.0
_LOOK_AGAIN_S = 1.0


class ClockMonitor:
    """`wall` gives aware UTC, `monotonic` seconds that never go back.

    Once somebody takes the jumps, `now` leaves out one that was not taken yet. After a jump the wall clock
    counts as unsteady for a minute: what depends on the date and can't be undone must wait.
    """

    def __init__(self, wall: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._lock = threading.Lock()  # worker threads ask for the time too
        self._offset = self._measure()
        self._jump = 0.0
        self._jumped_at = self._steady_at = float("-inf")
        self._are_jumps_taken = False

    def now(self) -> datetime:
        """UTC by the wall clock as it ran before a jump that was not taken yet."""
        self._check()
        return self._wall() - timedelta(seconds=self._jump if self._are_jumps_taken else 0.0)

    def take_jump(self) -> timedelta | None:
        """How far the wall clock has jumped for good since the last jump taken, None when it has not."""
        self._check()
        with self._lock:
            self._are_jumps_taken = True
            if self._monotonic() < self._jumped_at + GLITCH_S:
                return None
            jump, self._jump = self._jump, 0.0
        return timedelta(seconds=jump) if abs(jump) >= JUMP.total_seconds() else None

    def is_steady(self) -> bool:
        """Whether the wall clock has not jumped for a minute."""
        self._check()
        return self._monotonic() >= self._steady_at

    async def wait_until_steady(self) -> None:
        """Return once the wall clock has not jumped for a minute."""
        while not self.is_steady():  # noqa: ASYNC110 - a clock tells nobody that time has passed
            await asyncio.sleep(_LOOK_AGAIN_S)

    def _measure(self) -> float:
        return self._wall().timestamp() - self._monotonic()

    def _check(self) -> None:
        with self._lock:
            offset = self._measure()
            step, self._offset = offset - self._offset, offset
            if abs(step) >= JUMP.total_seconds():
                self._jump += step
                self._jumped_at = self._monotonic()
                self._steady_at = self._jumped_at + SETTLE_S
