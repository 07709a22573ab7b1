"""Readings: complete days as the history, spot values beside them."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import cache
from sys import intern
from typing import Any

from bot.signals.history import supersedes
from bot.signals.series import SERIES, Confidence, Reading
from storage.engine import Database

_COLUMNS = "series, day, value, as_of, source, complete, read_at, confidence"
_FOR_GOOD = ("btc.price_high",)  # its newest value holds however old it is
_SPOT_COLUMNS = "series, NULL, value, as_of, source, true, read_at, confidence"
_PUT_DAY = """
    INSERT INTO days (series, day, value, as_of, source, complete, read_at, confidence)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (series, day) DO UPDATE SET
        value = excluded.value, as_of = excluded.as_of, source = excluded.source,
        complete = excluded.complete, read_at = excluded.read_at, confidence = excluded.confidence
"""
_PUT_SPOT = """
    INSERT INTO spots (series, as_of, value, source, read_at, confidence) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (series, as_of) DO UPDATE SET
        value = excluded.value, source = excluded.source, read_at = excluded.read_at,
        confidence = excluded.confidence
"""


def save(db: Database, readings: Iterable[Reading]) -> None:
    """Keep readings, unless what is held stands against them (`bot.signals.history.supersedes`).

    The database itself keeps the figure of a complete day that was replaced (`storage.revisions`).
    """
    for reading in readings:
        stored = _stored(db, reading)
        if stored is not None and not supersedes(reading, stored):
            continue
        stamp, read = reading.as_of.isoformat(), reading.read_at.isoformat()
        if reading.day is None:
            spot = (reading.series, stamp, reading.value, reading.source, read, reading.confidence)
            db.execute(_PUT_SPOT, spot)
        else:
            day = reading.day.isoformat()
            row = (reading.series, day, reading.value, stamp, reading.source, reading.complete, read)
            db.execute(_PUT_DAY, (*row, reading.confidence))


def _stored(db: Database, reading: Reading) -> Reading | None:
    """The reading held of the same day, or of the same moment."""
    if reading.day is None:
        columns, table, key, value = _SPOT_COLUMNS, "spots", "as_of", reading.as_of.isoformat()
    else:
        columns, table, key, value = _COLUMNS, "days", "day", reading.day.isoformat()
    rows = db.execute(
        f"SELECT {columns} FROM {table} WHERE series = ? AND {key} = ?", [reading.series, value]
    )
    return next(_readings(rows), None)


def fill(db: Database, readings: Iterable[Reading]) -> None:
    """Add complete days that are not held yet (the bundled history); replaces nothing."""
    text = cache(datetime.isoformat)  # many readings share their moments
    db.executemany(
        "INSERT INTO days (series, day, value, as_of, source, read_at) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (series, day) DO NOTHING",
        (
            (r.series, r.day.isoformat(), r.value, text(r.as_of), r.source, text(r.read_at))
            for r in readings
            if r.day is not None
        ),
    )


def forget_ahead(db: Database, now: datetime) -> int:
    """Delete what a clock that was ahead of `now` has dated and the next polls give anew; give how many.

    That is spot values and days that are not over. Days that are over stay: should it be this clock that is
    wrong, they are the past of many years. Spot values not old enough to be stale go too, whatever clock
    dated them: `now` can't say how old they are, and none of them may pass for the present. A record stays.
    """
    read, today = now.isoformat(), now.date().isoformat()
    spots = db.execute("DELETE FROM spots WHERE read_at > ?", [read]).rowcount
    for series in SERIES.values():
        if series.name not in _FOR_GOOD:
            spots += db.execute(
                "DELETE FROM spots WHERE series = ? AND as_of >= ?",
                [series.name, (now - series.stale_after).isoformat()],
            ).rowcount
    days = db.execute(
        "DELETE FROM days WHERE read_at > ? AND (NOT complete OR day = ?)", [read, today]
    ).rowcount
    return int(spots + days)


def everything(db: Database) -> Iterator[Reading]:
    """Every day held, and of each series the newest spot value and the newest confirmed one, in no order."""
    rows = db.execute(
        f"""
        SELECT {_COLUMNS} FROM days
        UNION ALL
        SELECT {_SPOT_COLUMNS} FROM spots
            JOIN (SELECT series, max(as_of) AS as_of FROM spots GROUP BY series) AS newest
            USING (series, as_of)
        UNION ALL
        SELECT {_SPOT_COLUMNS} FROM spots
            JOIN (SELECT series, max(as_of) AS as_of FROM spots
                  WHERE confidence > 0 GROUP BY series) AS confirmed
            USING (series, as_of)
        """
    )
    return _readings(rows)


def read_since(db: Database, since: datetime) -> Iterator[Reading]:
    """Days and spot values that were read from their sources since a moment, in no order."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM days WHERE read_at >= ? "
        f"UNION ALL SELECT {_SPOT_COLUMNS} FROM spots WHERE read_at >= ?",
        [since.isoformat(), since.isoformat()],
    )
    return _readings(rows)


def of_series(db: Database, series: str, first: date, last: date) -> Iterator[Reading]:
    """The days of one series from `first` to `last`, oldest first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM days WHERE series = ? AND day BETWEEN ? AND ? ORDER BY day",
        [series, first.isoformat(), last.isoformat()],
    )
    return _readings(rows)


def complete_days(db: Database, series: str, since: date) -> list[date]:
    """The confirmed complete days held of a series from `since` on, oldest first."""
    rows = db.execute(
        "SELECT day FROM days WHERE series = ? AND day >= ? AND complete AND confidence > 0 ORDER BY day",
        [series, since.isoformat()],
    )
    return [date.fromisoformat(day) for (day,) in rows]


def sole_days(db: Database, series: str) -> list[Reading]:
    """The days of a series that only one source gives, oldest first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM days WHERE series = ? AND confidence = 0 ORDER BY day", [series]
    )
    return list(_readings(rows))


def empty(db: Database) -> bool:
    """Whether nothing is held yet: a first start."""
    row = db.execute("SELECT EXISTS (SELECT 1 FROM days) OR EXISTS (SELECT 1 FROM spots)").fetchone()
    return not row[0]


def _readings(rows: Iterable[Any]) -> Iterator[Reading]:
    """Rows as plain tuples: a start reads tens of thousands of them."""
    moment = datetime.fromisoformat
    for series, day, value, as_of, source, complete, read_at, confidence in rows:
        yield Reading(
            intern(series),
            value,
            moment(as_of),
            intern(source),
            moment(read_at),
            None if day is None else date.fromisoformat(day),
            bool(complete),
            Confidence(confidence),
        )
