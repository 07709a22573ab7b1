"""Two relays on one PostgreSQL database: each message goes once, in its chat's order, whoever sends it."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from unittest.mock import patch

import psycopg
import pytest

import bot.delivery.relay as relay_module
from bot.delivery.outcomes import Delivered, EditRequest, Outcome, Retry, RetryCause, SendRequest
from bot.delivery.pacer import Pacer
from bot.delivery.relay import Relay
from bot.delivery.rendering import RenderCache
from bot.delivery.sender import Sender
from bot.signals.rules import Severity
from bot.telegram.error_outcomes import split_request
from storage import outbox
from storage.database import Database, Store
from storage.engine import Parameters, Result
from storage.errors import StorageError
from storage.outbox import Lane, OutboxMessage, RecoveredRows, SendResult
from storage.postgres import replica_row
from storage.postgres.boot_time import boot_time
from storage.postgres.connection import PostgresConnection
from tests.delivery.delivery_fixture import add_alert, add_chats, render
from tests.fakes.connections import answer_lost, write_now
from tests.fakes.postgres_server import Server

pytestmark = pytest.mark.postgresql


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    with postgres.database() as address:
        yield address


@pytest.fixture
def stores(url: str) -> Iterator[tuple[Store, Store]]:
    with Store(url) as first, Store(url) as second:
        yield first, second


class Chats:
    """Where all messages arrive; `gate` holds up those that are under way."""

    def __init__(self) -> None:
        self.arrived: list[tuple[int, str]] = []
        self.under_way: set[int] = set()
        self.met: list[int] = []  # chats that two messages were under way to at once
        self.gate = asyncio.Event()
        self.gate.set()

    async def take(self, request: SendRequest) -> Outcome:
        if request.chat_id in self.under_way:
            self.met.append(request.chat_id)
        self.under_way.add(request.chat_id)
        await self.gate.wait()
        await asyncio.sleep(0.001)
        self.under_way.discard(request.chat_id)
        self.arrived.append((request.chat_id, request.text))
        return Delivered(len(self.arrived))


class Line:
    """A replica's line to the chats."""

    def __init__(self, chats: Chats) -> None:
        self._chats = chats
        self.sent = 0

    def split(self, request: SendRequest) -> list[SendRequest]:
        return split_request(request)

    async def send(self, request: SendRequest) -> Outcome:
        self.sent += 1
        return await self._chats.take(request)

    async def edit(self, request: EditRequest) -> Outcome:
        return Delivered(request.message_id)


def _now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def _delivering(store: Store, line: Line) -> AsyncIterator[Relay]:
    relay = Relay(store, line, Pacer(1000, chat_gap_s=0.0), render, _now)
    running = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        await relay.stop()
        await running


def _alert(db: Database, group: int = 1, *, severity: str = "critical") -> None:
    add_alert(db, group, severity=severity, signal="price_drawdown")
    outbox.enqueue(db, group, _now())


def _world(db: Database, chats: range | list[int]) -> None:
    """Chats, and an alert for them."""
    add_chats(db, chats)
    _alert(db)


async def _settled(store: Store) -> list[tuple[int, str, int]]:
    async with asyncio.timeout(30):
        while True:
            rows = await store.read(
                lambda db: db.execute("SELECT chat_id, state, doubts FROM outbox ORDER BY id").fetchall()
            )
            if all(state not in ("pending", "leased") for _, state, _ in rows):
                return list(rows)
            await asyncio.sleep(0.01)


def _claim(store: Store, db: Database, count: int = 10) -> list[OutboxMessage]:
    return outbox.claim(db, _now(), count, replica=store.replica)


async def test_each_message_goes_once_and_both_take_their_part(stores: tuple[Store, Store]) -> None:
    chats = Chats()
    lines = [Line(chats), Line(chats)]
    await stores[0].write(partial(_world, chats=range(1, 501)))
    async with AsyncExitStack() as open_:
        for store, line in zip(stores, lines, strict=True):
            await open_.enter_async_context(_delivering(store, line))
        rows = await _settled(stores[0])
    assert sorted(chat for chat, _ in chats.arrived) == list(range(1, 501))
    assert {(state, doubts) for _, state, doubts in rows} == {("sent", 0)}
    assert all(line.sent > 50 for line in lines)


@pytest.mark.parametrize("breaks_again", [False, True])
async def test_what_was_claimed_without_knowing_is_sent_at_once(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch, breaks_again: bool
) -> None:
    """The connection breaks between the commit and its answer; or again when such claims are looked for."""
    monkeypatch.setattr(relay_module, "_DATABASE_RETRY", timedelta(milliseconds=10))
    look, faults = (
        outbox.return_lost_leases,
        [StorageError("it is away", "wait", passing=True)] * breaks_again,
    )

    def lost_leases(db: Database, known: Collection[int], now: datetime, lane: Lane, replica: int) -> int:
        if lost and faults:
            raise faults.pop()
        return look(db, known, now, lane, replica)

    monkeypatch.setattr(outbox, "return_lost_leases", lost_leases)
    store, chats = stores[0], Chats()
    await store.write(partial(_world, chats=[1]))
    with answer_lost(store, lambda result: isinstance(result, tuple) and bool(result[0])) as lost:
        async with _delivering(store, Line(chats)):
            rows = await _settled(store)
    assert lost
    assert rows == [(1, "sent", 1)]
    assert [chat for chat, _ in chats.arrived] == [1]


async def test_a_chats_messages_come_one_after_the_other_in_their_order(stores: tuple[Store, Store]) -> None:
    chats = Chats()
    await stores[0].write(lambda db: add_chats(db, range(1, 9)))
    async with AsyncExitStack() as open_:
        relays = [await open_.enter_async_context(_delivering(store, Line(chats))) for store in stores]
        for group in range(1, 16):
            await stores[group % 2].write(partial(_alert, group=group))
            relays[group % 2].wake()
        await _settled(stores[0])
    assert chats.met == []
    assert len(chats.arrived) == 8 * 15


async def test_while_one_sends_to_a_chat_the_other_takes_nothing_for_it(stores: tuple[Store, Store]) -> None:
    first, second = stores
    await first.write(partial(_world, chats=[1, 2]))
    (mine,) = await first.write_beside(lambda db: _claim(first, db, 1))
    await first.write(partial(_alert, group=2))
    others = await second.write_beside(partial(_claim, second))
    assert mine.chat_id == 1
    assert {message.chat_id for message in others} == {2}


async def test_two_claims_at_the_same_moment_share_the_rows(stores: tuple[Store, Store]) -> None:
    """The second begins before the first is committed, and neither waits."""
    first, second = stores
    await first.write(partial(_world, chats=range(1, 11)))
    await first.write(partial(_alert, group=2))
    inner: list[OutboxMessage] = []

    def claim(db: Database) -> list[OutboxMessage]:
        claimed = _claim(first, db, 6)
        inner.extend(write_beside_now(second, partial(_claim, second)))
        return claimed

    claimed = await first.write_beside(claim)
    assert len(claimed) >= 3
    assert not {each.chat_id for each in claimed} & {each.chat_id for each in inner}
    assert not {row for each in claimed for row in each.ids} & {row for each in inner for row in each.ids}


def write_beside_now(store: Store, work: partial[list[OutboxMessage]]) -> list[OutboxMessage]:
    return store._engine.transact_beside(work)


async def test_what_a_dead_replica_had_claimed_goes_again_marked(url: str) -> None:
    """Killed after its claim was committed, with and without the message sent."""
    chats = Chats()
    with Store(url) as living:
        dying = Store(url)
        await living.write(partial(_world, chats=[1, 2, 3]))
        claimed = await dying.write_beside(lambda db: _claim(dying, db, 2))
        chats.arrived.append((claimed[0].chat_id, "<b>price_drawdown</b>"))
        async with _delivering(living, Line(chats)):
            await _until_arrived(chats, 2)
            assert {chat for chat, _ in chats.arrived} == {1, 3}, "what lives by its number is left alone"
            await asyncio.to_thread(dying.close)
            rows = await _settled(living)
    assert rows == [(1, "sent", 1), (2, "sent", 1), (3, "sent", 0)]
    again = [text for _, text in chats.arrived[2:]]
    assert len(again) == 2
    assert all("possible repeat" in text for text in again)


@pytest.mark.parametrize("severity", ["warning", "critical"])
async def test_one_that_is_given_up_while_the_dead_are_looked_for_loses_nothing(
    stores: tuple[Store, Store], severity: str
) -> None:
    """Each statement sees what was committed before it, not before the transaction."""
    first, second = stores
    await first.write(partial(add_chats, chats=[1]))
    await first.write(partial(_alert, severity=severity))
    await first.write_beside(lambda db: _claim(first, db))
    execute, looked = PostgresConnection.execute, list[str]()

    def given_up_between(db: PostgresConnection, sql: str, parameters: Parameters | None = None) -> Result:
        result = execute(db, sql, parameters)
        if "UPDATE outbox" in sql and not looked:
            looked.append(sql)
            second._engine.exchange(
                lambda other: other.execute(f"DELETE FROM replicas WHERE id = {first.replica}")
            )
        return result

    with patch.object(PostgresConnection, "execute", given_up_between):
        assert await second.write_beside(lambda db: outbox.recover(db, _now())) == RecoveredRows(0, 0)
    assert looked
    assert await second.write_beside(lambda db: outbox.recover(db, _now())) == RecoveredRows(1, 0)


async def test_a_lease_that_another_has_taken_over_meanwhile_is_not_given_back(
    stores: tuple[Store, Store],
) -> None:
    first, second = stores
    await first.write(partial(_world, chats=[1]))
    await first.write_beside(lambda db: _claim(first, db))
    before, executemany = first.replica, PostgresConnection.executemany

    def taken_over(db: PostgresConnection, sql: str, rows: Iterable[Parameters]) -> Result:
        statement = f"UPDATE outbox SET claimed_by = {second.replica}"
        second._engine.exchange(lambda other: other.execute(statement))
        return executemany(db, sql, rows)

    with patch.object(PostgresConnection, "executemany", taken_over):
        await first.write_beside(lambda db: outbox.return_lost_leases(db, (), _now(), replica=before))
    assert await _states(first) == [("leased", None, second.replica)]


async def test_the_result_of_one_that_was_given_up_for_dead_changes_nothing(
    stores: tuple[Store, Store],
) -> None:
    first, second = stores
    await first.write(partial(_world, chats=[1]))
    (message,) = await first.write_beside(lambda db: _claim(first, db))
    late = SendResult(message.ids, "sent", _now(), message_id=11)
    before = first.replica
    await second.write(lambda db: db.execute("DELETE FROM replicas WHERE id = ?", [before]))
    await second.write_beside(lambda db: outbox.recover(db, _now()))
    await first.write_beside(lambda db: outbox.record(db, [late], before))
    (again,) = await second.write_beside(lambda db: _claim(second, db))
    await first.write_beside(lambda db: outbox.record(db, [late], before))
    assert again.content.repeat
    assert await _states(first) == [("leased", None, second.replica)]
    await second.write_beside(
        lambda db: outbox.record(db, [SendResult(again.ids, "sent", _now(), message_id=12)], second.replica)
    )
    await first.write_beside(lambda db: outbox.record(db, [late], before))
    assert await _states(first) == [("sent", 12, second.replica)]


async def _states(store: Store) -> list[tuple[str, int | None, int]]:
    return await store.read(
        lambda db: db.execute("SELECT state, message_id, claimed_by FROM outbox").fetchall()
    )


async def test_one_that_was_stopped_in_the_middle_sends_nothing_of_what_it_had_claimed(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGSTOP between claim and send: by its own clock the claim has lapsed, before it has asked anybody."""
    chats = Chats()
    store = stores[0]
    line = Line(chats)
    ahead = timedelta(0)
    monkeypatch.setattr(replica_row, "boot_time", lambda: boot_time() + ahead.total_seconds())
    await store.write(partial(_world, chats=range(1, 21)))
    claimed = await store.write_beside(lambda db: _claim(store, db, 20))
    assert store.may_send(claimed[0].claimed_by)
    ahead = replica_row.TERM
    sender = Sender(line, Pacer(1000), RenderCache(render), _now, lambda: None, may_send=store.may_send)
    outcomes = {(await sender.send(message)).outcome for message in claimed}
    assert line.sent == 0
    assert outcomes == {Retry(RetryCause.STOPPED, "another replica may be sending it")}


async def test_a_server_that_turns_read_only_holds_messages_up_and_loses_none(
    url: str, postgres: Server, caplog: pytest.LogCaptureFixture
) -> None:
    chats = Chats()
    with Store(url) as store:
        await store.write(lambda db: add_chats(db, range(1, 31)))
        async with _delivering(store, Line(chats)) as relay:
            await store.write(_alert)
            with _read_only(url, postgres):
                relay.wake()
                async with asyncio.timeout(20):
                    while "needs the database waits" not in caplog.text:  # noqa: ASYNC110 - a line of the log
                        await asyncio.sleep(0.01)
            rows = await _settled(store)
    assert {chat for chat, _ in chats.arrived} == set(range(1, 31))
    assert {state for _, state, _ in rows} == {"sent"}
    waits = [record.message for record in caplog.records if "needs the database waits" in record.message]
    assert len(waits) == 1
    assert "is read-only" in waits[0]


@contextmanager
def _read_only(url: str, postgres: Server) -> Iterator[None]:
    """A server that takes no writes, as one that was a primary until now."""
    with psycopg.connect(url, autocommit=True) as admin:
        (name,) = admin.execute("SELECT quote_ident(current_database())").fetchone() or ("",)
    try:
        _administrate(url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        postgres.disconnect(url)
        yield
    finally:
        _administrate(url, f"ALTER DATABASE {name} RESET default_transaction_read_only")
        postgres.disconnect(url)


def _administrate(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("SET default_transaction_read_only = off")
        admin.execute(statement.encode())


async def _until_arrived(chats: Chats, count: int) -> None:
    async with asyncio.timeout(30):
        while len(chats.arrived) < count:  # noqa: ASYNC110 - a thread writes on the way
            await asyncio.sleep(0.01)


def test_a_chat_of_the_database_alone_needs_no_replicas(url: str) -> None:
    """Notices for chats that are not known, such as an operator's, are claimed like all others."""
    with Store(url) as store:
        write_now(
            store,
            lambda db: outbox.notify(
                db, [42], outbox.NoticeKind.UNCLEAN_STOP, Severity.WARNING, "{}", _now()
            ),
        )
        claimed = write_now(store, partial(_claim, store))
    assert [message.chat_id for message in claimed] == [42]
