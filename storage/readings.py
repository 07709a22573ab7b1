"""Readings: complete days as the history, spot values beside them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime

from sqlite_utils import Database

from bot.signals.history import supersedes
from bot.signals.series import Reading

_HELD_DAY = "SELECT value, as_of, source, complete, read_at FROM days WHERE series = ? AND day = ?"
_HELD_SPOT = "SELECT value, as_of, source, 1, read_at FROM spots WHERE series = ? AND as_of = ?"
_PUT_DAY = """
    INSERT INTO days (series, day, value, as_of, source, complete, read_at) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (series, day) DO UPDATE SET
        value = excluded.value, as_of = excluded.as_of, source = excluded.source,
        complete = excluded.complete, read_at = excluded.read_at
"""
_PUT_SPOT = """
    INSERT INTO spots (series, as_of, value, source, read_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (series, as_of) DO UPDATE SET
        value = excluded.value, source = excluded.source, read_at = excluded.read_at
"""


def save(db: Database, readings: Iterable[Reading]) -> None:
    """Keep readings, unless what is held stands against them (`bot.signals.history.supersedes`).

    The database itself keeps the figure of a complete day that was replaced (`storage.revisions`).
    """
    for reading in readings:
        held = _held(db, reading)
        if held is not None and not supersedes(reading, held):
            continue
        stamp, read = reading.as_of.isoformat(), reading.read_at.isoformat()
        if reading.day is None:
            db.conn.execute(_PUT_SPOT, (reading.series, stamp, reading.value, reading.source, read))
        else:
            day = reading.day.isoformat()
            row = (reading.series, day, reading.value, stamp, reading.source, reading.complete, read)
            db.conn.execute(_PUT_DAY, row)


def _held(db: Database, reading: Reading) -> Reading | None:
    """The reading held of the same day, or of the same moment."""
    if reading.day is None:
        row = db.conn.execute(_HELD_SPOT, (reading.series, reading.as_of.isoformat())).fetchone()
    else:
        row = db.conn.execute(_HELD_DAY, (reading.series, reading.day.isoformat())).fetchone()
    if row is None:
        return None
    value, as_of, source, complete, read_at = row
    return replace(
        reading,
        value=value,
        as_of=datetime.fromisoformat(as_of),
        source=source,
        complete=bool(complete),
        read_at=datetime.fromisoformat(read_at),
    )


def fill(db: Database, readings: Iterable[Reading]) -> None:
    """Add complete days that are not held yet (the bundled history); replaces nothing."""
    db.conn.executemany(
        "INSERT INTO days (series, day, value, as_of, source, read_at) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (series, day) DO NOTHING",
        (
            (r.series, r.day.isoformat(), r.value, r.as_of.isoformat(), r.source, r.read_at.isoformat())
            for r in readings
            if r.day is not None
        ),
    )


def everything(db: Database) -> Iterator[Reading]:
    """Every day held and the newest spot value of each series, in the order in which they became known."""
    rows = db.query(
        """
        SELECT series, day, value, as_of, source, complete, read_at FROM days
        UNION ALL
        SELECT series, NULL, value, max(as_of), source, 1, read_at FROM spots GROUP BY series
        ORDER BY read_at
        """
    )
    return (_reading(row) for row in rows)


def of_series(db: Database, series: str, first: date, last: date) -> Iterator[Reading]:
    """The days of one series from `first` to `last`, oldest first."""
    rows = db.query(
        "SELECT * FROM days WHERE series = ? AND day BETWEEN ? AND ? ORDER BY day",
        [series, first.isoformat(), last.isoformat()],
    )
    return (_reading(row) for row in rows)


def held(db: Database) -> list[dict[str, object]]:
    """Every series held: name, days, first and last day, newest source."""
    return list(
        db.query(
            "SELECT series, count(*) AS days, min(day) AS first, max(day) AS last, "
            "(SELECT source FROM days AS newest WHERE newest.series = days.series "
            "ORDER BY day DESC LIMIT 1) AS source FROM days GROUP BY series ORDER BY series"
        )
    )


def empty(db: Database) -> bool:
    """Whether no day is held yet: a first start."""
    return next(db.query("SELECT 1 FROM days LIMIT 1"), None) is None


def _reading(row: dict[str, object]) -> Reading:
    day = row["day"]
    return Reading(
        series=str(row["series"]),
        value=float(str(row["value"])),
        as_of=datetime.fromisoformat(str(row["as_of"])),
        source=str(row["source"]),
        read_at=datetime.fromisoformat(str(row["read_at"])),
        day=None if day is None else date.fromisoformat(str(day)),
        complete=bool(row["complete"]),
    )
