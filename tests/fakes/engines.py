"""Both engines as tests see them: connections by themselves, and what is behind a store."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from storage.database import Database, Store, is_url
from storage.dialect import POSTGRES
from storage.migrations import migrate
from storage.postgres.connection import PostgresConnection
from storage.postgres.connection import connect as connect_postgres
from storage.sqlite.file_engine import SqliteConnection, SqliteEngine, connect


@contextmanager
def connection(address: str) -> Iterator[Database]:
    """Open a connection that writes to the database at an address, a file or a URL."""
    if is_url(address):
        with closing(connect_postgres(address, read_only=False)) as opened:
            yield PostgresConnection(opened)
        return
    with closing(connect(Path(address))) as db:
        migrate(db)
        yield db


def join(db: Database, replica: int) -> None:
    """Let a replica have a number of its own, where there is more than one; it lives for ever."""
    if db.dialect is POSTGRES:
        db.execute(
            "INSERT INTO replicas (id, name, until) OVERRIDING SYSTEM VALUE VALUES (?, 'test', 'infinity')",
            [replica],
        )


def new_database() -> SqliteConnection:
    """A SQLite database in memory with the newest schema."""
    db = connect(":memory:")
    migrate(db)
    return db


@contextmanager
def transaction(db: Database) -> Iterator[Database]:
    """Write what is done inside together or not at all."""
    db.execute("BEGIN")
    try:
        yield db
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def sqlite_of(store: Store) -> SqliteEngine:
    """The engine of a store that is a file."""
    engine = store._engine
    assert isinstance(engine, SqliteEngine)
    return engine
