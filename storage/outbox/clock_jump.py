"""Plan anew, after a jump of the wall clock, what was planned by the clock as it was."""

from datetime import datetime, timedelta

from storage.chats import digests
from storage.engine import Database


def plan_anew(db: Database, now: datetime, jump: timedelta, since: datetime | None = None) -> int:
    """Bring forward what a clock that was ahead has put too late; returns the number of messages moved.

    After a jump ahead everything planned is merely due sooner; only what was queued `since` an earlier jump,
    by the clock that was behind, moves along, or it would expire at once. What waits for the end of a silence
    moves too: it is looked at again when it is due, and waits on while its chat is silent by the new clock.
    """
    if jump >= timedelta(0):
        return 0 if since is None else _move_along(db, since, now - jump, jump)
    late = db.execute(
        "SELECT id, next_try_at FROM outbox WHERE state = 'pending' AND next_try_at > ?", [now.isoformat()]
    ).fetchall()
    db.executemany(
        "UPDATE outbox SET next_try_at = ? WHERE id = ? AND state = 'pending' AND next_try_at = ?",
        [(max(now, datetime.fromisoformat(at) + jump).isoformat(), row, at) for row, at in late],
    )
    digests.schedule_anew(db, now)
    return len(late)


def _move_along(db: Database, since: datetime, until: datetime, jump: timedelta) -> int:
    """Move what was queued between two jumps to the clock that is right again."""
    rows = db.execute(
        "SELECT id, queued_at, next_try_at, expires_at FROM outbox "
        "WHERE state = 'pending' AND queued_at BETWEEN ? AND ?",
        [since.isoformat(), until.isoformat()],
    ).fetchall()
    db.executemany(
        "UPDATE outbox SET queued_at = ?, next_try_at = ?, expires_at = ? WHERE id = ? AND state = 'pending'",
        [(*((datetime.fromisoformat(at) + jump).isoformat() for at in times), row) for row, *times in rows],
    )
    return len(rows)
