"""A store's own connection, for tests that count, cut short or spoil its statements."""

from sqlite_utils import Database

from storage.database import Store


def writer(store: Store) -> Database:
    """The database as the store's writer has it."""
    return store.write_now(lambda db: db)


def reader(store: Store) -> Database:
    """The database as the store's readers have it."""
    return store.read_now(lambda db: db)
