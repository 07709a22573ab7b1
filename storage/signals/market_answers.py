"""What the market last answered that is no reading: rates, day-ahead prices, the retarget."""

from collections.abc import Mapping

from storage.database import Database


def save(db: Database, bodies: Mapping[str, str]) -> None:
    """Keep answers by name, as JSON, in place of those before."""
    for name, body in bodies.items():
        db.execute(
            "INSERT INTO market_answers (name, body) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET body = excluded.body",
            [name, body],
        )


def load(db: Database) -> dict[str, str]:
    """Every answer kept, by name."""
    return {row[0]: row[1] for row in db.execute("SELECT name, body FROM market_answers").fetchall()}
