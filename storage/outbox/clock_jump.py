"""Plan anew, after a jump of the wall clock, what was planned by the clock as it was."""

from datetime import datetime, timedelta

from sqlite_utils import Database

from storage.chats import digests
from storage.outbox.silences import PUT_OFF


def plan_anew(db: Database, now: datetime, jump: timedelta) -> int:
    """Bring forward what a clock that was ahead has put too late; returns the number of messages moved.

    After a jump ahead everything planned is merely due sooner, and nothing is done. What is held back for a
    muted or quiet chat is held until a time of day and stays as it is.
    """
    if jump >= timedelta(0):
        return 0
    late = db.execute(
        "SELECT id, next_try_at FROM outbox WHERE state = 'pending' AND next_try_at > ? AND bulletin != ?",
        [now.isoformat(), PUT_OFF],
    ).fetchall()
    db.conn.executemany(
        "UPDATE outbox SET next_try_at = ? WHERE id = ? AND state = 'pending' AND next_try_at = ?",
        [(max(now, datetime.fromisoformat(at) + jump).isoformat(), row, at) for row, at in late],
    )
    digests.schedule_anew(db, now)
    return len(late)
