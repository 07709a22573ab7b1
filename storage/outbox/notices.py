"""Notices: messages that are no alerts, and their rows in the outbox."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from bot.signals.rules import Severity
from storage.chats.chats import ELSEWHERE
from storage.engine import Database
from storage.outbox.types import EXPIRE_AFTER, PRIORITY_OF, Priority


class NoticeKind(StrEnum):
    """What a notice is about. The value is stored; `always` kinds are sent during silences too."""

    always: bool

    def __new__(cls, value: str, always: bool = False) -> Self:
        """Make a member of the stored value and the flag."""
        kind = str.__new__(cls, value)
        kind._value_ = value
        kind.always = always
        return kind

    BROADCAST = "broadcast"
    DIGEST = "digest", True  # the chat asked for it at this time
    FLEET = "fleet"
    WATCH = "watch"
    HOLDINGS_FELL = "holdings"
    SERIES_REJECTED = "refused"
    SERIES_ACCEPTED = "accepted"
    CHAT_OUTAGE = "outage"  # for chats that asked to be told
    CLOCK_JUMPED = "clock_jumped", True
    RIGHTS_MISSING = "rights", True
    REFUSALS_DOUBTED = "departures", True
    OUTAGE_STARTED = "blind", True
    OUTAGE_ENDED = "sighted", True
    UNCLEAN_STOP = "unclean", True
    DESTINATION_REFUSED = "destination_refused", True
    DESTINATION_TEST = "destination_test", True


_ALWAYS = frozenset(kind.value for kind in NoticeKind if kind.always)


def is_always_sent(kind: str) -> bool:
    """Whether a row of this kind is sent although its chat is muted or in quiet hours."""
    return kind in _ALWAYS


@dataclass(frozen=True, slots=True)
class Notice:
    """A stored notice; `body` is JSON that the renderer of its kind reads, `at` UTC."""

    id: int
    kind: str
    severity: str
    at: datetime
    body: str


def add_notice(db: Database, kind: NoticeKind, severity: Severity, body: str, now: datetime) -> int:
    """Store a notice without queueing it; returns its id."""
    row = db.execute(
        "INSERT INTO notices (kind, severity, at, body) VALUES (?, ?, ?, ?) RETURNING id",
        [kind.value, severity.word, now.isoformat(), body],
    ).fetchone()
    return int(row[0])


def enqueue_notice(
    db: Database,
    notice: int,
    now: datetime,
    *,
    to: Iterable[tuple[int, int]] | None = None,
    priority: Priority | None = None,
    expire_after: timedelta = EXPIRE_AFTER,
) -> int:
    """Queue a notice for the addresses (chat, topic) given, else for every active chat; returns the rows.

    The alert group is the negative id of the notice, so that it never joins a poll's alerts in one message.
    """
    kind, severity = db.execute("SELECT kind, severity FROM notices WHERE id = ?", [notice]).fetchone()
    rank = PRIORITY_OF[severity] if priority is None else priority
    values = {
        "alert_group": -notice,
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
    chosen = (
        "SELECT :alert_group, :notice, :kind, {address}, :severity, :priority, :now, :now, :expires {rest}"
    )
    if to is None:
        rest = (
            f"FROM chats WHERE active AND chat_id > {ELSEWHERE} "
            "ORDER BY chat_id, topic_id ON CONFLICT DO NOTHING"
        )
        return int(db.execute(into + chosen.format(address="chat_id, topic_id", rest=rest), values).rowcount)
    rest = "WHERE true ON CONFLICT DO NOTHING"
    cursor = db.executemany(
        into + chosen.format(address=":chat_id, :topic_id", rest=rest),
        [{**values, "chat_id": chat, "topic_id": topic} for chat, topic in to],
    )
    return int(cursor.rowcount)


def notify(
    db: Database, chats: Iterable[int], kind: NoticeKind, severity: Severity, body: str, now: datetime
) -> int:
    """Store a notice and queue it for these chats; returns the number of messages."""
    addresses = [(chat, 0) for chat in chats]
    notice = add_notice(db, kind, severity, body, now)
    return enqueue_notice(db, notice, now, to=addresses, priority=Priority.WARNING)


def of_id(db: Database, notice: int) -> Notice | None:
    """Look up a notice."""
    return _select(db, "id = ?", notice)


def newest(db: Database, kind: str) -> Notice | None:
    """The newest notice of a kind."""
    return _select(db, "kind = ?", kind)


def discard(db: Database, notice: int) -> None:
    """Delete a notice that was not queued."""
    db.execute(
        "DELETE FROM notices WHERE id = ? AND id NOT IN (SELECT notice_id FROM outbox WHERE notice_id = ?)",
        [notice, notice],
    )


def is_queued(db: Database, notice: int) -> bool:
    """Whether the notice has gone to the outbox."""
    return db.execute("SELECT 1 FROM outbox WHERE notice_id = ? LIMIT 1", [notice]).fetchone() is not None


def _select(db: Database, where: str, value: int | str) -> Notice | None:
    row = db.execute(
        f"SELECT id, kind, severity, at, body FROM notices WHERE {where} ORDER BY id DESC LIMIT 1", [value]
    ).fetchone()
    return None if row is None else Notice(row[0], row[1], row[2], datetime.fromisoformat(row[3]), row[4])
