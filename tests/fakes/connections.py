"""A store used without an event loop, and its own connections, for tests that count or spoil statements."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar
from unittest.mock import patch

from storage.database import Database, Store
from storage.errors import StorageError
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


@contextmanager
def answer_lost(store: Store, is_it: Callable[[object], bool]) -> Iterator[list[object]]:
    """Let the answer to a transaction get lost after it was committed, the first whose result `is_it`."""
    write_beside, lost = store.write_beside, list[object]()

    async def write(work: Callable[[Database], T]) -> T:
        result = await write_beside(work)
        if not lost and is_it(result):
            lost.append(result)
            raise StorageError("the database can't be reached", "look at it", passing=True)
        return result

    with patch.object(store, "write_beside", write):
        yield lost


def writer(store: Store) -> SqliteConnection:
    """The database as the store's writer has it."""
    return _of_file(write_now(store, lambda db: db))


def reader(store: Store) -> SqliteConnection:
    """The database as the store's readers have it."""
    return _of_file(read_now(store, lambda db: db))


def _of_file(db: Database) -> SqliteConnection:
    assert isinstance(db, SqliteConnection)
    return db
