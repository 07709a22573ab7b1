"""The lease: one program writes to a PostgreSQL database, and one that was overtaken writes nothing."""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial

import psycopg
import pytest

from storage.chats import chats
from storage.chats.chats import Address
from storage.database import Database
from storage.errors import StorageError
from storage.postgres import lease
from storage.postgres.connection import PostgresConnection, connect
from storage.postgres.lease import Lease, LeaseTakenError
from storage.postgres.server_engine import PostgresEngine
from tests.fakes.postgres_server import Server

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SHORT = timedelta(seconds=1)


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    with postgres.database() as failure:
        yield failure


def _remember(chat: int, db: Database) -> None:
    chats.remember(db, Address(chat), "private", NOW)


def _chats(engine: PostgresEngine) -> list[int]:
    return [row[0] for row in engine.read(lambda db: db.execute("SELECT chat_id FROM chats").fetchall())]


def _take_over(url: str, within_s: float) -> PostgresEngine:
    ends = time.monotonic() + within_s
    while True:
        try:
            return PostgresEngine(url)
        except LeaseTakenError:
            assert time.monotonic() < ends, "nobody could take over"


def test_while_one_runs_another_is_refused_and_told_which(url: str) -> None:
    engine = PostgresEngine(url)
    with pytest.raises(LeaseTakenError, match=r"another minerwatch \(.+:\d+\) is running"):
        PostgresEngine(url)
    engine.close()


def test_one_that_ends_lets_the_next_in_at_once(url: str) -> None:
    first = PostgresEngine(url)
    first.transact(partial(_remember, 1))
    first.close()
    second = PostgresEngine(url)
    assert (second.epoch, _chats(second)) == (first.epoch + 1, [1])
    second.close()


def test_one_that_was_stopped_and_goes_on_writes_nothing_stale(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGSTOP: no renewal, then the program goes on with a transaction it had begun to prepare."""
    monkeypatch.setattr(PostgresEngine, "_renew", lambda _engine: None)
    stopped = PostgresEngine(url, term=SHORT)
    stopped.transact(partial(_remember, 1))
    second = _take_over(url, within_s=10)
    with pytest.raises(LeaseTakenError, match="another minerwatch has taken over"):
        stopped.transact(partial(_remember, 2))
    with pytest.raises(LeaseTakenError):
        stopped.check_in_place()
    assert not stopped.may_send()
    second.transact(partial(_remember, 3))
    assert _chats(second) == [1, 3]
    stopped.close()
    second.transact(partial(_remember, 4))  # closing the old one takes nothing from the new one
    second.close()


def test_nobody_takes_over_in_the_middle_of_a_transaction(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PostgresEngine, "_renew", lambda _engine: None)
    first = PostgresEngine(url, term=timedelta(seconds=0.2))

    def slow(db: Database) -> None:
        db.execute("SELECT pg_sleep(0.4)")
        with closing(connect(url, read_only=False)) as other:
            other.execute("SET lock_timeout = 300")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                Lease(PostgresConnection(other))
        _remember(1, db)

    first.transact(slow)
    second = _take_over(url, within_s=10)
    assert _chats(second) == [1]
    first.close()
    second.close()


def test_a_holder_that_may_have_been_overtaken_sends_nothing(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its own clock alone, before it has asked the server: another may be sending the same."""
    engine = PostgresEngine(url)
    assert engine.may_send()
    real = lease._now
    monkeypatch.setattr(lease, "_now", lambda: real() + lease.TERM.total_seconds())
    assert not engine.may_send()
    monkeypatch.undo()
    engine.transact(partial(_remember, 1))
    assert engine.may_send()
    engine.close()


def test_a_server_that_restarts_costs_an_error_and_no_data(url: str, postgres: Server) -> None:
    """Every connection is lost, as in a failover; the next transaction has a new one."""
    engine = PostgresEngine(url)

    def cut_off(db: Database) -> None:
        _remember(1, db)
        postgres.disconnect(url)
        db.execute("SELECT 1")

    with pytest.raises(StorageError, match="can't be reached") as failure:
        engine.transact(cut_off)
    assert failure.value.passing
    engine.transact(partial(_remember, 2))
    assert _chats(engine) == [2]
    engine.close()


def test_a_password_is_never_told(url: str) -> None:
    with pytest.raises(StorageError) as failure:
        PostgresEngine("postgresql://minerwatch:hunter2@127.0.0.1:1/minerwatch")
    assert "hunter2" not in str(failure.value)
    assert "can't be reached" in str(failure.value)
