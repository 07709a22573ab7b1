"""What is wrong with a database that can't be used, in one sentence with what to do."""

import sqlite3
from pathlib import Path

from sqlite_utils import Database

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


def explain(error: sqlite3.Error, path: Path | str) -> str:
    """The sentence for an error of SQLite's."""
    name = getattr(error, "sqlite_errorname", None) or ""
    for prefix, what, remedy in _REASONS:
        if name.startswith(prefix):
            return f"DATABASE_PATH {str(path)!r} {what} ({error}); {remedy}"
    return f"DATABASE_PATH {str(path)!r} can't be used ({error}); {_ANOTHER}"


def is_fatal(error: sqlite3.Error) -> bool:
    """Whether trying again can't help: the file itself is damaged."""
    name = getattr(error, "sqlite_errorname", None) or ""
    return name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def integrity_error(db: Database) -> str | None:
    """The first thing SQLite finds wrong in the file, indexes included; None when all is well.

    Reads every page: some 20 ms for a young database, half a second for one with 100,000 watches.
    """
    found = db.execute("PRAGMA integrity_check(1)").fetchone()
    return None if found is None or found[0] == "ok" else str(found[0])
