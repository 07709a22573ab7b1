"""Digests come once, at their time by the chat's clock, however the ticks fall."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.i18n.message import message
from bot.i18n.timezones import zone
from bot.signals.alert import Alert, AlertKind
from bot.signals.rules import Severity
from storage import outbox
from storage.chats import digests, preferences
from storage.chats.chats import Address
from storage.chats.preferences import ChatSettings
from storage.database import Database
from storage.migrations import migrate
from storage.signals import alerts
from storage.sqlite.file_engine import connect
from tests.storage.outbox.test_queue import chat

START = datetime(2022, 3, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def db(db: Database) -> Database:
    chat(db, 1)
    chat(db, 2)
    return db


def want(db: Database, chat_id: int, now: datetime = START, **wishes: object) -> None:
    wanted = ChatSettings(**{"digest_at": time(8), **wishes})  # type: ignore[arg-type]  # a test's own
    preferences.save(db, Address(chat_id), digests.scheduled(db, wanted, now))


def tick(db: Database, now: datetime) -> list[tuple[int, str]]:
    digests.queue_due(db, now, _words)
    return [(message.chat_id, message.content.subjects[0].body) for message in outbox.claim(db, now, 100)]


def _words(since: datetime, told: Sequence[Alert]) -> str:
    return f'"{since:%d %H:%M}: {len(told)}"'


def told(db: Database, at: datetime) -> None:
    alerts.add(db, [Alert("r", "price_drawdown", Severity.WARNING, AlertKind.FIRED, at, message("title"))])


def test_daily_with_what_happened_since(db: Database) -> None:
    told(db, START - timedelta(hours=1))
    want(db, 1)
    assert digests.any_due(db, START) is False
    assert tick(db, START + timedelta(hours=19)) == []
    told(db, START + timedelta(hours=2))
    assert tick(db, START + timedelta(hours=20)) == [(1, '"20 12:00: 1"')]
    assert tick(db, START + timedelta(hours=20, seconds=20)) == []
    told(db, START + timedelta(hours=19))  # its data's moment lies before the digest, the poll after it
    assert tick(db, START + timedelta(hours=44)) == [(1, '"21 08:00: 1"')]


def test_a_late_tick_brings_one_digest_not_several(db: Database) -> None:
    want(db, 1)
    assert tick(db, START + timedelta(days=5)) == [(1, '"20 12:00: 0"')]
    assert tick(db, START + timedelta(days=5, minutes=1)) == []


def test_a_muted_or_lost_chat_gets_none_and_the_next_covers_it(db: Database) -> None:
    want(db, 1, muted_until=START + timedelta(days=1))
    want(db, 2)
    db.execute("UPDATE chats SET active = false WHERE chat_id = 2")
    assert tick(db, START + timedelta(hours=20)) == []
    assert tick(db, START + timedelta(hours=44)) == [(1, '"20 12:00: 0"')]


def test_a_change_of_something_else_loses_no_digest_that_is_due(db: Database) -> None:
    want(db, 1)
    late = START + timedelta(hours=20, minutes=6)
    before = preferences.load(db, Address(1))
    quiet = replace(before, quiet_from=time(22), quiet_to=time(7), time_zone="UTC")
    preferences.save(db, Address(1), digests.rescheduled(db, before, quiet, late))
    assert tick(db, late) == [(1, '"20 12:00: 0"')]
    assert tick(db, late + timedelta(hours=23)) == []


def test_one_that_is_due_goes_with_a_change_of_its_time(db: Database) -> None:
    want(db, 1)
    late = START + timedelta(hours=20, minutes=6)
    before = preferences.load(db, Address(1))
    later = digests.rescheduled(db, before, replace(before, digest_at=time(9)), late)
    assert later.digest_next == START + timedelta(hours=21)
    assert digests.rescheduled(db, before, replace(before, digest_at=None), late).digest_next is None


def test_none_wanted_none_due(db: Database) -> None:
    want(db, 1)
    want(db, 1, digest_at=None)
    assert tick(db, START + timedelta(days=30)) == []


@settings(deadline=None, max_examples=25)
@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Tehran", "UTC"]),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.integers(1, 47),
)
def test_once_a_day_through_a_year_of_clock_changes(name: str, at: time, hours: int) -> None:
    """Ticks come every few minutes around the clock changes and rarely in between."""
    database = connect(":memory:")
    migrate(database)
    chat(database, 1)
    want(database, 1, digest_at=at, time_zone=name)
    days = []
    now, end = START, START + timedelta(days=225)
    while now < end:
        step = timedelta(minutes=20) if 5 < (now - START).days < 10 or (now - START).days > 221 else None
        now += step or timedelta(hours=hours % 23 + 1)
        if digests.queue_due(database, now, _words):
            days.append(now.astimezone(zone(name)).date())
    database.close()
    assert len(days) >= 222
    local = [day.toordinal() for day in days]
    assert all(later - earlier in (0, 1, 2) for earlier, later in pairwise(local))
    assert len(days) <= 226
