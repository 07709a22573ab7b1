"""A replica's store: the program's own engine over a simulated server, without threads of its own."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any, Final, Self, TypeVar
from unittest.mock import patch

import psycopg

from storage.database import Database, Store
from storage.errors import DatabaseOutage
from storage.postgres import lease, replica_row, server_engine
from storage.postgres.server_engine import PostgresEngine
from tests.simulation.replicas.hosts import Host, current_host
from tests.simulation.replicas.server import _LOOK_S, DatabaseServer, SimulatedConnection
from tests.simulation.replicas.steps import in_steps, pause
from tests.simulation.virtual_time import InlineExecutor

T = TypeVar("T")
_LOCK_S: Final = 0.0005


class ReplicaStore(Store):
    """The program's store, whose calls take virtual time."""

    def __init__(
        self, engine: PostgresEngine, outage: DatabaseOutage, host: Host, server: DatabaseServer
    ) -> None:
        self.outage = outage
        self._engine = engine
        self._host, self._server = host, server
        host.engine = engine
        self._writing = self._reading = self._exchanging = InlineExecutor(1)
        self._writer, self._readers, self._exchanger = asyncio.Lock(), asyncio.Semaphore(4), asyncio.Lock()

    @classmethod
    async def opened(cls, host: Host, server: DatabaseServer, monotonic: Callable[[], float]) -> Self:
        """Open the database. Raises StorageError."""
        outage = DatabaseOutage(monotonic)
        engine = await in_steps(lambda: PostgresEngine(server.url, outage=outage), server, host.calls)
        return cls(engine, outage, host, server)

    async def _run(self, lane: Any, call: Callable[[], T]) -> T:
        """Make a call, which goes on when nobody waits for it any more, as on a thread."""

        async def work() -> T:
            async with lane:
                return await in_steps(call, self._server, self._host.calls)

        working = self._host.start(work())
        working.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(working)

    async def lead(self) -> None:
        """Become the one that polls."""
        await self._run(self._writer, self._engine.lead)

    async def write(self, work: Callable[[Database], T]) -> T:
        """Run a transaction that excludes all others."""
        return await self._run(self._writer, lambda: self._engine.transact(work))

    async def write_beside(self, work: Callable[[Database], T]) -> T:
        """Run a transaction beside others."""
        return await self._run(self._writer, lambda: self._engine.transact_beside(work))

    async def exchange(self, work: Callable[[Database], T]) -> T:
        """Run one statement."""
        return await self._run(self._exchanger, lambda: self._engine.exchange(work))

    async def read(self, work: Callable[[Database], T]) -> T:
        """Read."""
        return await self._run(self._readers, lambda: self._engine.read(work))

    async def announce_change(self) -> None:
        """Tell the other replicas that something new waits."""
        await self._run(self._exchanger, self._engine.announce)

    async def closed(self) -> None:
        """Close the database, in virtual time."""
        await in_steps(self._engine.close, self._server, self._host.calls)

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call back when another replica says that something new waits."""
        self._engine.listen(callback)


class _Thread:
    """Stands in for a thread of the engine's: a call in steps on its machine."""

    def __init__(self, target: Callable[[], None], **_: object) -> None:
        self._target = target

    def start(self) -> None:
        """Begin in the next turn of the loop."""
        host = current_host()
        assert host is not None
        work = in_steps(self._target, _server_of(host), host.calls)
        host.loop.call_soon(host.start, work, context=host.context)

    def join(self) -> None:
        """Do nothing: it ends by itself."""


class _Event(threading.Event):
    """An event whose waiting takes virtual time."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, or for so long."""
        pause(timeout or 0.0)
        return self.is_set()


class _Lock:
    """A lock of one machine's threads, the waiting for which takes virtual time."""

    def __init__(self) -> None:
        self._is_held = False

    def acquire(self, *, blocking: bool = True) -> bool:
        """Take it; gives whether it is taken."""
        while self._is_held:
            if not blocking:
                return False
            pause(_LOCK_S)
        self._is_held = True
        return True

    def release(self) -> None:
        """Let others take it."""
        self._is_held = False

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


class _Servers:
    """Stands in for `Servers`: the way of one replica to the database."""

    failure: psycopg.Error | None = None

    def __init__(self, _url: str) -> None:
        pass

    def connect(self, *, read_only: bool) -> SimulatedConnection:
        """Open a connection."""
        return _server().connect(read_only=read_only)


class _Pool:
    """Stands in for `ServerPool`."""

    def __init__(self, _servers: _Servers, _most: int, *, read_only: bool) -> None:
        self._read_only = read_only

    @contextmanager
    def connection(self, timeout_s: float) -> Iterator[SimulatedConnection]:
        """Lend a connection, as soon as there is one. Raises psycopg.OperationalError."""
        server, host = _server(), current_host()
        waited_s = 0.0
        while waited_s < timeout_s and not server.reaches(host):
            pause(_LOOK_S)
            waited_s += _LOOK_S
        connection = server.connect(read_only=self._read_only)
        try:
            yield connection
        finally:
            server.put_back(connection, read_only=self._read_only)

    def close(self) -> None:
        """Do nothing: others use the connections."""


class _Listener:
    """Stands in for `Listener`."""

    def __init__(self, _servers: _Servers, callback: Callable[[], None]) -> None:
        self._server, self._host = _server(), current_host()
        assert self._host is not None
        self._server.listen(self._host, callback)

    def close(self) -> None:
        """End."""
        assert self._host is not None
        self._server.unlisten(self._host)


def _server() -> DatabaseServer:
    host = current_host()
    assert host is not None
    return _server_of(host)


def _server_of(host: Host) -> DatabaseServer:
    server = host.database
    assert isinstance(server, DatabaseServer)
    return server


def _own_name() -> str:
    host = current_host()
    return "nobody" if host is None else host.name


@contextmanager
def simulated_edges(seconds: Callable[[], float]) -> Iterator[None]:
    """Put the simulation at the edges of the program's engine."""
    threads = SimpleNamespace(Thread=_Thread, Event=_Event, Lock=_Lock)
    with ExitStack() as patches:
        for module, name, stand_in in (
            (server_engine, "Servers", _Servers),
            (server_engine, "ServerPool", _Pool),
            (server_engine, "Listener", _Listener),
            (server_engine, "threading", threads),
            (server_engine, "boot_time", seconds),
            (replica_row, "boot_time", seconds),
            (lease, "boot_time", seconds),
            (replica_row, "own_name", _own_name),
            (lease, "own_name", _own_name),
        ):
            patches.enter_context(patch.object(module, name, stand_in))
        yield
