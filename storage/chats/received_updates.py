"""Updates that Telegram has posted: kept until they are handled, those of one chat one after the other.

Any replica takes an update in; the first that has a place handles it. What a replica had claimed that is gone
falls to another, so an update is handled at least once. Of one that was handled only its number is kept, by
which Telegram's repeats are known.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from storage.engine import Database

KEPT_FOR: Final = timedelta(hours=25)
"""How long the numbers of handled updates are kept; Telegram tries for a day at most."""

MAX_CLAIMS: Final = 3
"""An update that so many replicas have not survived is given up."""


@dataclass(frozen=True, slots=True)
class ReceivedUpdate:
    """An update as Telegram posted it, as JSON. `line` is the chat, else the person, whose order is kept."""

    update_id: int
    line: int | None
    raw: str


@dataclass(frozen=True, slots=True)
class Claim:
    """An update that a replica handles; `count` says how many have begun to, this one included."""

    update_id: int
    replica: int
    raw: str
    count: int


@dataclass(frozen=True, slots=True)
class Turn:
    """The updates claimed, oldest first, and how many are left that nobody handles yet."""

    claims: tuple[Claim, ...]
    waiting: int


def keep(db: Database, updates: Iterable[ReceivedUpdate], now: datetime) -> None:
    """Keep updates that came in; one that is here already is no other."""
    stamp = now.isoformat()
    db.executemany(
        "INSERT INTO received_updates (update_id, line, raw, received_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (update_id) DO NOTHING",
        [(update.update_id, update.line, update.raw, stamp) for update in updates],
    )


def _free(db: Database) -> str:
    """SQL: whether an update `u` may be claimed: no living replica has it, and no earlier one of its chat is
    open. On SQLite there is one replica, which gives its claims back at its start."""
    return f"""
        u.raw IS NOT NULL
        AND (u.claimed_by IS NULL OR u.claimed_by <> :replica AND {db.dialect.claimed_by_dead})
        AND NOT EXISTS (
            SELECT 1 FROM received_updates AS earlier
            WHERE earlier.line = u.line AND earlier.raw IS NOT NULL AND earlier.update_id < u.update_id
        )
    """


def claim(db: Database, replica: int, places: int) -> Turn:
    """Claim up to `places` updates, oldest first; of each chat none before the earlier ones are handled.

    A replica that was taken for dead meanwhile gets none under its old number: they would count as left, and
    be handled twice.
    """
    rows = []
    is_alive = db.dialect.is_alive(":replica") if replica else "true"
    if places > 0:
        rows = db.execute(
            f"""
            UPDATE received_updates SET claimed_by = :replica, claims = claims + 1
            WHERE update_id IN (
                SELECT u.update_id FROM received_updates AS u WHERE {_free(db)} AND {is_alive}
                ORDER BY u.update_id LIMIT :places {db.dialect.skipping_locked}
            )
            RETURNING update_id, raw, claims
            """,
            {"replica": replica, "places": places},
        ).fetchall()
    (waiting,) = db.execute(
        "SELECT count(*) FROM received_updates WHERE raw IS NOT NULL AND claimed_by IS NULL"
    ).fetchone()
    claims = (Claim(update_id, replica, raw, count) for update_id, raw, count in rows)
    return Turn(tuple(sorted(claims, key=lambda each: each.update_id)), int(waiting))


def any_free(db: Database, replica: int) -> bool:
    """Whether there is an update that this replica may claim."""
    row = db.execute(
        f"SELECT 1 FROM received_updates AS u WHERE {_free(db)} LIMIT 1", {"replica": replica}
    ).fetchone()
    return row is not None


def release(db: Database, replica: int) -> int:
    """Give back what a replica has claimed: at its end, and at the start of the only program on a file."""
    return db.execute(
        "UPDATE received_updates SET claimed_by = NULL WHERE claimed_by = ?", [replica]
    ).rowcount


def return_lost(db: Database, replica: int, known: Collection[int]) -> None:
    """Give back what a replica has claimed without learning of it; it handles those that are `known`."""
    marks = ",".join("?" * len(known))
    db.execute(
        "UPDATE received_updates SET claimed_by = NULL, claims = claims - 1 "
        f"WHERE claimed_by = ? AND update_id NOT IN ({marks})",
        [replica, *known],
    )


def finish(db: Database, claims: Iterable[Claim]) -> None:
    """Keep nothing of updates that were handled but their numbers, unless others have taken them over."""
    db.executemany(
        "UPDATE received_updates SET line = NULL, raw = NULL, claimed_by = NULL "
        "WHERE update_id = ? AND claimed_by = ?",
        [(claim.update_id, claim.replica) for claim in claims],
    )


def prune(db: Database, now: datetime, limit: int) -> int:
    """Delete the numbers that Telegram can't repeat any more; gives how many there were."""
    return db.execute(
        "DELETE FROM received_updates WHERE update_id IN (SELECT update_id FROM received_updates "
        "WHERE raw IS NULL AND received_at < ? LIMIT ?)",
        [(now - KEPT_FOR).isoformat(), limit],
    ).rowcount
