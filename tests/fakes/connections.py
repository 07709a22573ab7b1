"""A store's own connection, for tests that count, cut short or spoil its statements."""

from storage.database import Database, Store
from storage.sqlite.file_engine import SqliteConnection


def writer(store: Store) -> SqliteConnection:
    """The database as the store's writer has it."""
    return _of_file(store.write_now(lambda db: db))


def reader(store: Store) -> SqliteConnection:
    """The database as the store's readers have it."""
    return _of_file(store.read_now(lambda db: db))


def _of_file(db: Database) -> SqliteConnection:
    assert isinstance(db, SqliteConnection)
    return db
