"""Which messages are kept up to date, what they are to say, and how long they are remembered."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.mining.fleet import Fleet, FleetSite, Tariff
from bot.signals.alert import Alert, AlertKind
from bot.signals.phase import Phase
from bot.signals.rules import COMPOSITE, Severity
from storage import outbox
from storage.chats import acknowledgements, chats, fleets, preferences
from storage.chats.chats import Address
from storage.chats.preferences import ChatSettings
from storage.database import Database
from storage.outbox import EditResult, MessageEdit, OutboxMessage, SendResult, SentMessage, sent_messages
from storage.signals import alerts
from tests.storage.outbox.test_suppression import NOW, energy, phase

FIRED, CLEARED, REMINDER = AlertKind.FIRED, AlertKind.CLEARED, AlertKind.REMINDER
ADA, BOB = Address(1), Address(-5, 7)


@pytest.fixture
def db(db: Database) -> Database:
    for address in (ADA, BOB):
        chats.remember(db, address, "private", NOW)
        chats.subscribe(db, address, ("energy_price", "price_drawdown", COMPOSITE), 0)
    return db


def hours(number: float) -> datetime:
    return NOW + timedelta(hours=number)


def poll(db: Database, now: datetime, *told: Alert) -> int:
    """Queue a poll's alerts; gives their group."""
    group = alerts.add(db, told)
    assert group is not None
    outbox.enqueue(db, group.id, now)
    return group.id


def sent(message: OutboxMessage, number: int, **differently: bool) -> SentMessage:
    told = tuple(each.alert_id for each in message.content.subjects if each.alert_id)
    firsts = frozenset(told) - message.continued
    watches = tuple((each.at, each.body) for each in message.content.subjects if not each.alert_id)
    return SentMessage(
        message.chat_id,
        message.topic_id,
        number,
        message.content.alert_group,
        told,
        firsts,
        message.ids,
        watches=watches,
        **differently,
    )


def deliver(db: Database, now: datetime, number: int, **differently: bool) -> list[OutboxMessage]:
    """Send all that is due; the messages are numbered from `number`, the group's first."""
    messages = outbox.claim(db, now, 100)
    outbox.record(
        db,
        [
            SendResult(
                each.ids,
                "sent",
                now,
                message_id=number + index,
                sent=sent(each, number + index, **differently),
            )
            for index, each in enumerate(messages)
        ],
    )
    return messages


def due(db: Database, now: datetime, limit: int = 100) -> list[int]:
    return [each.message_id for each in sent_messages.due_edits(db, now, limit)]


def due_in_order(db: Database, now: datetime) -> list[MessageEdit]:
    """The edits by their messages' numbers: those that are due at one moment come in any order."""
    return sorted(sent_messages.due_edits(db, now, 100), key=lambda each: each.message_id)


def finished(db: Database, now: datetime) -> None:
    """Make every edit that is due."""
    edits = sent_messages.due_edits(db, now, 100)
    sent_messages.finish(db, [EditResult(each, "as it says") for each in edits], now)


def price(kind: AlertKind, at: datetime, severity: Severity = Severity.WARNING) -> Alert:
    return replace(
        energy(kind, at, severity), rule=f"price_drawdown.{severity.word}", signal="price_drawdown"
    )


def test_an_end_has_the_beginning_edited_in_every_chat_and_replies_to_it(db: Database) -> None:
    poll(db, NOW, energy(FIRED, NOW))
    deliver(db, NOW, 10)
    assert due(db, hours(1)) == []
    poll(db, hours(1), energy(CLEARED, hours(1)))
    assert due(db, hours(1)) == [], "chats with a message on its way come later"
    ends = deliver(db, hours(1), 20)
    assert {each.chat_id: each.reply_to for each in ends} == {-5: 10, 1: 11}
    assert [each.continued for each in ends] == [frozenset({2})] * 2
    assert due(db, hours(1) - timedelta(seconds=1)) == []
    assert sorted(due(db, hours(1))) == [10, 11]
    finished(db, hours(1))
    assert due(db, hours(99)) == []


def test_an_edit_says_all_that_its_text_depends_on(db: Database) -> None:
    fleet = Fleet(sites=(FleetSite("", Tariff(0.07)),))
    preferences.save(db, ADA, ChatSettings("de", "es", currency="EUR"))
    preferences.save(db, BOB, ChatSettings(None, "ru"))
    db.execute("UPDATE chats SET kind = 'channel' WHERE chat_id = -5")
    fleets.save(db, ADA, fleet)
    group = poll(db, NOW, replace(energy(FIRED, NOW), began=NOW), price(FIRED, NOW))
    deliver(db, NOW, 10, has_picture=True)
    acknowledgements.acknowledge(db, ADA, group, "Ada")
    poll(db, hours(1), energy(CLEARED, hours(1)))
    deliver(db, hours(1), 20)
    bodies = {
        signal: tuple(
            body for (body,) in db.execute("SELECT body FROM alerts WHERE signal = ? ORDER BY id", [signal])
        )
        for signal in ("energy_price", "price_drawdown")
    }
    theirs, mine = due_in_order(db, hours(2))
    content = sent_messages.EditContent(
        "alerts",
        (bodies["energy_price"], bodies["price_drawdown"]),
        alert_group=group,
        has_picture=True,
    )
    assert mine == MessageEdit(
        1,
        0,
        11,
        hours(1),
        0,
        "",
        replace(content, language="de", currency="EUR", fleet=fleet, acknowledged_by="Ada"),
    )
    assert theirs == MessageEdit(-5, 7, 10, hours(1), 0, "", replace(content, language="ru", in_channel=True))
    assert [len(each) for each in content.incidents] == [2, 1]


def test_longest_due_is_edited_first_and_no_more_than_asked_for(db: Database) -> None:
    for number, signal in enumerate((energy, price)):
        poll(db, hours(number), signal(FIRED, hours(number)))
        deliver(db, hours(number), 10 * number + 10)
    for number, signal in ((5, price), (6, energy)):
        poll(db, hours(number), signal(CLEARED, hours(number)))
        deliver(db, hours(number), 100 * number)
    assert sorted(due(db, hours(9), 2)) == [20, 21]
    assert sorted(due(db, hours(9), 4)) == [10, 11, 20, 21]
    db.execute("UPDATE chats SET active = false WHERE chat_id = 1")
    assert sorted(due(db, hours(9))) == [10, 20]


def test_until_an_incident_is_over_only_its_first_message_follows(db: Database) -> None:
    """A warning, critical, a reminder of it, no longer critical, and the end of all."""
    poll(db, NOW, energy(FIRED, NOW))
    deliver(db, NOW, 10)
    steps = (
        (energy(FIRED, hours(10), Severity.CRITICAL), [10, 11]),
        (energy(REMINDER, hours(20), Severity.CRITICAL), [10, 11]),
        (
            replace(energy(CLEARED, hours(30), Severity.CRITICAL), stands=Severity.WARNING),
            [10, 11, 20, 21, 30, 31],
        ),
        (energy(CLEARED, hours(40)), [10, 11, 20, 21, 30, 31, 40, 41]),
    )
    for number, (alert, edited) in enumerate(steps, 2):
        poll(db, alert.at, alert)
        told = deliver(db, alert.at, 10 * number)
        assert {each.reply_to for each in told} == {10, 11}
        assert sorted(due(db, alert.at)) == edited, alert.kind
        finished(db, alert.at)


def test_a_later_episode_of_a_rule_leaves_the_messages_of_the_one_before(db: Database) -> None:
    """Critical twice within one incident: the end of the second is no news of the first."""
    poll(db, NOW, energy(FIRED, NOW))
    deliver(db, NOW, 10)
    for number, kind in enumerate((FIRED, CLEARED, FIRED, CLEARED), 2):
        alert = replace(
            energy(kind, hours(10 * number), Severity.CRITICAL),
            stands=Severity.WARNING if kind is CLEARED else None,
        )
        poll(db, alert.at, alert)
        deliver(db, alert.at, 10 * number)
        if number == 5:
            assert sorted(due(db, alert.at)) == [10, 11, 40, 41]
        finished(db, alert.at)


def test_every_change_of_phase_has_all_messages_of_its_incident_edited(db: Database) -> None:
    for number, (after, severity) in enumerate(
        (
            (Phase.STRESS, Severity.WARNING),
            (Phase.CAPITULATION, Severity.CRITICAL),
            (Phase.CALM, Severity.INFO),
        ),
        1,
    ):
        at = hours(10 * number)
        poll(db, at, phase(after, at, severity))
        deliver(db, at, 10 * number)
        assert sorted(due(db, at)) == [each + own for each in range(10, 10 * number, 10) for own in (0, 1)]
        finished(db, at)


def test_what_came_while_a_message_waited_has_it_edited_at_once(db: Database) -> None:
    poll(db, NOW, energy(FIRED, NOW))
    waiting = outbox.claim(db, NOW, 100)
    poll(db, hours(1), energy(CLEARED, hours(1)))
    poll(db, hours(1), price(FIRED, hours(1)))
    later = hours(2)
    outbox.record(
        db,
        [
            SendResult(each.ids, "sent", later, message_id=number, sent=sent(each, number))
            for number, each in enumerate(waiting, 10)
        ],
    )
    deliver(db, later, 20)
    assert due(db, later - timedelta(seconds=1)) == []
    assert sorted(due(db, later)) == [10, 11]


def test_a_message_is_linked_to_all_that_it_told(db: Database) -> None:
    poll(db, NOW, energy(FIRED, NOW))
    deliver(db, NOW, 10)
    poll(db, hours(1), energy(CLEARED, hours(1)), price(FIRED, hours(1)))
    deliver(db, hours(1), 20, is_editable=False)
    links = (
        "SELECT chat_id, topic_id, message_id, alert_id, is_first, is_shown FROM sent_alerts ORDER BY 3, 4"
    )
    assert db.execute(links).fetchall() == [
        (-5, 7, 10, 1, True, True),
        (1, 0, 11, 1, True, True),
        (-5, 7, 20, 2, False, True),
        (-5, 7, 20, 3, True, True),
        (1, 0, 21, 2, False, True),
        (1, 0, 21, 3, True, True),
    ]
    kept = (
        "SELECT chat_id, topic_id, message_id, kind, alert_group, is_editable, has_picture FROM sent_messages"
    )
    assert db.execute(f"{kept} ORDER BY message_id").fetchall() == [
        (-5, 7, 10, "alerts", 1, True, False),
        (1, 0, 11, "alerts", 1, True, False),
        (-5, 7, 20, "alerts", 2, False, False),
        (1, 0, 21, "alerts", 2, False, False),
    ]
    poll(db, hours(2), price(CLEARED, hours(2)))
    deliver(db, hours(2), 30)
    assert sorted(due(db, hours(2))) == [10, 11], "what can't be edited is left"


def test_watches_that_stand_in_a_message_are_still_there_when_it_is_edited(db: Database) -> None:
    poll(db, NOW, energy(FIRED, NOW))
    messages = outbox.claim(db, NOW, 100)
    watches = ((NOW, '{"watch": 1}'), (hours(1), '{"watch": 2}'))
    results = [
        SendResult(
            each.ids,
            "sent",
            NOW,
            message_id=7,
            sent=sent(each, 7)._replace(watches=watches if each.chat_id == 1 else ()),
        )
        for each in messages
    ]
    outbox.record(db, results)
    poll(db, hours(2), energy(CLEARED, hours(2)))
    deliver(db, hours(2), 20)
    assert {each.chat_id: each.content.watches for each in sent_messages.due_edits(db, hours(2), 9)} == {
        1: watches,
        -5: (),
    }


def test_how_an_edit_ended_is_written_down_whole(db: Database) -> None:
    poll(db, NOW, energy(FIRED, NOW), price(FIRED, NOW))
    deliver(db, NOW, 10)
    poll(db, hours(1), energy(CLEARED, hours(1)))
    deliver(db, hours(1), 20)
    first, second = due_in_order(db, hours(1))
    again = EditResult(first, "first", retry_at=hours(2))
    sent_messages.finish(db, [again, EditResult(second, "second", is_gone=True)], hours(1.5))
    columns = "message_id, edit_due, edit_attempts, text_digest, edited_at, is_editable"
    edited = f"SELECT {columns} FROM sent_messages WHERE message_id < 20 ORDER BY message_id"
    at = hours(1.5).isoformat()
    assert db.execute(edited).fetchall() == [
        (10, hours(2).isoformat(), 1, "first", at, True),
        (11, None, 1, "second", at, False),
    ]
    poll(db, hours(3), price(CLEARED, hours(3)))
    deliver(db, hours(3), 30)
    [changed] = sent_messages.due_edits(db, hours(3), 9)
    assert (changed.message_id, changed.attempts, changed.due, changed.text_digest) == (
        10,
        0,
        hours(3),
        "first",
    )
    sent_messages.finish(db, [EditResult(first, "late")], hours(3))
    assert due(db, hours(3)) == [10], "it has changed since that edit was begun"


def test_a_status_that_can_not_be_edited_any_more_is_forgotten_and_comes_after_alerts(db: Database) -> None:
    poll(db, NOW, energy(FIRED, NOW))
    deliver(db, NOW, 10)
    for number in (1, 2):
        db.execute(
            "INSERT INTO sent_messages (chat_id, topic_id, message_id, kind, edit_due) "
            "VALUES (1, 0, ?, 'status', ?)",
            [number, NOW.isoformat()],
        )
    poll(db, hours(1), energy(CLEARED, hours(1)))
    deliver(db, hours(1), 20)
    edits = sent_messages.due_edits(db, hours(1), 9)
    assert [each.content.kind for each in edits] == ["alerts", "alerts", "status", "status"]
    sent_messages.finish(db, [EditResult(each, "", is_gone=each.message_id != 2) for each in edits], hours(1))
    kept = db.execute("SELECT message_id FROM sent_messages WHERE message_id < 20 ORDER BY 1").fetchall()
    assert kept == [(2,), (10,), (11,)]


def test_messages_of_incidents_long_over_are_forgotten_a_few_at_a_time(db: Database) -> None:
    poll(db, NOW, energy(FIRED, NOW))
    deliver(db, NOW, 10)
    poll(db, NOW, price(FIRED, NOW))
    deliver(db, NOW, 20)
    poll(db, hours(1), energy(CLEARED, hours(1)))
    deliver(db, hours(1), 30)
    assert sent_messages.prune(db, hours(1), 100) == 0
    assert sent_messages.prune(db, hours(2), 100) == 2, "those to be edited are kept until they are"
    finished(db, hours(1))
    assert (sent_messages.prune(db, hours(2), 1), sent_messages.prune(db, hours(2), 100)) == (1, 1)
    numbers = "SELECT message_id FROM {} ORDER BY 1"
    for table in ("sent_messages", "sent_alerts"):
        assert db.execute(numbers.format(table)).fetchall() == [(20,), (21,)]


def test_what_another_message_tells_is_linked_to_it(db: Database) -> None:
    """A row that is not sent, since an earlier message says it by an edit, or has said it already."""
    poll(db, NOW, energy(FIRED, NOW))
    deliver(db, NOW, 10)
    firsts = {chat: row for row, chat in db.execute("SELECT id, chat_id FROM outbox")}
    poll(db, hours(1), energy(REMINDER, hours(1)))
    rows = {
        row: firsts[chat] for row, chat in db.execute("SELECT id, chat_id FROM outbox WHERE alert_id = 2")
    }
    db.execute("UPDATE outbox SET state = 'cancelled' WHERE alert_id = 2")
    finished(db, hours(1))
    sent_messages.tell_by(db, 2, rows, hours(1), is_shown=True)
    assert sorted(due(db, hours(1))) == [10, 11]
    finished(db, hours(1))
    poll(db, hours(2), price(FIRED, hours(2)))
    [(row,)] = db.execute("SELECT id FROM outbox WHERE alert_id = 3 AND chat_id = 1")
    db.execute("UPDATE outbox SET state = 'cancelled' WHERE alert_id = 3")
    sent_messages.tell_by(db, 3, {row: firsts[1]}, hours(2), is_shown=False)
    assert due(db, hours(2)) == []
    links = "SELECT chat_id, message_id, alert_id, is_first, is_shown FROM sent_alerts WHERE alert_id > 1"
    assert db.execute(f"{links} ORDER BY alert_id, chat_id").fetchall() == [
        (-5, 10, 2, True, True),
        (1, 11, 2, True, True),
        (1, 11, 3, True, False),
    ]


def test_what_a_waiting_message_tells_too_is_linked_when_that_has_arrived(db: Database) -> None:
    """The change of phase says what the firing would have said, once it has been sent."""
    chats.remember(db, Address(3), "private", NOW)
    chats.subscribe(db, Address(3), (COMPOSITE,), 0)
    outbox.queue_alerts(db, [phase(Phase.STRESS, NOW), energy(FIRED, NOW)], NOW)
    assert db.execute("SELECT count(*) FROM sent_alerts").fetchone()[0] == 0
    deliver(db, NOW, 10)
    links = "SELECT chat_id, message_id, alert_id, is_first, is_shown FROM sent_alerts ORDER BY 1, 3"
    assert db.execute(links).fetchall() == [
        (-5, 10, 1, True, True),
        (-5, 10, 2, True, False),
        (1, 11, 1, True, True),
        (1, 11, 2, True, False),
        (3, 12, 1, True, True),
    ]
