"""Notices: messages that are no alerts. Their rows in the outbox are made by `outbox.enqueue_notice`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlite_utils import Database

from bot.signals.rules import Severity
from storage import outbox
from storage.outbox import Priority


class NoticeKind(StrEnum):
    """What a notice is about; the value is what the database keeps."""

    BROADCAST = "broadcast"
    OUTAGE_STARTED = "blind"
    OUTAGE_ENDED = "sighted"
    UNCLEAN_STOP = "unclean"
    HOLDINGS_FELL = "holdings"
    SERIES_REJECTED = "refused"
    SERIES_ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Notice:
    """A kept notice; `body` is JSON that the renderer of its kind understands, `at` UTC."""

    id: int
    kind: str
    severity: str
    at: datetime
    body: str


def tell(db: Database, chats: Iterable[int], kind: str, severity: Severity, body: str, now: datetime) -> int:
    """Queue a notice to these chats; give how many messages were queued."""
    notice = outbox.add_notice(db, kind, severity, body, now)
    addresses = [(chat, 0) for chat in chats]
    return outbox.enqueue_notice(db, notice, now, to=addresses, priority=Priority.WARNING)


def of_id(db: Database, notice: int) -> Notice | None:
    """The notice with this id."""
    return _one(db, "id = ?", notice)


def newest(db: Database, kind: str) -> Notice | None:
    """The newest notice of a kind."""
    return _one(db, "kind = ?", kind)


def is_queued(db: Database, notice: int) -> bool:
    """Whether the notice has gone to the outbox."""
    return db.execute("SELECT 1 FROM outbox WHERE notice_id = ? LIMIT 1", [notice]).fetchone() is not None


def _one(db: Database, where: str, value: int | str) -> Notice | None:
    row = db.execute(
        f"SELECT id, kind, severity, at, body FROM notices WHERE {where} ORDER BY id DESC LIMIT 1", [value]
    ).fetchone()
    return None if row is None else Notice(row[0], row[1], row[2], datetime.fromisoformat(row[3]), row[4])
