"""An event loop whose time is our own: an hour of pacing passes in a blink, exactly as computed."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_TURN_S = 0.00005  # what one turn of the loop takes


class _Selector(selectors.DefaultSelector):
    """Where the loop would sleep, time moves instead."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += max(_TURN_S, timeout or 0.0)
        return []  # no thread and no network wakes this loop


class ClockworkLoop(asyncio.SelectorEventLoop):
    """Starts at `begin_s`; only sleeping and turning make time pass."""

    def __init__(self, begin_s: float = 0.0) -> None:
        self._clockwork = _Selector()
        self._clockwork.now = begin_s
        super().__init__(self._clockwork)

    def time(self) -> float:
        return self._clockwork.now


def run(story: Coroutine[Any, Any, T]) -> T:
    """Run to the end in time of its own, and cancel what still runs then. No threads, no network."""
    with asyncio.Runner(loop_factory=ClockworkLoop) as runner:
        return runner.run(story)
