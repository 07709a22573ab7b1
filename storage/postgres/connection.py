"""Connections to a PostgreSQL server: values as repositories know them, errors as StorageError."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, Final, TypeVar

from storage.dialect import POSTGRES, for_postgres
from storage.engine import Database, Parameters, Result
from storage.errors import StorageError

try:
    import psycopg
    from psycopg_pool import PoolTimeout

    from storage.postgres.servers import Connection, Servers
except ModuleNotFoundError as missing:
    raise StorageError(
        f"PostgreSQL's driver is not installed ({missing})", "install it: pip install 'minerwatch[postgres]'"
    ) from None

T = TypeVar("T")


class PostgresConnection:
    """A connection with what repositories ask of it."""

    dialect = POSTGRES

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def execute(self, sql: str, parameters: Parameters | None = None) -> Result:
        """Run a statement."""
        return self._connection.execute(for_postgres(sql).encode(), parameters or ())

    def executemany(self, sql: str, rows: Iterable[Parameters]) -> Result:
        """Run a statement once for each row."""
        cursor = self._connection.cursor()
        cursor.executemany(for_postgres(sql).encode(), rows)
        return cursor

    def query(self, sql: str, params: Parameters | None = None) -> Iterator[dict[str, Any]]:
        """The rows that a statement selects, by column."""
        cursor = self._connection.execute(for_postgres(sql).encode(), params or ())
        names = [column.name for column in cursor.description or ()]
        return (dict(zip(names, row, strict=True)) for row in cursor)

    def copy_in(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Add many rows at once."""
        statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        with self._connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            for row in rows:
                copy.write_row(row)

    def table_names(self) -> list[str]:
        """The tables of the schema, by name."""
        rows = self.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
        )
        return [name for (name,) in rows]

    def columns(self, table: str) -> list[str]:
        """The columns of a table."""
        rows = self.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND table_name = ? ORDER BY ordinal_position",
            [table],
        )
        return [name for (name,) in rows]

    def unique_keys(self, table: str) -> list[tuple[str, ...]]:
        """The columns of each key that no two rows of a table share."""
        rows = self.execute(
            """
            SELECT array_agg(a.attname ORDER BY a.attnum)
            FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
            WHERE i.indrelid = to_regclass(?) AND i.indisunique GROUP BY i.indexrelid
            """,
            [table],
        )
        return [tuple(names) for (names,) in rows]

    def references_chats(self, table: str) -> bool:
        """Whether rows of a table belong to one of `chats`."""
        row = self.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_constraint WHERE contype = 'f' AND conrelid = to_regclass(?) "
            "AND confrelid = to_regclass('chats'))",
            [table],
        ).fetchone()
        return bool(row[0])


def connect(url: str, *, read_only: bool = True) -> Connection:
    """Open a connection by itself, beside a running program. Raises StorageError."""
    with explained():
        return Servers(url).connect(read_only=read_only)


def read_beside(url: str, work: Callable[[Database], T]) -> T:
    """Read a database beside the program that runs on it, changing nothing. Raises StorageError."""
    with explained(), closing(connect(url)) as connection:
        return work(PostgresConnection(connection))


_REASONS: Final = {
    "28": ("refuses the user or password", "check DATABASE_URL, for example with psql", False),
    "3D": ("has no such database", "create it: createdb minerwatch", False),
    "42501": ("lacks rights", "the user of DATABASE_URL must own the database", False),
    "53100": ("can't grow: the server's disk is full", "free some space there; nothing is lost", True),
    "53": (
        "is out of connections or memory",
        "raise the server's limits, or stop other programs; each replica takes up to 9 connections",
        True,
    ),
    "08P01": (
        "is behind a pooler that takes no session settings",
        "name the server itself in DATABASE_URL; docs/scaling.md says why",
        False,
    ),
    "25P03": (
        "has ended a transaction that stood still",
        "the machine is too busy, or was stopped for a while; the bot goes on by itself",
        True,
    ),
    "25006": ("is read-only", "point DATABASE_URL at the server that takes writes", True),
}
_AWAY: Final = ("can't be reached", "check that the server runs; the bot goes on by itself", True)


_REFUSALS: Final = (  # a connection that is refused comes with a text alone
    ("sorry, too many clients", "53"),
    ("too many connections", "53"),
    ("remaining connection slots", "53"),
    ("unsupported startup parameter", "08P01"),
    ("password authentication failed", "28"),
    ("no pg_hba.conf entry", "28"),
    ("role ", "28"),
    ("database ", "3D"),
)


_WRONG_SERVER: Final = ("session is read-only", "server is in hot standby mode", "is an old primary")


def _refusal(text: str) -> str:
    """The beginning of the state that a refused connection's English text stands for; "" when unknown."""
    if any(words in text for words in _WRONG_SERVER):
        return "25006"
    _, _, reason = text.partition("FATAL:  ")
    return next((state for begins, state in _REFUSALS if reason.startswith(begins)), "")


@contextmanager
def explained() -> Iterator[None]:
    """Turn the driver's errors into StorageError, which never shows the password."""
    try:
        yield
    except psycopg.Error as error:
        state = error.sqlstate or _refusal(str(error))
        known = next((_REASONS[state[:length]] for length in (5, 2) if state[:length] in _REASONS), None)
        is_away = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError | PoolTimeout)
        problem, remedy, passing = known or (
            _AWAY if is_away else ("can't be used", "look at the server's log", False)
        )
        detail = (error.diag.message_primary or str(error)).splitlines()[0] if str(error) else "no answer"
        raise StorageError(
            f"the database of DATABASE_URL {problem} ({detail})", remedy, passing=passing
        ) from error
