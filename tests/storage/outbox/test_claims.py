"""What a claimed message carries, what a claim cancels or puts off on the way, and whose results count."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from bot.mining.fleet import Fleet, FleetSite, Tariff
from bot.signals.rules import Severity
from bot.watches.parser import parse_watch
from bot.watches.watch import WatchFigure
from storage import outbox
from storage.chats import fleets, preferences, watch_evaluation, watches
from storage.chats.chats import ELSEWHERE, Address
from storage.chats.preferences import ChatSettings
from storage.database import Database
from storage.outbox import (
    EXPIRE_AFTER,
    ArrivedParts,
    Lane,
    MessageContent,
    MessageSubject,
    NoticeKind,
    OutboxMessage,
    Priority,
    RecoveredRows,
    SendResult,
)
from storage.outbox.silences import PUT_OFF
from tests.fakes.engines import join
from tests.storage.outbox.test_queue import LATER, NOW, alert, chat

FLEET = Fleet(sites=(FleetSite("", Tariff(0.07)),))
PRICE = WatchFigure("price", 61_000.0, NOW, "test")


def rows(db: Database, columns: str) -> list[tuple[Any, ...]]:
    return db.execute(f"SELECT {columns} FROM outbox ORDER BY id").fetchall()


def keep_watch(db: Database, address: Address) -> tuple[watches.WatchStanding, ...]:
    line = "price below 60000"
    watches.add(db, address, parse_watch(line, NOW.date()), line, {"price": PRICE}, NOW)
    return watches.standings(db, [(address.chat_id, address.topic_id)])[address.chat_id, address.topic_id]


def queue(db: Database, *severities: str, now: datetime = NOW) -> None:
    """One poll's alerts, each of a signal of its own, for whoever subscribes to it."""
    (group,) = db.execute("SELECT coalesce(max(bulletin), 0) + 1 FROM alerts").fetchone()
    for number, severity in enumerate(severities):
        alert(db, group, f"signal{number}", severity)
    outbox.enqueue(db, group, now)


def everybody(db: Database, kind: NoticeKind, severity: Severity, *to: int, at: datetime = NOW) -> None:
    notice = outbox.add_notice(db, kind, severity, f'{{"kind": "{kind}"}}', at)
    outbox.enqueue_notice(db, notice, at, to=[(each, 0) for each in to])


def test_alerts_come_as_each_chat_wants_them_with_all_that_their_text_depends_on(db: Database) -> None:
    chat(db, 1, signal0=0, signal1=0)
    chat(db, -2, topic=7, signal1=0)
    chat(db, -3, signal1=0)
    db.execute("UPDATE chats SET kind = 'channel' WHERE chat_id = -3")
    wishes = ChatSettings("de", "es", silent_below=2, currency="EUR", dark=True)
    preferences.save(db, Address(1), wishes)
    preferences.save(db, Address(-3), ChatSettings(None, "ru", dark=True, alert_pictures=False))
    for address in (Address(1), Address(-3)):
        fleets.save(db, address, FLEET)
        keep_watch(db, address)
    queue(db, "warning", "critical")
    firsts = {chat_id: row for row, chat_id in reversed(rows(db, "id, chat_id"))}
    first, second = (
        MessageSubject("firing", severity, NOW, "{}", f"signal{number}/{severity}/1", f"signal{number}", -0.7)
        for number, severity in enumerate(("warning", "critical"))
    )
    subjects = (replace(first, alert_id=1), replace(second, alert_id=2))
    usual = MessageContent((subjects[1],), 1, "alert", "critical", NOW, picture=True)
    expected = OutboxMessage((firsts[-3],), -3, 0, Priority.CRITICAL, NOW + EXPIRE_AFTER, usual)
    assert outbox.claim(db, LATER, 10) == [
        expected._replace(content=replace(usual, language="ru", in_channel=True, picture=False, fleet=FLEET)),
        expected._replace(ids=(firsts[-2],), chat_id=-2, topic_id=7),
        expected._replace(
            ids=(firsts[1], firsts[1] + 1),
            chat_id=1,
            content=replace(
                usual,
                subjects=subjects,
                language="de",
                silent_below=2,
                currency="EUR",
                fleet=FLEET,
                dark=True,
            ),
        ),
    ]


def test_chats_that_are_told_the_same_share_one_content_and_no_others_do(db: Database) -> None:
    for chat_id in range(1, 7):
        chat(db, chat_id, signal0=0)
    for chat_id in (3, 4):
        preferences.save(db, Address(chat_id), ChatSettings("de", "de"))
    fleets.save(db, Address(5), FLEET)
    queue(db, "critical")
    db.execute("UPDATE outbox SET doubts = 1 WHERE chat_id = 6")
    contents = {message.chat_id: message.content for message in outbox.claim(db, LATER, 10)}
    assert contents[1] is contents[2]
    assert contents[3] is contents[4]
    assert len({id(content) for content in contents.values()}) == 4
    assert len(set(contents.values())) == 4
    assert (contents[3].language, contents[5].fleet, contents[6].repeat) == ("de", FLEET, True)


def test_a_digest_comes_with_fleet_and_watches_of_its_chat_and_other_notices_without(db: Database) -> None:
    chat(db, 1)
    chat(db, 2)
    fleets.save(db, Address(1), FLEET)
    standings = keep_watch(db, Address(1))
    assert standings
    digest = outbox.add_notice(db, NoticeKind.DIGEST, Severity.INFO, '{"a": 1}', NOW)
    outbox.enqueue_notice(db, digest, LATER, priority=Priority.DIGEST)
    news = outbox.add_notice(db, NoticeKind.BROADCAST, Severity.INFO, '{"b": 2}', LATER)
    outbox.enqueue_notice(db, news, LATER)
    subject = MessageSubject("digest", "info", NOW, '{"a": 1}')
    content = MessageContent((subject,), -digest, "digest", "info", LATER)
    messages = outbox.claim(db, LATER, 10)
    assert [each.content for each in messages] == [
        *[
            replace(
                content,
                subjects=(MessageSubject("broadcast", "info", LATER, '{"b": 2}'),),
                alert_group=-news,
                kind="broadcast",
            )
        ]
        * 2,
        replace(content, fleet=FLEET, watches=standings),
        content,
    ]
    assert [(each.chat_id, each.priority) for each in messages] == [(1, 3), (2, 3), (1, 4), (2, 4)]


def test_a_watch_is_told_with_its_figures_and_asks_for_no_picture(db: Database) -> None:
    chat(db, 1)
    keep_watch(db, Address(1))
    watch_evaluation.evaluate(db, [replace(PRICE, value=59_000.0)], LATER, None)
    [message] = outbox.claim(db, LATER, 10)
    [subject] = message.content.subjects
    assert (subject.kind, subject.severity, subject.at, subject.alert_id) == ("watch", "warning", LATER, 0)
    assert watches.parse(subject.body).figures == (replace(PRICE, value=59_000.0),)
    assert (message.content.kind, message.content.picture) == ("watch", False)


def test_rows_that_go_together_are_as_old_as_the_worst_of_them(db: Database) -> None:
    """What was put off joins what was tried before: nothing of a row's history is lost."""
    chat(db, 1, signal0=0, signal1=0, signal2=0)
    queue(db, "info", "warning", "info")
    soon = NOW + timedelta(hours=1)
    begun = ArrivedParts(2, "of two parts")
    for row, columns in enumerate(
        (
            (0, 2, soon, 1, "of one part"),
            (4, 0, NOW + EXPIRE_AFTER, 2, begun.digest),
            (3, 1, LATER + EXPIRE_AFTER, 0, ""),
        ),
        1,
    ):
        attempts, doubts, expires, parts, digest = columns
        db.execute(
            "UPDATE outbox SET attempts = ?, doubts = ?, expires_at = ?, parts = ?, parts_digest = ? "
            "WHERE id = ?",
            [attempts, doubts, expires.isoformat(), parts, digest, row],
        )
    [message] = outbox.claim(db, NOW, 10)
    assert (message.attempts, message.unconfirmed_sends, message.expires_at) == (4, 2, soon)
    assert (message.arrived, message.content.severity) == (begun, "warning")
    assert (message.content.repeat, message.content.picture) == (True, False)


@pytest.mark.parametrize(("attempts", "doubts", "picture"), [(0, 0, True), (1, 0, False), (0, 1, False)])
def test_only_a_first_try_comes_with_a_picture(
    db: Database, attempts: int, doubts: int, picture: bool
) -> None:
    chat(db, 1, signal0=0)
    queue(db, "critical")
    db.execute("UPDATE outbox SET attempts = ?, doubts = ?", [attempts, doubts])
    [message] = outbox.claim(db, NOW, 10)
    assert (message.content.picture, message.content.repeat) == (picture, doubts > 0)


def claimed(db: Database, limit: int) -> list[tuple[int, int]]:
    return [(each.priority, each.chat_id) for each in outbox.claim(db, NOW, limit)]


def test_a_limit_holds_over_all_priorities_gravest_first(db: Database) -> None:
    for number in range(1, 6):
        chat(db, number, signal0=0)
    everybody(db, NoticeKind.BROADCAST, Severity.INFO, 1, 2)
    queue(db, "warning")
    everybody(db, NoticeKind.BROADCAST, Severity.CRITICAL, 3, 4)
    assert claimed(db, 0) == []
    assert claimed(db, 3) == [(1, 3), (1, 4), (2, 1)]
    assert rows(db, "state").count(("leased",)) == 3
    assert claimed(db, 4) == [(2, 2), (2, 3), (2, 4), (2, 5)]
    assert claimed(db, 5) == [(3, 1), (3, 2)]


def test_of_equal_priority_who_is_due_first_goes_first_then_by_chat_and_topic(db: Database) -> None:
    for number, topic in ((3, 0), (-2, 9), (-2, 4), (1, 0)):
        chat(db, number, topic=topic, signal0=0)
    queue(db, "warning")
    db.execute(
        "UPDATE outbox SET next_try_at = ? WHERE chat_id = 3", [(NOW - timedelta(minutes=1)).isoformat()]
    )
    one_by_one = [each for _ in range(5) for each in outbox.claim(db, NOW, 1)]
    assert [(each.chat_id, each.topic_id) for each in one_by_one] == [(3, 0), (-2, 4), (-2, 9), (1, 0)]


def test_a_cut_address_is_completed_by_its_own_rows_only(db: Database) -> None:
    """A limit that falls between two rows of an address takes the rest that is due with them, no more."""
    chat(db, 1, signal0=0, signal1=0, signal2=0)
    chat(db, 2, signal0=0)
    queue(db, "warning", "warning", "info")
    (last,) = db.execute("SELECT max(id) FROM outbox WHERE chat_id = 1").fetchone()
    db.execute("UPDATE outbox SET next_try_at = ? WHERE id = ?", [LATER.isoformat(), last])
    everybody(db, NoticeKind.BROADCAST, Severity.WARNING, 1, at=LATER)
    [message] = outbox.claim(db, LATER, 1)
    assert (message.chat_id, len(message.ids)) == (1, 2)
    assert [len(each.ids) for each in outbox.claim(db, LATER, 1)] == [1]


def test_rows_of_a_chat_that_is_not_served_are_cancelled_whatever_else_they_are(db: Database) -> None:
    for number in (1, 2, 3):
        chat(db, number, signal0=0)
    queue(db, "warning")
    [message] = outbox.claim(db, LATER, 10, allowed=frozenset({2}))
    assert message.chat_id == 2
    why = ("cancelled", "not in ALLOWED_CHAT_IDS", LATER.isoformat())
    assert rows(db, "state, error, settled_at") == [why, ("leased", None, None), why]


def test_on_the_way_only_what_is_over_is_cancelled_and_says_when_and_why(db: Database) -> None:
    for number in (1, 2, 3):
        chat(db, number, signal0=0)
    keep_watch(db, Address(3))
    queue(db, "warning")
    watch_evaluation.evaluate(db, [replace(PRICE, value=59_000.0)], NOW, None)
    for watch in watches.of_chat(db, Address(3)):
        watches.remove(db, Address(3), watch.id)
    db.execute("UPDATE chats SET active = false WHERE chat_id = 1")
    db.execute("UPDATE outbox SET expires_at = ? WHERE chat_id IN (1, 2)", [LATER.isoformat()])
    db.execute("UPDATE outbox SET state = 'pending', settled_at = NULL, error = NULL")
    just_before = LATER - timedelta(microseconds=1)
    assert [each.chat_id for each in outbox.claim(db, just_before, 10)] == [2, 3]
    db.execute("UPDATE outbox SET state = 'pending' WHERE state = 'leased'")
    assert [each.chat_id for each in outbox.claim(db, LATER, 10)] == [3]
    assert rows(db, "state, error, settled_at") == [
        ("cancelled", "the chat is gone", just_before.isoformat()),
        ("cancelled", "expired", LATER.isoformat()),
        ("leased", None, None),
        ("cancelled", "the watch was deleted", just_before.isoformat()),
    ]


def test_a_silence_holds_back_what_may_wait_and_nothing_else(db: Database) -> None:
    """Muted, in quiet hours, and neither; an alert of each severity, and a notice that is always sent."""
    for number in (1, 2, 3):
        chat(db, number, signal0=0)
        chat(db, number, topic=5, signal0=0)
    mute = NOW + timedelta(hours=3)
    preferences.save(db, Address(1), ChatSettings(muted_until=mute))
    preferences.save(db, Address(2), ChatSettings(quiet_from=time(11), quiet_to=time(14)))
    queue(db, "warning")
    queue(db, "critical")
    everybody(db, NoticeKind.OUTAGE_STARTED, Severity.WARNING, 1, 2)
    everybody(db, NoticeKind.BROADCAST, Severity.WARNING, 1, 2)
    sent = outbox.claim(db, NOW, 100)
    assert {(each.chat_id, each.topic_id) for each in sent if each.topic_id or each.chat_id == 3} == {
        (1, 5),
        (2, 5),
        (3, 0),
        (3, 5),
    }
    told = [(each.chat_id, each.content.severity, each.content.kind) for each in sent if not each.topic_id]
    assert [each for each in told if each[0] != 3] == [
        (2, "critical", "alert"),
        (1, "warning", "blind"),
        (2, "warning", "blind"),
    ]
    held = db.execute(
        "SELECT chat_id, kind, next_try_at, bulletin, priority FROM outbox WHERE state = 'pending' "
        "ORDER BY chat_id, id"
    ).fetchall()
    quiet = NOW + timedelta(hours=2)
    assert held == [
        (each, kind, until.isoformat(), PUT_OFF, Priority.DIGEST)
        for each, kind, until in (
            (1, "alert", mute),
            (1, "alert", mute),
            (1, "broadcast", mute),
            (2, "alert", quiet),
            (2, "broadcast", quiet),
        )
    ]
    [together] = [each for each in outbox.claim(db, mute, 100) if each.chat_id == 1]
    assert (together.content.severity, len(together.ids)) == ("critical", 3)


def two_claimed(db: Database) -> Sequence[OutboxMessage]:
    for number in (1, 2):
        chat(db, number, signal0=0)
    queue(db, "warning")
    return outbox.claim(db, NOW, 10)


_RESULT = "state, error, message_id, next_try_at, attempts, doubts, parts, parts_digest, settled_at"


def test_a_result_is_written_down_whole_and_a_settled_row_takes_no_other(db: Database) -> None:
    first, second = two_claimed(db)
    again = SendResult(
        first.ids,
        "pending",
        NOW,
        "502",
        None,
        LATER,
        attempts=3,
        unconfirmed_sends=2,
        arrived=ArrivedParts(1, "x"),
    )
    dead = SendResult(second.ids, "dead", NOW, "refused", attempts=1, arrived=ArrivedParts(2, "y"))
    outbox.record(db, [again, dead])
    kept = ("dead", "refused", None, NOW.isoformat(), 1, 0, 2, "y", NOW.isoformat())
    assert rows(db, _RESULT) == [
        ("pending", "502", None, LATER.isoformat(), 3, 2, 1, "x", None),
        kept,
    ]
    outbox.record(db, [SendResult((*first.ids, *second.ids), "sent", LATER, message_id=9)])
    assert rows(db, _RESULT) == [
        ("sent", None, 9, LATER.isoformat(), 0, 2, 0, "", LATER.isoformat()),
        kept,
    ]


def test_only_the_replica_that_has_claimed_a_row_may_say_what_became_of_it(db: Database) -> None:
    chat(db, 1, signal0=0)
    queue(db, "warning")
    join(db, 3)
    [message] = outbox.claim(db, NOW, 10, replica=3)
    assert message.claimed_by == 3
    outbox.record(db, [SendResult(message.ids, "sent", NOW)], 4)
    outbox.record(db, [SendResult(message.ids, "sent", NOW)])
    assert (
        outbox.return_lost_leases(db, (), LATER) == outbox.return_lost_leases(db, (), LATER, replica=4) == 0
    )
    assert rows(db, "state, claimed_by") == [("leased", 3)]
    assert outbox.return_lost_leases(db, (), LATER, replica=3) == 1
    assert rows(db, "state, doubts, next_try_at") == [("pending", 1, LATER.isoformat())]


def test_a_replica_that_was_taken_for_dead_claims_nothing_under_its_old_number(postgres_db: Database) -> None:
    chat(postgres_db, 1, signal0=0)
    queue(postgres_db, "warning")
    assert outbox.claim(postgres_db, NOW, 10, replica=3) == []
    assert rows(postgres_db, "state") == [("pending",)]


def test_a_replica_cancels_and_puts_off_under_its_own_number(db: Database) -> None:
    join(db, 3)
    for number in (1, 2, 3):
        chat(db, number, signal0=0)
    preferences.save(db, Address(3), ChatSettings(muted_until=LATER))
    queue(db, "warning")
    db.execute("UPDATE outbox SET expires_at = ? WHERE chat_id = 1", [NOW.isoformat()])
    assert outbox.claim(db, NOW, 10, allowed=frozenset({1, 3}), replica=3) == []
    assert rows(db, "state, error") == [
        ("cancelled", "expired"),
        ("cancelled", "not in ALLOWED_CHAT_IDS"),
        ("pending", None),
    ]


def test_after_a_crash_it_is_written_down_what_may_have_arrived(db: Database) -> None:
    for number in range(1, 5):
        chat(db, number, signal0=0)
    queue(db, "warning")
    outbox.claim(db, NOW, 10)
    db.execute("UPDATE outbox SET doubts = chat_id")
    db.execute("UPDATE outbox SET severity = 'critical' WHERE chat_id = 4")
    assert outbox.recover(db, LATER) == RecoveredRows(again=3, uncertain=1)
    two_hours_later = (LATER + timedelta(hours=2)).isoformat()
    assert rows(db, "state, doubts, next_try_at, settled_at, error, claimed_by") == [
        ("pending", 2, LATER.isoformat(), None, None, None),
        ("pending", 3, LATER.isoformat(), None, None, None),
        (
            "uncertain",
            4,
            NOW.isoformat(),
            LATER.isoformat(),
            "the program stopped while this was being sent",
            None,
        ),
        ("pending", 5, two_hours_later, None, None, None),
    ]
    assert outbox.recover(db, LATER) == RecoveredRows(0, 0)


def test_each_lane_has_its_rows_to_itself(db: Database) -> None:
    chat(db, 1, signal0=0)
    chat(db, ELSEWHERE, signal0=0)
    queue(db, "warning")
    for lane, mine in ((Lane.ELSEWHERE, ELSEWHERE), (Lane.TELEGRAM, 1)):
        assert outbox.next_due(db, lane) == NOW
        assert outbox.waiting(db, lane) == 1
        [message] = outbox.claim(db, NOW, 10, lane=lane)
        assert message.chat_id == mine
        assert outbox.next_due(db, lane) is None
        assert outbox.waiting(db, lane) == 1, "what is under way waits, too"
    assert outbox.recover(db, NOW, Lane.ELSEWHERE) == RecoveredRows(1, 0)
    assert rows(db, "chat_id, state") == [(ELSEWHERE, "pending"), (1, "leased")]
    assert outbox.claim(db, NOW, 10) == []
    outbox.claim(db, NOW, 10, lane=Lane.ELSEWHERE)
    assert outbox.return_lost_leases(db, (), NOW, Lane.ELSEWHERE) == 1
    assert rows(db, "chat_id, state") == [(ELSEWHERE, "pending"), (1, "leased")]
    assert outbox.return_lost_leases(db, (), NOW) == 1
    assert outbox.waiting(db) == 1


@pytest.mark.parametrize("expired", [True, False])
def test_a_row_that_is_claimed_by_itself_can_be_cancelled_too(db: Database, expired: bool) -> None:
    chat(db, 1, signal0=0)
    queue(db, "warning")
    allowed: frozenset[int] = frozenset() if expired else frozenset({2})
    assert outbox.claim(db, NOW + timedelta(days=2), 10, allowed=allowed) == []
    assert rows(db, "error") == [("expired" if expired else "not in ALLOWED_CHAT_IDS",)]
