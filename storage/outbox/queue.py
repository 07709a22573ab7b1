"""Producing outbox rows: one for each alert or notice and each address that must hear of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot.signals.rules import Severity
from storage.outbox.types import PRIORITY_OF, Priority

EXPIRE_AFTER = timedelta(hours=24)


def enqueue(db: Database, bulletin: int, now: datetime, expire_after: timedelta = EXPIRE_AFTER) -> int:
    """Make a row for every alert of `bulletin` and every active chat that subscribes to it; give the number.

    A chat whose threshold is above an alert's severity gets no row, and none for a reminder of what it has
    acknowledged. Calling it again adds nothing. All rows of one chat take the priority of its gravest alert,
    since they go out as one message.
    """
    cursor = db.execute(
        """
        INSERT INTO outbox (bulletin, alert_id, chat_id, topic_id, severity, priority,
                            queued_at, next_try_at, expires_at)
        SELECT a.bulletin, a.id, s.chat_id, s.topic_id, a.severity,
               min(CASE a.severity WHEN 'critical' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END)
                   OVER (PARTITION BY s.chat_id, s.topic_id),
               :now, :now, :expires
        FROM alerts a
        JOIN subscriptions s ON s.signal = a.signal
            AND s.min_severity <= CASE a.severity WHEN 'critical' THEN 2 WHEN 'warning' THEN 1 ELSE 0 END
        JOIN chats c ON c.chat_id = s.chat_id AND c.topic_id = s.topic_id AND c.active = 1
        WHERE a.bulletin = :bulletin AND NOT EXISTS (
            SELECT 1 FROM acknowledgements k
            WHERE a.kind = 'reminder' AND k.chat_id = s.chat_id AND k.topic_id = s.topic_id
                AND k.rule = a.rule AND k.began = json_extract(a.body, '$.began'))
        ORDER BY s.chat_id, s.topic_id, a.id
        ON CONFLICT DO NOTHING
        """,
        {"bulletin": bulletin, "now": now.isoformat(), "expires": (now + expire_after).isoformat()},
    )
    return int(cursor.rowcount)


def add_notice(db: Database, kind: str, severity: Severity, body: str, now: datetime) -> int:
    """Keep the words of a message that is no alert (JSON) and give its id for `queue_notice`."""
    cursor = db.execute(
        "INSERT INTO notices (kind, severity, at, body) VALUES (?, ?, ?, ?)",
        [kind, severity.word, now.isoformat(), body],
    )
    return int(cursor.lastrowid or 0)


def enqueue_notice(
    db: Database,
    notice: int,
    now: datetime,
    *,
    to: Iterable[tuple[int, int]] | None = None,
    priority: Priority | None = None,
    expire_after: timedelta = EXPIRE_AFTER,
) -> int:
    """Make rows for a notice: to the addresses (chat, topic) given, else to every active chat.

    The bulletin is the notice's id made negative, so that it never joins a poll's alerts in one message.
    """
    kind, severity = db.execute("SELECT kind, severity FROM notices WHERE id = ?", [notice]).fetchone()
    rank = PRIORITY_OF[severity] if priority is None else priority
    values = {
        "bulletin": -notice,
        "notice": notice,
        "kind": kind,
        "severity": severity,
        "priority": int(rank),
        "now": now.isoformat(),
        "expires": (now + expire_after).isoformat(),
    }
    into = """
        INSERT INTO outbox (bulletin, notice_id, kind, chat_id, topic_id, severity, priority,
                            queued_at, next_try_at, expires_at)
    """
    chosen = "SELECT :bulletin, :notice, :kind, {address}, :severity, :priority, :now, :now, :expires {rest}"
    if to is None:
        rest = "FROM chats WHERE active = 1 ORDER BY chat_id, topic_id ON CONFLICT DO NOTHING"
        return int(db.execute(into + chosen.format(address="chat_id, topic_id", rest=rest), values).rowcount)
    rest = "WHERE true ON CONFLICT DO NOTHING"
    cursor = db.conn.executemany(
        into + chosen.format(address=":chat_id, :topic_id", rest=rest),
        [{**values, "chat_id": chat, "topic_id": topic} for chat, topic in to],
    )
    return int(cursor.rowcount)


def next_due(db: Database) -> datetime | None:
    """When the next pending row is due, None when nothing waits."""
    dues = [
        db.execute(
            """
            SELECT next_try_at FROM outbox WHERE state = 'pending' AND priority = ?
            ORDER BY next_try_at LIMIT 1
            """,
            [int(priority)],
        ).fetchone()
        for priority in Priority
    ]
    return min((datetime.fromisoformat(due[0]) for due in dues if due is not None), default=None)


def waiting(db: Database) -> tuple[int, datetime | None]:
    """How many rows wait or are under way, and when the oldest of them was queued."""
    count, oldest = db.execute(  # one statement, since a row may change its state between two
        """
        SELECT sum(waiting), min(oldest) FROM (
            SELECT count(*) AS waiting, min(queued_at) AS oldest FROM outbox WHERE state = 'pending'
            UNION ALL
            SELECT count(*), min(queued_at) FROM outbox WHERE state = 'leased'
        )
        """
    ).fetchone()
    return int(count), None if oldest is None else datetime.fromisoformat(oldest)


def prune(db: Database, before: datetime, limit: int = 10_000) -> int:
    """Delete up to `limit` settled rows older than `before`; give how many were deleted."""
    cursor = db.execute(
        """
        DELETE FROM outbox WHERE id IN (
            SELECT id FROM outbox WHERE state NOT IN ('pending', 'leased') AND settled_at < ?
            ORDER BY id LIMIT ?)
        """,
        [before.isoformat(), limit],
    )
    return int(cursor.rowcount)
