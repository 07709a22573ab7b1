"""A store used without an event loop, and its own connections, for tests that count or spoil statements."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from storage.database import Database, Store
from storage.sqlite.file_engine import SqliteConnection

T = TypeVar("T")


def write_now(store: Store, work: Callable[[Database], T]) -> T:
    """`Store.write`, waited for; works where an event loop runs already, too."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(store.write(work))).result()


def read_now(store: Store, work: Callable[[Database], T]) -> T:
    """`Store.read`, waited for; works where an event loop runs already, too."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(store.read(work))).result()


def writer(store: Store) -> SqliteConnection:
    """The database as the store's writer has it."""
    return _of_file(write_now(store, lambda db: db))


def reader(store: Store) -> SqliteConnection:
    """The database as the store's readers have it."""
    return _of_file(read_now(store, lambda db: db))


def _of_file(db: Database) -> SqliteConnection:
    assert isinstance(db, SqliteConnection)
    return db
