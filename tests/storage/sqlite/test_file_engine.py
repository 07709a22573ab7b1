"""What can be wrong with the file or the disk: one clear sentence, and nothing confirmed is lost."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from storage.chats import chats
from storage.chats.chats import Address
from storage.database import Database, StorageError, Store
from storage.errors import explain, integrity_error
from storage.sqlite.file_engine import connect, holder
from tests.fakes.connections import read_now, write_now

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _remember(chat: int, db: Database) -> None:
    chats.remember(db, Address(chat), "private", NOW)


def _chats(db: Database) -> int:
    return int(db.execute("SELECT count(*) FROM chats").fetchone()[0])


def _refused(path: Path) -> str:
    with pytest.raises(StorageError) as failure:
        Store(path)
    text = str(failure.value)
    assert "\n" not in text
    assert str(path) in text
    return text


def test_a_second_program_is_refused_and_the_first_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    assert holder(path) is None
    with Store(path):
        assert holder(path) == os.getpid()
        assert "another minerwatch is running" in _refused(path)
    assert holder(path) is None
    with Store(path):
        pass


def test_no_link_and_no_deleted_lock_file_lets_a_second_program_in(tmp_path: Path) -> None:
    path, symlink, hard_link = tmp_path / "bot.db", tmp_path / "symlink.db", tmp_path / "other" / "bot.db"
    hard_link.parent.mkdir()
    with Store(path):
        symlink.symlink_to(path)
        hard_link.hardlink_to(path)
        for beside in tmp_path.glob("*.lock"):
            beside.unlink()
        for name in (path, symlink, hard_link):
            assert "another minerwatch is running" in _refused(name)
            assert holder(name) == os.getpid()


def test_a_second_process_is_refused_and_may_try_again_later(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    code = f"from pathlib import Path; from storage.database import Store; Store(Path({str(path)!r}))"
    with Store(path):
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert "another minerwatch is running" in run.stderr
        with pytest.raises(StorageError) as refusal:
            Store(path)
        assert refusal.value.passing


def test_a_file_deleted_or_replaced_while_the_program_runs_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    with Store(path) as store:
        store.check_in_place()
        path.rename(tmp_path / "aside.db")
        with pytest.raises(StorageError, match="was deleted or replaced"):
            store.check_in_place()
        path.touch()
        with pytest.raises(StorageError, match="was deleted or replaced"):
            store.check_in_place()


def test_a_commit_is_on_the_disk_before_anybody_is_told(tmp_path: Path) -> None:
    db = connect(tmp_path / "bot.db")
    full = 2
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert db.execute("PRAGMA synchronous").fetchone() == (full,)
    db.close()


def test_nobody_else_can_read_what_is_kept(tmp_path: Path) -> None:
    with Store(tmp_path / "bot.db") as store:
        write_now(store, partial(_remember, 1))
        assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}


def test_a_file_that_is_no_database_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    path.write_text("hello, this is no database at all\n" * 100, encoding="utf-8")
    assert "is no SQLite database" in _refused(path)
    assert path.read_text(encoding="utf-8").startswith("hello")


def test_a_damaged_file_is_refused_with_the_way_back(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"

    def fill(db: Database) -> None:
        for chat in range(1, 2_000):
            _remember(chat, db)

    with Store(path) as store:
        write_now(store, fill)
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        for offset in range(4096, size, 4096):  # every page but the first
            file.seek(offset)
            file.write(b"\xa5" * 1024)
    text = _refused(path)
    assert "is damaged" in text
    assert "minerwatch restore FILE" in text


def test_a_damaged_index_is_found_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    with Store(path) as store:
        write_now(store, partial(_remember, 1))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("CREATE INDEX extra ON chats (chat_id)")
        db.execute("PRAGMA writable_schema = on")
        db.execute("UPDATE sqlite_schema SET sql = 'CREATE INDEX extra ON chats (kind)' WHERE name = 'extra'")
    assert "is damaged" in _refused(path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert "can't be opened (No such file or directory)" in _refused(tmp_path / "none" / "bot.db")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SQLITE_FULL", "the disk is full"),
        ("SQLITE_READONLY_DIRECTORY", "read-only"),
        ("SQLITE_CORRUPT_INDEX", "is damaged"),
        ("SQLITE_IOERR_WRITE", "the disk fails"),
        ("SQLITE_BUSY", "held by another program"),
        ("SQLITE_ERROR", "can't be used"),
    ],
)
def test_each_kind_of_trouble_has_its_sentence(name: str, words: str) -> None:
    error = sqlite3.OperationalError("what SQLite says")
    error.sqlite_errorname = name
    text = str(explain(error, "bot.db"))
    assert words in text
    assert text.startswith("DATABASE_PATH 'bot.db' ")
    assert "; " in text
    assert explain(error, "bot.db").fatal == (name == "SQLITE_CORRUPT_INDEX")


def test_a_full_disk_undoes_one_write_and_keeps_the_others(tmp_path: Path) -> None:
    async def story(store: Store) -> None:
        for chat in range(1, 11):
            await store.write(partial(_remember, chat))
        await store.write(_fill_up)
        with pytest.raises(StorageError, match="the disk is full"):
            await store.write(_too_much)
        assert await store.read(_chats) == 10
        await store.write(_make_room)
        await store.write(lambda db: _remember(99, db))
        assert await store.read(_chats) == 11

    path = tmp_path / "bot.db"
    with Store(path) as store:
        asyncio.run(story(store))
    with Store(path) as store:
        assert read_now(store, _chats) == 11
        with closing(connect(path, read_only=True)) as db:
            assert integrity_error(db) is None


def _fill_up(db: Database) -> None:
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages}")


def _too_much(db: Database) -> None:
    for chat in range(1_000, 9_000):
        _remember(chat, db)


def _make_room(db: Database) -> None:
    db.execute("PRAGMA max_page_count = 1000000")


def test_keys_without_rowid_are_the_first_columns(tmp_path: Path) -> None:
    """SQLite before 3.41 takes any other table for a damaged one when it checks the file."""
    with Store(tmp_path / "bot.db"):
        pass
    db = connect(tmp_path / "bot.db", read_only=True)
    for table, sql in db.execute("SELECT name, sql FROM sqlite_master WHERE sql LIKE '%WITHOUT ROWID'"):
        columns = db.execute(f"PRAGMA table_info([{table}])").fetchall()
        key = sorted((column[5], column[1]) for column in columns if column[5])
        assert [column[1] for column in columns[: len(key)]] == [name for _, name in key], sql
    db.close()
