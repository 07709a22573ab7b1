"""The servers that an address names, and the pool of connections to the one that takes writes.

libpq takes the first server of several that answers; where an old primary comes back and takes writes again,
that may be the wrong one. The timeline tells: it grows with every promotion, so that a server is left alone
once another with a higher one was seen.
"""

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import ConnectionPool, PoolTimeout

from storage.postgres.values import configure

CONNECT_S: Final = 5
_IDLE_MS: Final = 4_000  # a program stopped in the middle of a transaction gives way, as one outside does
_SESSION: Final = f"-c timezone=UTC -c datestyle=ISO -c idle_in_transaction_session_timeout={_IDLE_MS}"
_RECONNECT_S: Final = 5.0  # tries come ever more slowly until then; afterwards whoever asks makes one
_TIMELINE: Final = b"""
    SELECT CASE WHEN pg_is_in_recovery() THEN '0' ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END
"""
_LISTS: Final = ("host", "hostaddr", "port")

Connection = psycopg.Connection[Any]


class Servers:
    """The servers of one address, `postgresql://user@first,second/database`; called from several threads.

    Of several servers the one is taken that takes writes, unless the address says otherwise
    (`target_session_attrs`).
    """

    def __init__(self, url: str) -> None:
        self._addresses = list(_each(conninfo_to_dict(url)))
        self._timeline = 0  # the highest that was seen
        self.failure: psycopg.Error | None = None
        """Why no connection could be made the last time; None after one was."""

    def connect(self, *, read_only: bool) -> Connection:
        """Open a connection. Raises psycopg.Error."""
        newest: Connection | None = None
        failures: list[psycopg.Error] = []
        is_first = self._timeline == 0
        for address in self._addresses:
            try:
                connection = self._open(address)
            except psycopg.Error as error:
                failures.append(error)
                continue
            if newest is not None:
                newest.close()
            newest = connection
            if not is_first:  # the first time all are asked which has been promoted last
                break
        if newest is None:
            self.failure = _together(failures)
            raise self.failure
        self.failure = None
        if read_only:
            newest.execute(b"SET default_transaction_read_only = on")
        return newest

    def _open(self, address: Mapping[str, Any]) -> Connection:
        connection: Connection = psycopg.connect(
            **address,
            autocommit=True,
            options=_SESSION,
            connect_timeout=CONNECT_S,
            application_name="minerwatch",
            keepalives_idle=10,
            tcp_user_timeout=10_000,
        )
        try:
            timeline = _timeline_of(connection)
            if 0 < timeline < self._timeline:
                raise psycopg.OperationalError(
                    f"the server at {connection.info.host} is an old primary: "
                    f"its timeline is {timeline}, and {self._timeline} was seen"
                )
            self._timeline = max(self._timeline, timeline)
            configure(connection)
        except BaseException:
            connection.close()
            raise
        return connection


class ServerPool(ConnectionPool[Connection]):
    """At most so many connections; who waits in vain for one is told why none could be made."""

    def __init__(self, servers: Servers, most: int, *, read_only: bool) -> None:
        self._servers = servers
        super().__init__(
            kwargs={"servers": servers, "read_only": read_only},
            connection_class=_PooledConnection,
            min_size=1,
            max_size=most,
            check=ConnectionPool.check_connection,
            reconnect_timeout=_RECONNECT_S,
            open=True,
        )

    def getconn(self, timeout: float | None = None) -> Connection:
        """Take a connection. Raises psycopg.Error."""
        try:
            return super().getconn(timeout)
        except PoolTimeout:
            if self._servers.failure is None:
                raise
            raise psycopg.OperationalError(str(self._servers.failure)) from None


class _PooledConnection(Connection):
    @classmethod
    def connect(  # type: ignore[override]  # the pool passes on what it was given
        cls, _conninfo: str, *, servers: Servers, read_only: bool
    ) -> Connection:
        return servers.connect(read_only=read_only)


def _timeline_of(connection: Connection) -> int:
    """How often the server's data have been promoted; 0 where it doesn't say."""
    try:
        row = connection.execute(_TIMELINE).fetchone()
    except psycopg.errors.Error as error:
        if isinstance(error, psycopg.OperationalError):
            raise
        return 0  # a service that is like PostgreSQL, and hides its files
    return 0 if row is None else int(row[0], 16)


def _each(parameters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The parameters of each server by itself."""
    rest = {name: value for name, value in parameters.items() if name not in _LISTS}
    lists = {name: str(parameters.get(name) or "").split(",") for name in _LISTS}
    count = max(len(lists["host"]), len(lists["hostaddr"]))
    if count > 1:
        rest.setdefault("target_session_attrs", "read-write")
        if len(lists["port"]) == 1:
            lists["port"] *= count
    for values in zip_longest(*lists.values(), fillvalue=""):
        yield rest | {name: value for name, value in zip(_LISTS, values, strict=True) if value}


def _together(failures: list[psycopg.Error]) -> psycopg.Error:
    if len(failures) == 1:
        return failures[0]
    return psycopg.OperationalError("; ".join(str(failure).splitlines()[0] for failure in failures))
