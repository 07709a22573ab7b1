"""Sent messages that are kept up to date: those that tell alerts, and the status that a chat has pinned.

A message is marked when something it tells has changed, and edited when nothing more urgent waits. An edit
needs no lease: made again after a crash it comes to the same. Only the newest state of a message is ever
written, so edits that wait merge by themselves.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.mining.fleet import Fleet
from bot.signals.alert import subject_of
from storage.chats import acknowledgements, fleets
from storage.chats.chats import Address
from storage.engine import Database
from storage.outbox.types import SentMessage
from storage.signals import alerts

MessageKind = Literal["alerts", "status"]


@dataclass(frozen=True, slots=True)
class EditContent:
    """All that the new text of a message may depend on: equal contents read the same.

    `incidents` are the stored alerts of each, oldest first; `acknowledged_by` a name, "" where none is shown,
    None when nobody has.
    """

    kind: MessageKind
    incidents: tuple[tuple[str, ...], ...] = ()
    watches: tuple[tuple[datetime, str], ...] = ()
    alert_group: int = 0
    language: str | None = None
    currency: str | None = None
    fleet: Fleet | None = None
    in_channel: bool = False
    has_picture: bool = False
    acknowledged_by: str | None = None


@dataclass(frozen=True, slots=True)
class MessageEdit:
    """A message to be edited, what it says now and what it is to say."""

    chat_id: int
    topic_id: int
    message_id: int
    due: datetime
    attempts: int
    text_digest: str
    content: EditContent


@dataclass(frozen=True, slots=True)
class EditResult:
    """What became of an edit. `retry_at` None: it is done; `text_digest` is of what the message says now.

    `is_gone`: the message can't be edited any more.
    """

    edit: MessageEdit
    text_digest: str
    retry_at: datetime | None = None
    is_gone: bool = False


def note_sent(db: Database, messages: Sequence[SentMessage], now: datetime) -> None:
    """Remember messages that told alerts; one that was overtaken by newer alerts is edited at once.

    Their rows are recorded already. Sets of rows, since a broadcast notes thousands.
    """
    by_kind: dict[tuple[bool, bool], list[int]] = {}
    firsts: list[int] = []
    others: list[int] = []
    for message in messages:
        by_kind.setdefault((message.is_editable, message.has_picture), []).append(message.rows[0])
        told_first = len(message.firsts) == len(message.alerts)
        (firsts if told_first else others).extend(message.rows)
    for (is_editable, has_picture), rows in by_kind.items():
        db.execute(
            f"""
            INSERT INTO sent_messages
                (chat_id, topic_id, message_id, kind, alert_group, is_editable, has_picture)
            SELECT o.chat_id, o.topic_id, o.message_id, 'alerts', o.bulletin, ?, ?
            FROM outbox o JOIN chats ON chats.chat_id = o.chat_id AND chats.topic_id = o.topic_id
            WHERE o.id IN ({_marks(rows)}) AND o.message_id IS NOT NULL
            ON CONFLICT DO NOTHING
            """,
            [is_editable, has_picture, *rows],
        )
    _link_alerts(db, firsts)
    if others:
        _link_alerts(db, others)
        _note_continued(db, messages)
    _note_watches(db, messages)
    if db.execute("SELECT 1 FROM outbox WHERE told_by IS NOT NULL LIMIT 1").fetchone() is not None:
        rows = [*firsts, *others]
        db.execute(_LINK.format(where=f"o.told_by IN ({_marks(rows)})"), [False, *rows])
    (newest,) = db.execute("SELECT max(bulletin) FROM alerts").fetchone()
    overtaken = [message for message in messages if newest is not None and message.alert_group < newest]
    if overtaken:
        _mark_overtaken(db, overtaken, now)


def _marks(values: Collection[object]) -> str:
    return ",".join("?" * len(values))


def _link_alerts(db: Database, rows: Sequence[int]) -> None:
    """Remember which message told the alerts of these outbox rows."""
    if not rows:
        return
    db.execute(
        f"""
        INSERT INTO sent_alerts (chat_id, topic_id, alert_id, message_id)
        SELECT o.chat_id, o.topic_id, o.alert_id, o.message_id
        FROM outbox o JOIN chats ON chats.chat_id = o.chat_id AND chats.topic_id = o.topic_id
        WHERE o.id IN ({_marks(rows)}) AND o.alert_id IS NOT NULL AND o.message_id IS NOT NULL
        ON CONFLICT (chat_id, topic_id, alert_id) DO UPDATE SET message_id = excluded.message_id
        """,
        list(rows),
    )


def _note_continued(db: Database, messages: Sequence[SentMessage]) -> None:
    """Note which alerts go on with an incident that their chat had heard of before."""
    db.executemany(
        "UPDATE sent_alerts SET is_first = ? WHERE chat_id = ? AND topic_id = ? AND alert_id = ?",
        [
            (False, message.chat_id, message.topic_id, alert)
            for message in messages
            for alert in message.alerts
            if alert not in message.firsts
        ],
    )


def _note_watches(db: Database, messages: Sequence[SentMessage]) -> None:
    """Keep what else messages told than alerts, so that it still stands in them when they are edited."""
    db.executemany(
        "UPDATE sent_messages SET watches = ? WHERE chat_id = ? AND topic_id = ? AND message_id = ?",
        [
            (
                json.dumps([[at.isoformat(), body] for at, body in message.watches]),
                message.chat_id,
                message.topic_id,
                message.message_id,
            )
            for message in messages
            if message.watches
        ],
    )


def tell_by(db: Database, alert: int, rows: Mapping[int, int], now: datetime, *, is_shown: bool) -> None:
    """Let the messages of other rows stand for rows of an alert (row → the one that tells it).

    `is_shown`: that message is edited so that it says what the row would have; else it says so already.
    """
    db.executemany(
        "UPDATE outbox SET told_by = ? WHERE id = ?", [(told_by, row) for row, told_by in rows.items()]
    )
    db.execute(_LINK.format(where="o.alert_id = ? AND o.told_by IS NOT NULL"), [is_shown, alert])
    if is_shown:
        db.execute(
            """
            UPDATE sent_messages SET edit_due = ?, edit_attempts = 0
            WHERE is_editable AND (chat_id, topic_id, message_id) IN (
                SELECT chat_id, topic_id, message_id FROM sent_alerts WHERE alert_id = ? AND is_shown)
            """,
            [now.isoformat(), alert],
        )


_LINK = """
    INSERT INTO sent_alerts (chat_id, topic_id, alert_id, message_id, is_first, is_shown)
    SELECT o.chat_id, o.topic_id, o.alert_id, t.message_id, true, ?
    FROM outbox o JOIN outbox t ON t.id = o.told_by
    JOIN chats ON chats.chat_id = o.chat_id AND chats.topic_id = o.topic_id
    WHERE {where} AND o.alert_id IS NOT NULL AND t.state = 'sent' AND t.message_id IS NOT NULL
    ON CONFLICT DO NOTHING
"""


def _mark_overtaken(db: Database, messages: Sequence[SentMessage], now: datetime) -> None:
    """Mark those of the messages whose incidents have gone on while they waited."""
    numbers = {alert for message in messages for alert in message.alerts}
    if not numbers:
        return
    marks = ",".join("?" * len(numbers))
    gone_on = {
        row[0]
        for row in db.execute(
            f"SELECT a.id FROM alerts a WHERE a.id IN ({marks}) AND EXISTS ("
            "SELECT 1 FROM alerts b WHERE b.incident = a.incident AND b.bulletin > a.bulletin)",
            list(numbers),
        ).fetchall()
    }
    _mark(
        db,
        [
            (message.chat_id, message.topic_id, message.message_id)
            for message in messages
            if gone_on.intersection(message.alerts)
        ],
        now,
    )


def _mark(db: Database, messages: Iterable[tuple[int, int, int]], now: datetime) -> None:
    db.executemany(
        "UPDATE sent_messages SET edit_due = ?, edit_attempts = 0 "
        "WHERE chat_id = ? AND topic_id = ? AND message_id = ? AND is_editable",
        [(now.isoformat(), *message) for message in messages],
    )


def mark_changed(db: Database, alert_group: int, now: datetime) -> None:
    """Have the messages edited whose incidents go on with the alerts of a group.

    The first message of an incident follows everything; the later ones are edited when what they told ends:
    the rule's own episode, or all of it.
    """
    going_on = db.execute(
        "SELECT incident, rule, kind, body FROM alerts "
        "WHERE bulletin = ? AND incident <> id AND incident <> 0 ORDER BY id",
        [alert_group],
    ).fetchall()
    for incident, rule, kind, body in going_on:
        is_over = kind == "phase" or (kind == "cleared" and alerts.parse(body).stands is None)
        since = db.execute(
            "SELECT coalesce(max(id), 0) FROM alerts WHERE incident = ? AND rule = ? AND kind = 'fired'",
            [incident, rule],
        ).fetchone()[0]
        db.execute(
            """
            UPDATE sent_messages SET edit_due = ?, edit_attempts = 0
            WHERE is_editable AND (chat_id, topic_id, message_id) IN (
                SELECT s.chat_id, s.topic_id, s.message_id
                FROM alerts a JOIN sent_alerts s ON s.alert_id = a.id
                WHERE a.incident = ? AND a.bulletin < ? AND s.is_shown
                    AND (s.is_first OR ? OR (? AND a.rule = ? AND a.id >= ?)))
            """,
            [
                now.isoformat(),
                incident,
                alert_group,
                is_over,
                kind in ("cleared", "data_back"),
                rule,
                since,
            ],
        )


def beginnings(db: Database, rows: Collection[int]) -> dict[int, int]:
    """For outbox rows whose alert continues an incident: the message that told its address of it first."""
    marks = ",".join("?" * len(rows))
    begin_rows = db.execute(
        f"""
        SELECT o.id, min(s.message_id) FROM outbox o
        JOIN alerts a ON a.id = o.alert_id
        JOIN alerts b ON b.incident = a.incident AND b.id < a.id
        JOIN sent_alerts s ON s.alert_id = b.id AND s.chat_id = o.chat_id AND s.topic_id = o.topic_id
            AND s.is_first
        WHERE o.id IN ({marks}) GROUP BY o.id
        """,
        list(rows),
    ).fetchall()
    return dict(begin_rows)


def due_edits(db: Database, now: datetime, limit: int) -> list[MessageEdit]:
    """Messages to be edited by now, alerts before statuses, longest due first.

    Chats with a message on its way come later.
    """
    messages = db.execute(
        """
        SELECT m.chat_id, m.topic_id, m.message_id, m.edit_due, m.edit_attempts, m.text_digest, m.kind,
            m.watches, m.alert_group, m.has_picture,
            coalesce(p.language, p.telegram_language), p.currency, chats.kind
        FROM sent_messages m
        JOIN chats ON chats.chat_id = m.chat_id AND chats.topic_id = m.topic_id AND chats.active
        LEFT JOIN chat_settings p ON p.chat_id = m.chat_id AND p.topic_id = m.topic_id
        WHERE m.edit_due <= ? AND NOT EXISTS (
            SELECT 1 FROM outbox o WHERE o.chat_id = m.chat_id AND o.topic_id = m.topic_id
                AND (o.state = 'leased' OR (o.state = 'pending' AND o.next_try_at <= ?)))
        ORDER BY m.kind, m.edit_due LIMIT ?
        """,
        [now.isoformat(), now.isoformat(), limit],
    ).fetchall()
    by_address = fleets.of_addresses(db, {(row[0], row[1]) for row in messages})
    return [
        MessageEdit(
            chat_id,
            topic_id,
            message_id,
            datetime.fromisoformat(due),
            attempts,
            digest,
            EditContent(
                kind,
                _incidents(db, chat_id, topic_id, message_id),
                tuple((datetime.fromisoformat(at), body) for at, body in json.loads(watches)),
                alert_group,
                language,
                currency,
                by_address.get((chat_id, topic_id)),
                in_channel=chat_kind == "channel",
                has_picture=bool(has_picture),
                acknowledged_by=acknowledgements.acknowledged_by(db, Address(chat_id, topic_id), alert_group),
            ),
        )
        for (
            chat_id, topic_id, message_id, due, attempts, digest, kind, watches, alert_group, has_picture,
            language, currency, chat_kind,
        ) in messages
    ]  # fmt: skip


def _incidents(db: Database, chat_id: int, topic_id: int, message_id: int) -> tuple[tuple[str, ...], ...]:
    """The alerts of the incidents that a message shows, in its order; of each subject the newest."""
    rows = db.execute(
        """
        SELECT a.incident, a.rule FROM sent_alerts s JOIN alerts a ON a.id = s.alert_id
        WHERE s.chat_id = ? AND s.topic_id = ? AND s.message_id = ? AND s.is_shown ORDER BY a.id
        """,
        [chat_id, topic_id, message_id],
    ).fetchall()
    by_subject = {subject_of(rule): incident for incident, rule in rows}
    bodies = alerts.of_incidents(db, by_subject.values())
    return tuple(tuple(bodies[incident]) for incident in by_subject.values())


def finish(db: Database, results: Sequence[EditResult], now: datetime) -> None:
    """Record how edits ended; a message that changed meanwhile stays due."""
    db.executemany(
        f"""
        UPDATE sent_messages
        SET edit_due = CASE WHEN edit_due <= ? THEN {db.dialect.moment("?")} ELSE edit_due END,
            edit_attempts = edit_attempts + 1, text_digest = ?, edited_at = ?,
            is_editable = is_editable AND NOT ?
        WHERE chat_id = ? AND topic_id = ? AND message_id = ?
        """,
        [
            (
                result.edit.due.isoformat(),
                None if result.retry_at is None else result.retry_at.isoformat(),
                result.text_digest,
                now.isoformat(),
                result.is_gone,
                result.edit.chat_id,
                result.edit.topic_id,
                result.edit.message_id,
            )
            for result in results
        ],
    )
    db.executemany(
        "DELETE FROM sent_messages WHERE chat_id = ? AND topic_id = ? AND message_id = ? AND kind = 'status'",
        [
            (result.edit.chat_id, result.edit.topic_id, result.edit.message_id)
            for result in results
            if result.is_gone
        ],
    )


def prune(db: Database, before: datetime, limit: int) -> int:
    """Forget up to `limit` messages whose incidents were over before a moment; returns how many."""
    over = alerts.over_before(db, before)
    db.executemany("DELETE FROM sent_alerts WHERE alert_id = ?", [(alert,) for alert in over])
    cursor = db.execute(
        """
        DELETE FROM sent_messages WHERE (chat_id, topic_id, message_id) IN (
            SELECT m.chat_id, m.topic_id, m.message_id FROM sent_messages m
            WHERE m.kind = 'alerts' AND m.edit_due IS NULL AND NOT EXISTS (
                SELECT 1 FROM sent_alerts s WHERE s.chat_id = m.chat_id AND s.topic_id = m.topic_id
                    AND s.message_id = m.message_id)
            LIMIT ?)
        """,
        [limit],
    )
    return int(cursor.rowcount)
