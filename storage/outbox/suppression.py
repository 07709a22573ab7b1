"""What need not be said, or not yet: applied to a bulletin's rows right after they were queued.

Absorbed: whoever has heard of a change of phase lately is not told again what it said, by
`bot.signals.inhibition`. Held back: of one rule a chat hears at most once in six hours unless it gets graver;
what comes sooner waits, and is dropped when in the meantime things are again as last told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlite_utils import Database

from bot.signals.alert import Alert, AlertKind
from bot.signals.inhibition import WINDOW, inhibits
from bot.signals.rules import COMPOSITE, Severity
from storage.signals import alerts

REPEAT_INTERVAL = timedelta(hours=6)
_EARLIER = 64  # alerts of one rule looked back at; more can't have been made in the floor's time
_RANK = {severity.word: severity for severity in Severity}
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
    """Absorb and hold back rows of `bulletin`; give how many of them were taken back for good.

    The change of phase comes first: one that must wait itself absorbs nothing.
    """
    told = alerts.of_bulletin(db, bulletin)
    taken = sum(_delay(db, one, now) for one in told if one.kind is AlertKind.PHASE)
    phase = alerts.newest_of(db, COMPOSITE)
    if phase is not None:
        taken += sum(_absorb(db, bulletin, phase, one, now) for one in told)
    return taken + sum(_delay(db, one, now) for one in told if one.kind is not AlertKind.PHASE)


def _absorb(db: Database, bulletin: int, phase: Alert, later: Alert, now: datetime) -> int:
    (said, said_in), (alert, _) = _row(db, phase), _row(db, later)
    ended = db.execute(
        "SELECT 1 FROM alerts WHERE signal = ? AND kind = 'cleared' AND id > ?", [later.signal, said]
    ).fetchone()
    if not inhibits(phase, later, together=said_in == bulletin, ended=ended is not None):
        return 0
    cursor = db.execute(
        """
        UPDATE outbox SET state = 'cancelled', error = :why, settled_at = :now
        WHERE alert_id = :alert AND state = 'pending' AND EXISTS (
            SELECT 1 FROM outbox AS said
            WHERE said.alert_id = :said AND said.queued_at BETWEEN :since AND :now
                AND said.state NOT IN ('dead', 'cancelled')
                AND said.chat_id = outbox.chat_id AND said.topic_id = outbox.topic_id)
        """,
        {
            "why": _ABSORBED,
            "now": now.isoformat(),
            "since": (now - WINDOW).isoformat(),
            "alert": alert,
            "said": said,
        },
    )
    return int(cursor.rowcount)


def _row(db: Database, alert: Alert) -> tuple[int, int]:
    """The number and the bulletin an alert is kept under."""
    row: tuple[int, int] = db.execute(
        "SELECT id, bulletin FROM alerts WHERE rule = ? AND kind = ? AND at = ?",
        [alert.rule, alert.kind.value, alert.at.isoformat()],
    ).fetchone()
    return row


def _delay(db: Database, told: Alert, now: datetime) -> int:
    alert, _ = _row(db, told)
    earlier = _recent_alerts(db, told.rule, alert, now)
    says = (told.kind.value, None if told.after is None else told.after.value)
    return _hold_back(db, alert, told.severity.word, says, earlier, now) if earlier else 0


def _recent_alerts(db: Database, rule: str, before: int, now: datetime) -> list[int]:
    """Earlier alerts of the rule, newest first, of which a message may be younger than the floor."""
    since = (
        now - 2 * REPEAT_INTERVAL
    ).isoformat()  # a message held back is dated with its time, not with its making
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
        due = (last.due if unsaid else last.due + REPEAT_INTERVAL).isoformat()
        waiting.append((due, due, (datetime.fromisoformat(due) + REPEAT_INTERVAL * 4).isoformat(), row))
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
        [*earlier, alert, (now - REPEAT_INTERVAL).isoformat()],
    ).fetchall()
    for row, group in groupby(rows, key=lambda found: int(found[0])):
        yield row, [_Told(one[1], datetime.fromisoformat(one[2]), one[3], (one[4], one[5])) for one in group]
