"""Muted and quiet chats: what may not be said is put off, comes as one message, and is never lost."""

import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.signals.rules import Severity
from storage import outbox
from storage.chats import acknowledgements, preferences
from storage.chats.chats import Address
from storage.chats.preferences import ChatSettings
from storage.database import Database
from storage.migrations import migrate
from storage.outbox import NoticeKind, OutboxMessage, SendResult
from storage.outbox.silences import PUT_OFF, release, silent_until
from storage.sqlite.file_engine import connect
from tests.storage.outbox.test_queue import alert, chat

EVENING = datetime(2022, 6, 18, 23, 0, tzinfo=UTC)
MORNING = datetime(2022, 6, 19, 7, 0, tzinfo=UTC)
NIGHT = ChatSettings(quiet_from=time(22), quiet_to=time(7))


@pytest.fixture
def db(db: Database) -> Database:
    chat(db, 1, price=0, hashrate=0)
    chat(db, 2, price=0)
    return db


def tell(db: Database, bulletin: int, at: datetime, severity: str = "warning", signal: str = "price") -> None:
    alert(db, bulletin, signal, severity)
    outbox.enqueue(db, bulletin, at)


def claimed(db: Database, at: datetime, chat_id: int = 1) -> list[OutboxMessage]:
    """What is sent to a chat at a moment; all of it arrives."""
    messages = outbox.claim(db, at, 100)
    outbox.record(db, [SendResult(message.ids, "sent", at) for message in messages])
    return [message for message in messages if message.chat_id == chat_id]


def test_quiet_hours_put_off_and_the_morning_brings_one_message(db: Database) -> None:
    preferences.save(db, Address(1), NIGHT)
    for bulletin in (1, 2, 3):
        tell(db, bulletin, EVENING + timedelta(hours=bulletin))
        assert claimed(db, EVENING + timedelta(hours=bulletin)) == []
    assert outbox.next_due(db) == MORNING
    (message,) = claimed(db, MORNING)
    assert (message.content.alert_group, len(message.content.subjects)) == (PUT_OFF, 3)
    assert claimed(db, MORNING + timedelta(days=1)) == []


def test_others_hear_at_once(db: Database) -> None:
    preferences.save(db, Address(1), NIGHT)
    tell(db, 1, EVENING)
    assert len(claimed(db, EVENING, chat_id=2)) == 1


def test_critical_passes_if_the_chat_wants(db: Database) -> None:
    preferences.save(db, Address(1), NIGHT)
    tell(db, 1, EVENING, "critical")
    assert [message.content.severity for message in claimed(db, EVENING)] == ["critical"]
    preferences.save(db, Address(1), replace(NIGHT, critical_passes=False))
    tell(db, 2, EVENING, "critical")
    assert claimed(db, EVENING) == []
    assert [message.content.severity for message in claimed(db, MORNING)] == ["critical"]


def test_a_mute_holds_everything_however_long(db: Database) -> None:
    until = EVENING + timedelta(days=7)
    preferences.save(db, Address(1), ChatSettings(muted_until=until))
    tell(db, 1, EVENING, "critical")
    tell(db, 2, EVENING + timedelta(days=3))
    assert claimed(db, EVENING + timedelta(days=3)) == []
    assert claimed(db, until - timedelta(seconds=1)) == []
    (message,) = claimed(db, until)
    assert len(message.content.subjects) == 2


def test_a_mute_that_ends_in_quiet_hours_goes_on_to_their_end() -> None:
    settings = replace(NIGHT, muted_until=EVENING)
    assert silent_until(settings, False, EVENING - timedelta(hours=3)) == MORNING
    assert silent_until(settings, True, EVENING - timedelta(hours=3)) == EVENING


def test_unmuting_brings_it_at_once(db: Database) -> None:
    preferences.save(db, Address(1), ChatSettings(muted_until=EVENING + timedelta(days=7)))
    tell(db, 1, EVENING)
    claimed(db, EVENING)
    preferences.save(db, Address(1), ChatSettings())
    assert release(db, Address(1), EVENING + timedelta(hours=1)) == 1
    assert len(claimed(db, EVENING + timedelta(hours=1))) == 1


def test_what_the_chat_asked_for_at_this_time_is_not_put_off(db: Database) -> None:
    preferences.save(db, Address(1), NIGHT)
    notice = outbox.add_notice(db, NoticeKind.DIGEST, Severity.INFO, "{}", EVENING)
    outbox.enqueue_notice(db, notice, EVENING, to=[(1, 0)])
    assert [message.content.kind for message in claimed(db, EVENING)] == ["digest"]


def test_a_parcel_knows_its_chats_language_and_sound(db: Database) -> None:
    settings = ChatSettings(telegram_language="es", silent_below=2)
    preferences.save(db, Address(1), settings)
    tell(db, 1, EVENING)
    (message,) = claimed(db, EVENING)
    assert (message.content.language, message.content.silent_below) == ("es", 2)
    preferences.save(db, Address(1), replace(settings, language="de"))
    tell(db, 2, EVENING)
    assert claimed(db, EVENING)[0].content.language == "de"


def test_what_was_acknowledged_is_not_reminded_of(db: Database) -> None:
    def episode(bulletin: int, kind: str, began: str) -> None:
        db.execute(
            "INSERT INTO alerts (bulletin, rule, signal, severity, kind, at, body) VALUES (?, 'r', 'price', "
            "'warning', ?, ?, ?)",
            [
                bulletin,
                kind,
                (EVENING + timedelta(minutes=bulletin)).isoformat(),
                json.dumps({"began": began}),
            ],
        )

    episode(1, "fired", "2022-06-18T00:00:00Z")
    assert acknowledgements.acknowledge(db, Address(1), 1) == 1
    assert acknowledgements.acknowledge(db, Address(1), 99) == 0
    episode(2, "reminder", "2022-06-18T00:00:00Z")
    assert outbox.enqueue(db, 2, EVENING) == 1  # the other chat's
    episode(3, "cleared", "2022-06-18T00:00:00Z")
    assert outbox.enqueue(db, 3, EVENING) == 2
    episode(4, "reminder", "2022-09-01T00:00:00Z")
    assert outbox.enqueue(db, 4, EVENING) == 2


@hypothesis.settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 72), st.sampled_from(["info", "warning", "critical"])), max_size=12),
    st.integers(0, 23), st.integers(0, 23), st.booleans(), st.integers(0, 60),
)  # fmt: skip
def test_everything_is_said_once_and_nothing_while_it_may_not(
    told: list[tuple[int, str]], start: int, end: int, passes: bool, muted_hours: int
) -> None:
    database = connect(":memory:")
    migrate(database)
    chat(database, 1, price=0)
    settings = ChatSettings(
        quiet_from=time(start),
        quiet_to=time(end),
        critical_passes=passes,
        muted_until=EVENING + timedelta(hours=muted_hours),
    )
    preferences.save(database, Address(1), settings)
    heard: list[int] = []
    for hour in range(24 * 7):
        now = EVENING + timedelta(hours=hour)
        for number, (at, severity) in enumerate(told):
            if at == hour:
                tell(database, number + 1, now, severity)
        for message in claimed(database, now):
            assert silent_until(settings, message.content.severity == "critical", now) is None
            heard += [int(subject.rule.rsplit("/")[-1]) for subject in message.content.subjects]
    database.close()
    if start != end:
        assert sorted(heard) == list(range(1, len(told) + 1))
    else:
        assert len(heard) == len(set(heard))
