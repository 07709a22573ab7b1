"""What waits although it may be sent; what is held back on purpose does not count."""

from datetime import UTC, datetime, timedelta

import pytest

from storage import outbox
from storage.database import Database
from storage.outbox.backlog import Backlog, backlog
from storage.outbox.silences import PUT_OFF
from tests.storage.outbox.test_queue import alert, chat

QUEUED = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = QUEUED + timedelta(minutes=20)


@pytest.fixture
def db(db: Database) -> Database:
    chat(db, 1, price=0)
    chat(db, 2, price=0)
    return db


def _queue(db: Database) -> None:
    alert(db, 1, "price", "warning")
    outbox.enqueue(db, 1, QUEUED)


def test_nothing_waits(db: Database) -> None:
    assert backlog(db, LATER) == Backlog(None, None, None)


def test_messages_nobody_took_are_due_and_of_several_chats(db: Database) -> None:
    _queue(db)
    assert backlog(db, LATER) == Backlog(QUEUED, QUEUED, QUEUED)


def test_messages_under_way_wait_but_are_not_due(db: Database) -> None:
    _queue(db)
    db.execute("UPDATE outbox SET state = 'leased'")
    assert backlog(db, LATER) == Backlog(QUEUED, None, QUEUED)


def test_what_muted_or_quiet_chats_hold_back_counts_nowhere(db: Database) -> None:
    _queue(db)
    morning = (LATER + timedelta(hours=8)).isoformat()
    db.execute("UPDATE outbox SET bulletin = ?, next_try_at = ?", [PUT_OFF, morning])
    assert backlog(db, LATER) == Backlog(None, None, None)


def test_one_chat_that_must_wait_is_that_chat_alone(db: Database) -> None:
    _queue(db)
    db.execute("UPDATE outbox SET state = 'sent' WHERE chat_id = 1")
    db.execute(
        "UPDATE outbox SET next_try_at = ? WHERE chat_id = 2", [(LATER + timedelta(hours=1)).isoformat()]
    )
    assert backlog(db, LATER) == Backlog(QUEUED, None, None)


def test_of_several_chats_the_one_that_waits_longest_and_the_next_are_told_of(db: Database) -> None:
    chat(db, 3, price=0)
    _queue(db)
    for chat_id, minutes in ((1, 9), (2, 2), (3, 5)):
        queued = (QUEUED + timedelta(minutes=minutes)).isoformat()
        db.execute(
            "UPDATE outbox SET queued_at = ?, next_try_at = ? WHERE chat_id = ?", [queued, queued, chat_id]
        )
    first, second = QUEUED + timedelta(minutes=2), QUEUED + timedelta(minutes=5)
    assert backlog(db, LATER) == Backlog(first, first, second)
    assert backlog(db, first - timedelta(seconds=1)) == Backlog(first, None, second)
