"""Revisions: what a complete day said before its source gave another figure, kept by the database itself."""

from dataclasses import dataclass
from datetime import date, datetime

from storage.engine import Database


@dataclass(frozen=True, slots=True)
class Revision:
    """A figure that no longer stands: read at `read_at`, replaced at `replaced_at` (both UTC)."""

    series: str
    day: date
    value: float
    source: str
    read_at: datetime
    replaced_at: datetime


def of_series(db: Database, series: str) -> list[Revision]:
    """Every replaced figure of a series, by day and then in the order of replacement."""
    rows = db.query("SELECT * FROM revisions WHERE series = ? ORDER BY day, replaced_at", [series])
    return [
        Revision(
            series=row["series"],
            day=date.fromisoformat(row["day"]),
            value=row["value"],
            source=row["source"],
            read_at=datetime.fromisoformat(row["read_at"]),
            replaced_at=datetime.fromisoformat(row["replaced_at"]),
        )
        for row in rows
    ]
