"""Alerts: what changed and was worth telling, kept for good."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from pydantic import TypeAdapter

from bot.signals.alert import Alert, AlertKind, subject_of
from bot.signals.incident import continues, is_open
from bot.signals.rules import Severity
from storage.engine import Database

_CHANGES = (AlertKind.FIRED, AlertKind.CLEARED, AlertKind.PHASE)
_MAX_EARLIER = 100  # alerts of one signal looked back at for the incident that goes on


@cache
def _alert() -> TypeAdapter[Alert]:
    return TypeAdapter(Alert)


@dataclass(frozen=True, slots=True)
class AlertGroup:
    """The new alerts of one poll by their ids; a chat hears of them in one message."""

    id: int
    alerts: Mapping[int, Alert]


def add(db: Database, alerts: Sequence[Alert]) -> AlertGroup | None:
    """Store the alerts of one poll as a group; None when all were stored before.

    An alert that is already stored (same rule, kind and moment) is not added again, unless its rule told of
    another change since: then it is one more, dated behind the first. A clock that is set back makes a rule
    look at data that it has looked at before.
    """
    group_id: int = db.execute("SELECT coalesce(max(bulletin), 0) + 1 FROM alerts").fetchone()[0]
    added = {}
    for alert in (_dated_behind_the_same(db, each) for each in alerts):
        row = db.execute(
            "INSERT INTO alerts (bulletin, rule, signal, severity, kind, at, value, body, incident) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (rule, kind, at) DO NOTHING "
            "RETURNING id",
            [
                group_id,
                alert.rule,
                alert.signal,
                alert.severity.word,
                alert.kind.value,
                alert.at.isoformat(),
                alert.value,
                _alert().dump_json(alert).decode(),
                _incident_continued_by(db, alert),
            ],
        ).fetchone()
        if row is not None:
            id_ = int(row[0])
            db.execute("UPDATE alerts SET incident = id WHERE id = ? AND incident = 0", [id_])
            added[id_] = alert
    return AlertGroup(group_id, added) if added else None


def _dated_behind_the_same(db: Database, alert: Alert) -> Alert:
    """The alert, a microsecond behind the stored one that equals it if its rule told of a change since."""
    newest = db.execute(
        "SELECT body FROM alerts WHERE rule = ? AND kind IN ('fired', 'cleared', 'phase') "
        "ORDER BY id DESC LIMIT 1",
        [alert.rule],
    ).fetchone()
    if newest is None or alert.kind not in _CHANGES:
        return alert
    told = parse(newest[0])
    if (told.kind, told.after) == (alert.kind, alert.after):
        return alert
    while db.execute(
        "SELECT 1 FROM alerts WHERE rule = ? AND kind = ? AND at = ?",
        [alert.rule, alert.kind.value, alert.at.isoformat()],
    ).fetchone():
        alert = replace(alert, at=alert.at + timedelta(microseconds=1))
    return alert


def _incident_continued_by(db: Database, alert: Alert) -> int:
    """The incident that an alert continues, named by the id of its first alert; 0 when it opens one."""
    rows = db.execute(
        "SELECT incident, body FROM alerts WHERE signal = ? ORDER BY id DESC LIMIT ?",
        [alert.signal, _MAX_EARLIER],
    ).fetchall()
    earlier = [(incident, parse(body)) for incident, body in rows]
    subject = subject_of(alert.rule)
    same = [(incident, each) for incident, each in earlier if subject_of(each.rule) == subject]
    if not same:
        return 0
    newest: int = same[0][0]
    incident = [each for number, each in reversed(same) if number == newest]
    return newest if continues(incident, alert) else 0


def of_incidents(db: Database, incidents: Iterable[int]) -> dict[int, list[str]]:
    """The stored bodies of all alerts of these incidents, oldest first."""
    ids = list(incidents)
    if not ids:
        return {}
    marks = ", ".join("?" * len(ids))
    bodies: dict[int, list[str]] = {}
    rows = db.execute(f"SELECT incident, body FROM alerts WHERE incident IN ({marks}) ORDER BY id", ids)
    for incident, body in rows.fetchall():
        bodies.setdefault(incident, []).append(body)
    return bodies


def over_before(db: Database, before: datetime) -> list[int]:
    """The ids of all alerts of incidents that messages told of and that were over before a moment."""
    incidents: dict[int, list[tuple[int, Alert]]] = {}
    rows = db.execute(
        "SELECT id, incident, body FROM alerts WHERE incident <> 0 AND incident IN ("
        "SELECT a.incident FROM sent_alerts s JOIN alerts a ON a.id = s.alert_id) ORDER BY id"
    )
    for id_, incident, body in rows.fetchall():
        incidents.setdefault(incident, []).append((id_, parse(body)))
    return [
        id_
        for members in incidents.values()
        if members[-1][1].at < before and not is_open([alert for _, alert in members])
        for id_, _ in members
    ]


def of_ids(db: Database, ids: Iterable[int]) -> list[tuple[int, Alert]]:
    """The alerts with these ids, in the order in which they were made."""
    keys = list(ids)
    if not keys:
        return []
    marks = ", ".join("?" * len(keys))
    rows = db.query(f"SELECT id, body FROM alerts WHERE id IN ({marks}) ORDER BY id", keys)
    return [(row["id"], _alert().validate_json(row["body"])) for row in rows]


def recent(
    db: Database,
    limit: int,
    *,
    signal: str | None = None,
    severity: Severity = Severity.INFO,
    before: int | None = None,
) -> list[tuple[int, Alert]]:
    """The newest alerts first: of a signal, of this severity or graver, with a smaller id than `before`."""
    values: list[object] = [each.word for each in Severity if each >= severity]
    where = f"severity IN ({', '.join('?' * len(values))})"
    for condition, value in (("signal = ?", signal), ("id < ?", before)):
        if value is not None:
            where += f" AND {condition}"
            values.append(value)
    rows = db.query(f"SELECT id, body FROM alerts WHERE {where} ORDER BY id DESC LIMIT ?", [*values, limit])
    return [(row["id"], _alert().validate_json(row["body"])) for row in rows]


def newest_id(db: Database) -> int:
    """The id of the newest alert, 0 when there is none."""
    return int(db.execute("SELECT coalesce(max(id), 0) FROM alerts").fetchone()[0])


def after(db: Database, id_: int, limit: int) -> list[Alert]:
    """The alerts made after the one with this id, oldest first; of too many the newest."""
    rows = db.execute("SELECT body FROM alerts WHERE id > ? ORDER BY id DESC LIMIT ?", [id_, limit])
    return [_alert().validate_json(row[0]) for row in reversed(rows.fetchall())]


def of_group(db: Database, group_id: int) -> list[Alert]:
    """The alerts of a group, in the order in which they were made."""
    rows = db.execute("SELECT body FROM alerts WHERE bulletin = ? ORDER BY id", [group_id]).fetchall()
    return [_alert().validate_json(row[0]) for row in rows]


def newest_of(db: Database, rule: str) -> Alert | None:
    """The newest alert of a rule; None when it never told anything."""
    row = db.execute("SELECT body FROM alerts WHERE rule = ? ORDER BY id DESC LIMIT 1", [rule]).fetchone()
    return None if row is None else _alert().validate_json(row[0])


def parse(body: str) -> Alert:
    """An alert from its stored body."""
    return _alert().validate_json(body)
