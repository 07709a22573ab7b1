"""Errors of the database: what is wrong, what the operator can do about it, and whether that was said."""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from bot.settings import OperatorError

log = logging.getLogger(__name__)

_SAID_AGAIN_S: Final = 60.0  # an outage that comes and goes must not fill a disk that is full already
_RESTORE = "stop the bot and restore a backup: minerwatch restore FILE"
_ANOTHER = "give a file in a folder this user may write, for example DATABASE_PATH=minerwatch.db"

_REASONS = (
    ("SQLITE_FULL", "can't grow: the disk is full", "free some space; nothing that was confirmed is lost"),
    ("SQLITE_READONLY", "can't be written: it is read-only", _ANOTHER),
    ("SQLITE_CORRUPT", "is damaged", _RESTORE),
    ("SQLITE_NOTADB", "is no SQLite database", f"{_RESTORE}, or name another file"),
    ("SQLITE_IOERR", "can't be read or written: the disk fails", f"check the disk, then {_RESTORE}"),
    ("SQLITE_CANTOPEN", "can't be opened", _ANOTHER),
    ("SQLITE_BUSY", "is held by another program", "close whatever has it open"),
)
_PASSING = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_BUSY", "SQLITE_LOCKED")
_FATAL = ("SQLITE_CORRUPT", "SQLITE_NOTADB")  # the file itself is damaged


class StorageError(OperatorError):
    """The database can't be used. `fatal`: trying again can't help."""

    def __init__(self, problem: str, remedy: str, *, passing: bool = False, fatal: bool = False) -> None:
        super().__init__(problem, remedy, passing=passing)
        self.fatal = fatal


class LeaseTakenError(StorageError):
    """Another program holds the lease of a PostgreSQL database, or has taken it over."""


def explain(error: sqlite3.Error, path: Path | str) -> StorageError:
    """The StorageError for an error of SQLite's."""
    name = _name(error)
    for prefix, problem, remedy in _REASONS:
        if name.startswith(prefix):
            return StorageError(
                f"DATABASE_PATH {str(path)!r} {problem} ({error})",
                remedy,
                passing=name.startswith(_PASSING),
                fatal=name.startswith(_FATAL),
            )
    return StorageError(f"DATABASE_PATH {str(path)!r} can't be used ({error})", _ANOTHER)


def _name(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", None) or ""


def integrity_error(db: Database) -> str | None:
    """The first thing SQLite finds wrong in the file, indexes included; None when all is well.

    Reads every page: some 20 ms for a young database, half a second for one with 100,000 watches.
    """
    row = db.execute("PRAGMA integrity_check(1)").fetchone()
    return None if row is None or row[0] == "ok" else str(row[0])


class DatabaseOutage:
    """What of the program waits for the database; one line says it for all. Called from any thread.

    `problem` is the newest cause, None while nothing waits.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._waiting: set[str] = set()
        self._since = 0.0
        self._say_at = 0.0
        self._is_said = False
        self.problem: str | None = None

    def failed(self, part: str, error: StorageError) -> None:
        """Note that a part could not use the database and tries again."""
        with self._lock:
            now = self._monotonic()
            if not self._waiting:
                self._since = now
            self._waiting.add(part)
            self.problem = error.problem
            if not self._is_said and now >= self._say_at:
                self._is_said, self._say_at = True, now + _SAID_AGAIN_S
                log.error(f"what needs the database waits: {error}")
            log.debug(f"{part}: {error.problem}")

    def left_undone(self, what: str, error: StorageError) -> None:
        """Say that something was left undone which is not tried again soon, unless a line has said why."""
        log.log(logging.DEBUG if self._is_said else logging.ERROR, f"{what}: {error}")

    def ended(self, part: str) -> None:
        """Note that a part has used the database."""
        if part not in self._waiting:
            return
        with self._lock:
            self._waiting.discard(part)
            if self._waiting:
                return
            self.problem = None
            if self._is_said:
                self._is_said = False
                log.warning(f"the database can be used again, after {self._monotonic() - self._since:.0f} s")
