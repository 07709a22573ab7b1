"""Notices: found again as they were written, queued once, discarded only while nobody waits for them."""

from datetime import UTC, datetime, timedelta

from bot.signals.rules import Severity
from storage import outbox
from storage.database import Database
from storage.outbox import EXPIRE_AFTER, NoticeKind, Priority, notices

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def test_chosen_chats_are_told_before_what_is_only_information(db: Database) -> None:
    news = outbox.add_notice(db, NoticeKind.BROADCAST, Severity.INFO, '{"text": "hello"}', NOW)
    outbox.enqueue_notice(db, news, NOW, to=[(9, 0)])
    body = '{"why": "silence"}'
    assert notices.notify(db, [7, 8, 7], NoticeKind.OUTAGE_STARTED, Severity.CRITICAL, body, LATER) == 2
    first, second, last = outbox.claim(db, LATER, 10)
    for message, chat in ((first, 7), (second, 8)):
        assert (message.chat_id, message.topic_id, message.priority) == (chat, 0, Priority.WARNING)
        assert (message.content.kind, message.content.severity) == ("blind", "critical")
        assert [(subject.at, subject.body) for subject in message.content.subjects] == [(LATER, body)]
        assert (message.content.queued_at, message.expires_at) == (LATER, LATER + EXPIRE_AFTER)
    assert last.chat_id == 9
    assert last.content.alert_group != first.content.alert_group < 0, "no alerts join it in one message"


def test_a_notice_is_found_by_its_number_and_the_newest_by_its_kind(db: Database) -> None:
    old = outbox.add_notice(db, NoticeKind.BROADCAST, Severity.INFO, '{"text": "old"}', NOW)
    new = outbox.add_notice(db, NoticeKind.BROADCAST, Severity.CRITICAL, '{"text": "new"}', LATER)
    other = outbox.add_notice(db, NoticeKind.DIGEST, Severity.INFO, "{}", LATER)
    assert notices.of_id(db, old) == notices.Notice(old, "broadcast", "info", NOW, '{"text": "old"}')
    assert notices.newest(db, NoticeKind.BROADCAST) == notices.Notice(
        new, "broadcast", "critical", LATER, '{"text": "new"}'
    )
    assert notices.of_id(db, other + 1) is None
    assert notices.newest(db, NoticeKind.FLEET) is None


def test_only_a_notice_that_nobody_is_sent_can_be_discarded(db: Database) -> None:
    draft = outbox.add_notice(db, NoticeKind.BROADCAST, Severity.INFO, '{"text": "draft"}', NOW)
    queued = outbox.add_notice(db, NoticeKind.BROADCAST, Severity.INFO, '{"text": "sent"}', NOW)
    outbox.enqueue_notice(db, queued, NOW, to=[(1, 0)])
    assert (notices.is_queued(db, draft), notices.is_queued(db, queued)) == (False, True)
    notices.discard(db, draft)
    notices.discard(db, queued)
    assert notices.of_id(db, draft) is None
    assert notices.of_id(db, queued) is not None
