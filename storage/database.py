"""The connection: one SQLite file, one writer thread, one reader thread, whole transactions or nothing."""

import asyncio
import errno
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from sqlite_utils import Database

from storage.errors import StorageError, explain, integrity_error
from storage.migrations import NewerDatabaseError, migrate

__all__ = ["Database", "StorageError", "Store", "connect"]

T = TypeVar("T")

_CACHE_KIB = 64 * 1024  # at most: filled only by what is really touched


def connect(path: Path | str, *, read_only: bool = False) -> Database:
    """Open the file with the pragmas every connection needs. Raises StorageError when it can't be opened."""
    with ExitStack() as undo:
        try:
            if read_only:
                address = f"{Path(path).absolute().as_uri()}?mode=ro"
                connection = sqlite3.connect(address, uri=True, check_same_thread=False)
            else:
                connection = sqlite3.connect(path, check_same_thread=False)
            undo.callback(connection.close)
            connection.isolation_level = None
            connection.execute("PRAGMA busy_timeout = 5000")
            connection.execute("PRAGMA foreign_keys = on")
            connection.execute("PRAGMA secure_delete = on")  # what is forgotten leaves the file too
            if not read_only:
                connection.execute("PRAGMA journal_mode = wal")
                connection.execute(
                    "PRAGMA synchronous = full"
                )  # a power cut takes back nothing that was told
                connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
                connection.execute("PRAGMA journal_size_limit = 33554432")
        except sqlite3.Error as error:
            raise explain(error, path) from None
        undo.pop_all()
    return Database(connection)


@contextmanager
def transaction(db: Database) -> Iterator[Database]:
    """Everything inside is written together or not at all; takes the write lock at once."""
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.conn.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # SQLite may have rolled back by itself (disk full)
            db.conn.execute("ROLLBACK")
        raise


class Store:
    """The database as the asynchronous program sees it.

    `write` runs a function inside one immediate transaction on the single writer thread; `read` runs one on
    a read-only connection of its own, so that no reply waits for a broadcast being queued. The file itself is
    locked for this process while the store is open, whatever names and links lead to it.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._lock = _lock(self.path)
        with ExitStack() as undo:
            undo.callback(os.close, self._lock)
            self._db = _sound(self.path)
            undo.callback(self._db.close)
            self._reader = connect(self.path, read_only=True)
            undo.pop_all()
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="store-reader")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def write(self, work: Callable[[Database], T]) -> T:
        """Run `work` in one transaction on the writer thread and give its result."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writing, partial(self._transact, work))

    async def read(self, work: Callable[[Database], T]) -> T:
        """Run `work` on the read-only connection; it sees every committed write."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reading, partial(work, self._reader))

    async def forget_journal(self) -> None:
        """Move what the journal holds into the file and empty it, so that nothing deleted is left there."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writing, self._db.conn.execute, "PRAGMA wal_checkpoint(TRUNCATE)")

    def write_now(self, work: Callable[[Database], T]) -> T:
        """`write` for code without an event loop."""
        return self._writing.submit(self._transact, work).result()

    def read_now(self, work: Callable[[Database], T]) -> T:
        """`read` for code without an event loop."""
        return self._reading.submit(work, self._reader).result()

    def check_in_place(self) -> None:
        """Raise StorageError when the file was deleted or replaced: what is written now would be lost."""
        if not _is_at(self._lock, self.path):
            raise StorageError(
                f"DATABASE_PATH {str(self.path)!r} was deleted or replaced while the program runs",
                "start again; `minerwatch restore` needs the bot stopped",
                passing=True,
            )

    async def shrink(self) -> None:
        """Let go of the pages that both connections have cached."""
        loop = asyncio.get_running_loop()
        for thread, db in ((self._writing, self._db), (self._reading, self._reader)):
            await loop.run_in_executor(thread, db.conn.execute, "PRAGMA shrink_memory")

    def close(self) -> None:
        """Wait for what is under way, close both connections and release the file."""
        self._writing.shutdown()
        self._reading.shutdown()
        self._reader.close()
        self._db.close()
        os.close(self._lock)

    def _transact(self, work: Callable[[Database], T]) -> T:
        with transaction(self._db) as db:
            return work(db)


def _sound(path: Path) -> Database:
    """The database, looked over and with the newest schema. Raises StorageError when it can't be used."""
    _look_over(path)
    db = connect(path)
    with ExitStack() as undo:
        undo.callback(db.close)
        try:
            migrate(db)
        except NewerDatabaseError as error:
            raise StorageError(
                f"DATABASE_PATH {str(path)!r} was written by a newer minerwatch (it has {error})",
                "install that version again, or restore a backup made before the upgrade",
            ) from None
        except sqlite3.Error as error:
            raise explain(error, path) from None
        undo.pop_all()
    return db


def _look_over(path: Path) -> None:
    """Read every page of the file, on a connection of its own: what it caches goes with it."""
    db = connect(path)
    try:
        wrong = integrity_error(db)
    except sqlite3.Error as error:
        raise explain(error, path) from None
    finally:
        db.close()
    if wrong is not None:
        raise StorageError(
            f"DATABASE_PATH {str(path)!r} is damaged ({wrong})", "restore a backup: minerwatch restore FILE"
        )


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of an existing database without opening it. Raises StorageError when a program has it."""
    if not path.exists():
        yield
        return
    handle = _lock(path)
    try:
        yield
    finally:
        os.close(handle)


def holder(path: Path) -> int | None:
    """The process that holds the database's lock, 0 when it can't be told; None when nobody does."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _flock_owner(os.fstat(handle))
    finally:
        os.close(handle)
    return None


def _flock_owner(file: os.stat_result) -> int:
    """The process that holds a flock on the file, as Linux tells it; 0 elsewhere."""
    inode = f"{os.major(file.st_dev):02x}:{os.minor(file.st_dev):02x}:{file.st_ino}"
    try:
        lines = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    owners = (line.split() for line in lines if "FLOCK" in line)
    return next((int(words[4]) for words in owners if len(words) > 5 and words[5] == inode), 0)


def give_to_owner(handle: int, path: Path) -> None:
    """What root makes beside the database is given to the owner of its folder, who else couldn't use it."""
    if os.geteuid() == 0:
        folder = path.absolute().parent.stat()
        with suppress(OSError):  # a file system without owners
            os.fchown(handle, folder.st_uid, folder.st_gid)


def _lock(path: Path) -> int:
    """Lock the database's own file, made when it is missing; no name or link leads round that.

    Returns the handle that holds the lock until it is closed, which must be after SQLite's connections are:
    closing any handle of a file gives up this process's locks on it. Raises StorageError when another process
    has the lock.
    """
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StorageError(
                f"DATABASE_PATH {str(path)!r} can't be opened ({error.strerror})",
                "give a file in a folder this user may write, for example DATABASE_PATH=minerwatch.db",
                passing=error.errno in (errno.ENOSPC, errno.EIO, errno.EMFILE, errno.ENFILE),
            ) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise StorageError(
                f"another minerwatch is running on DATABASE_PATH {str(path)!r}",
                "stop it first, or give this one a database of its own",
                passing=True,  # it may be the former one, still stopping
            ) from None
        if _is_at(handle, path):  # a restore may just have put another file in its place
            give_to_owner(handle, path)
            return handle
        os.close(handle)


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except OSError:
        return False
