"""Blocking calls in an event loop of virtual time: each runs on a thread, and only one thread ever runs.

A call gives way where it pauses: before a statement is sent, while its answer is on the way, while it waits.
The event loop decides when it goes on. So what several replicas do at the same time comes in an order that
depends on the seed alone.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, Final, Protocol, TypeVar

T = TypeVar("T")
_here = threading.local()
_threads: Final = ThreadPoolExecutor(500, thread_name_prefix="simulated")
_SHORT_S: Final = 0.002
_LONG_S: Final = 60.0


class Blocker(Protocol):
    """Tells whether a call waits for another one."""

    def is_blocked(self, steps: "Steps") -> bool:
        """Whether the call's statement waits for a lock."""

    async def something_ended(self) -> None:
        """Wait until a lock may have been released."""


class EndedError(BaseException):
    """The machine on which a call ran is no more."""


class Steps:
    """A call under way."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._go_on, self._has_stopped = threading.Lock(), threading.Lock()  # the other side releases them
        self._go_on.acquire()
        self._has_stopped.acquire()
        self._error: BaseException | None = None
        self._result: Any = None
        self._is_dropped = False
        self.is_over = False
        self.pause_s = 0.0
        self._has_waited = False
        self.pid: int | None = None
        """The server's process that works for it, while a statement runs."""

        _threads.submit(copy_context().run, self._run, call)

    def _run(self, call: Callable[[], Any]) -> None:
        self._go_on.acquire()
        _here.steps = self
        try:
            if not self._is_dropped:
                self._result = call()
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits for it
            self._error = error
        finally:
            _here.steps = None
            self.is_over = True
            self._has_stopped.release()

    def pause(self, seconds: float) -> None:
        """Give way for some time; called by the call."""
        if self._is_dropped:
            raise EndedError
        self.pause_s = seconds
        self._has_stopped.release()
        self._go_on.acquire()
        if self._is_dropped:
            raise EndedError

    def statement_ended(self) -> None:
        """Give way if others have run while a statement waited for its lock; called by the call."""
        if self._has_waited:
            self._has_waited = False
            self.pid = None
            self.pause(0.0)

    def advance(self, blocker: Blocker) -> bool:
        """Let it go on; gives whether it has stopped again, else it waits for a lock."""
        self._go_on.release()
        return self.has_stopped(blocker)

    def has_stopped(self, blocker: Blocker) -> bool:
        """Whether it has stopped again; it does, sooner or later, unless it waits for a lock."""
        waited_s = 0.0
        while not self._has_stopped.acquire(timeout=_SHORT_S):
            if blocker.is_blocked(self):
                self._has_waited = True  # nobody can let it go on before this returns
                return False
            waited_s += _SHORT_S
            if waited_s > _LONG_S:
                raise AssertionError("a call neither ends nor waits for a lock")
        return True

    def drop(self) -> None:
        """End it, wherever it has paused."""
        self._is_dropped = True
        while not self.is_over:
            self._go_on.release()
            self._has_stopped.acquire()

    def result(self) -> Any:
        """What it gave, or raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._result


def current_steps() -> Steps | None:
    """The call that runs on this thread."""
    return getattr(_here, "steps", None)


def pause(seconds: float) -> None:
    """Let time pass for the call on this thread; for a call on no such thread none passes."""
    if (steps := current_steps()) is not None:
        steps.pause(seconds)


async def in_steps(call: Callable[[], T], blocker: Blocker, under_way: list[Steps]) -> T:
    """Run a blocking call; `under_way` holds it meanwhile."""
    steps = Steps(call)
    under_way.append(steps)
    has_stopped = steps.advance(blocker)
    while True:
        while not has_stopped:
            await blocker.something_ended()
            has_stopped = steps.has_stopped(blocker)
        if steps.is_over:
            under_way.remove(steps)
            result: T = steps.result()
            return result
        await asyncio.sleep(steps.pause_s)
        has_stopped = steps.advance(blocker)
