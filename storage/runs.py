"""The program's runs: when each began, when it was last alive, and whether it ended in good order."""

from dataclasses import dataclass
from datetime import datetime

from storage.engine import Database

_KEPT = 100


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `stopped_at` is None while it lasts, and for good when it ended without a word."""

    id: int
    version: str
    started_at: datetime
    seen_at: datetime
    stopped_at: datetime | None


def begin(db: Database, version: str, now: datetime) -> tuple[int, Run | None]:
    """Note that a run begins; give its id, and the run before it when that one was not stopped cleanly."""
    before = last(db)
    (run,) = db.execute(
        "INSERT INTO runs (version, started_at, seen_at) VALUES (?, ?, ?) RETURNING id",
        [version, now.isoformat(), now.isoformat()],
    ).fetchone()
    db.execute("DELETE FROM runs WHERE id <= ?", [run - _KEPT])
    return run, before if before is not None and before.stopped_at is None else None


def note_alive(db: Database, run: int, now: datetime) -> None:
    """Note that the run is alive."""
    db.execute("UPDATE runs SET seen_at = ? WHERE id = ?", [now.isoformat(), run])


def end(db: Database, run: int, now: datetime) -> None:
    """Note that the run was stopped in good order."""
    db.execute(
        "UPDATE runs SET seen_at = ?, stopped_at = ? WHERE id = ?", [now.isoformat(), now.isoformat(), run]
    )


def last(db: Database) -> Run | None:
    """The newest run."""
    row = db.execute(
        "SELECT id, version, started_at, seen_at, stopped_at FROM runs ORDER BY id DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    return Run(
        row[0],
        row[1],
        datetime.fromisoformat(row[2]),
        datetime.fromisoformat(row[3]),
        datetime.fromisoformat(row[4]) if row[4] else None,
    )
