"""The store: what the asynchronous program does with the database, on either engine."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Self, TypeVar

from storage.engine import Database, Engine
from storage.errors import DatabaseOutage, StorageError
from storage.sqlite import file_engine
from storage.sqlite.file_engine import SqliteEngine

__all__ = ["Database", "StorageError", "Store", "is_url"]

T = TypeVar("T")


def is_url(address: Path | str) -> bool:
    """Whether an address names a PostgreSQL database rather than a file."""
    return str(address).startswith(("postgresql://", "postgres://"))


class Store:
    """The database as the asynchronous program sees it.

    `address` is SQLite's file, which is this program's alone while the store is open, or the URL of a
    PostgreSQL database, which several replicas may use. `write` runs a function inside one transaction on the
    single writer thread, beside no other transaction of any replica; `write_beside` runs one that guards its
    own rows beside others of its kind; `read` runs one over what was committed. Everything raises
    StorageError when the database can't be used; `outage` is told by those that try again.
    """

    def __init__(self, address: Path | str) -> None:
        self.outage = DatabaseOutage()
        self._engine = _engine(address, self.outage)
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._reading = ThreadPoolExecutor(self._engine.readers, thread_name_prefix="store-reader")
        self._exchanging = ThreadPoolExecutor(1, thread_name_prefix="store-exchange")

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
        """Whether several replicas may use it."""
        return not isinstance(self._engine, SqliteEngine)

    @property
    def replica(self) -> int:
        """This program's number among the replicas, 0 on SQLite; another one after it was taken for dead."""
        return self._engine.replica

    @property
    def leads(self) -> bool:
        """Whether this program is the one that polls; on SQLite it always is."""
        return self._engine.leads

    @property
    def holds_lease(self) -> bool:
        """Whether this program leads and no other can have taken over yet, as far as can be known here."""
        return self._engine.holds_lease

    async def lead(self) -> None:
        """Become the one that polls. Raises StorageError while another replica is."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writing, self._engine.lead)

    @property
    def path(self) -> Path:
        """SQLite's file. Raises ValueError on PostgreSQL, which has none here."""
        if not isinstance(self._engine, SqliteEngine):
            raise ValueError("a PostgreSQL database is no file of this machine")
        return self._engine.path

    async def write(self, work: Callable[[Database], T]) -> T:
        """Run `work` in one transaction on the writer thread and give its result; it excludes all others."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writing, self._transact, work)

    async def write_beside(self, work: Callable[[Database], T]) -> T:
        """Run `work` in a transaction beside those of other replicas.

        It must guard the rows that it changes, by locking them or by this replica's number.
        """
        if not self.is_shared:
            return await self.write(work)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writing, self._engine.transact_beside, work)

    async def exchange(self, work: Callable[[Database], T]) -> T:
        """Run one statement on what replicas share beside the data; it waits for no transaction."""
        if not self.is_shared:
            return await self.write(work)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._exchanging, self._engine.exchange, work)

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

    def may_send(self, replica: int) -> bool:
        """Whether what was claimed under this number is still this program's."""
        return self._engine.may_send(replica)

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call back in the running event loop when another replica says that something new waits."""
        loop = asyncio.get_running_loop()

        def hear() -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(callback)

        self._engine.listen(hear)

    async def announce_change(self) -> None:
        """Tell the other replicas that something new waits."""
        if not self.is_shared:
            return
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._exchanging, self._engine.announce)

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
        self._exchanging.shutdown()
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


def _engine(address: Path | str, outage: DatabaseOutage) -> Engine:
    if not is_url(address):
        return SqliteEngine(Path(address))
    from storage.postgres.server_engine import PostgresEngine  # noqa: PLC0415 - the extra that SQLite does without

    return PostgresEngine(str(address), outage=outage)
