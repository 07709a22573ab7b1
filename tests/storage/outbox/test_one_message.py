"""What one poll makes fire reaches a chat as one message: its alerts, and below them its watches."""

from datetime import UTC, datetime, time, timedelta

import pytest

from bot.i18n.message import message
from bot.signals.alert import Alert, AlertKind
from bot.signals.rules import Severity
from bot.watches.parser import parse_watch
from bot.watches.watch import WatchFigure
from storage import outbox
from storage.chats import chat_migration, chats, preferences, watch_evaluation, watches
from storage.chats.chats import Address
from storage.chats.preferences import ChatSettings
from storage.database import Database
from storage.outbox import silences, suppression
from storage.outbox.types import OutboxMessage
from storage.sqlite.file_engine import SqliteConnection

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
BOTH, TOPIC, WATCHER, READER = Address(1), Address(-5, 3), Address(2), Address(3)


@pytest.fixture
def db(db: Database) -> Database:
    _fill(db)
    return db


def _fill(db: Database) -> None:
    for address in (BOTH, TOPIC, WATCHER, READER):
        chats.remember(db, address, "private", NOW)
    for address in (BOTH, TOPIC, READER):
        chats.subscribe(db, address, ("price_drawdown", "energy_price"), 0)
    for address in (BOTH, TOPIC, WATCHER):
        for level in (60_000, 59_500):
            keep(db, address, f"price below {level}")


def keep(db: Database, address: Address, line: str) -> int:
    watch = parse_watch(line, NOW.date())
    return watches.add(db, address, watch, line, {"price": WatchFigure("price", 61_000.0, NOW, "test")}, NOW)


def drawdown(
    severity: Severity = Severity.CRITICAL, at: datetime = NOW, kind: AlertKind = AlertKind.FIRED
) -> Alert:
    return Alert(f"price_drawdown.{severity.word}", "price_drawdown", severity, kind, at, message("deep"))


def poll(db: Database, now: datetime, price_usd: float, *told: Alert) -> int:
    """What the poller does in its transaction; gives how many watches told."""
    group = outbox.queue_alerts(db, told, now).group
    figures = [WatchFigure("price", price_usd, now, "test")]
    return watch_evaluation.evaluate(db, figures, now, None if group is None else group.id)


def messages(db: Database, now: datetime, limit: int = 1000) -> dict[Address, list[list[str]]]:
    """Send what is due: the kinds of what each message says, by address."""
    sent: dict[Address, list[list[str]]] = {}
    messages = outbox.claim(db, now, limit)
    outbox.record(db, [outbox.SendResult(each.ids, "sent", now) for each in messages])
    for each in messages:
        kinds = [subject.kind for subject in each.content.subjects]
        sent.setdefault(Address(each.chat_id, each.topic_id), []).append(kinds)
    return sent


def claimed(db: Database, address: Address, now: datetime = NOW) -> list[OutboxMessage]:
    messages = outbox.claim(db, now, 1000)
    return [each for each in messages if (each.chat_id, each.topic_id) == (address.chat_id, address.topic_id)]


def test_a_chat_hears_of_alerts_and_watches_in_one_message_and_every_row_is_settled(db: Database) -> None:
    assert poll(db, NOW, 59_000, drawdown(), drawdown(Severity.WARNING)) == 6
    assert messages(db, NOW) == {
        BOTH: [["fired", "fired", "watch", "watch"]],
        TOPIC: [["fired", "fired", "watch", "watch"]],
        WATCHER: [["watch", "watch"]],
        READER: [["fired", "fired"]],
    }
    assert outbox.waiting(db) == 0
    assert messages(db, NOW + timedelta(days=1)) == {}


@pytest.mark.parametrize("severity", list(Severity))
def test_it_is_as_urgent_as_the_gravest_of_its_parts(db: Database, severity: Severity) -> None:
    poll(db, NOW, 59_000, drawdown(severity))
    (message,) = claimed(db, BOTH)
    assert [each.kind for each in message.content.subjects] == ["fired", "watch", "watch"]
    gravest = max(severity, Severity.WARNING)
    assert message.content.severity == gravest.word
    assert message.priority == outbox.PRIORITY_OF[gravest.word]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_claims_limit_never_cuts_a_message_in_two(db: Database, limit: int) -> None:
    poll(db, NOW, 59_000, drawdown())
    sent: list[list[str]] = []
    while result := messages(db, NOW, limit):
        sent += [kinds for messages in result.values() for kinds in messages]
    assert sorted(map(tuple, sent)) == [
        ("fired",),
        ("fired", "watch", "watch"),
        ("fired", "watch", "watch"),
        ("watch", "watch"),
    ]


def test_in_quiet_hours_what_is_critical_passes_and_the_watches_come_afterwards(db: Database) -> None:
    quiet = ChatSettings(quiet_from=time(11), quiet_to=time(14))
    preferences.save(db, BOTH, quiet)
    poll(db, NOW, 59_000, drawdown())
    assert messages(db, NOW)[BOTH] == [["fired"]]
    (message,) = claimed(db, BOTH, NOW + timedelta(hours=2))
    assert (message.content.alert_group, [each.kind for each in message.content.subjects]) == (
        silences.PUT_OFF,
        ["watch", "watch"],
    )


def test_an_alert_that_must_wait_does_not_keep_the_watches_waiting(db: Database) -> None:
    poll(db, NOW, 61_000, drawdown())
    messages(db, NOW)
    soon = NOW + timedelta(hours=1)
    poll(db, soon, 59_000, drawdown(at=soon, kind=AlertKind.CLEARED))
    assert messages(db, soon)[BOTH] == [["watch", "watch"]]
    assert messages(db, NOW + suppression.REPEAT_INTERVAL)[BOTH] == [["cleared"]]


def test_a_watch_deleted_before_it_was_told_is_not_told(db: Database) -> None:
    poll(db, NOW, 59_000, drawdown())
    for each in watches.of_chat(db, BOTH):
        watches.remove(db, BOTH, each.id)
    for each in watches.of_chat(db, WATCHER):
        watches.remove(db, WATCHER, each.id)
    sent = messages(db, NOW)
    assert sent[BOTH] == [["fired"]]
    assert WATCHER not in sent
    assert outbox.waiting(db) == 0


def test_a_watch_that_ended_is_kept_until_it_was_told(db: Database) -> None:
    once = keep(db, READER, "price below 60000 once")
    poll(db, NOW, 59_000)
    assert watches.sweep(db, NOW, 100) == 0
    result = watches.parse(claimed(db, READER)[0].content.subjects[0].body)
    assert (result.id, result.text, result.ended) == (once, "price below 60000 once", True)
    assert result.figures == (WatchFigure("price", 59_000.0, NOW, "test"),)
    assert watches.sweep(db, NOW, 100) == 0
    db.execute("UPDATE outbox SET state = 'sent'")
    assert watches.sweep(db, NOW, 100) == 1


def test_it_names_the_figures_of_its_own_look_however_late_it_is_sent(db: Database) -> None:
    poll(db, NOW, 59_000)
    later = NOW + timedelta(hours=1)
    poll(db, later, 61_000)
    result = watches.parse(claimed(db, WATCHER, later)[0].content.subjects[0].body)
    assert result.figures == (WatchFigure("price", 59_000.0, NOW, "test"),)


def test_both_parts_move_with_their_chat(db: Database) -> None:
    poll(db, NOW, 59_000, drawdown())
    chat_migration.move_address(db, (1, None), (-1001, None))
    assert messages(db, NOW)[Address(-1001)] == [["fired", "watch", "watch"]]


def test_the_alerts_rows_are_found_through_an_index(sqlite_db: SqliteConnection) -> None:
    _fill(sqlite_db)
    poll(sqlite_db, NOW, 61_000, drawdown())
    statements: list[str] = []
    sqlite_db.conn.set_trace_callback(statements.append)
    poll(sqlite_db, NOW + timedelta(minutes=5), 59_000, drawdown(at=NOW + timedelta(minutes=5)))
    sqlite_db.conn.set_trace_callback(None)
    joining = [each for each in statements if "watch_id" in each and "INSERT INTO outbox" in each]
    assert len(joining) == 1
    plan = " ".join(row[3] for row in sqlite_db.execute(f"EXPLAIN QUERY PLAN {joining[0]}").fetchall())
    assert "SEARCH outbox USING INDEX outbox_by_alert" in plan
    assert "SCAN outbox" not in plan
