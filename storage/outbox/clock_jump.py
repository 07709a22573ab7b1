"""Plan anew, after a jump of the wall clock, what was planned by the clock as it was."""

from datetime import datetime, timedelta
from typing import Final

from storage.chats import digests, preferences, watches
from storage.engine import Database
from storage.outbox import silences
from storage.outbox.suppression import REPEAT_INTERVAL

_TOLERANCE: Final = timedelta(minutes=1)  # an ordinary correction of the clock; no jump is smaller


def plan_anew(db: Database, now: datetime, jump: timedelta, since: datetime) -> int:
    """Plan by the clock as it is what was planned by a clock that ran ahead, or was queued by one behind.

    Whatever waits has as long to live after a jump as before. `since` is the program's start, by the clock
    before this jump: what was queued from then on moves along with a jump ahead, to be as old as it is.
    What waits for the end of a silence moves too: it is looked at again when it is due, and waits on while
    its chat is silent by the new clock. So does what is being sent, which may come back. Watches wait as long
    as they had to.
    Returns the number of messages moved.
    """
    _keep_lives(db, now - jump, jump)
    watches.plan_anew(db, now, jump)
    if jump >= timedelta(0):
        return _move_along(db, since, now - jump, jump)
    rows = db.execute(
        "SELECT id, queued_at, next_try_at FROM outbox "
        "WHERE state IN ('pending', 'leased') AND (queued_at > ? OR next_try_at > ?)",
        [now.isoformat(), now.isoformat()],
    ).fetchall()
    db.executemany(
        "UPDATE outbox SET queued_at = ?, next_try_at = ? "
        "WHERE id = ? AND state IN ('pending', 'leased') AND next_try_at = ?",
        [
            (_earlier(queued_at, now, jump), _earlier(due, now, jump), row, due)
            for row, queued_at, due in rows
        ],
    )
    _plan_others_anew(db, now)
    return len(rows)


def _keep_lives(db: Database, before: datetime, jump: timedelta) -> None:
    """Let what had not expired when the clock jumped expire as much later, or earlier, as it jumped."""
    rows = db.execute(
        "SELECT id, expires_at FROM outbox WHERE state IN ('pending', 'leased') AND expires_at > ?",
        [before.isoformat()],
    ).fetchall()
    db.executemany(
        "UPDATE outbox SET expires_at = ? WHERE id = ? AND state IN ('pending', 'leased')",
        [((datetime.fromisoformat(expires) + jump).isoformat(), row) for row, expires in rows],
    )


def plan_at_start(db: Database, now: datetime) -> int:
    """At a start: send at once what an earlier run queued by a clock ahead, which nobody saw come back.

    And what it put off for longer than anything waits. What waits for the end of a silence is looked at, and
    waits on.
    """
    ahead = (now + _TOLERANCE).isoformat()
    rows = db.execute(
        """
        SELECT o.id, o.queued_at, coalesce(a.at, n.at) > ? FROM outbox o
        LEFT JOIN alerts a ON a.id = o.alert_id LEFT JOIN notices n ON n.id = o.notice_id
        WHERE o.state = 'pending' AND (coalesce(a.at, n.at) > ? OR o.next_try_at > ?)
        """,
        [ahead, ahead, (now + REPEAT_INTERVAL + _TOLERANCE).isoformat()],
    ).fetchall()
    # What a clock ahead queued is as old as this run, at each start anew: with this it moves at a jump.
    db.executemany(
        "UPDATE outbox SET queued_at = ?, next_try_at = ? WHERE id = ? AND state = 'pending'",
        [
            (now.isoformat() if is_ahead else min(queued_at, now.isoformat()), now.isoformat(), row)
            for row, queued_at, is_ahead in rows
        ],
    )
    _plan_others_anew(db, now)
    return len(rows)


def _plan_others_anew(db: Database, now: datetime) -> None:
    """Bring forward the digests, ends of mutes and edits of messages that a clock ahead has planned."""
    for address in preferences.mute_anew(db, now):
        silences.release(db, address, now)
    digests.schedule_anew(db, now)
    db.execute("UPDATE sent_messages SET edit_due = ? WHERE edit_due > ?", [now.isoformat(), now.isoformat()])


def _earlier(at: str, now: datetime, jump: timedelta) -> str:
    """A moment that the clock that was ahead put too late; never before now."""
    moment = datetime.fromisoformat(at)
    return at if moment <= now else max(now, moment + jump).isoformat()


def _move_along(db: Database, since: datetime, until: datetime, jump: timedelta) -> int:
    """Give what was queued since a start its age by the clock as it is now.

    A retry it waited for is due by now, or planned by the right clock already. What has to wait for its time
    is dated with that, and waits as long as it had to. What is dated with the moment after the jump stays: it
    was queued by the clock as it is now.
    """
    now = until + jump
    rows = db.execute(
        "SELECT id, queued_at, next_try_at FROM outbox WHERE state IN ('pending', 'leased') "
        "AND queued_at BETWEEN ? AND ? AND (queued_at <= ? OR queued_at NOT BETWEEN ? AND ?)",
        [
            each.isoformat()
            for each in (since, until + REPEAT_INTERVAL, until, now - _TOLERANCE, now + _TOLERANCE)
        ],
    ).fetchall()
    db.executemany(
        "UPDATE outbox SET queued_at = ?, next_try_at = ? "
        "WHERE id = ? AND state IN ('pending', 'leased') AND next_try_at = ?",
        [
            (
                _later(queued_at, jump),
                _later(due, jump) if due == queued_at > until.isoformat() else due,
                row,
                due,
            )
            for row, queued_at, due in rows
        ],
    )
    return len(rows)


def _later(at: str, jump: timedelta) -> str:
    return (datetime.fromisoformat(at) + jump).isoformat()
