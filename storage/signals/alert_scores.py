"""What followed the alerts of this program: each is scored 30, 90, 180 and 365 days later, good or bad."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from storage.engine import Database

SCORED_AFTER: Final = (30, 90, 180, 365)
"""Days after an alert at which it is scored."""

Outcome = Callable[[datetime, int], tuple[float, float] | None]
"""Gives the change of price so many days after a moment, and the furthest fall of difficulty by then."""


@dataclass(frozen=True, slots=True)
class ScoreSummary:
    """The alerts of one rule (or into one phase) scored after `days`.

    `difficulty_fell` counts those after which difficulty fell by 5 %, `price_rose` those with a higher price.
    """

    rule: str
    days: int
    n: int
    difficulty_fell: int
    price_rose: int


def score_due(db: Database, outcome: Outcome, now: datetime) -> int:
    """Score every alert whose time has come and whose outcome is known; returns how many scores were made."""
    count = 0
    for days in SCORED_AFTER:
        due = db.execute(
            """
            SELECT id, at FROM alerts
            WHERE kind IN ('fired', 'phase') AND at <= ?
                AND NOT EXISTS (SELECT 1 FROM alert_scores s WHERE s.alert_id = alerts.id AND s.days = ?)
            """,
            [(now - timedelta(days=days)).isoformat(), days],
        ).fetchall()
        for alert, at in due:
            result = outcome(datetime.fromisoformat(at), days)
            if result is None:
                continue
            price, difficulty = result
            db.execute(
                "INSERT INTO alert_scores (alert_id, days, scored_at, price_change, difficulty_change) "
                "VALUES (?, ?, ?, ?, ?)",
                [alert, days, now.isoformat(), price, difficulty],
            )
            count += 1
    return count


def summaries(db: Database) -> list[ScoreSummary]:
    """The record of every rule and phase, by name and days."""
    rows = db.execute(
        """
        SELECT CASE a.kind WHEN 'phase' THEN a.body ->> 'after' ELSE a.rule END AS subject,
               s.days, count(*), count(*) FILTER (WHERE s.difficulty_change <= -0.05),
               count(*) FILTER (WHERE s.price_change > 0)
        FROM alert_scores s JOIN alerts a ON a.id = s.alert_id
        GROUP BY subject, s.days ORDER BY subject, s.days
        """
    ).fetchall()
    return [ScoreSummary(*row) for row in rows]
