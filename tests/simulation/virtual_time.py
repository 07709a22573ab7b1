"""Virtual time for a whole program: an event loop, a wall clock that can be set, and no threads."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, TypeVar
from unittest.mock import patch

import apscheduler.executors.base
import apscheduler.schedulers.base

import bot.ops.scheduler
from tests.delivery.fake_clock import ClockworkLoop
from tests.simulation.network import Listener

T = TypeVar("T")
BEGIN = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


class Clock:
    """The time of one simulated machine. `seconds` never goes back; the wall clock may jump by `jump`."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self.stopped_at_s = 0.0  # while no program runs
        self._offset = timedelta(0)

    def seconds(self) -> float:
        """Return the seconds since the simulation began."""
        return self.stopped_at_s if self.loop is None else self.loop.time()

    def wall(self) -> datetime:
        """Return what the machine's wall clock shows, UTC."""
        return BEGIN + self._offset + timedelta(seconds=self.seconds())

    def jump(self, by: timedelta) -> None:
        """Set the wall clock forward or back."""
        self._offset += by


class InlineExecutor(ThreadPoolExecutor):
    """Runs work at once in the calling thread, so that a run depends on nothing but its seed."""

    def submit(self, work: Callable[..., T], /, *args: Any, **named: Any) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(work(*args, **named))
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits for it
            future.set_exception(error)
        return future


class VirtualLoop(ClockworkLoop):
    """An event loop that begins at `begin_s` and in which only sleeping takes time.

    Servers listen in `listeners`, by their port.
    """

    def __init__(self, begin_s: float) -> None:
        super().__init__(begin_s)
        self.set_default_executor(InlineExecutor(1))
        self.listeners: dict[int, Callable[[], Any]] = {}

    async def create_server(self, protocol_factory: Any, host: Any = None, port: Any = None, **_: Any) -> Any:
        """Listen in the simulated network."""
        return Listener(self.listeners, port, protocol_factory)


@contextmanager
def wall_clock(clock: Clock) -> Iterator[None]:
    """Let APScheduler, which asks the machine itself, see the simulated wall clock."""

    class VirtualDatetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # the parent gives Self
            return clock.wall().astimezone(tz)

    with ExitStack() as patches:
        for module in (apscheduler.schedulers.base, apscheduler.executors.base, bot.ops.scheduler):
            if hasattr(module, "datetime"):
                patches.enter_context(patch.object(module, "datetime", VirtualDatetime))
        yield
