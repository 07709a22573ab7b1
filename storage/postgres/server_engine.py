"""The engine over PostgreSQL: replicas write to one database, whole transactions or nothing.

Transactions that may change anything exclude all others; those that guard their own rows share the database
with each other. So only the latter have to mind what another replica does at the same time.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import timedelta
from typing import Final, TypeVar

from storage.dialect import FUNCTIONS
from storage.engine import Database
from storage.errors import DatabaseOutage, LeaseTakenError, StorageError
from storage.migrations import NewerDatabaseError, is_current_postgres, migrate_postgres
from storage.postgres import lease, pace, replica_row
from storage.postgres.boot_time import boot_time
from storage.postgres.connection import PostgresConnection, explained
from storage.postgres.lease import Lease
from storage.postgres.listener import CHANNEL, Listener
from storage.postgres.replica_row import TERM, ReplicaRow
from storage.postgres.servers import Connection, ServerPool, Servers

T = TypeVar("T")
log = logging.getLogger(__name__)
logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # who asks for a connection says what is wrong

OLDEST: Final = 150_000
"""The oldest server that will do, as PostgreSQL numbers its versions."""

RENEW_S: Final = 1.0
"""Seconds between two signs of life."""

_WAIT_S: Final = 5.0  # for a connection of the pool, while the server is away
_SILENT: Final = "this replica can give no sign of life"
_READERS: Final = 4
_WRITERS: Final = 4  # transactions, signs of life, exchanges, and one that is being replaced
_TABLES: Final = (lease.TABLE, replica_row.TABLE, *pace.TABLES)
_ALONE: Final = b"SELECT pg_advisory_xact_lock(7305, 1)"
_BESIDE: Final = b"SELECT pg_advisory_xact_lock_shared(7305, 1)"
_SETUP: Final = b"SELECT pg_advisory_xact_lock(7305, 2)"


class PostgresEngine:
    """A database of a PostgreSQL server, as one of its replicas sees it.

    Args:
        url: `postgresql://…`, as libpq reads it.
        term: how long others wait for a sign of life of this program before they go on without it.
        outage: told when this program can give no sign of life.
    """

    readers = _READERS

    def __init__(self, url: str, term: timedelta = TERM, *, outage: DatabaseOutage | None = None) -> None:
        self._term = term
        self._outage = outage or DatabaseOutage()
        self._lease: Lease | None = None
        self._fault: StorageError | None = None
        self._fencing = threading.Lock()  # a transaction of the leader's is under way
        with explained():
            self._servers = Servers(url)
        with explained(), closing(self._servers.connect(read_only=False)) as connection:
            _check_version(connection)
            self.name = f"database {connection.info.dbname} of PostgreSQL at {connection.info.host}"
            db = PostgresConnection(connection)
            with connection.transaction():
                connection.execute(_SETUP)
                for table in _TABLES:
                    db.execute(table)
            if not _is_current(db):
                self._lease = _taken(connection, term)
            try:
                self._row = ReplicaRow(db, term)
                self._writing = ServerPool(self._servers, _WRITERS, read_only=False)
                self._reading = ServerPool(self._servers, _READERS, read_only=True)
            except BaseException:
                if self._lease is not None:
                    self._lease.release(db)
                raise
        self._listener: Listener | None = None
        self._closing = threading.Event()
        self._renewing = threading.Thread(target=self._renew, name="store-lease", daemon=True)
        self._renewing.start()

    @property
    def replica(self) -> int:
        """This program's number among the replicas; another one after it was taken for dead."""
        return self._row.number

    @property
    def leads(self) -> bool:
        """Whether this program has taken the lease."""
        return self._lease is not None

    @property
    def holds_lease(self) -> bool:
        """Whether this program leads and no other can have taken over yet, by this machine's clock alone."""
        return self._lease is not None and self._lease.is_held()

    @property
    def epoch(self) -> int:
        """How often the database has changed hands; 0 where another leads."""
        return 0 if self._lease is None else self._lease.epoch

    def lead(self) -> None:
        """Take the lease, and bring the schema up to date. Raises LeaseTakenError."""
        if self._lease is None:
            with explained(), self._writing.connection(_WAIT_S) as connection:
                self._lease = _taken(connection, self._term)

    def transact(self, work: Callable[[Database], T]) -> T:
        """Run `work` in a transaction that excludes all others; a leader's holds the lease until its end.

        Raises StorageError.
        """
        with (
            explained(),
            self._writing.connection(_WAIT_S) as connection,
            self._fencing,
            connection.transaction(),
        ):
            db = PostgresConnection(connection)
            connection.execute(_ALONE)
            if self._lease is None:
                return work(db)
            self._lease.renew(db)
            began = boot_time()
            result = work(db)
            if boot_time() - began > RENEW_S:
                self._lease.renew(db)
            return result

    def transact_beside(self, work: Callable[[Database], T]) -> T:
        """Run `work` in a transaction beside others of its kind. Raises StorageError."""
        with explained(), self._writing.connection(_WAIT_S) as connection, connection.transaction():
            connection.execute(_BESIDE)
            return work(PostgresConnection(connection))

    def exchange(self, work: Callable[[Database], T]) -> T:
        """Run one statement that waits for no transaction. Raises StorageError."""
        with explained(), self._writing.connection(_WAIT_S) as connection:
            return work(PostgresConnection(connection))

    def read(self, work: Callable[[Database], T]) -> T:
        """Run `work` on a connection that can't write. Raises StorageError."""
        with explained(), self._reading.connection(_WAIT_S) as connection:
            return work(PostgresConnection(connection))

    def may_send(self, replica: int) -> bool:
        """Whether what was claimed under this number is still this program's."""
        return self._row.number == replica and self._row.is_alive()

    def listen(self, callback: Callable[[], None]) -> None:
        """Call back, on a thread of its own, when a replica says that something new waits."""
        self._listener = Listener(self._servers, callback)

    def announce(self) -> None:
        """Tell the other replicas that something new waits."""
        self.exchange(lambda db: db.execute(f"NOTIFY {CHANNEL}"))

    def check_in_place(self) -> None:
        """Raise StorageError when another program has taken over, or a newer one has changed the tables."""
        if self._fault is not None:
            raise self._fault
        if self._lease is not None:
            self._lease.check()

    def erase(self) -> None:
        """Do nothing: what was deleted leaves the server's files with its next vacuum."""

    def shrink(self) -> None:
        """Do nothing: the server has the cache."""

    def size(self) -> int:
        """Bytes that the database takes on the server."""
        (size,) = self.read(lambda db: db.execute("SELECT pg_database_size(current_database())").fetchone())
        return int(size)

    def disk_free(self) -> None:
        """Tell nothing: the server's disk is not seen from here."""

    def close(self) -> None:
        """Let another program take over, and close every connection."""
        self._closing.set()
        self._renewing.join()
        if self._listener is not None:
            self._listener.close()
        self._leave()
        self._reading.close()
        self._writing.close()

    def _renew(self) -> None:
        """Give signs of life until the database is closed or the lease is lost."""
        while not self._closing.wait(RENEW_S):
            try:
                with explained(), self._writing.connection(_WAIT_S) as connection:
                    self._renew_once(PostgresConnection(connection))
            except LeaseTakenError as error:
                log.critical(str(error))
                return
            except StorageError as error:
                self._outage.failed(_SILENT, error)
            else:
                self._outage.ended(_SILENT)

    def _renew_once(self, db: PostgresConnection) -> None:
        self._row.renew(db)
        if self._lease is None:
            try:
                _is_current(db)
            except StorageError as error:
                self._fault = error
        if self._lease is None or not self._fencing.acquire(blocking=False):
            return  # nobody takes over in the middle of a transaction
        try:
            self._lease.renew(db)
        finally:
            self._fencing.release()

    def _leave(self) -> None:
        with suppress(StorageError), explained(), self._writing.connection(1.0) as connection:
            db = PostgresConnection(connection)
            self._row.leave(db)
            if self._lease is not None:
                self._lease.release(db)


def _taken(connection: Connection, term: timedelta) -> Lease:
    """Take the lease, and bring the schema up to date. Raises LeaseTakenError, StorageError."""
    db = PostgresConnection(connection)
    taken = Lease(db, term)
    try:
        with connection.transaction():
            connection.execute(_ALONE)
            taken.renew(db)
            _set_up(db)
    except BaseException:
        taken.release(db)
        raise
    return taken


def _is_current(db: PostgresConnection) -> bool:
    """Whether the schema is this program's. Raises StorageError when a newer program has changed it."""
    try:
        return is_current_postgres(db)
    except NewerDatabaseError as error:
        raise _newer(error) from None


def _newer(error: NewerDatabaseError) -> StorageError:
    return StorageError(
        f"the database of DATABASE_URL was written by a newer minerwatch (it has {error})",
        "install that version again, or restore a dump made before the upgrade",
    )


def _set_up(db: PostgresConnection) -> None:
    """Bring the schema up to date. Raises StorageError when a newer program has changed it."""
    (exists,) = db.execute(
        "SELECT to_regprocedure('max(anycompatible, anycompatible)') IS NOT NULL"
    ).fetchone()
    if not exists:
        for name, sign in (("max", ">="), ("min", "<=")):
            db.execute(FUNCTIONS.format(name=name, sign=sign))
    try:
        migrate_postgres(db)
    except NewerDatabaseError as error:
        raise _newer(error) from None


def _check_version(connection: Connection) -> None:
    version = connection.info.server_version
    if version < OLDEST:
        raise StorageError(
            f"the server of DATABASE_URL is PostgreSQL {version // 10_000}, too old",
            f"use PostgreSQL {OLDEST // 10_000} or newer",
        )
