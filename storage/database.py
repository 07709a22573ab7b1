"""The store: what the asynchronous program does with the database, on either engine."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

from storage.engine import Database, Engine
from storage.errors import StorageError
from storage.sqlite import file_engine
from storage.sqlite.file_engine import SqliteEngine

__all__ = ["Database", "StorageError", "Store", "is_url"]

T = TypeVar("T")


def is_url(address: Path | str) -> bool:
    """Whether an address names a PostgreSQL database rather than a file."""
    return str(address).startswith(("postgresql://", "postgres://"))


class Store:
    """The database as the asynchronous program sees it.

    `address` is SQLite's file or the URL of a PostgreSQL database. `write` runs a function inside one
    transaction on the single writer thread; `read` runs one over what was committed, beside it. While the
    store is open no other program writes to the database. Everything raises StorageError when the database
    can't be used.
    """

    def __init__(self, address: Path | str) -> None:
        self._engine = _engine(address)
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._reading = ThreadPoolExecutor(self._engine.readers, thread_name_prefix="store-reader")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def name(self) -> str:
        """What the database is, for people."""
        return self._engine.name

    @property
    def is_shared(self) -> bool:
        """Whether another machine's program may take over."""
        return not isinstance(self._engine, SqliteEngine)

    @property
    def path(self) -> Path:
        """SQLite's file. Raises ValueError on PostgreSQL, which has none here."""
        if not isinstance(self._engine, SqliteEngine):
            raise ValueError("a PostgreSQL database is no file of this machine")
        return self._engine.path

    async def write(self, work: Callable[[Database], T]) -> T:
        """Run `work` in one transaction on the writer thread and give its result."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writing, self._transact, work)

    async def read(self, work: Callable[[Database], T]) -> T:
        """Run `work` for reading; it sees every committed write."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reading, self._engine.read, work)

    async def erase(self) -> None:
        """Leave nothing of what was deleted where somebody could find it."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writing, self._engine.erase)

    def check_in_place(self) -> None:
        """Raise StorageError when what is written now would be lost."""
        self._engine.check_in_place()

    def may_send(self) -> bool:
        """Whether this program is still the only one that delivers what the database holds."""
        return self._engine.may_send()

    async def shrink(self) -> None:
        """Let go of what connections have cached."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writing, self._engine.shrink)

    async def size(self) -> int:
        """Bytes that the database takes."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reading, self._engine.size)

    def disk_free(self) -> int | None:
        """Bytes free where the database is, None when that is not known here."""
        return self._engine.disk_free()

    def close(self) -> None:
        """Wait for what is under way and close the database."""
        self._writing.shutdown()
        self._reading.shutdown()
        self._engine.close()

    def _transact(self, work: Callable[[Database], T]) -> T:
        return self._engine.transact(work)


def read_beside(address: Path | str, work: Callable[[Database], T]) -> T:
    """Read a database beside the program that runs on it, changing nothing. Raises StorageError."""
    if not is_url(address):
        return file_engine.read_beside(Path(address), work)
    from storage.postgres import connection  # noqa: PLC0415 - the extra that SQLite does without

    return connection.read_beside(str(address), work)


def exists(address: Path | str) -> bool:
    """Whether there is a database to read; one on a server always counts as there."""
    return is_url(address) or Path(address).exists()


def _engine(address: Path | str) -> Engine:
    if not is_url(address):
        return SqliteEngine(Path(address))
    from storage.postgres.server_engine import PostgresEngine  # noqa: PLC0415 - the extra that SQLite does without

    return PostgresEngine(str(address))
