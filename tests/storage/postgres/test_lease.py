"""The lease: one program writes to a PostgreSQL database, and one that was overtaken writes nothing."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import psycopg
import pytest

from storage.chats import chats
from storage.chats.chats import Address
from storage.database import Database
from storage.errors import LeaseTakenError, StorageError
from storage.postgres import lease, replica_row
from storage.postgres.boot_time import boot_time
from storage.postgres.connection import PostgresConnection, connect
from storage.postgres.lease import Lease
from storage.postgres.replica_row import ReplicaRow
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


def _members(connection: psycopg.Connection[Any]) -> set[int]:
    return {number for (number,) in connection.execute("SELECT id FROM replicas")}


def _leader(url: str, term: timedelta = replica_row.TERM) -> PostgresEngine:
    engine = PostgresEngine(url, term)
    engine.lead()
    return engine


def _waits_for_lock(db: Database) -> bool:
    (waiting,) = db.execute(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    ).fetchone()
    return bool(waiting)


def _check_until(engine: PostgresEngine, ends: float) -> None:
    while time.monotonic() < ends:
        engine.check_in_place()


def _take_over(url: str, within_s: float) -> PostgresEngine:
    engine = PostgresEngine(url)
    ends = time.monotonic() + within_s
    while True:
        try:
            engine.lead()
        except LeaseTakenError:
            assert time.monotonic() < ends, "nobody could take over"
        else:
            return engine


def test_while_one_leads_another_is_refused_and_told_which(url: str) -> None:
    engine = _leader(url)
    other = PostgresEngine(url)
    with pytest.raises(LeaseTakenError, match=r"another minerwatch \(.+:\d+\) leads"):
        other.lead()
    assert (engine.leads, other.leads) == (True, False)
    other.transact(partial(_remember, 1))  # what people ask for is written by any of them
    assert _chats(engine) == [1]
    other.close()
    engine.close()


def test_one_that_ends_lets_the_next_in_at_once(url: str) -> None:
    first = _leader(url)
    first.transact(partial(_remember, 1))
    first.close()
    second = _leader(url)
    assert (second.epoch, _chats(second)) == (first.epoch + 1, [1])
    second.close()


def test_a_leader_that_was_stopped_and_goes_on_writes_nothing_stale(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGSTOP: no renewal, then the program goes on with a transaction it had begun to prepare."""
    monkeypatch.setattr(PostgresEngine, "_renew", lambda _engine: None)
    stopped = _leader(url, term=SHORT)
    stopped.transact(partial(_remember, 1))
    second = _take_over(url, within_s=10)
    with pytest.raises(LeaseTakenError, match="another minerwatch has taken over"):
        stopped.transact(partial(_remember, 2))
    with pytest.raises(LeaseTakenError):
        stopped.check_in_place()
    second.transact(partial(_remember, 3))
    assert _chats(second) == [1, 3]
    stopped.close()
    second.transact(partial(_remember, 4))  # closing the old one takes nothing from the new one
    second.close()


def test_nobody_takes_over_in_the_middle_of_a_transaction(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PostgresEngine, "_renew", lambda _engine: None)
    first = _leader(url, term=timedelta(seconds=0.2))

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


def test_a_replica_that_may_have_been_given_up_sends_nothing(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its own clock alone, before it has asked the server: another may be sending the same."""
    engine = PostgresEngine(url)
    number = engine.replica
    assert engine.may_send(number)
    monkeypatch.setattr(replica_row, "boot_time", lambda: boot_time() + replica_row.TERM.total_seconds())
    assert not engine.may_send(number)
    monkeypatch.undo()
    assert engine.may_send(number)
    engine.close()


def test_a_leader_that_can_give_no_sign_of_life_knows_when_another_may_lead(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PostgresEngine, "_renew", lambda _engine: None)
    engine, other = _leader(url), PostgresEngine(url)
    assert (engine.holds_lease, other.holds_lease) == (True, False)
    monkeypatch.setattr(lease, "boot_time", lambda: boot_time() + replica_row.TERM.total_seconds())
    assert (engine.leads, engine.holds_lease) == (True, False)
    engine.transact(partial(_remember, 1))  # nobody has taken over
    assert engine.holds_lease
    other.close()
    engine.close()


def test_a_silent_replica_is_given_up_by_the_others_for_good(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(connect(url, read_only=False)) as first, closing(connect(url, read_only=False)) as second:
        silent = ReplicaRow(PostgresConnection(first), timedelta(seconds=0.05))
        other = ReplicaRow(PostgresConnection(second))
        number = silent.number
        time.sleep(0.1)
        other.renew(PostgresConnection(second))
        assert _members(second) == {number, other.number}  # an outage may have silenced both: once more
        other.renew(PostgresConnection(second))
        assert _members(second) == {other.number}
        silent.renew(PostgresConnection(first))
        assert silent.number > other.number
        assert _members(second) == {silent.number, other.number}


def test_one_that_leaves_frees_what_it_works_on_at_once(url: str) -> None:
    engine, other = PostgresEngine(url), PostgresEngine(url)
    engine.close()
    members = other.read(lambda db: [number for (number,) in db.execute("SELECT id FROM replicas")])
    assert members == [other.replica]
    other.close()


def test_transactions_that_guard_their_rows_go_on_beside_each_other_and_wait_for_the_others(url: str) -> None:
    engine, other = PostgresEngine(url), PostgresEngine(url)
    alone = threading.Thread(target=other.transact, args=(partial(_remember, 3),))

    def beside(db: Database) -> None:
        other.transact_beside(partial(_remember, 1))  # would wait for ever if they excluded each other
        alone.start()
        while not engine.read(_waits_for_lock):
            assert alone.is_alive()
        _remember(2, db)

    engine.transact_beside(beside)
    alone.join()
    assert _chats(engine) == [1, 2, 3]
    engine.close()
    other.close()


def test_a_word_of_one_replica_is_heard_by_the_others(url: str) -> None:
    engine, other = PostgresEngine(url), PostgresEngine(url)
    heard = threading.Event()
    other.listen(heard.set)
    while not heard.wait(0.05):  # until it listens
        engine.announce()
    engine.close()
    other.close()


def test_an_older_program_ends_when_a_newer_one_has_changed_the_tables(url: str) -> None:
    engine = PostgresEngine(url)
    newer = PostgresEngine(url)
    newer.transact(
        lambda db: db.execute("INSERT INTO migrations (name, applied_at) VALUES ('m999_newer', now())")
    )
    try:
        with pytest.raises(StorageError, match="written by a newer minerwatch"):
            _check_until(engine, time.monotonic() + 10)
        with pytest.raises(StorageError, match="written by a newer minerwatch"):
            PostgresEngine(url)
    finally:
        newer.transact(lambda db: db.execute("DELETE FROM migrations WHERE name = 'm999_newer'"))
        newer.close()
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
