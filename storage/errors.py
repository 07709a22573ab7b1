"""Errors of the database: what is wrong, and what the operator can do about it."""

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from bot.settings import OperatorError

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
