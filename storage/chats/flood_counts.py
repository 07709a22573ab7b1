"""How much each person has asked for lately, which the flood limits go by."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from storage.database import Database, Store

_MAX_PEOPLE: Final = 20_000
KEPT_FOR: Final = timedelta(minutes=5)
"""How long a count is kept after the last update; by then every bucket is full again."""


class _Limit(NamedTuple):
    size: float
    per_second: float


class Kind(StrEnum):
    """What is counted: answers, and beyond them the settings a person may still change."""

    ANSWERS = "answers"
    SETTINGS = "settings"


LIMITS: Final = {Kind.ANSWERS: _Limit(30.0, 0.5), Kind.SETTINGS: _Limit(10.0, 0.1)}
"""The burst and the rate of one person; settings have some of their own, since silence is wanted least."""


@dataclass(slots=True)
class Bucket:
    """A token bucket of `size` tokens that fills at `rate` a second. Times are seconds of one clock."""

    size: float
    rate: float
    tokens: float
    at: float
    is_told: bool = False

    def take(self, now: float, cost: float = 1.0) -> float | None:
        """Take `cost` tokens; gives how many are gone now, None when there were too few."""
        self.tokens = min(self.size, self.tokens + max(0.0, now - self.at) * self.rate)
        self.at = max(self.at, now)
        if self.tokens < cost:
            return None
        self.tokens -= cost
        if self.tokens >= self.size / 2:
            self.is_told = False
        return self.size - self.tokens


class FloodCounts(Protocol):
    """A bucket for each person and kind; a full one for whoever has none."""

    async def take(self, sender: int, kind: Kind, cost: float = 1.0) -> float | None:
        """Take `cost` of a person's bucket; gives how much is gone now, None when too little was left."""

    async def note_told(self, sender: int, kind: Kind) -> bool:
        """Note that a person was told to wait; gives whether that was so already in this flood."""


class FloodCountsInMemory:
    """For a program that has the database for itself; the oldest are forgotten. `clock` never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[tuple[int, Kind], Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    async def take(self, sender: int, kind: Kind, cost: float = 1.0) -> float | None:
        """Take `cost` of a person's bucket; gives how much is gone now, None when too little was left."""
        return self._bucket(sender, kind).take(self._clock(), cost)

    async def note_told(self, sender: int, kind: Kind) -> bool:
        """Note that a person was told to wait; gives whether that was so already in this flood."""
        bucket = self._bucket(sender, kind)
        was_told, bucket.is_told = bucket.is_told, True
        return was_told

    def _bucket(self, sender: int, kind: Kind) -> Bucket:
        key = sender, kind
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _full(kind, self._clock())
            if len(self._buckets) > _MAX_PEOPLE:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        return bucket


class StoredFloodCounts:
    """For replicas that share a database: a person has one bucket, whichever of them is asked.

    Time is the database server's, which all of them have in common.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def take(self, sender: int, kind: Kind, cost: float = 1.0) -> float | None:
        """Take `cost` of a person's bucket; gives how much is gone now, None when too little was left."""
        return await self._store.exchange(lambda db: take(db, sender, kind, cost))

    async def note_told(self, sender: int, kind: Kind) -> bool:
        """Note that a person was told to wait; gives whether that was so already in this flood."""
        return await self._store.write_beside(lambda db: _note_told(db, sender, kind))


def take(db: Database, sender: int, kind: Kind, cost: float, now: float | None = None) -> float | None:
    """As `Bucket.take`, in one statement; `now` (seconds) is the server's time unless given.

    A clock that was set back gives as much as one that went on, so that nobody waits for it to catch up.
    """
    filled = (
        "min(:size, flood_counts.tokens + abs(excluded.counted_s - flood_counts.counted_s) * :per_second)"
    )
    row = db.execute(
        f"""
        INSERT INTO flood_counts (sender_id, kind, tokens, counted_s, is_told)
        VALUES (:sender, :kind, :size - :cost, {db.dialect.seconds_now() if now is None else ":now"}, false)
        ON CONFLICT (sender_id, kind) DO UPDATE SET
            tokens = {filled} - :cost, counted_s = excluded.counted_s,
            is_told = flood_counts.is_told AND {filled} - :cost < :size / 2
        WHERE {filled} >= :cost
        RETURNING tokens
        """,
        {**LIMITS[kind]._asdict(), "sender": sender, "kind": kind, "cost": cost, "now": now},
    ).fetchone()
    return None if row is None else LIMITS[kind].size - float(row[0])


def prune(db: Database) -> None:
    """Delete the counts of those who have asked nothing for a while."""
    db.execute(
        f"DELETE FROM flood_counts WHERE counted_s < {db.dialect.seconds_now()} - ?",
        [KEPT_FOR.total_seconds()],
    )


def _note_told(db: Database, sender: int, kind: Kind) -> bool:
    row = db.execute(
        f"SELECT is_told FROM flood_counts WHERE sender_id = ? AND kind = ? {db.dialect.locking}",
        [sender, kind],
    ).fetchone()
    db.execute("UPDATE flood_counts SET is_told = true WHERE sender_id = ? AND kind = ?", [sender, kind])
    return row is not None and bool(row[0])


def _full(kind: Kind, now: float) -> Bucket:
    limit = LIMITS[kind]
    return Bucket(limit.size, limit.per_second, limit.size, now)
