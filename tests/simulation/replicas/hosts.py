"""Several simulated machines in one event loop: each can be stopped for a while, or for good, by itself."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from datetime import timedelta
from typing import Any, TypeVar, TypeVarTuple

from storage.postgres.server_engine import PostgresEngine
from tests.simulation.replicas.steps import Steps
from tests.simulation.virtual_time import VirtualLoop

T = TypeVar("T")
_Ts = TypeVarTuple("_Ts")
_current: ContextVar["Host | None"] = ContextVar("host", default=None)


class Host:
    """A machine. What runs in its context runs on it, and so does all that this starts."""

    def __init__(self, name: str, loop: "HostsLoop", database: object, clock_ahead: timedelta) -> None:
        self.name, self.loop, self.database, self.clock_ahead = name, loop, database, clock_ahead
        self.calls: list[Steps] = []
        """Blocking calls under way."""

        self.is_dead = self.is_stopped = False
        self.context = Context()
        self.context.run(_current.set, self)
        self.engine: PostgresEngine | None = None
        self.death: asyncio.Future[None] = loop.create_future()
        self._held: list[asyncio.Handle] = []

    @property
    def runs(self) -> bool:
        """Whether anything runs on it now."""
        return not (self.is_dead or self.is_stopped)

    def stop(self) -> None:
        """Let nothing run until `go_on`, as SIGSTOP does."""
        self.is_stopped = True

    def go_on(self) -> None:
        """Run what has waited, in its order."""
        self.is_stopped = False
        held, self._held = self._held, []
        self.loop.run_again(held)

    def may_run(self, handle: asyncio.Handle) -> bool:
        """Whether something may run now; else it is kept, or dropped for good."""
        if self.is_stopped and not self.is_dead:
            self._held.append(handle)
        return not (self.is_stopped or self.is_dead)

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run something on this machine."""
        return self.loop.create_task(work, context=self.context)


def current_host() -> Host | None:
    """The machine that runs this; None for what is no machine's of ours."""
    return _current.get()


def elsewhere(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Run something on no machine of ours, so that it goes on whatever happens to them."""
    return asyncio.get_running_loop().create_task(work, context=Context())


class HostsLoop(VirtualLoop):
    """An event loop that runs what belongs to a machine only while that machine runs."""

    def call_soon(
        self, callback: Callable[[*_Ts], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Call back in the next turn."""
        context, wrapped, cell = _kept(callback, context)
        handle = super().call_soon(wrapped, *args, context=context)
        cell.append(handle)
        return handle

    def call_at(
        self, when: float, callback: Callable[[*_Ts], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Call back at a time; `call_later` comes here too."""
        context, wrapped, cell = _kept(callback, context)
        handle = super().call_at(when, wrapped, *args, context=context)
        cell.append(handle)
        return handle

    def run_again(self, handles: list[asyncio.Handle]) -> None:
        """Run handles that were kept, unless they were cancelled."""
        self._ready.extend(handle for handle in handles if not handle.cancelled())  # type: ignore[attr-defined]  # the loop's own


def _kept(
    callback: Callable[[*_Ts], object], context: Context | None
) -> tuple[Context, Callable[[*_Ts], object], list[asyncio.Handle]]:
    """A callback that asks its machine whether it may run, once its handle has been put into the list."""
    context = copy_context() if context is None else context
    host, cell = context.get(_current), list[asyncio.Handle]()
    if host is None:
        return context, callback, cell

    def run(*args: *_Ts) -> None:
        if host.may_run(cell[0]):
            callback(*args)

    return context, run, cell
