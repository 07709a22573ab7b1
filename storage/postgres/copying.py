"""Copy SQLite's file to PostgreSQL, table by table, and check that nothing differs.

A table is compared first and copied only when it differs, in one transaction: a copy that was broken off is
gone on with by starting it again, and a second copy of a live database takes what has changed since.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from graphlib import TopologicalSorter
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from storage.dialect import column_type
from storage.engine import Database
from storage.errors import StorageError
from storage.migrations import migrations
from storage.postgres.connection import PostgresConnection
from storage.postgres.server_engine import PostgresEngine
from storage.sqlite.file_engine import SqliteConnection, connect

_BITS: Final = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class TableSum:
    """What a table holds: rows, and a sum over them that differs when any row does."""

    rows: int
    checksum: int


@dataclass(frozen=True, slots=True)
class TableCopy:
    """A table that is the same on both sides now; `copied` says that it wasn't before."""

    table: str
    rows: int
    copied: bool


def copy_database(source: Path, url: str, on_table: Callable[[TableCopy], None]) -> list[TableCopy]:
    """Make the PostgreSQL database at `url` hold what the file does; `on_table` is told of each table.

    What the program writes to the file meanwhile is not copied. Raises StorageError, also when the target
    has been in use by itself: nothing of it is overwritten then.
    """
    if not source.exists():
        raise StorageError(
            f"there is no database at DATABASE_PATH {str(source)!r}", "set DATABASE_PATH to the bot's file"
        )
    file = connect(source, read_only=True)
    engine = None
    try:
        _check_schema(file, source)
        engine = PostgresEngine(url)
        engine.lead()
        file.execute("BEGIN")  # one moment's state, however long it takes
        _check_target(file, engine)
        done = []
        for table in _in_order(file):
            copy = _copy_table(file, engine, table)
            done.append(copy)
            on_table(copy)
        engine.transact(_continue_numbers)
        return done
    finally:
        if engine is not None:
            engine.close()
        file.close()


def _check_schema(file: SqliteConnection, source: Path) -> None:
    if migrations.pending(file):
        raise StorageError(
            f"DATABASE_PATH {str(source)!r} was written by an older minerwatch",
            "start this version on it once, then copy it",
        )


def _check_target(file: Database, engine: PostgresEngine) -> None:
    newest = "SELECT max(started_at) FROM runs"
    (here,) = file.execute(newest).fetchone()
    (there,) = engine.read(lambda db: db.execute(newest).fetchone())
    if there is not None and (here is None or there > here):
        raise StorageError(
            f"the database to copy to has been in use by itself since {there}",
            "give an empty one, for example made with createdb",
        )


def _in_order(file: SqliteConnection) -> list[str]:
    """The tables, each after those that its rows refer to."""
    graph = {
        table: {row[2] for row in file.execute(f"PRAGMA foreign_key_list({table})").fetchall()}
        for table in file.table_names()
        if not table.startswith(("sqlite_", "_sqlite_"))
    }
    return list(TopologicalSorter(graph).static_order())


def _copy_table(file: SqliteConnection, engine: PostgresEngine, table: str) -> TableCopy:
    columns = file.columns(table)
    known = _sum(_rows(file, table, columns))
    if engine.read(lambda db: _sum(_rows(db, table, columns))) == known:
        return TableCopy(table, known.rows, copied=False)

    def replace(db: Database) -> None:
        assert isinstance(db, PostgresConnection)  # noqa: S101 - the engine's own
        db.execute("SET LOCAL idle_in_transaction_session_timeout = '1h'")  # it is compared here, row by row
        db.execute(f"DELETE FROM {table}")
        db.copy_in(table, columns, _rows(file, table, columns))
        if _sum(_rows(db, table, columns)) != known:
            raise StorageError(f"the copy of the table {table} differs from the original", "report this")

    engine.transact(replace)
    return TableCopy(table, known.rows, copied=True)


def _rows(db: Database, table: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """The rows in one form on both engines."""
    forms = [_FORMS.get(column_type(table, column) or "", _as_it_is) for column in columns]
    for row in db.execute(f"SELECT {', '.join(columns)} FROM {table}"):
        yield tuple(None if value is None else form(value) for form, value in zip(forms, row, strict=True))


def _as_it_is(value: object) -> object:
    return value


def _json(value: str) -> str:
    return json.dumps(json.loads(value), sort_keys=True, ensure_ascii=False)


_FORMS: Final[dict[str, Callable[[Any], object]]] = {
    "boolean": bool,
    "date": lambda text: date.fromisoformat(text).isoformat(),
    "jsonb": _json,
    "time": lambda text: time.fromisoformat(text).isoformat(),
    "timestamptz": lambda text: datetime.fromisoformat(text).isoformat(),
}


def _sum(rows: Iterable[tuple[Any, ...]]) -> TableSum:
    count = checksum = 0
    for row in rows:
        count += 1
        checksum += int.from_bytes(blake2b(repr(row).encode(), digest_size=8).digest())
    return TableSum(count, checksum & _BITS)


def _continue_numbers(db: Database) -> None:
    """Let new rows be numbered after those that were copied."""
    for table in db.table_names():
        if "id" in db.columns(table):
            following = f"SELECT coalesce(max(id), 0) + 1 FROM {table}"
            db.execute(f"SELECT setval(pg_get_serial_sequence(?, 'id'), ({following}), false)", [table])
