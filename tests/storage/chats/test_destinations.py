"""Destinations outside Telegram: who they are called by, whom they belong to."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.signals.rules import Severity
from storage import outbox
from storage.chats import chats, destinations, privacy
from storage.chats.chat_migration import move_address
from storage.chats.chats import ELSEWHERE, Address
from storage.chats.destinations import (
    MAX_DESTINATIONS,
    Destination,
    DestinationKind,
    TooManyDestinationsError,
)
from storage.database import Database, Store
from storage.outbox import Lane, NoticeKind
from tests.fakes.connections import read_now, write_now

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OWNER, OTHER = 99, 98


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    with Store(address) as opened:
        yield opened


def add(db: Database, target: str, owner: int = OWNER) -> Destination:
    return destinations.add(db, DestinationKind.WEBHOOK, target, "salt", owner, NOW)


def queue_test(db: Database, destination: Destination) -> None:
    notice = outbox.add_notice(db, NoticeKind.DESTINATION_TEST, Severity.WARNING, "{}", NOW)
    outbox.enqueue_notice(db, notice, NOW, to=[(destination.chat_id, 0)])


def test_no_number_is_given_again_while_its_rows_are_there(
    store: Store,
) -> None:
    def work(db: Database) -> list[int]:
        first, second = add(db, "https://a.example/"), add(db, "https://b.example/")
        queue_test(db, second)
        assert destinations.remove(db, second, NOW) == 1
        third = add(db, "https://c.example/")
        assert destinations.of_number(db, 2) is None
        assert destinations.of_number(db, 3) == third
        assert destinations.of_number(db, 0) is None
        assert destinations.of_number(db, -5) is None
        return [each.number for each in (first, second, third)]

    assert write_now(store, work) == [1, 2, 3]


def test_their_ids_are_none_of_telegrams(store: Store) -> None:
    assert write_now(store, lambda db: add(db, "https://a.example/").chat_id) < ELSEWHERE < -(2**52)


def test_there_is_an_end_to_their_number(store: Store) -> None:
    def work(db: Database) -> None:
        for number in range(MAX_DESTINATIONS):
            add(db, f"https://{number}.example/")
        add(db, "https://0.example/")  # there already
        add(db, "https://more.example/")

    with pytest.raises(TooManyDestinationsError):
        write_now(store, work)


def test_forgetting_an_operators_chat_forgets_its_destinations_and_exporting_shows_them(store: Store) -> None:
    def work(db: Database) -> None:
        for owner in (OWNER, OTHER):
            chats.remember(db, Address(owner), "private", NOW)
            queue_test(db, add(db, f"https://owned-by-{owner}.example/", owner))

    write_now(store, work)
    exported = read_now(store, lambda db: privacy.export(db, OWNER))
    assert "owned-by-99" in json.dumps(exported)
    assert "owned-by-98" not in json.dumps(exported)
    assert {"destinations", "outbox", "notices", "chats"} <= exported.keys()
    write_now(store, lambda db: privacy.forget(db, OWNER))
    left = read_now(store, lambda db: [each.target for each in destinations.every(db)])
    assert left == ["https://owned-by-98.example/"]
    assert read_now(store, lambda db: db.execute("SELECT count(*) FROM outbox").fetchone()) == (1,)


def test_destinations_follow_their_owner_to_a_supergroup(store: Store) -> None:
    def work(db: Database) -> list[Destination]:
        chats.remember(db, Address(-5), "group", NOW)
        add(db, "https://a.example/", -5)
        move_address(db, (-5, None), (-1005, None))
        return destinations.of_owner(db, -1005)

    assert [each.target for each in write_now(store, work)] == ["https://a.example/"]


def test_what_became_of_their_messages_is_known(store: Store) -> None:
    def work(db: Database) -> destinations.DeliveryRecord:
        hook = add(db, "https://a.example/")
        for _ in range(3):
            queue_test(db, hook)
        rows = [row for (row,) in db.execute("SELECT id FROM outbox ORDER BY id").fetchall()]
        outbox.record(db, [outbox.SendResult((rows[0],), "sent", NOW)])
        outbox.record(db, [outbox.SendResult((rows[1],), "dead", NOW, "it answered 422")])
        return destinations.delivery_record(db, hook)

    record = write_now(store, work)
    assert record.states == {"sent": 1, "dead": 1, "pending": 1}
    assert record.arrived_at == NOW
    assert record.error == "it answered 422"


def test_each_relay_takes_and_recovers_the_rows_of_its_own_lane(store: Store) -> None:
    def work(db: Database) -> None:
        hook = add(db, "https://a.example/")
        queue_test(db, hook)
        chats.remember(db, Address(5), "private", NOW)
        notice = outbox.add_notice(db, NoticeKind.BROADCAST, Severity.WARNING, "{}", NOW)
        assert outbox.enqueue_notice(db, notice, NOW) == 1, "a broadcast goes to chats only"
        assert [message.chat_id for message in outbox.claim(db, NOW, 10)] == [5]
        claimed = outbox.claim(db, NOW, 10, lane=Lane.ELSEWHERE)
        assert [message.chat_id for message in claimed] == [hook.chat_id]
        assert outbox.recover(db, NOW).again == 1
        assert outbox.return_lost_leases(db, (), NOW) == 0
        assert outbox.next_due(db) == NOW
        assert outbox.next_due(db, Lane.ELSEWHERE) is None
        assert outbox.waiting(db) == outbox.waiting(db, Lane.ELSEWHERE) == 1
        assert outbox.recover(db, NOW, Lane.ELSEWHERE).again == 1

    write_now(store, work)
