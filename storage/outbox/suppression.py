"""Suppression: cancel or delay rows right after they were queued.

Inhibited: a chat that was told of a change of phase is not told again what it said
(`bot.signals.inhibition`). Throttled: a chat hears of one rule at most once in REPEAT_INTERVAL unless it
gets graver; what comes sooner waits, and is dropped when the state is again as last told. Joined: what finds
an earlier message of its rule still unsent goes with it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from bot.signals.alert import Alert, AlertKind
from bot.signals.inhibition import WINDOW, inhibits
from bot.signals.rules import COMPOSITE, Severity
from storage.engine import Database
from storage.outbox import sent_messages
from storage.outbox.silences import PUT_OFF
from storage.signals import alerts
from storage.signals.alerts import AlertGroup

REPEAT_INTERVAL = timedelta(hours=6)
_MAX_EARLIER = 64  # alerts of one rule looked back at; more can't have been made in the interval
_SEVERITY = {severity.word: severity for severity in Severity}
_INHIBITED = "said by the change of phase"
_OVERTAKEN = "overtaken by newer news before its time"
_UNCHANGED = "things are as last told"


@dataclass(frozen=True, slots=True)
class _EarlierMessage:
    """An earlier message of the same rule to the same chat; `due` is when it was, or may be, sent.

    `is_stuck`: it could not be sent yet, although it was due.
    """

    row: int
    due: datetime
    severity: str
    content: tuple[str, str | None]
    is_stuck: bool


@dataclass(frozen=True, slots=True)
class _StoredAlert:
    id: int
    group: int
    alert: Alert


def apply(db: Database, group: AlertGroup, now: datetime) -> int:
    """Cancel and delay rows of the group that were just queued; returns how many were cancelled.

    The change of phase comes first: one that must wait itself inhibits nothing.
    """
    stored = [_StoredAlert(id_, group.id, alert) for id_, alert in group.alerts.items()]
    cancelled = sum(_throttle(db, each, now) for each in stored if each.alert.kind is AlertKind.PHASE)
    phase = _newest_phase(db)
    if phase is not None:
        cancelled += sum(_inhibit(db, phase, each, now) for each in stored)
    return cancelled + sum(
        _throttle(db, each, now) for each in stored if each.alert.kind is not AlertKind.PHASE
    )


def _newest_phase(db: Database) -> _StoredAlert | None:
    row = db.execute(
        "SELECT id, bulletin, body FROM alerts WHERE rule = ? ORDER BY id DESC LIMIT 1", [COMPOSITE]
    ).fetchone()
    return None if row is None else _StoredAlert(row[0], row[1], alerts.parse(row[2]))


def _inhibit(db: Database, phase: _StoredAlert, later: _StoredAlert, now: datetime) -> int:
    """Cancel the rows of an alert for chats that the change of phase tells the same."""
    ended = db.execute(
        "SELECT 1 FROM alerts WHERE signal = ? AND kind = 'cleared' AND id > ?",
        [later.alert.signal, phase.id],
    ).fetchone()
    if not inhibits(phase.alert, later.alert, together=phase.group == later.group, ended=ended is not None):
        return 0
    told_by = dict(
        db.execute(
            """
            SELECT o.id, earlier.id FROM outbox o JOIN outbox earlier
                ON earlier.alert_id = ? AND earlier.chat_id = o.chat_id AND earlier.topic_id = o.topic_id
            WHERE o.alert_id = ? AND o.state = 'pending' AND earlier.queued_at BETWEEN ? AND ?
                AND earlier.state NOT IN ('dead', 'cancelled')
            """,
            [phase.id, later.id, (now - WINDOW).isoformat(), now.isoformat()],
        ).fetchall()
    )
    _cancel(db, [(_INHIBITED, now.isoformat(), row) for row in told_by])
    sent_messages.tell_by(db, later.id, told_by, now, is_shown=False)
    return len(told_by)


def _cancel(db: Database, rows: Sequence[tuple[str, str, int]]) -> None:
    """Cancel pending rows: reason, moment and id of each."""
    db.executemany(
        "UPDATE outbox SET state = 'cancelled', error = ?, settled_at = ? WHERE id = ? AND state = 'pending'",
        rows,
    )


def _throttle(db: Database, stored: _StoredAlert, now: datetime) -> int:
    """Delay the rows of an alert for chats that heard of its rule within REPEAT_INTERVAL."""
    earlier = _recent_alerts(db, stored.alert.rule, stored.id, now)
    return _delay(db, stored, earlier, now) if earlier else 0


def _recent_alerts(db: Database, rule: str, before: int, now: datetime) -> list[int]:
    """Ids of earlier alerts of the rule, newest first, whose messages may be younger than REPEAT_INTERVAL.

    One between them that is dated earlier was told by a clock that was behind; it counts too. So does the
    newest: of its messages, some may wait still, and be younger than the one that is looked at here.
    """
    since = (now - 2 * REPEAT_INTERVAL).isoformat()  # a delayed message is dated with its due time
    ids = db.execute(
        "SELECT id FROM alerts WHERE rule = ? AND id < ? ORDER BY id DESC LIMIT ?",
        [rule, before, _MAX_EARLIER],
    ).fetchall()
    recent: list[int] = []
    dated_earlier: list[int] = []
    for (alert,) in ids:
        queued = db.execute("SELECT queued_at FROM outbox WHERE alert_id = ? LIMIT 1", [alert]).fetchone()
        if queued is not None and (queued[0] > since or alert == ids[0][0]):
            recent += (*dated_earlier, alert)
            dated_earlier.clear()
        else:
            dated_earlier.append(alert)
    return recent


def _delay(db: Database, stored: _StoredAlert, earlier: list[int], now: datetime) -> int:
    alert = stored.alert
    content = (alert.kind.value, None if alert.after is None else alert.after.value)
    cancelled: list[tuple[str, str, int]] = []
    delayed: list[tuple[str, str, str, int]] = []
    joined: list[tuple[int, int]] = []
    told_by: dict[int, int] = {}
    for row, messages in _earlier_messages(db, stored.id, earlier, now):
        last = messages[0]
        before = messages[1] if len(messages) > 1 else None
        waits = last.due > now
        if last.is_stuck:
            joined.append((last.row, row))
            continue
        is_graver = alert.severity > _SEVERITY[last.severity]
        if waits:
            cancelled.append((_OVERTAKEN, now.isoformat(), last.row))
        if is_graver and not (waits and before and alert.severity <= _SEVERITY[before.severity]):
            continue
        if waits and before and before.content == content:
            cancelled.append((_UNCHANGED, now.isoformat(), row))
            told_by[row] = before.row
            continue
        due = last.due if waits else last.due + REPEAT_INTERVAL
        expires = due + REPEAT_INTERVAL * 4
        delayed.append((due.isoformat(), due.isoformat(), expires.isoformat(), row))
    _cancel(db, cancelled)
    sent_messages.tell_by(db, stored.id, told_by, now, is_shown=True)
    db.executemany(
        "UPDATE outbox SET queued_at = ?, next_try_at = ?, expires_at = ? WHERE id = ? AND state = 'pending'",
        delayed,
    )
    for stuck, row in joined:
        join(db, stuck, row)
    return len(told_by)


def join(db: Database, stuck: int, row: int) -> None:
    """Send a row in one message with an earlier one that could not be sent yet, as urgent as the graver.

    Each by itself they might arrive in the wrong order, and the last word would be the older.
    """
    db.execute(
        """
        UPDATE outbox SET bulletin = stuck.bulletin, next_try_at = stuck.next_try_at
        FROM (SELECT bulletin, next_try_at FROM outbox WHERE id = ?) AS stuck WHERE id = ?
        """,
        [stuck, row],
    )
    db.execute(
        """
        UPDATE outbox SET priority = (
            SELECT min(priority) FROM outbox AS each
            WHERE each.bulletin = outbox.bulletin AND each.chat_id = outbox.chat_id
                AND each.topic_id = outbox.topic_id AND each.state = 'pending')
        FROM (SELECT bulletin, chat_id, topic_id FROM outbox WHERE id = ?) AS message
        WHERE outbox.bulletin = message.bulletin AND outbox.chat_id = message.chat_id
            AND outbox.topic_id = message.topic_id AND outbox.state = 'pending'
        """,
        [row],
    )


def _earlier_messages(
    db: Database, alert: int, earlier: list[int], now: datetime
) -> Iterator[tuple[int, list[_EarlierMessage]]]:
    """Each pending row of the alert with the recent messages of its rule to its chat, newest first.

    Messages that were never delivered (`dead`, `cancelled`) do not count. One that was sent before the clock
    was set back counts as sent now. The order is that of the alerts, whatever clock their messages are dated
    by; what comes before the newest message of more than REPEAT_INTERVAL ago is not what was told last.
    """
    marks = ",".join("?" * len(earlier))
    rows = db.execute(
        f"""
        SELECT new.id, old.id, old.queued_at, old.severity, a.kind, a.body ->> 'after',
            old.state = 'pending', old.bulletin
        FROM outbox AS new
        JOIN outbox AS old ON old.alert_id IN ({marks})
            AND old.chat_id = new.chat_id AND old.topic_id = new.topic_id
        JOIN alerts AS a ON a.id = old.alert_id
        WHERE new.alert_id = ? AND new.state = 'pending' AND old.state NOT IN ('dead', 'cancelled')
        ORDER BY new.id, old.alert_id DESC
        """,
        [*earlier, alert],
    ).fetchall()
    since = (now - REPEAT_INTERVAL).isoformat()
    for new_id, group in groupby(rows, key=itemgetter(0)):
        messages = []
        for _, row, queued_at, severity, kind, after, is_pending, alert_group in group:
            if queued_at <= since:
                break
            due = datetime.fromisoformat(queued_at)
            is_stuck = bool(is_pending) and due <= now and alert_group != PUT_OFF
            messages.append(
                _EarlierMessage(row, due if is_pending else min(due, now), severity, (kind, after), is_stuck)
            )
        if messages:
            yield new_id, messages
