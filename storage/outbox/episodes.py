"""The messages that told the beginnings of episodes: replied to, and edited when the episode is over.

An edit needs no lease: done again after a crash it comes to the same. Only the newest state of a message is
ever written, so edits that wait merge by themselves.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from storage.outbox.types import MessageSubject

_SAME_EPISODE = "f.rule = c.rule AND json_extract(f.body, '$.began') = json_extract(c.body, '$.began')"


@dataclass(frozen=True, slots=True)
class MessageEdit:
    """A message to be edited: what each of its alerts has come to, the end or still the beginning."""

    chat_id: int
    topic_id: int
    message_id: int
    due: datetime
    attempts: int
    alert_group: int
    language: str | None
    subjects: tuple[MessageSubject, ...]


def note_sent(db: Database, rows: Collection[int], now: datetime) -> None:
    """Remember the messages of these rows that told a beginning; rows of one message are given together.

    A message can be edited when it told nothing but beginnings, in one part and at their time. One that was
    sent after the end of its episode is edited at once.
    """
    if not rows:
        return
    marks = ",".join("?" * len(rows))
    db.execute(
        f"""
        INSERT OR REPLACE INTO sent_alerts
            (chat_id, topic_id, alert_id, message_id, is_editable, edit_due)
        SELECT o.chat_id, o.topic_id, o.alert_id, o.message_id,
            o.bulletin > 0 AND o.parts = 0 AND NOT EXISTS (
                SELECT 1 FROM outbox beside LEFT JOIN alerts b ON b.id = beside.alert_id
                WHERE beside.chat_id = o.chat_id AND beside.topic_id = o.topic_id
                    AND beside.message_id = o.message_id AND coalesce(b.kind, '') <> 'fired'),
            CASE WHEN EXISTS (SELECT 1 FROM alerts c WHERE c.kind = 'cleared' AND c.id > f.id
                AND {_SAME_EPISODE}) THEN ? END
        FROM outbox o JOIN alerts f ON f.id = o.alert_id AND f.kind = 'fired'
        JOIN chats ON chats.chat_id = o.chat_id AND chats.topic_id = o.topic_id
        WHERE o.id IN ({marks}) AND o.message_id IS NOT NULL
        """,
        [now.isoformat(), *rows],
    )


def mark_ended(db: Database, alert_group: int, now: datetime) -> None:
    """Have the messages edited whose episodes end with an alert of this group."""
    db.execute(
        f"""
        UPDATE sent_alerts SET edit_due = ?, edit_attempts = 0 WHERE is_editable AND alert_id IN (
            SELECT f.id FROM alerts c JOIN alerts f ON f.kind = 'fired' AND f.id < c.id AND {_SAME_EPISODE}
            WHERE c.bulletin = ? AND c.kind = 'cleared')
        """,
        [now.isoformat(), alert_group],
    )


def beginnings(db: Database, rows: Collection[int]) -> dict[int, int]:
    """For rows that tell an end: the id of the message that told the beginning to the same address."""
    marks = ",".join("?" * len(rows))
    begin_rows = db.execute(
        f"""
        SELECT o.id, max(s.message_id) FROM outbox o JOIN alerts c ON c.id = o.alert_id AND c.kind = 'cleared'
        JOIN alerts f ON f.kind = 'fired' AND f.id < c.id AND {_SAME_EPISODE}
        JOIN sent_alerts s
            ON s.alert_id = f.id AND s.chat_id = o.chat_id AND s.topic_id = o.topic_id
        WHERE o.id IN ({marks}) GROUP BY o.id
        """,
        list(rows),
    ).fetchall()
    return dict(begin_rows)


def due_edits(db: Database, now: datetime, limit: int) -> list[MessageEdit]:
    """Messages to be edited by now, longest due first; chats with a message on its way come later."""
    messages = db.execute(
        """
        SELECT s.chat_id, s.topic_id, s.message_id, min(s.edit_due), max(s.edit_attempts),
            coalesce(p.language, p.telegram_language)
        FROM sent_alerts s JOIN chats USING (chat_id, topic_id)
        LEFT JOIN chat_settings p USING (chat_id, topic_id)
        WHERE s.edit_due <= ? AND chats.active = 1 AND NOT EXISTS (
            SELECT 1 FROM outbox o WHERE o.chat_id = s.chat_id AND o.topic_id = s.topic_id
                AND o.state IN ('pending', 'leased') AND o.bulletin <> 0)
        GROUP BY s.chat_id, s.topic_id, s.message_id ORDER BY 4 LIMIT ?
        """,
        [now.isoformat(), limit],
    ).fetchall()
    edits = []
    for chat_id, topic_id, message_id, due, attempts, language in messages:
        rows = db.execute(
            f"""
            SELECT f.bulletin, f.kind, f.severity, f.at, f.body, f.rule, f.signal, f.value,
                (SELECT c.body FROM alerts c WHERE c.kind = 'cleared' AND c.id > f.id AND {_SAME_EPISODE}
                 ORDER BY c.id DESC LIMIT 1)
            FROM sent_alerts s JOIN alerts f ON f.id = s.alert_id
            WHERE s.chat_id = ? AND s.topic_id = ? AND s.message_id = ? ORDER BY f.id
            """,
            [chat_id, topic_id, message_id],
        ).fetchall()
        subjects = tuple(
            MessageSubject(
                "cleared" if end else kind,
                severity,
                datetime.fromisoformat(at),
                end or body,
                rule,
                signal,
                value,
            )
            for _, kind, severity, at, body, rule, signal, value, end in rows
        )
        edits.append(
            MessageEdit(
                chat_id,
                topic_id,
                message_id,
                datetime.fromisoformat(due),
                attempts,
                rows[0][0],
                language,
                subjects,
            )
        )
    return edits


def finish_edit(db: Database, edit: MessageEdit, retry_at: datetime | None = None) -> None:
    """Record that a message reads as it should, or when to try again; what came meanwhile stays due."""
    db.execute(
        """
        UPDATE sent_alerts SET edit_due = ?, edit_attempts = edit_attempts + 1
        WHERE chat_id = ? AND topic_id = ? AND message_id = ? AND edit_due <= ?
        """,
        [
            None if retry_at is None else retry_at.isoformat(),
            edit.chat_id,
            edit.topic_id,
            edit.message_id,
            edit.due.isoformat(),
        ],
    )
