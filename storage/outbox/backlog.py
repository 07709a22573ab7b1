"""What waits in the outbox although it may be sent.

What quiet and muted chats hold back is left out, and what a destination outside Telegram does not take.
"""

from dataclasses import dataclass
from datetime import datetime

from storage.engine import Database
from storage.outbox.silences import PUT_OFF
from storage.outbox.types import Lane


@dataclass(frozen=True, slots=True)
class Backlog:
    """Moments in UTC, None when nothing waits.

    `oldest`: when the oldest waiting message was queued. `due_since`: since when a message has been due that
    nobody has taken. `several_since`: since when messages of more than one chat wait, so that it is not one
    chat's own limit.
    """

    oldest: datetime | None
    due_since: datetime | None
    several_since: datetime | None


def backlog(db: Database, now: datetime) -> Backlog:
    """Measure what waits at `now` (UTC)."""
    (due,) = db.execute(
        "SELECT min(next_try_at) FROM outbox WHERE state = 'pending' AND next_try_at <= ?", [now.isoformat()]
    ).fetchone()
    chats = db.execute(
        "SELECT min(queued_at) FROM outbox WHERE state IN ('pending', 'leased') AND bulletin != ? "
        f"AND {Lane.TELEGRAM} GROUP BY chat_id ORDER BY 1 LIMIT 2",
        [PUT_OFF],
    ).fetchall()
    return Backlog(
        oldest=_moment(chats[0][0]) if chats else None,
        due_since=_moment(due),
        several_since=_moment(chats[1][0]) if len(chats) > 1 else None,
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
