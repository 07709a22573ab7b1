"""Alerts: what changed and was worth telling, kept for good."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pydantic import TypeAdapter
from sqlite_utils import Database

from bot.signals.alert import Alert
from bot.signals.rules import Severity


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

    An alert that is already stored (same rule, kind and moment) is not added again.
    """
    group_id: int = db.execute("SELECT coalesce(max(bulletin), 0) + 1 FROM alerts").fetchone()[0]
    added = {}
    for alert in alerts:
        cursor = db.execute(
            "INSERT INTO alerts (bulletin, rule, signal, severity, kind, at, value, body) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (rule, kind, at) DO NOTHING",
            [
                group_id,
                alert.rule,
                alert.signal,
                alert.severity.word,
                alert.kind.value,
                alert.at.isoformat(),
                alert.value,
                _alert().dump_json(alert).decode(),
            ],
        )
        if cursor.rowcount:
            added[int(cursor.lastrowid or 0)] = alert
    return AlertGroup(group_id, added) if added else None


def ids(db: Database, alerts: Iterable[Alert]) -> list[int]:
    """The ids of alerts that are held, one for each."""
    return [
        db.execute(
            "SELECT id FROM alerts WHERE rule = ? AND kind = ? AND at = ?",
            [alert.rule, alert.kind.value, alert.at.isoformat()],
        ).fetchone()[0]
        for alert in alerts
    ]


def of_ids(db: Database, ids: Iterable[int]) -> list[tuple[int, Alert]]:
    """The alerts with these ids, in the order in which they were made."""
    keys = list(ids)
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
    words = [each.word for each in Severity if each >= severity]
    rows = db.query(
        f"SELECT id, body FROM alerts WHERE severity IN ({', '.join('?' * len(words))}) "
        "AND (? IS NULL OR signal = ?) AND (? IS NULL OR id < ?) ORDER BY id DESC LIMIT ?",
        [*words, signal, signal, before, before, limit],
    )
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
