"""The engine over PostgreSQL: one program writes, whole transactions or nothing."""

import logging
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import timedelta
from typing import Any, Final, TypeVar

import psycopg
from psycopg_pool import ConnectionPool

from storage.dialect import FUNCTIONS
from storage.engine import Database
from storage.errors import StorageError
from storage.migrations import NewerDatabaseError, migrate_postgres
from storage.postgres.connection import (
    CONNECT_S,
    READING,
    SESSION,
    PostgresConnection,
    configure,
    connect,
    explained,
)
from storage.postgres.lease import RENEW_S, TABLE, TERM, Lease, LeaseTakenError

T = TypeVar("T")
log = logging.getLogger(__name__)
logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # who asks for a connection says what is wrong

OLDEST: Final = 150_000
"""The oldest server that will do, as PostgreSQL numbers its versions."""

_WAIT_S: Final = 5.0  # for a connection of the pool, while the server is away
_READERS: Final = 4


class PostgresEngine:
    """A database of a PostgreSQL server. One program at a time has its lease and writes.

    Args:
        url: `postgresql://…`, as libpq reads it.
        term: how long the lease lasts when this program dies.
    """

    readers = _READERS

    def __init__(self, url: str, term: timedelta = TERM) -> None:
        with explained(), closing(connect(url, read_only=False)) as connection:
            _check_version(connection)
            self.name = f"database {connection.info.dbname} of PostgreSQL at {connection.info.host}"
            db = PostgresConnection(connection)
            db.execute(TABLE)
            self._lease = Lease(db, term)
            try:
                with connection.transaction():
                    self._lease.renew(db)
                    _set_up(db)
                self._writing = _pool(url, SESSION, 2)
                self._reading = _pool(url, READING, _READERS)
            except BaseException:
                self._lease.release(db)
                raise
        self._closing = threading.Event()
        self._renewing = threading.Thread(target=self._renew, name="store-lease", daemon=True)
        self._renewing.start()

    @property
    def epoch(self) -> int:
        """How often the database has changed hands."""
        return self._lease.epoch

    def transact(self, work: Callable[[Database], T]) -> T:
        """Run `work` in one transaction, which holds the lease until its end. Raises StorageError."""
        with explained(), self._writing.connection(_WAIT_S) as connection, connection.transaction():
            db = PostgresConnection(connection)
            self._lease.renew(db)
            return work(db)

    def read(self, work: Callable[[Database], T]) -> T:
        """Run `work` on a connection that can't write. Raises StorageError."""
        with explained(), self._reading.connection(_WAIT_S) as connection:
            return work(PostgresConnection(connection))

    def may_send(self) -> bool:
        """Whether nobody else can have taken over."""
        return self._lease.is_held()

    def check_in_place(self) -> None:
        """Raise StorageError when another program has taken over."""
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
        self._release()
        self._reading.close()
        self._writing.close()

    def _renew(self) -> None:
        """Renew the lease until the database is closed or the lease is lost."""
        while not self._closing.wait(RENEW_S):
            try:
                with explained(), self._writing.connection(_WAIT_S) as connection:
                    self._lease.renew(PostgresConnection(connection))
            except LeaseTakenError as error:
                log.critical(str(error))
                return
            except StorageError as error:
                log.warning(f"the lease could not be renewed: {error.problem}")

    def _release(self) -> None:
        with suppress(StorageError), explained(), self._writing.connection(1.0) as connection:
            self._lease.release(PostgresConnection(connection))


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
        raise StorageError(
            f"the database of DATABASE_URL was written by a newer minerwatch (it has {error})",
            "install that version again, or restore a dump made before the upgrade",
        ) from None


def _pool(url: str, options: str, most: int) -> ConnectionPool[psycopg.Connection[Any]]:
    with explained():
        return ConnectionPool(
            url,
            kwargs={
                "autocommit": True,
                "options": options,
                "connect_timeout": CONNECT_S,
                "application_name": "minerwatch",
                "keepalives_idle": 10,
                "tcp_user_timeout": 10_000,
            },
            min_size=1,
            max_size=most,
            configure=configure,
            check=ConnectionPool.check_connection,
            reconnect_timeout=30.0,
            open=True,
        )


def _check_version(connection: psycopg.Connection[Any]) -> None:
    version = connection.info.server_version
    if version < OLDEST:
        raise StorageError(
            f"the server of DATABASE_URL is PostgreSQL {version // 10_000}, too old",
            f"use PostgreSQL {OLDEST // 10_000} or newer",
        )
