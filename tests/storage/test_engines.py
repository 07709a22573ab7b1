"""What both engines promise, seen through the store."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from storage.chats import chats
from storage.chats.chats import Address
from storage.database import Database, Store
from storage.errors import StorageError
from tests.fakes.connections import read_now, write_now

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MOMENTS = (NOW, NOW.replace(microsecond=120_000), NOW + timedelta(microseconds=1))


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    with Store(address) as opened:
        yield opened


def _remember(chat: int, db: Database) -> None:
    chats.remember(db, Address(chat), "private", NOW)


def _count(db: Database) -> int:
    return int(db.execute("SELECT count(*) FROM chats").fetchone()[0])


async def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    def fail(db: Database) -> None:
        _remember(1, db)
        raise LookupError

    with pytest.raises(LookupError):
        await store.write(fail)
    assert await store.read(_count) == 0


async def test_writes_come_one_after_the_other_and_reads_see_them(store: Store) -> None:
    await asyncio.gather(*(store.write(partial(_remember, chat)) for chat in range(1, 21)))
    assert await store.read(_count) == 20


async def test_reading_cannot_write(store: Store) -> None:
    with pytest.raises(StorageError):
        await store.read(partial(_remember, 1))
    await store.write(partial(_remember, 1))


def test_what_is_stored_is_there_after_a_restart(address: str) -> None:
    for chat in (1, 2):
        with Store(address) as store:
            write_now(store, partial(_remember, chat))
    with Store(address) as store:
        assert read_now(store, _count) == 2


def test_moments_come_back_as_the_text_they_were_given_as(db: Database) -> None:
    texts = [moment.isoformat() for moment in MOMENTS]
    db.executemany(
        "INSERT INTO notices (kind, severity, at, body) VALUES ('k', 'info', ?, '{}')", [[t] for t in texts]
    )
    assert [row[0] for row in db.execute("SELECT at FROM notices ORDER BY id")] == texts


def test_the_engines_know_the_same_tables_columns_and_keys(db: Database, sqlite_db: Database) -> None:
    tables = [name for name in sqlite_db.table_names() if not name.startswith(("_", "sqlite_"))]
    of_one_engine = {"lease", "migrations", "pace", "recent_sends", "replicas"}
    assert {name for name in db.table_names() if not name.startswith("_")} - of_one_engine == set(tables)
    for table in tables:
        assert db.columns(table) == sqlite_db.columns(table)
        own_key = {("id",), ("height",), ("update_id",)}  # SQLite's row number has no index of its own
        keys = {tuple(sorted(key)) for key in db.unique_keys(table)}
        assert keys - own_key == {tuple(sorted(key)) for key in sqlite_db.unique_keys(table)} - own_key
        assert db.references_chats(table) == sqlite_db.references_chats(table)


def test_two_values_compare_as_sqlite_does(db: Database) -> None:
    row = db.execute("SELECT max(1, 2), min(1, 2), max(2, 1), max(1, NULL), min(NULL, 1)").fetchone()
    assert tuple(row) == (2, 1, 2, None, None)


@pytest.mark.parametrize("text", ["a\0b", '{"a": "b\\u0000c"}'])
def test_a_text_that_one_engine_could_not_hold_stops_no_write(db: Database, text: str) -> None:
    db.execute(
        "INSERT INTO chats (chat_id, kind, inactive_reason, created_at) VALUES (1, 'private', ?, ?)",
        [text, NOW.isoformat()],
    )
    (kept,) = db.execute("SELECT inactive_reason FROM chats").fetchone()
    assert len(kept) >= len(text) - 4


def test_an_empty_list_holds_nothing(db: Database) -> None:
    _remember(1, db)
    assert db.execute("SELECT chat_id FROM chats WHERE chat_id IN ()").fetchall() == []
    assert db.execute("SELECT chat_id FROM chats WHERE kind NOT IN ()").fetchall() == [(1,)]
