"""What need not be said, or not yet: applied to a bulletin's rows right after they were queued.

Absorbed: a change of phase names the signals that fire, so their own minor firings in the same poll are not
said again to whoever hears of the phase. Held back: of one rule a chat hears at most once in six hours unless
it gets graver; what comes sooner waits, and is dropped when in the meantime things are again as last told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlite_utils import Database

FLOOR = timedelta(hours=6)
_EARLIER = 64  # alerts of one rule looked back at; more can't have been made in the floor's time
_RANK = {"info": 0, "warning": 1, "critical": 2}
_ABSORBED = "said by the change of phase"
_OVERTAKEN = "overtaken by newer news before its time"
_NO_NEWS = "things are as last told"


@dataclass(frozen=True, slots=True)
class _Told:
    """An earlier message of the same rule to the same chat; `due` is when it was, or may be, sent."""

    row: int
    due: datetime
    severity: str
    says: tuple[str, str | None]


def apply(db: Database, bulletin: int, now: datetime) -> int:
    """Absorb and hold back rows of `bulletin`; give how many of them were taken back for good."""
    taken = _absorb(db, bulletin, now)
    found = db.execute(
        "SELECT id, rule, severity, kind, json_extract(body, '$.after') FROM alerts WHERE bulletin = ?",
        [bulletin],
    ).fetchall()
    for alert, rule, severity, kind, after in found:
        earlier = _recent_alerts(db, rule, alert, now)
        if earlier:
            taken += _hold_back(db, alert, severity, (kind, after), earlier, now)
    return taken


def _absorb(db: Database, bulletin: int, now: datetime) -> int:
    phase = db.execute("SELECT id FROM alerts WHERE bulletin = ? AND kind = 'phase'", [bulletin]).fetchone()
    if phase is None:
        return 0
    cursor = db.execute(
        """
        UPDATE outbox SET state = 'cancelled', error = :why, settled_at = :now
        WHERE alert_id IN (SELECT id FROM alerts WHERE bulletin = :bulletin
                               AND kind IN ('fired', 'reminder') AND severity <> 'critical')
            AND state = 'pending'
            AND EXISTS (SELECT 1 FROM outbox AS said WHERE said.alert_id = :phase
                            AND said.chat_id = outbox.chat_id AND said.topic_id = outbox.topic_id)
        """,
        {"why": _ABSORBED, "now": now.isoformat(), "bulletin": bulletin, "phase": phase[0]},
    )
    return int(cursor.rowcount)


def _recent_alerts(db: Database, rule: str, before: int, now: datetime) -> list[int]:
    """Earlier alerts of the rule, newest first, of which a message may be younger than the floor."""
    since = (now - 2 * FLOOR).isoformat()  # a message held back is dated with its time, not with its making
    ids = db.execute(
        "SELECT id FROM alerts WHERE rule = ? AND id < ? ORDER BY id DESC LIMIT ?", [rule, before, _EARLIER]
    ).fetchall()
    recent = []
    for (alert,) in ids:
        queued = db.execute("SELECT queued_at FROM outbox WHERE alert_id = ? LIMIT 1", [alert]).fetchone()
        if queued is not None and queued[0] > since:
            recent.append(alert)
    return recent


def _hold_back(
    db: Database,
    alert: int,
    severity: str,
    says: tuple[str, str | None],
    earlier: list[int],
    now: datetime,
) -> int:
    cancelled: list[tuple[str, str, int]] = []
    waiting: list[tuple[str, str, str, int]] = []
    dropped = 0
    for row, told in _told_before(db, alert, earlier, now):
        last = told[0]
        unsaid = last.due > now
        graver = _RANK[severity] > _RANK[last.severity]
        if unsaid:
            cancelled.append((_OVERTAKEN, now.isoformat(), last.row))
        if graver and not (unsaid and len(told) > 1 and _RANK[severity] <= _RANK[told[1].severity]):
            continue
        if unsaid and len(told) > 1 and told[1].says == says:
            cancelled.append((_NO_NEWS, now.isoformat(), row))
            dropped += 1
            continue
        due = (last.due if unsaid else last.due + FLOOR).isoformat()
        waiting.append((due, due, (datetime.fromisoformat(due) + FLOOR * 4).isoformat(), row))
    db.conn.executemany(
        "UPDATE outbox SET state = 'cancelled', error = ?, settled_at = ? WHERE id = ?", cancelled
    )
    db.conn.executemany(
        "UPDATE outbox SET queued_at = ?, next_try_at = ?, expires_at = ? WHERE id = ?", waiting
    )
    return dropped


def _told_before(
    db: Database, alert: int, earlier: list[int], now: datetime
) -> Iterator[tuple[int, list[_Told]]]:
    """Each waiting row of the alert with the messages its chat had of the rule lately, newest first."""
    marks = ",".join("?" * len(earlier))
    rows = db.execute(
        f"""
        SELECT new.id, old.id, old.queued_at, old.severity, a.kind, json_extract(a.body, '$.after')
        FROM outbox AS new
        JOIN outbox AS old ON old.alert_id IN ({marks})
            AND old.chat_id = new.chat_id AND old.topic_id = new.topic_id
        JOIN alerts AS a ON a.id = old.alert_id
        WHERE new.alert_id = ? AND new.state = 'pending' AND old.state <> 'cancelled' AND old.queued_at > ?
        ORDER BY new.id, old.queued_at DESC, old.id DESC
        """,
        [*earlier, alert, (now - FLOOR).isoformat()],
    ).fetchall()
    for row, group in groupby(rows, key=lambda found: int(found[0])):
        yield row, [_Told(one[1], datetime.fromisoformat(one[2]), one[3], (one[4], one[5])) for one in group]
