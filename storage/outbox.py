"""Who must still hear of what: rows made by SQL in the poll's transaction, claimed, settled, never lost.

A row says what it is about in exactly one of three ways: an alert (`alert_id`), a notice shared by many
chats (`notice_id`: digests, broadcasts, messages to the administrators), or facts of its own (`body`, JSON:
a personal watch). Rows of one bulletin and one address are claimed together and go out as one message.

States: pending → leased → sent | uncertain | dead | cancelled; a leased row returns to pending when it must
be tried again. Only the process holding the database's lock leases, so rows still leased at its start were
in flight when the last process died.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlite_utils import Database

from storage import holds
from storage.chats import Address
from storage.parcels import (
    PRIORITY_OF,
    End,
    Parcel,
    Priority,
    Recovered,
    Settlement,
    Severity,
    Subject,
)

__all__ = [
    "EXPIRE_AFTER",
    "MAX_DOUBTS",
    "PRIORITY_OF",
    "End",
    "Parcel",
    "Priority",
    "Recovered",
    "Settlement",
    "Severity",
    "Subject",
    "add_notice",
    "claim",
    "next_due",
    "prune",
    "queue",
    "queue_notice",
    "recover",
    "settle",
    "waiting",
]

EXPIRE_AFTER = timedelta(hours=24)
MAX_DOUBTS = 3  # times a critical message is sent again after an answer that never came
_TOGETHER = 64  # rows of one bulletin and address looked for beyond a claim's limit


def queue(db: Database, bulletin: int, now: datetime, expire_after: timedelta = EXPIRE_AFTER) -> int:
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
        [kind, severity, now.isoformat(), body],
    )
    return int(cursor.lastrowid or 0)


def queue_notice(
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


def claim(db: Database, now: datetime, limit: int) -> list[Parcel]:
    """Lease about `limit` due rows, gravest first, then longest due; whole bulletins per address.

    Rows that expired, or whose chat is known to be gone, are cancelled on the way.
    """
    parcels: list[Parcel] = []
    for priority in Priority:
        if limit <= 0:
            break
        rows = _lease(db, priority, now, limit) if priority is not Priority.REPLY else []
        limit -= len(rows)
        parcels += _parcels(db, _sayable(db, rows, now), now)
    return parcels


def _sayable(db: Database, rows: list[tuple[Any, ...]], now: datetime) -> list[tuple[Any, ...]]:
    """Without the rows of muted and quiet chats, which are put off."""
    wishes = holds.restricted(db, {row[2] for row in rows}) if rows else {}
    if not wishes:
        return rows
    later = {}
    for row in rows:
        settings = wishes.get(Address(row[2], row[3]))
        if settings is not None and row[7] not in holds.ALWAYS_SAID:
            until = holds.held_until(settings, row[8] == "critical", now)
            if until is not None:
                later[row[0]] = until
    holds.put_off(db, later)
    return [row for row in rows if row[0] not in later]


def _lease(db: Database, priority: int, now: datetime, limit: int) -> list[tuple[Any, ...]]:
    due = now.isoformat()
    found = db.execute(
        """
        SELECT id, bulletin, chat_id, topic_id, next_try_at FROM outbox
        WHERE state = 'pending' AND priority = ? AND next_try_at <= ? ORDER BY next_try_at, id LIMIT ?
        """,
        [priority, due, limit],
    ).fetchall()
    if not found:
        return []
    ids = [row[0] for row in found]
    if len(found) == limit:  # the limit may have cut an address's rows in two
        last, *address, due_at = found[-1]
        beyond = db.execute(
            """
            SELECT id, bulletin, chat_id, topic_id FROM outbox
            WHERE state = 'pending' AND priority = ? AND next_try_at = ? AND id > ? ORDER BY id LIMIT ?
            """,
            [priority, due_at, last, _TOGETHER],
        )
        for row_id, *other in beyond.fetchall():
            if other != address:
                break
            ids.append(row_id)
    marks = ",".join("?" * len(ids))
    db.execute(f"UPDATE outbox SET state = 'leased' WHERE id IN ({marks})", ids)
    return db.execute(
        f"""
        SELECT o.id, o.bulletin, o.chat_id, o.topic_id, o.alert_id, o.notice_id, o.body, o.kind, o.severity,
               o.priority, o.queued_at, o.expires_at, o.attempts, o.doubts, o.parts, c.active,
               coalesce(s.language, s.telegram_language), coalesce(s.silent_below, 1)
        FROM outbox o LEFT JOIN chats c ON c.chat_id = o.chat_id AND c.topic_id = o.topic_id
        LEFT JOIN chat_settings s ON s.chat_id = o.chat_id AND s.topic_id = o.topic_id
        WHERE o.id IN ({marks}) ORDER BY o.next_try_at, o.id
        """,
        ids,
    ).fetchall()


def _parcels(db: Database, rows: list[tuple[Any, ...]], now: datetime) -> list[Parcel]:
    if not rows:
        return []
    refused = [
        Settlement((row[0],), "cancelled", now, "the chat is gone" if row[15] == 0 else "expired")
        for row in rows
        if row[15] == 0 or row[11] <= now.isoformat()
    ]
    settle(db, refused)
    gone = {settlement.ids[0] for settlement in refused}
    alerts = _subjects(db, "alerts", {row[4] for row in rows if row[4] is not None})
    notices = _subjects(db, "notices", {row[5] for row in rows if row[5] is not None})
    together: dict[tuple[int, int, int], list[tuple[Any, ...]]] = {}
    for row in rows:
        if row[0] not in gone:
            together.setdefault((row[1], row[2], row[3]), []).append(row)
    parcels = []
    for (bulletin, chat_id, topic_id), members in together.items():
        queued_at = datetime.fromisoformat(members[0][10])
        subjects = tuple(
            alerts[row[4]]
            if row[4] is not None
            else notices[row[5]]
            if row[5] is not None
            else Subject(0, row[7], row[8], queued_at, row[6])
            for row in members
        )
        parcels.append(
            Parcel(
                ids=tuple(row[0] for row in members),
                bulletin=bulletin,
                chat_id=chat_id,
                topic_id=topic_id,
                kind=members[0][7],
                severity=min((row[8] for row in members), key=lambda name: PRIORITY_OF[name]),
                priority=members[0][9],
                subjects=subjects,
                queued_at=queued_at,
                expires_at=datetime.fromisoformat(min(row[11] for row in members)),
                attempts=max(row[12] for row in members),
                doubts=max(row[13] for row in members),
                parts=max(row[14] for row in members),
                language=members[0][16],
                silent_below=members[0][17],
            )
        )
    return parcels


def _subjects(db: Database, table: Literal["alerts", "notices"], ids: set[int]) -> dict[int, Subject]:
    if not ids:
        return {}
    columns = "rule, signal, value" if table == "alerts" else "'', '', NULL"
    marks = ",".join("?" * len(ids))
    found = db.execute(
        f"SELECT id, kind, severity, at, body, {columns} FROM {table} WHERE id IN ({marks})", list(ids)
    )
    return {
        row[0]: Subject(row[0], row[1], row[2], _time(row[3]), row[4], row[5], row[6], row[7])
        for row in found.fetchall()
    }


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def settle(db: Database, settlements: Sequence[Settlement]) -> None:
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


def recover(db: Database, now: datetime) -> Recovered:
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
    return Recovered(int(again), int(uncertain))


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
    return min((_time(due[0]) for due in dues if due is not None), default=None)


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
    return int(count), None if oldest is None else _time(oldest)


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
