"""/forget leaves nothing in any table nor in the file's bytes, /export omits nothing."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from bot.mining.economics import Rig
from bot.mining.fleet import Fleet, FleetBatch, FleetSite, Tariff
from bot.signals.rules import Severity
from storage import outbox
from storage.chats import chats, digests, fleets, pins, preferences, privacy
from storage.chats.chats import Address
from storage.chats.pins import Pin
from storage.chats.preferences import ChatSettings
from storage.database import Database, Store, is_url
from storage.outbox import NoticeKind, SendResult, SentMessage
from tests.fakes.connections import read_now, write_now

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ADA, BOB = 987_654_321, 123_123_123
LABEL, FIGURE, WORDS = "zebra-rig-4711", "quagga-figure-4712", "okapi-words-4713"


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    with Store(address) as opened:
        write_now(opened, _fill)
        yield opened


def _alert(db: Database) -> int:
    """An alert that every chat hears of; gives its group."""
    db.execute(
        "INSERT INTO alerts (id, bulletin, rule, signal, severity, kind, at, body) "
        "VALUES (1, 1, 'price_drawdown.warning', 'price_drawdown', 'warning', 'fired', ?, '{}') "
        "ON CONFLICT DO NOTHING",
        [NOW.isoformat()],
    )
    return 1


def _fill(db: Database) -> None:
    """Everything that can be kept about a chat, and a shared notice."""
    for chat in (ADA, BOB):
        address = Address(chat)
        chats.remember(db, address, "private", NOW)
        chats.subscribe(db, address, ["price_drawdown"], 1)
        machine = FleetBatch(f"{LABEL}-{chat}", Rig(100, 3000, None), 3)
        fleets.save(db, address, Fleet((machine,), (FleetSite(tariff=Tariff(0.061)),)))
        preferences.save(db, address, digests.scheduled(db, ChatSettings(digest_at=time(8)), NOW))
        pins.save(db, Pin(address, 17, "a-hash", NOW))
        outbox.enqueue(db, _alert(db), NOW)
        (message,) = outbox.claim(db, NOW, 1)
        sent = SentMessage(chat, 0, 18, 1, alerts=(1,), firsts=frozenset({1}), rows=message.ids)
        outbox.record(db, [SendResult(message.ids, "sent", NOW, message_id=18, sent=sent)])
        body = json.dumps({"told": f"{FIGURE}-{chat}"})
        own = outbox.add_notice(db, NoticeKind.FLEET, Severity.WARNING, body, NOW)
        outbox.enqueue_notice(db, own, NOW, to=[(chat, 0)])
    shared = outbox.add_notice(db, NoticeKind.BROADCAST, Severity.INFO, json.dumps({"text": WORDS}), NOW)
    outbox.enqueue_notice(db, shared, NOW)


def _text(db: Database) -> str:
    """Every row of every table."""
    return repr([list(db.query(f"SELECT * FROM {name}")) for name in db.table_names()])


def _counts(db: Database) -> dict[str, int]:
    return {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in db.table_names()}


async def test_nothing_of_a_forgotten_chat_is_left_in_any_table_nor_in_the_file(
    store: Store, address: str
) -> None:
    await store.write(lambda db: privacy.forget(db, ADA))
    await store.erase()
    left = await store.read(_text)
    for trace in (str(ADA), f"{LABEL}-{ADA}", f"{FIGURE}-{ADA}"):
        assert trace not in left
    for kept in (str(BOB), f"{LABEL}-{BOB}", f"{FIGURE}-{BOB}", WORDS):
        assert kept in left
    if is_url(address):
        return  # the server's files are out of sight
    raw = b"".join(file.read_bytes() for file in Path(address).parent.iterdir())
    assert f"{LABEL}-{BOB}".encode() in raw
    assert f"{LABEL}-{ADA}".encode() not in raw
    assert f"{FIGURE}-{ADA}".encode() not in raw


def test_the_export_has_a_row_of_every_table_that_forgetting_touches(store: Store) -> None:
    exported = read_now(store, lambda db: privacy.export(db, ADA))
    text = json.dumps(exported)
    for part in (f"{LABEL}-{ADA}", f"{FIGURE}-{ADA}", WORDS):
        assert part in text
    assert str(BOB) not in text
    before = read_now(store, _counts)
    write_now(store, lambda db: privacy.forget(db, ADA))
    after = read_now(store, _counts)
    touched = {name for name in before if before[name] != after[name]}
    assert touched <= exported.keys()
    assert {"chats", "subscriptions", "fleets", "chat_settings", "outbox", "notices"} <= touched
    assert {"sent_messages", "sent_alerts"} <= touched  # the ids of the messages of the chat
    assert {row["message_id"] for row in exported["sent_messages"]} == {17, 18}


def test_the_last_chat_of_a_shared_notice_takes_it_along(store: Store) -> None:
    write_now(store, lambda db: privacy.forget(db, ADA))
    write_now(store, lambda db: privacy.forget(db, BOB))
    assert WORDS not in read_now(store, _text)
