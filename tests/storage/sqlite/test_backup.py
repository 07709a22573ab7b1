"""Backups of a living database, and the way back, rehearsed."""

import asyncio
import os
import sqlite3
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from storage.chats import chats
from storage.chats.chats import Address
from storage.database import Database, StorageError, Store
from storage.errors import integrity_error
from storage.sqlite.backup import BackupFailedError, back_up, restore
from storage.sqlite.file_engine import connect
from tests.fakes.connections import read_now, write_now

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _pair(number: int, db: Database) -> None:
    """Two rows that belong together: a copy with one of them would be a torn one."""
    chats.remember(db, Address(number), "private", NOW)
    chats.subscribe(db, Address(number), ["price_drawdown"], 1)


def _counts(path: Path) -> tuple[int, int]:
    db = connect(path, read_only=True)
    try:
        assert integrity_error(db) is None
        return (
            db.execute("SELECT count(*) FROM chats").fetchone()[0],
            db.execute("SELECT count(*) FROM subscriptions").fetchone()[0],
        )
    finally:
        db.close()


def test_a_backup_while_a_writer_works_is_whole(tmp_path: Path) -> None:
    copies = [tmp_path / f"copy-{number}.db" for number in range(5)]

    async def write(store: Store) -> int:
        number = 0
        while not all(copy.exists() for copy in copies):
            number += 1
            await store.write(partial(_pair, number))
        return number

    async def story(store: Store) -> int:
        writing = asyncio.create_task(write(store))
        for copy in copies:
            await asyncio.to_thread(back_up, store.path, copy)
        return await writing

    with Store(tmp_path / "bot.db") as store:
        written = asyncio.run(story(store))
        assert written > 1
    calls = [_counts(copy) for copy in copies]
    assert all(each == other for each, other in calls)
    assert calls == sorted(calls)


def test_the_way_back_is_rehearsed(tmp_path: Path) -> None:
    path, copy = tmp_path / "bot.db", tmp_path / "backup.db"
    with Store(path) as store:
        write_now(store, lambda db: _pair(1, db))
        back_up(path, copy)
        write_now(store, lambda db: _pair(2, db))
        with pytest.raises(StorageError, match="another minerwatch is running"):
            restore(path, copy)
    path.write_bytes(b"\0" * 8192)  # the disk's bad day
    aside = restore(path, copy)
    assert aside is not None
    assert aside.read_bytes() == b"\0" * 8192
    with Store(path) as store:
        assert read_now(store, lambda db: chats.subscriptions(db, Address(1))) == {"price_drawdown": 1}
        write_now(store, lambda db: _pair(3, db))
    assert _counts(path) == (2, 2)
    assert _counts(copy) == (1, 1)


def test_a_restore_takes_nothing_over_from_the_old_journal(tmp_path: Path) -> None:
    path, copy = tmp_path / "bot.db", tmp_path / "backup.db"
    with Store(path) as store:
        write_now(store, lambda db: _pair(1, db))
        back_up(path, copy)
        write_now(store, lambda db: _pair(2, db))
        (tmp_path / "kept-wal").write_bytes(Path(f"{path}-wal").read_bytes())
    Path(f"{path}-wal").write_bytes((tmp_path / "kept-wal").read_bytes())  # as after a kill
    restore(path, copy)
    assert _counts(path) == (1, 1)


def test_a_restore_onto_nothing_is_a_new_start(tmp_path: Path) -> None:
    with Store(tmp_path / "bot.db") as store:
        write_now(store, lambda db: _pair(1, db))
    back_up(tmp_path / "bot.db", tmp_path / "backup.db")
    assert restore(tmp_path / "other.db", tmp_path / "backup.db") is None
    assert _counts(tmp_path / "other.db") == (1, 1)


def test_what_is_no_backup_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    with Store(path) as store:
        write_now(store, lambda db: _pair(1, db))
    before = path.read_bytes()
    stranger = tmp_path / "stranger.db"
    connection = sqlite3.connect(stranger)
    connection.execute("CREATE TABLE notes (text)")
    connection.close()
    text = tmp_path / "text.db"
    text.write_text("not a database " * 100, encoding="utf-8")
    newer = tmp_path / "newer.db"
    back_up(path, newer)
    connection = sqlite3.connect(newer)
    connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('minerwatch', 'm999', '')"
    )
    connection.commit()
    connection.close()
    for wrong, why in (
        (tmp_path / "none.db", "there is no backup"),
        (stranger, "it is no minerwatch database"),
        (text, "file is not a database"),
        (newer, "a newer minerwatch wrote it"),
    ):
        with pytest.raises(StorageError, match=why):
            restore(path, wrong)
    assert path.read_bytes() == before


def test_a_backup_never_overwrites_and_leaves_no_half(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    with pytest.raises(StorageError, match="there is no database"):
        back_up(path, tmp_path / "backup.db")
    with Store(path):
        pass
    (tmp_path / "backup.db").write_text("mine", encoding="utf-8")
    with pytest.raises(StorageError, match="exists already; give a new name"):
        back_up(path, tmp_path / "backup.db")
    with pytest.raises(BackupFailedError, match="could not be written"):
        back_up(path, tmp_path / "none" / "backup.db")
    assert (tmp_path / "backup.db").read_text(encoding="utf-8") == "mine"
    assert not list(tmp_path.glob("*.part"))


def test_a_backup_is_for_its_owner_only(tmp_path: Path) -> None:
    with Store(tmp_path / "bot.db"):
        pass
    back_up(tmp_path / "bot.db", tmp_path / "backup.db")
    assert (tmp_path / "backup.db").stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_copies_are_private_from_their_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else can read what is being written, whatever the umask."""
    modes: list[int] = []
    fsync = os.fsync

    def look(handle: int) -> None:
        modes.extend(file.stat().st_mode & 0o777 for file in tmp_path.glob("*.part"))
        fsync(handle)

    opened = os.open

    def note(path: str | Path, flags: int, mode: int = 0o777) -> int:
        handle = opened(path, flags, mode)
        if str(path).endswith(".part"):
            modes.append(os.fstat(handle).st_mode & 0o777)
        return handle

    path, copy = tmp_path / "bot.db", tmp_path / "copy.db"
    with Store(path):
        pass
    monkeypatch.setattr(os, "fsync", look)
    monkeypatch.setattr(os, "open", note)
    before = os.umask(0o000)
    try:
        back_up(path, copy)
        restore(path, copy)
    finally:
        os.umask(before)
    assert len(modes) >= 4
    assert set(modes) == {0o600}


def test_what_root_restores_belongs_to_whoever_the_folder_does(tmp_path: Path) -> None:
    path, copy, bot = tmp_path / "lib" / "bot.db", tmp_path / "copy.db", 10_001
    with Store(tmp_path / "other.db"):
        pass
    back_up(tmp_path / "other.db", copy)
    path.parent.mkdir()
    os.chown(path.parent, bot, bot)
    restore(path, copy)
    assert {(file.name, file.stat().st_uid) for file in path.parent.iterdir()} == {("bot.db", bot)}
