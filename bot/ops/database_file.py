"""What the doctor finds at SQLite's file: its content, its folder and disk, the backups."""

import shutil
import sqlite3
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryFile

from bot.ops import backups
from bot.settings import Settings
from bot.sources.diagnostics import Finding
from storage.errors import StorageError, explain, integrity_error
from storage.migrations import NewerDatabaseError, check_age
from storage.sqlite.backup import verify
from storage.sqlite.file_engine import connect

_BACKUP_OLD = timedelta(days=2)
LITTLE_ROOM = 200 * 1024 * 1024
_NETWORK_DISKS = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "gluster", "lustre", "fuse.")
_UNTOUCHED_DISKS = ("fuse.lxcfs", "fuse.fuse-overlayfs")


def database_findings(settings: Settings) -> list[Finding]:
    """Whether the file can be opened, is sound and lies in a folder that can be written."""
    path = settings.database_path
    folder = path.absolute().parent
    remedy = "give a file in a folder this user may write, for example DATABASE_PATH=minerwatch.db"
    if not folder.is_dir():
        return [Finding("database", False, f"the folder {folder} is missing", f"make it, or {remedy}")]
    findings = [_folder(folder)]
    try:
        with TemporaryFile(dir=folder):
            pass
        if path.exists():
            with path.open("r+b"):
                pass
    except OSError as error:
        return [*findings, Finding("database", False, f"{path} can't be written ({error.strerror})", remedy)]
    return [*findings, _content(path)]


def _content(path: Path) -> Finding:
    if not path.exists():
        return Finding("database", True, f"{path} is not there yet; the first start makes it", "")
    restore = "stop the bot and restore a backup: minerwatch restore FILE"
    try:
        db = connect(path, read_only=True)
        try:
            wrong = integrity_error(db)
            check_age(db)
        finally:
            db.close()
    except NewerDatabaseError as error:
        return Finding(
            "database", False, f"{path} is of a newer version (it has {error})", "install that version again"
        )
    except sqlite3.Error as error:
        explained = explain(error, path)
        return Finding("database", False, explained.problem, explained.remedy)
    except StorageError as error:
        return Finding("database", False, error.problem, error.remedy)
    if wrong is not None:
        return Finding("database", False, f"{path} is damaged ({wrong})", restore)
    return Finding("database", True, f"{path} is sound, {path.stat().st_size / 1e6:.1f} MB", "")


def _folder(folder: Path) -> Finding:
    kind = disk_kind(folder, read_mounts())
    if kind.startswith(_NETWORK_DISKS) and kind not in _UNTOUCHED_DISKS:
        return Finding(
            "database place",
            False,
            f"{folder} is on a network file system ({kind}), where SQLite's locks can't be trusted",
            "put DATABASE_PATH on a disk of this machine, and backups on the network",
        )
    return Finding("database place", True, f"on a disk of this machine ({kind or 'unknown kind'})", "")


def read_mounts() -> dict[str, str]:
    """The file systems of Linux by their mount points; nothing elsewhere."""
    try:
        text = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    mounts = {}
    for line in text.splitlines():
        about, _, disk = line.partition(" - ")
        if disk:
            mounts[about.split()[4].replace("\\040", " ")] = disk.split()[0]
    return mounts


def disk_kind(folder: Path, mounts: Mapping[str, str]) -> str:
    """The file system a folder is on, from `mounts` (mount point to kind); "" when it isn't known."""
    real = folder.resolve()
    for place in (real, *real.parents):
        if str(place) in mounts:
            return mounts[str(place)]
    return ""


def disk_finding(settings: Settings) -> Finding:
    """Whether the disk has room."""
    path = settings.database_path
    try:
        free = shutil.disk_usage(path.absolute().parent).free
        size = path.stat().st_size if path.exists() else 0
    except OSError as error:
        return Finding("disk", False, f"can't be measured ({error.strerror})", "check DATABASE_PATH")
    text = f"{free / 1e6:,.0f} MB free"
    if free < max(LITTLE_ROOM, 2 * size):
        return Finding("disk", False, f"nearly full: {text}", "free some space, or move DATABASE_PATH")
    return Finding("disk", True, text, "")


def backup_findings(settings: Settings, now: datetime) -> list[Finding]:
    """Whether the newest scheduled backup is young, and can be restored: it is, to a temporary place."""
    folder = settings.backup_dir
    if folder is None:
        return []
    last = backups.newest(folder)
    if last is None:
        text = f"none in BACKUP_DIR {str(folder)!r} yet"
        return [Finding("backups", True, text, "the first comes ten minutes after the start of the bot")]
    day, path = last
    try:
        verify(path)
    except StorageError as error:
        return [Finding("backups", False, error.problem, error.remedy)]
    if now.date() - day > _BACKUP_OLD:
        return [
            Finding(
                "backups",
                False,
                f"the newest, {path}, is of {day}",
                "see the bot's log for why there is no newer one; BACKUP_DIR needs room and must be writable",
            )
        ]
    return [Finding("backups", True, f"{path} was restored to a temporary place and is whole", "")]
