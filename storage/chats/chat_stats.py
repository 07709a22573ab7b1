"""How many of everything: for the operators' /stats."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.chats.chats import ELSEWHERE
from storage.engine import Database


@dataclass(frozen=True, slots=True)
class ChatStats:
    """Chats by kind, how many are gone, subscriptions by signal, alerts of the last week."""

    chats: dict[str, int]
    gone: int
    subscriptions: dict[str, int]
    alerts_week: int


def count(db: Database, now: datetime) -> ChatStats:
    """Count what is held at `now`."""
    return ChatStats(
        chats=dict(db.execute("SELECT kind, count(*) FROM chats WHERE active GROUP BY kind ORDER BY kind")),
        gone=db.execute("SELECT count(*) FROM chats WHERE NOT active").fetchone()[0],
        subscriptions=dict(
            db.execute("SELECT signal, count(*) FROM subscriptions GROUP BY signal ORDER BY signal")
        ),
        alerts_week=db.execute(
            "SELECT count(*) FROM alerts WHERE at >= ?", [(now - timedelta(days=7)).isoformat()]
        ).fetchone()[0],
    )


def count_active(db: Database) -> int:
    """How many addresses a broadcast goes to."""
    row = db.execute("SELECT count(*) FROM chats WHERE active AND chat_id > ?", [ELSEWHERE]).fetchone()
    return int(row[0])
