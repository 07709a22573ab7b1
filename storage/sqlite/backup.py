"""A copy of the live database, and the way back."""

import os
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlite_utils import Database

from storage.errors import StorageError, integrity_error
from storage.migrations import NewerDatabaseError, check_age, migrate
from storage.sqlite.file_engine import connect, give_to_owner, locked


class BackupFailedError(StorageError):
    """The copy was begun and could not be finished; nothing is left of it."""


def back_up(path: Path, copy: Path) -> None:
    """Write a consistent copy while the bot runs; `copy` must not exist. Raises StorageError.

    The copy appears under its name only when it is whole and on the disk.
    """
    if not path.exists():
        raise StorageError(f"there is no database at DATABASE_PATH {str(path)!r}", "run the bot first")
    if copy.exists():
        raise StorageError(
            f"{str(copy)!r} exists already", "give a new name, for example backup-2026-01-31.db"
        )
    part = copy.with_name(f"{copy.name}.part")
    part.unlink(missing_ok=True)
    db = connect(path, read_only=True)
    try:
        os.close(_private(part))
        db.execute("VACUUM INTO ?", [str(part)])  # into a file that is there and empty
        _settle(part)
        part.rename(copy)
        _settle(copy.absolute().parent)
    except (sqlite3.Error, OSError) as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise BackupFailedError(
            f"the backup {str(copy)!r} could not be written ({error})",
            "give a file in a folder with room for it that this user may write",
            passing=True,
        ) from None
    finally:
        db.close()


def restore(path: Path, copy: Path) -> Path | None:
    """Put a backup in the place of the database, which is kept beside it under the name returned.

    Nothing is touched when the bot runs or the backup is damaged, is no minerwatch database or is newer
    than this program. Raises StorageError.
    """
    if not copy.is_file():
        raise StorageError(f"there is no backup {str(copy)!r}", "name a file that `minerwatch backup` wrote")
    with locked(path):
        _examine(copy)
        part = path.with_name(f"{path.name}.part")
        aside = None
        try:
            part.unlink(missing_ok=True)
            with copy.open("rb") as source, os.fdopen(_private(part), "wb") as target:
                shutil.copyfileobj(source, target)
            _settle(part, path)
            if path.exists():
                aside = _free_name(path)
                for tail in ("", "-wal", "-shm"):
                    beside = Path(f"{path}{tail}")
                    if beside.exists():
                        beside.rename(f"{aside}{tail}")
            part.rename(path)
            _settle(path.absolute().parent)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise BackupFailedError(
                f"the backup could not be put in place ({error.strerror})",
                f"the folder of DATABASE_PATH {str(path)!r} needs room for it",
                passing=True,
            ) from None
        return aside


def verify(copy: Path) -> None:
    """Rehearse a restore: copy the backup to a private place and open it with this program's schema.

    Raises StorageError when it could not be restored.
    """
    _examine(copy)
    with TemporaryDirectory(prefix="minerwatch-restore-") as folder:
        rehearsal = Path(folder) / "rehearsal.db"
        try:
            with copy.open("rb") as source, os.fdopen(_private(rehearsal), "wb") as target:
                shutil.copyfileobj(source, target)
            db = connect(rehearsal)
            try:
                migrate(db)
                wrong = integrity_error(db)
            finally:
                db.close()
        except (sqlite3.Error, OSError) as error:
            raise StorageError(
                f"the backup {str(copy)!r} could not be restored ({error})", "take another one"
            ) from None
    if wrong is not None:
        raise StorageError(f"the backup {str(copy)!r} can't be used ({wrong})", "take another one")


def _examine(copy: Path) -> None:
    wrong: str | None
    try:
        db = Database(sqlite3.connect(f"{copy.absolute().as_uri()}?immutable=1", uri=True))
        try:
            wrong = integrity_error(db)
            if wrong is None and "rule_states" not in db.table_names():
                wrong = "it is no minerwatch database"
            check_age(db)
        finally:
            db.close()
    except sqlite3.Error as error:
        wrong = str(error)
    except NewerDatabaseError as error:
        wrong = f"a newer minerwatch wrote it, with {error}"
    if wrong is not None:
        raise StorageError(f"the backup {str(copy)!r} can't be used ({wrong})", "take another one")


def _private(path: Path) -> int:
    """Make an empty file that only its owner may read, whatever the umask; the handle writes to it."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)


def _free_name(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.before-restore-{number}")).exists():
        number += 1
    return aside


def _settle(path: Path, beside: Path | None = None) -> None:
    """Have what was written reach the disk, and belong to whom the folder of `beside` does."""
    handle = os.open(path, os.O_RDONLY)
    try:
        if beside is not None:
            give_to_owner(handle, beside)
        os.fsync(handle)
    finally:
        os.close(handle)
