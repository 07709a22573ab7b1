"""Notice jumps of the wall clock by comparing it with the monotonic clock."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

JUMP: Final = timedelta(minutes=1)
"""A smaller step of the wall clock is an ordinary correction."""

SETTLE_S: Final = 60.0
_LOOK_AGAIN_S = 1.0


class ClockMonitor:
    """`wall` gives aware UTC, `monotonic` seconds that never go back.

    After a jump the wall clock counts as unsteady for a minute: it may be a glitch, and what depends on the
    date and can't be undone must wait.
    """

    def __init__(self, wall: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._offset = self._measure()
        self._jump = 0.0
        self._steady_at = float("-inf")

    def take_jump(self) -> timedelta | None:
        """How far the wall clock has jumped since the last call, None when it has not."""
        self._check()
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
        offset = self._measure()
        step, self._offset = offset - self._offset, offset
        if abs(step) >= JUMP.total_seconds():
            self._jump += step
            self._steady_at = self._monotonic() + SETTLE_S
