"""Posted updates wait in the database: each is claimed once, those of a chat in order."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.chats import received_updates
from storage.chats.received_updates import KEPT_FOR, Claim, ReceivedUpdate, claim, finish, keep, return_lost
from storage.database import Database
from tests.fakes.engines import join

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
ADA, BOB = 7, 8
HERE, THERE = 1, 2


def _update(number: int, line: int | None = ADA) -> ReceivedUpdate:
    return ReceivedUpdate(number, line, f'{{"update_id": {number}, "text": "words of {line}"}}')


def _numbers(db: Database, replica: int = 0, places: int = 10) -> list[int]:
    return [each.update_id for each in claim(db, replica, places).claims]


def test_an_update_that_comes_twice_is_kept_and_claimed_once(db: Database) -> None:
    keep(db, [_update(1), _update(1)], NOW)
    keep(db, [_update(1)], NOW)
    assert _numbers(db) == [1]
    keep(db, [_update(1)], NOW)
    assert _numbers(db) == []


def test_a_replica_that_was_taken_for_dead_claims_nothing_under_its_old_number(postgres_db: Database) -> None:
    keep(postgres_db, [_update(1)], NOW)
    assert _numbers(postgres_db, 3) == []
    join(postgres_db, 3)
    assert _numbers(postgres_db, 3) == [1]


def test_what_a_replica_has_claimed_without_knowing_is_given_back_and_was_no_try(db: Database) -> None:
    keep(db, [_update(1), _update(2, BOB)], NOW)
    assert _numbers(db) == [1, 2]
    return_lost(db, 0, {2})
    assert [(each.update_id, each.count) for each in claim(db, 0, 10).claims] == [(1, 1)]


def test_one_that_was_handled_is_known_and_not_done_again(db: Database) -> None:
    keep(db, [_update(1)], NOW)
    finish(db, claim(db, 0, 10).claims)
    keep(db, [_update(1)], NOW)
    assert claim(db, 0, 10).claims == ()


def test_of_each_chat_the_oldest_is_claimed_and_the_next_when_it_is_done(db: Database) -> None:
    keep(db, [_update(3), _update(1), _update(2, BOB), _update(4, BOB)], NOW)
    first = claim(db, 0, 10)
    assert [each.update_id for each in first.claims] == [1, 2]
    assert first.waiting == 2
    assert _numbers(db) == []
    finish(db, first.claims[:1])
    assert _numbers(db) == [3]


def test_updates_without_a_chat_or_person_wait_for_nobody(db: Database) -> None:
    keep(db, [_update(1, None), _update(2, None)], NOW)
    assert _numbers(db) == [1, 2]


def test_no_more_are_claimed_than_there_are_places(db: Database) -> None:
    keep(db, [_update(number, number) for number in range(1, 6)], NOW)
    assert _numbers(db, places=0) == []
    assert _numbers(db, places=2) == [1, 2]
    assert _numbers(db, places=9) == [3, 4, 5]


def test_what_is_given_back_is_claimed_again_and_counted(db: Database) -> None:
    keep(db, [_update(1)], NOW)
    assert [each.count for each in claim(db, 0, 1).claims] == [1]
    assert received_updates.release(db, 0) == 1
    assert [each.count for each in claim(db, 0, 1).claims] == [2]


def test_of_a_handled_update_nothing_is_left_but_its_number(db: Database) -> None:
    keep(db, [_update(1)], NOW)
    finish(db, claim(db, 0, 1).claims)
    (row,) = db.query("SELECT * FROM received_updates")
    assert {name for name, value in row.items() if value is not None} == {
        "update_id",
        "received_at",
        "claims",
    }


def test_numbers_are_kept_for_as_long_as_telegram_may_repeat_them(db: Database) -> None:
    keep(db, [_update(1)], NOW)
    finish(db, claim(db, 0, 1).claims)
    keep(db, [_update(2, BOB)], NOW)
    assert received_updates.prune(db, NOW + KEPT_FOR, 10) == 0
    assert received_updates.prune(db, NOW + KEPT_FOR + timedelta(seconds=1), 10) == 1
    assert _numbers(db) == [2], "what nobody has handled stays"


@pytest.fixture
def replicas(postgres_db: Database) -> Database:
    """A database with two living replicas."""
    for number in (HERE, THERE):
        postgres_db.execute(
            "INSERT INTO replicas (id, name, until) OVERRIDING SYSTEM VALUE VALUES (?, 'replica', now())",
            [number],
        )
    return postgres_db


def test_two_replicas_never_claim_the_same_nor_two_of_one_chat(replicas: Database) -> None:
    keep(replicas, [_update(1), _update(2), _update(3, BOB)], NOW)
    assert _numbers(replicas, HERE, places=1) == [1]
    assert _numbers(replicas, THERE) == [3]
    assert not received_updates.any_free(replicas, HERE)
    assert _numbers(replicas, HERE) == []


def test_what_a_dead_replica_had_falls_to_another_and_its_own_word_comes_too_late(replicas: Database) -> None:
    keep(replicas, [_update(1), _update(2)], NOW)
    (late,) = claim(replicas, HERE, 10).claims
    replicas.execute("DELETE FROM replicas WHERE id = ?", [HERE])
    assert received_updates.any_free(replicas, THERE)
    (taken_over,) = claim(replicas, THERE, 10).claims
    assert taken_over == Claim(1, THERE, late.raw, 2)
    finish(replicas, [late])
    assert _numbers(replicas, THERE) == [], "the first is still being handled"
    finish(replicas, [taken_over])
    assert _numbers(replicas, THERE) == [2]
