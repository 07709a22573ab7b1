"""The outbox as delivery sees it: rows leased as the messages they make, and what became of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple

from sqlite_utils import Database

from storage.chats import watches
from storage.chats.chats import Address
from storage.outbox import silences
from storage.outbox.types import (
    PRIORITY_OF,
    MessageSubject,
    OutboxMessage,
    Priority,
    RecoveredRows,
    SendResult,
)

MAX_DOUBTS: Final = 3
"""Times a message is sent again after a start that found it under way, or an answer that never came."""

_TOGETHER = 10_000  # rows of one address looked for beyond a claim's limit


class _Row(NamedTuple):
    """A leased row, with what its chat wants."""

    id: int
    bulletin: int
    chat_id: int
    topic_id: int
    alert_id: int | None
    notice_id: int | None
    watch_id: int
    kind: str
    severity: str
    priority: int
    queued_at: str
    expires_at: str
    attempts: int
    doubts: int
    parts: int
    active: int | None
    language: str | None
    silent_below: int

    @property
    def look(self) -> tuple[int, int]:
        """For a watch: the notice with the figures, and the watch."""
        return self.notice_id or 0, self.watch_id


def claim(db: Database, now: datetime, limit: int) -> list[OutboxMessage]:
    """Lease about `limit` due rows, gravest first, then longest due; whole bulletins per address.

    Rows that expired, or whose chat is known to be gone, are cancelled on the way.
    """
    parcels: list[OutboxMessage] = []
    for priority in Priority:
        if limit <= 0:
            break
        rows = _lease(db, priority, now, limit) if priority is not Priority.REPLY else []
        limit -= len(rows)
        parcels += _parcels(db, _sayable(db, rows, now), now)
    return parcels


def _sayable(db: Database, rows: list[_Row], now: datetime) -> list[_Row]:
    """Without the rows of muted and quiet chats, which are put off."""
    wishes = silences.restricted(db, {row.chat_id for row in rows}) if rows else {}
    if not wishes:
        return rows
    later = {}
    for row in rows:
        settings = wishes.get(Address(row.chat_id, row.topic_id))
        if settings is not None and row.kind not in silences.ALWAYS_SAID:
            until = silences.held_until(settings, row.severity == "critical", now)
            if until is not None:
                later[row.id] = until
    silences.put_off(db, later)
    return [row for row in rows if row.id not in later]


def _lease(db: Database, priority: int, now: datetime, limit: int) -> list[_Row]:
    due = now.isoformat()
    found = db.execute(
        """
        SELECT id, next_try_at, chat_id, topic_id FROM outbox
        WHERE state = 'pending' AND priority = ? AND next_try_at <= ?
        ORDER BY next_try_at, chat_id, topic_id, id LIMIT ?
        """,
        [priority, due, limit],
    ).fetchall()
    if not found:
        return []
    ids = [row[0] for row in found]
    if len(found) == limit:  # the limit may have cut an address's rows in two
        last, *due_together = found[-1]
        beyond = db.execute(
            """
            SELECT id FROM outbox WHERE state = 'pending' AND priority = ? AND next_try_at = ?
                AND chat_id = ? AND topic_id = ? AND id > ? LIMIT ?
            """,
            [priority, *due_together, last, _TOGETHER],
        )
        ids += [row[0] for row in beyond.fetchall()]
    marks = ",".join("?" * len(ids))
    db.execute(f"UPDATE outbox SET state = 'leased' WHERE id IN ({marks})", ids)
    rows = db.execute(
        f"""
        SELECT o.id, o.bulletin, o.chat_id, o.topic_id, o.alert_id, o.notice_id, o.watch_id, o.kind,
               o.severity, o.priority, o.queued_at, o.expires_at, o.attempts, o.doubts, o.parts, c.active,
               coalesce(s.language, s.telegram_language), coalesce(s.silent_below, 1)
        FROM outbox o LEFT JOIN chats c ON c.chat_id = o.chat_id AND c.topic_id = o.topic_id
        LEFT JOIN chat_settings s ON s.chat_id = o.chat_id AND s.topic_id = o.topic_id
        WHERE o.id IN ({marks}) ORDER BY o.next_try_at, o.id
        """,
        ids,
    ).fetchall()
    return [_Row(*row) for row in rows]


def _parcels(db: Database, rows: list[_Row], now: datetime) -> list[OutboxMessage]:
    if not rows:
        return []
    told = watches.told(db, [row.look for row in rows if row.watch_id])
    reasons = ((row.id, _refusal(row, now, is_known=not row.watch_id or row.look in told)) for row in rows)
    refused = {row: why for row, why in reasons if why is not None}
    record(db, [SendResult((row,), "cancelled", now, why) for row, why in refused.items()])
    alerts = _subjects(db, "alerts", {row.alert_id for row in rows if row.alert_id is not None})
    notices = _subjects(db, "notices", {row.notice_id for row in rows if row.notice_id is not None})
    together: dict[tuple[int, int, int], list[_Row]] = {}
    for row in rows:
        if row.id not in refused:
            together.setdefault((row.bulletin, row.chat_id, row.topic_id), []).append(row)
    parcels = []
    for (bulletin, chat_id, topic_id), members in together.items():
        queued_at = datetime.fromisoformat(members[0].queued_at)
        subjects = tuple(
            MessageSubject(0, row.kind, row.severity, queued_at, told[row.look])
            if row.watch_id
            else alerts[row.alert_id]
            if row.alert_id is not None
            else notices[row.notice_id or 0]
            for row in members
        )
        parcels.append(
            OutboxMessage(
                ids=tuple(row.id for row in members),
                bulletin=bulletin,
                chat_id=chat_id,
                topic_id=topic_id,
                kind=members[0].kind,
                severity=min((row.severity for row in members), key=lambda name: PRIORITY_OF[name]),
                priority=members[0].priority,
                subjects=subjects,
                queued_at=queued_at,
                expires_at=datetime.fromisoformat(min(row.expires_at for row in members)),
                attempts=max(row.attempts for row in members),
                doubts=max(row.doubts for row in members),
                parts=max(row.parts for row in members),
                language=members[0].language,
                silent_below=members[0].silent_below,
            )
        )
    return parcels


def _refusal(row: _Row, now: datetime, *, is_known: bool) -> str | None:
    """Why a row is no longer sent; None when it is."""
    if row.active == 0:
        return "the chat is gone"
    if row.expires_at <= now.isoformat():
        return "expired"
    return None if is_known else "the watch was deleted"


def _subjects(db: Database, table: Literal["alerts", "notices"], ids: set[int]) -> dict[int, MessageSubject]:
    if not ids:
        return {}
    columns = "rule, signal, value" if table == "alerts" else "'', '', NULL"
    marks = ",".join("?" * len(ids))
    found = db.execute(
        f"SELECT id, kind, severity, at, body, {columns} FROM {table} WHERE id IN ({marks})", list(ids)
    )
    return {
        row[0]: MessageSubject(
            row[0], row[1], row[2], datetime.fromisoformat(row[3]), row[4], row[5], row[6], row[7]
        )
        for row in found.fetchall()
    }


def record(db: Database, settlements: Sequence[SendResult]) -> None:
    """Record what became of parcels; many in one transaction cost little more than one."""
    db.conn.executemany(
        """
        UPDATE outbox SET state = ?, error = ?, message_id = ?, next_try_at = coalesce(?, next_try_at),
            attempts = max(attempts, ?), doubts = max(doubts, ?), parts = max(parts, ?), settled_at = ?
        WHERE id = ? AND state IN ('pending', 'leased')
        """,
        [
            (
                one.state,
                one.error,
                one.message_id,
                one.next_try_at.isoformat() if one.next_try_at else None,
                one.attempts,
                one.doubts,
                one.parts,
                None if one.state == "pending" else one.at.isoformat(),
                row_id,
            )
            for one in settlements
            for row_id in one.ids
        ],
    )


def recover(db: Database, now: datetime) -> RecoveredRows:
    """At start: rows a dead process left leased may have arrived, or were never sent.

    All go again, marked as a possible repeat, so that nobody is missed; after MAX_DOUBTS crashes a row
    counts as sent, visibly uncertain.
    """
    again = db.execute(
        """
        UPDATE outbox SET state = 'pending', doubts = doubts + 1, next_try_at = :now
        WHERE state = 'leased' AND doubts < :most
        """,
        {"now": now.isoformat(), "most": MAX_DOUBTS},
    ).rowcount
    uncertain = db.execute(
        """
        UPDATE outbox SET state = 'uncertain', doubts = doubts + 1, settled_at = ?,
            error = 'the program stopped while this was being sent' WHERE state = 'leased'
        """,
        [now.isoformat()],
    ).rowcount
    return RecoveredRows(int(again), int(uncertain))
