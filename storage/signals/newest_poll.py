"""What the program that polls knows beside readings and rule states, for the replicas that don't."""

from storage.database import Database

_NEWEST = "newest"


def save(db: Database, body: str) -> None:
    """Keep the newest facts, as JSON, in place of those before."""
    db.execute(
        "INSERT INTO poll_facts (name, body) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET body = excluded.body",
        [_NEWEST, body],
    )


def load(db: Database) -> str | None:
    """The newest facts; None before the first."""
    row = db.execute("SELECT body FROM poll_facts WHERE name = ?", [_NEWEST]).fetchone()
    return None if row is None else str(row[0])
