"""Queue rows for alerts: one for each alert and each address that subscribes to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.signals.alert import Alert
from storage.engine import Database
from storage.outbox import sent_messages, suppression
from storage.outbox.types import EXPIRE_AFTER, QUEUED, Lane
from storage.signals import alerts as alert_rows
from storage.signals.alerts import AlertGroup


@dataclass(frozen=True, slots=True)
class QueuedAlerts:
    """What a poll's alerts came to: their group, None when none is new, and the rows that wait."""

    group: AlertGroup | None
    rows: int


def queue_alerts(db: Database, alerts: Sequence[Alert], now: datetime) -> QueuedAlerts:
    """Store a poll's alerts and queue them for their subscribers, less what suppression cancels."""
    group = alert_rows.add(db, alerts)
    rows = 0 if group is None else enqueue(db, group.id, now) - suppression.apply(db, group, now)
    return QueuedAlerts(group, rows)


def enqueue(db: Database, alert_group: int, now: datetime, expire_after: timedelta = EXPIRE_AFTER) -> int:
    """Queue every alert of the group for every active chat that subscribes to it; returns the rows made.

    A chat whose threshold is above an alert's severity gets no row, and none for a reminder of what it has
    acknowledged. Calling it again adds nothing. All rows of one chat take the priority of its gravest alert,
    since they go out as one message. Messages that told what goes on or ends now are to be edited.
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
        JOIN chats c ON c.chat_id = s.chat_id AND c.topic_id = s.topic_id AND c.active
        WHERE a.bulletin = :alert_group AND NOT EXISTS (
            SELECT 1 FROM acknowledgements k
            WHERE a.kind = 'reminder' AND k.chat_id = s.chat_id AND k.topic_id = s.topic_id
                AND k.rule = a.rule AND k.began = a.body ->> 'began')
        ORDER BY s.chat_id, s.topic_id, a.id
        ON CONFLICT DO NOTHING
        """,
        {"alert_group": alert_group, "now": now.isoformat(), "expires": (now + expire_after).isoformat()},
    )
    sent_messages.mark_changed(db, alert_group, now)
    return int(cursor.rowcount)


def next_due(db: Database, lane: Lane = Lane.TELEGRAM) -> datetime | None:
    """When the next pending row of a lane is due, None when nothing waits."""
    dues = " UNION ALL ".join(
        f"""
        SELECT due FROM (
            SELECT next_try_at AS due FROM outbox WHERE state = 'pending' AND priority = {priority} AND {lane}
            ORDER BY next_try_at LIMIT 1) AS of_priority_{priority}
        """
        for priority in map(int, QUEUED)
    )
    (due,) = db.execute(f"SELECT min(due) FROM ({dues}) AS dues").fetchone()
    return None if due is None else datetime.fromisoformat(due)


def waiting(db: Database, lane: Lane = Lane.TELEGRAM) -> int:
    """How many rows of a lane wait or are under way."""
    (count,) = db.execute(  # one statement, since a row may change its state between two
        f"""
        SELECT sum(waiting) FROM (
            SELECT count(*) AS waiting FROM outbox WHERE state = 'pending' AND {lane}
            UNION ALL
            SELECT count(*) FROM outbox WHERE state = 'leased' AND {lane}
        ) AS states
        """
    ).fetchone()
    return int(count)


def prune(db: Database, before: datetime, limit: int = 10_000) -> int:
    """Delete up to `limit` settled rows older than `before`; give how many were deleted."""
    cursor = db.execute(
        """
        DELETE FROM outbox WHERE id IN (
            SELECT id FROM outbox WHERE state NOT IN ('pending', 'leased') AND settled_at < ?
            ORDER BY settled_at LIMIT ?)
        """,
        [before.isoformat(), limit],
    )
    return int(cursor.rowcount)
