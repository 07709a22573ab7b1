"""SQLite: one file, one program, whole transactions or nothing."""

import errno
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlite_utils import Database as SqliteDatabase

from storage.dialect import SQLITE
from storage.engine import Database, Parameters
from storage.errors import StorageError, explain, integrity_error
from storage.migrations import NewerDatabaseError, migrate

T = TypeVar("T")

_CACHE_KIB = 64 * 1024  # at most: filled only by what is really touched


class SqliteConnection(SqliteDatabase):
    """A connection with what repositories ask of it."""

    dialect = SQLITE

    def execute(self, sql: str, parameters: Parameters | None = None) -> sqlite3.Cursor:
        """Run a statement."""
        return self.conn.execute(sql, parameters or ())

    def executemany(self, sql: str, rows: Iterable[Parameters]) -> sqlite3.Cursor:
        """Run a statement once for each row."""
        return self.conn.executemany(sql, rows)

    def query(self, sql: str, params: Parameters | None = None) -> Iterator[dict[str, Any]]:  # type: ignore[override]  # theirs is a generator
        """The rows that a statement selects, by column."""
        cursor = self.execute(sql, params)
        names = [column[0] for column in cursor.description]
        return (dict(zip(names, row, strict=True)) for row in cursor)

    def columns(self, table: str) -> list[str]:
        """The columns of a table."""
        return [row[1] for row in self.execute(f"PRAGMA table_info({table})")]

    def unique_keys(self, table: str) -> list[tuple[str, ...]]:
        """The columns of each key that no two rows of a table share."""
        unique = [row[1] for row in self.execute(f"PRAGMA index_list({table})").fetchall() if row[2]]
        return [tuple(row[2] for row in self.execute(f"PRAGMA index_info({name})")) for name in unique]

    def references_chats(self, table: str) -> bool:
        """Whether rows of a table belong to one of `chats`."""
        return any(row[2] == "chats" for row in self.execute(f"PRAGMA foreign_key_list({table})").fetchall())


def connect(path: Path | str, *, read_only: bool = False) -> SqliteConnection:
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
    return SqliteConnection(connection, execute_plugins=False)  # to look for others' takes 40 ms of a start


@contextmanager
def transaction(db: SqliteConnection) -> Iterator[SqliteConnection]:
    """Everything inside is written together or not at all; takes the write lock at once."""
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.conn.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # SQLite may have rolled back by itself (disk full)
            db.conn.execute("ROLLBACK")
        raise


class SqliteEngine:
    """One file, locked for this process while it is open, whatever names and links lead to it.

    Reading has a read-only connection of its own, so that no reply waits for a broadcast being queued.
    """

    readers = 1
    replica = 0
    leads = True
    holds_lease = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = f"database {path}"
        self._lock = _lock(path)
        with ExitStack() as undo:
            undo.callback(os.close, self._lock)
            self._db = _sound(path)
            undo.callback(self._db.close)
            self._reader = connect(path, read_only=True)
            undo.pop_all()

    def transact(self, work: Callable[[Database], T]) -> T:
        """Run `work` in one immediate transaction. Raises StorageError."""
        try:
            with transaction(self._db) as db:
                return work(db)
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    transact_beside = exchange = transact  # there is nobody beside

    def lead(self) -> None:
        """Do nothing: the file's lock says that this program is the only one."""

    def read(self, work: Callable[[Database], T]) -> T:
        """Run `work` on the read-only connection; it sees every committed write. Raises StorageError."""
        try:
            return work(self._reader)
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    def erase(self) -> None:
        """Move what the journal holds into the file and empty it, so that nothing deleted is left there."""
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def check_in_place(self) -> None:
        """Raise StorageError when the file was deleted or replaced: what is written now would be lost."""
        if not _is_at(self._lock, self.path):
            raise StorageError(
                f"DATABASE_PATH {str(self.path)!r} was deleted or replaced while the program runs",
                "start again; `minerwatch restore` needs the bot stopped",
                passing=True,
            )

    def may_send(self, _replica: int) -> bool:
        """Whether what was claimed is this program's: the file's lock says so."""
        return True

    def listen(self, _callback: Callable[[], None]) -> None:
        """Do nothing: there is no other program."""

    def announce(self) -> None:
        """Do nothing: there is no other program."""

    def shrink(self) -> None:
        """Let go of the pages that both connections have cached."""
        for db in (self._db, self._reader):
            db.execute("PRAGMA shrink_memory")

    def size(self) -> int:
        """Bytes of the file with its journal."""
        files = (Path(f"{self.path}{tail}") for tail in ("", "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def disk_free(self) -> int:
        """Bytes free on the disk of the file."""
        return shutil.disk_usage(self.path.absolute().parent).free

    def close(self) -> None:
        """Close both connections and release the file."""
        self._reader.close()
        self._db.close()
        os.close(self._lock)


def read_beside(path: Path, work: Callable[[Database], T]) -> T:
    """Read a file beside the program that runs on it, changing nothing. Raises StorageError."""
    db = connect(path, read_only=True)
    try:
        return work(db)
    except sqlite3.Error as error:
        raise StorageError(
            f"DATABASE_PATH {str(path)!r} is no minerwatch database ({error})",
            "run the bot once, or leave DATABASE_PATH out",
        ) from None
    finally:
        db.close()


def _sound(path: Path) -> SqliteConnection:
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
