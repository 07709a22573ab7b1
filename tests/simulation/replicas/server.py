"""The database server of a simulation: a real PostgreSQL whose clock, connections and words are simulated."""

import asyncio
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import psycopg
from psycopg.abc import Params, Query

from storage.postgres.server_engine import _ALONE, _BESIDE
from storage.postgres.servers import _SESSION
from storage.postgres.values import configure
from tests.simulation.replicas.hosts import Host, current_host, elsewhere
from tests.simulation.replicas.plan import Moment
from tests.simulation.replicas.steps import Steps, current_steps, pause
from tests.simulation.virtual_time import BEGIN

_CLOCK: Final = b"clock_timestamp()"
_CLAIMS_UPDATES: Final = b"UPDATE received_updates SET claimed_by"
_GONE: Final = "server closed the connection unexpectedly"
_NOBODY: Final = "connection refused: is the server running?"
_BREAKS: Final = 0.03  # how often, where connections do
_IDLE_IN_TRANSACTION: Final = psycopg.pq.TransactionStatus.INTRANS
_IDLE: Final = psycopg.pq.TransactionStatus.IDLE
_LOOK_S: Final = 0.25


@dataclass(frozen=True, slots=True)
class LeaderWrite:
    """A transaction that a program committed as leader number `epoch`, when `newest_epoch` led."""

    at_s: float
    by: str
    epoch: int
    newest_epoch: int


class SimulatedConnection(psycopg.Connection[Any]):
    """A connection to the real server, whose statements take time and see the simulation's clock."""

    server: "DatabaseServer"
    host: Host | None = None
    reads_only = False
    is_cut = is_at_work = False
    is_alone = is_beside = False
    """Whether the transaction excludes all others, or runs beside those of its kind."""
    has_taken = False
    """Whether it has claimed updates that were posted."""

    def execute(
        self, query: Query, params: Params | None = None, *, prepare: bool | None = None, binary: bool = False
    ) -> psycopg.Cursor[Any]:
        """Run a statement."""
        assert isinstance(query, bytes)
        if self.is_alone or self.is_beside:
            self.server.come_to(Moment.WRITING if self.is_alone else Moment.CLAIMING, self.host)
        self._travel()
        if query.startswith(b"NOTIFY"):
            self.server.notify()
            query = b"SELECT 1"
        self.is_alone |= query == _ALONE
        self.is_beside |= query == _BESIDE
        if _CLOCK in query:
            query = query.replace(_CLOCK, self.server.moment())
        with self._at_work():
            cursor = super().execute(query, params, prepare=prepare, binary=binary)
        self.has_taken |= _CLAIMS_UPDATES in query and b"RETURNING" in query and cursor.rowcount > 0
        if not self.reads_only and self.pgconn.transaction_status == _IDLE:
            self.server.ended()
            self._travel()
        return cursor

    @contextmanager
    def transaction(self, *_: object, **__: object) -> Iterator[psycopg.Transaction]:
        """A transaction, which takes time to begin and to commit."""
        self._travel()
        self.is_alone = self.is_beside = self.has_taken = False
        try:
            with super().transaction() as transaction:
                yield transaction
                if self.is_alone:
                    self.server.come_to(Moment.COMMITTING, self.host)
                self._travel()
            if self.is_alone:
                self.server.committed(self.host)
        finally:
            was_alone, self.is_alone, self.is_beside = self.is_alone, False, False
            self.server.ended()
        if was_alone:
            self.server.come_to(Moment.COMMITTED, self.host)
        if self.has_taken:
            self.server.come_to(Moment.TAKEN, self.host)
        self._travel()

    def cut(self) -> None:
        """Close it: what it has not committed is lost. A statement that waits for a lock ends with it."""
        self.is_cut = True
        if not self.is_at_work:
            super().close()
            self.server.ended()

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        steps = current_steps()
        if steps is None:
            yield
            return
        steps.pid, self.is_at_work = self.info.backend_pid, True
        try:
            yield
        finally:
            steps.statement_ended()
            steps.pid, self.is_at_work = None, False

    def _travel(self) -> None:
        """Let the time pass that words take to the server or back. Raises psycopg.OperationalError."""
        pause(self.server.latency_s())
        if self.server.breaks(self):
            self.is_cut = True
        if self.is_cut:
            super().close()
            self.server.ended()
            raise psycopg.OperationalError(_GONE)


class DatabaseServer:
    """Outlives the replicas that use it. `url` is a real, empty database with the newest schema."""

    def __init__(self, url: str, dice: random.Random, seconds: Callable[[], float]) -> None:
        self.url = url
        self.is_up = True
        self.parted: set[Host] = set()
        self.flaky_s: list[tuple[float, float]] = []
        self.on_moment: Callable[[Moment, Host], None] = lambda _moment, _host: None
        self.writes: list[LeaderWrite] = []
        self._dice, self._seconds = dice, seconds
        self._idle: dict[bool, list[SimulatedConnection]] = {True: [], False: []}
        self._lent: list[SimulatedConnection] = []
        self._listening: dict[Host, Callable[[], None]] = {}
        self._waiting: list[asyncio.Future[None]] = []
        self._monitor = psycopg.connect(url, autocommit=True)

    def come_to(self, moment: Moment, host: Host | None) -> None:
        """Note that a replica has come to a moment; called on its thread, before it gives way."""
        if host is not None:
            self.on_moment(moment, host)

    def breaks(self, connection: SimulatedConnection) -> bool:
        """Whether a connection breaks just now."""
        host = connection.host
        if host is None or not self.flaky_s or current_steps() is None:
            return False
        now_s = host.loop.time()
        is_flaky = any(begin_s <= now_s < until_s for begin_s, until_s in self.flaky_s)
        return is_flaky and self._dice.random() < _BREAKS

    def committed(self, host: Host | None) -> None:
        """Note a transaction if it is a leader's."""
        if host is not None and host.engine is not None and host.engine.epoch:
            newest = self._monitor.execute(b"SELECT epoch FROM lease").fetchone()
            epoch = newest[0] if newest else 0
            self.writes.append(LeaderWrite(host.loop.time(), host.name, host.engine.epoch, epoch))

    def holder(self) -> tuple[str | None, int]:
        """Who has the lease, and its number."""
        query = b"SELECT CASE WHEN until > %b THEN holder END, epoch FROM lease" % self.moment()
        holder, epoch = self._monitor.execute(query).fetchone() or (None, 0)
        return holder, epoch

    def moment(self) -> bytes:
        """SQL: what the server's clock shows."""
        now = BEGIN + timedelta(seconds=self._seconds())
        return f"timestamptz '{now.isoformat()}'".encode()

    def latency_s(self) -> float:
        """How long the next words take."""
        return self._dice.uniform(0.0001, 0.001)

    def connect(self, *, read_only: bool) -> SimulatedConnection:
        """Open a connection, or take one that nobody uses any more. Raises psycopg.OperationalError."""
        host = current_host()
        if not self.reaches(host):
            raise psycopg.OperationalError(_NOBODY)
        idle = self._idle[read_only]
        connection = idle.pop() if idle else self._opened(read_only=read_only)
        connection.host = host
        self._lent.append(connection)
        return connection

    def reaches(self, host: Host | None) -> bool:
        """Whether a machine and the server can reach each other."""
        return self.is_up and host not in self.parted

    def _opened(self, *, read_only: bool) -> SimulatedConnection:
        connection = SimulatedConnection.connect(self.url, autocommit=True, options=_SESSION)
        connection.server, connection.reads_only = self, read_only
        configure(connection)
        if read_only:
            psycopg.Connection.execute(connection, b"SET default_transaction_read_only = on")
        return connection

    def put_back(self, connection: SimulatedConnection, *, read_only: bool) -> None:
        """Keep a connection for others."""
        if connection in self._lent:
            self._lent.remove(connection)
            if not connection.closed:
                connection.host = None
                self._idle[read_only].append(connection)

    def cut(self, host: Host) -> None:
        """Close a machine's connections."""
        for connection in [each for each in self._lent if each.host is host]:
            self._lent.remove(connection)
            connection.cut()

    def go_down(self, hosts: Iterable[Host], *, crashes: bool) -> None:
        """Close every connection and accept none; after a crash what was not logged is gone."""
        self.is_up = False
        for host in hosts:
            waiting = [steps.pid for steps in host.calls if steps.pid is not None]
            self.cut(host)
            for pid in waiting:
                self._monitor.execute(b"SELECT pg_terminate_backend(%s, 5000)", [pid])
        self.ended()
        if crashes:
            self._monitor.execute(b"TRUNCATE pace, recent_sends")

    def give_up_idle(self, host: Host) -> None:
        """Close a machine's connections that have waited in a transaction for too long."""
        for connection in [each for each in self._lent if each.host is host]:
            is_idle = connection.pgconn.transaction_status == _IDLE_IN_TRANSACTION
            if is_idle and not connection.is_at_work:
                self._lent.remove(connection)
                connection.cut()

    def forget(self, host: Host) -> None:
        """End what a machine does that is no more; what waits for a lock ends when it has it."""
        self.unlisten(host)
        self.cut(host)
        for steps in list(host.calls):
            if steps.pid is None:
                steps.drop()
            else:
                elsewhere(self._drop_later(steps))

    async def _drop_later(self, steps: Steps) -> None:
        while not steps.has_stopped(self):
            await self.something_ended()
        steps.drop()

    def is_blocked(self, steps: Steps) -> bool:
        """Whether a call's statement waits for a lock."""
        if steps.pid is None:
            return False
        row = self._monitor.execute(b"SELECT cardinality(pg_blocking_pids(%s))", [steps.pid]).fetchone()
        return row is not None and row[0] > 0

    async def something_ended(self) -> None:
        """Wait until a lock may have been released."""
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        await waiting

    def ended(self) -> None:
        """A transaction has ended; called on any thread, while no other runs."""
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            if not each.done():
                each.set_result(None)

    def listen(self, host: Host, callback: Callable[[], None]) -> None:
        """Call back on a machine for every word."""
        self._listening[host] = callback

    def unlisten(self, host: Host) -> None:
        """Call back no more."""
        self._listening.pop(host, None)

    def notify(self) -> None:
        """Say a word to everybody."""
        for host, callback in self._listening.items():
            host.loop.call_later(self._dice.uniform(0.0005, 0.01), callback, context=host.context)

    def close(self) -> None:
        """Close every connection."""
        for connection in (*self._lent, *self._idle[True], *self._idle[False]):
            with suppress(psycopg.Error):
                psycopg.Connection.close(connection)
        self._monitor.close()
