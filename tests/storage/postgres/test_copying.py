"""A database file copied to PostgreSQL: whole, checked, resumable, and never over newer data."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.signals.rules import Severity
from storage import outbox, runs
from storage.chats import chats, preferences
from storage.chats.chats import Address
from storage.chats.preferences import ChatSettings
from storage.database import Database, Store
from storage.errors import StorageError
from storage.outbox import NoticeKind
from storage.postgres import copying, servers
from storage.postgres.connection import PostgresConnection
from storage.postgres.copying import TableCopy, TableSum, copy_database
from tests.fakes.connections import read_now, write_now
from tests.fakes.postgres_server import Server

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    with postgres.database() as failure:
        yield failure


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database with something in every kind of column."""
    path = tmp_path / "minerwatch.db"
    with Store(path) as store:
        write_now(store, _fill)
    return path


def _fill(db: Database) -> None:
    for chat in range(1, 6):
        chats.remember(db, Address(chat, 3), "private", NOW)
        chats.subscribe(db, Address(chat, 3), ["price_drawdown"], 1)
    preferences.save(db, Address(1, 3), ChatSettings(dark=True, muted_until=NOW, quiet_from=NOW.time()))
    notice = outbox.add_notice(db, NoticeKind.BROADCAST, Severity.INFO, '{"text": "a", "n": 1e-5}', NOW)
    outbox.enqueue_notice(db, notice, NOW)
    runs.begin(db, "1.0", NOW)


def _copy(file: Path, url: str) -> dict[str, TableCopy]:
    return {copy.table: copy for copy in copy_database(file, url, lambda _copy: None)}


def _add_chat(chat: int, db: Database) -> None:
    chats.remember(db, Address(chat), "private", NOW)


def test_every_table_is_copied_and_the_program_goes_on_there(file: Path, url: str) -> None:
    copies = _copy(file, url)
    assert copies["chats"] == TableCopy("chats", 5, copied=True)
    assert copies["outbox"].rows == 5
    with Store(file) as old, Store(url) as new:
        for read in (partial(preferences.load, address=Address(1, 3)), outbox.waiting):
            assert read_now(new, read) == read_now(old, read)
        assert write_now(new, lambda db: runs.begin(db, "1.1", NOW))[0] == 2, "numbers go on"
        assert len(write_now(new, lambda db: outbox.claim(db, NOW, 10))) == 5


def test_a_copy_that_was_broken_off_goes_on_where_it_was(
    file: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_in = PostgresConnection.copy_in

    def breaks(db: PostgresConnection, table: str, *rest: object) -> None:
        if table == "outbox":
            raise KeyboardInterrupt
        copy_in(db, table, *rest)  # type: ignore[arg-type]  # passed on as they came

    with monkeypatch.context() as patch:
        patch.setattr(PostgresConnection, "copy_in", breaks)
        with pytest.raises(KeyboardInterrupt):
            _copy(file, url)
    copies = _copy(file, url)
    assert (copies["chats"].copied, copies["outbox"].copied) == (False, True)


def test_a_table_may_take_longer_than_a_transaction_may_be_idle(
    file: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was copied is compared row by row before it is committed, while the server waits."""
    compared = copying._sum

    def slow(rows: Iterable[tuple[object, ...]]) -> TableSum:
        result = compared(rows)
        if result.rows:  # most tables are empty here
            time.sleep(0.3)
        return result

    monkeypatch.setattr(servers, "_SESSION", servers._SESSION.replace("4000", "100"))
    monkeypatch.setattr(copying, "_sum", slow)
    assert _copy(file, url)["chats"].copied


def test_a_second_copy_takes_what_has_changed_since(file: Path, url: str) -> None:
    _copy(file, url)
    with Store(file) as store:
        write_now(store, partial(_add_chat, 9))
        copies = _copy(file, url)  # beside the running program
    assert copies["chats"] == TableCopy("chats", 6, copied=True)
    assert not copies["notices"].copied


def test_a_copy_that_differs_is_told_and_taken_back(
    file: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_in = PostgresConnection.copy_in

    def loses_a_row(db: PostgresConnection, table: str, columns: object, rows: object) -> None:
        values = list(rows)[1:] if table == "chats" else rows  # type: ignore[call-overload]
        copy_in(db, table, columns, values)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(PostgresConnection, "copy_in", loses_a_row)
        with pytest.raises(StorageError, match="the copy of the table chats differs"):
            _copy(file, url)
    with Store(url) as store:
        assert read_now(store, lambda db: db.execute("SELECT count(*) FROM chats").fetchone()) == (0,)


def test_what_was_written_there_since_is_not_overwritten(file: Path, url: str) -> None:
    _copy(file, url)
    with Store(url) as store:
        write_now(store, lambda db: runs.begin(db, "1.0", NOW + timedelta(days=1)))
    with pytest.raises(StorageError, match="has been in use by itself since"):
        _copy(file, url)


def test_while_the_program_runs_on_it_nothing_is_copied(file: Path, url: str) -> None:
    with Store(url) as store:
        asyncio.run(store.lead())
        with pytest.raises(StorageError, match="another minerwatch"):
            _copy(file, url)


def test_a_file_of_an_older_version_is_refused(tmp_path: Path, url: str) -> None:
    path = tmp_path / "old.db"
    with Store(path) as store:
        write_now(store, lambda db: db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm010_outbox'"))
    with pytest.raises(StorageError, match="written by an older minerwatch"):
        copy_database(path, url, lambda _copy: None)


def test_the_sum_of_a_table_differs_when_any_row_does() -> None:
    rows = [(1, "a", True), (2, "b", False)]
    assert copying._sum(reversed(rows)) == copying._sum(rows)
    for other in ([*rows, (1, "a", True)], rows[:1], [(1, "a", True), (2, "b", True)]):
        assert copying._sum(other) != copying._sum(rows)
