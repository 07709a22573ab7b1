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
_CLOCK_SET_BACK_S: Final = 60.0
KEPT_FOR: Final = timedelta(minutes=5)
"""How long a count is kept after the last update; by then every bucket is full again."""


class _Limit(NamedTuple):
    size: int
    per_second: float


class Kind(StrEnum):
    """What is counted: answers, and beyond them the settings a person may still change."""

    ANSWERS = "answers"
    SETTINGS = "settings"


LIMITS: Final = {Kind.ANSWERS: _Limit(30, 0.5), Kind.SETTINGS: _Limit(10, 0.1)}
"""The burst and the rate of one person; settings have some of their own, since silence is wanted least."""


@dataclass(slots=True)
class Bucket:
    """A token bucket of `size` tokens that fills at `rate` a second. Times are seconds of one clock."""

    size: float
    rate: float
    tokens: float
    at: float
    is_told: bool = False

    def take(self, now: float, cost: float = 1.0) -> bool:
        """Take `cost` tokens if they are there."""
        self.tokens = min(self.size, self.tokens + max(0.0, now - self.at) * self.rate)
        self.at = max(self.at, now)
        if self.tokens < cost:
            return False
        self.tokens -= cost
        if self.tokens >= self.size / 2:
            self.is_told = False
        return True


class FloodCounts(Protocol):
    """A bucket for each person and kind; a full one for whoever has none."""

    async def take(self, sender: int, kind: Kind, cost: float = 1.0) -> bool:
        """Take `cost` of a person's bucket if that much is left."""

    async def note_told(self, sender: int, kind: Kind) -> bool:
        """Note that a person was told to wait; gives whether that was so already in this flood."""


class FloodCountsInMemory:
    """For a program that has the database for itself; the oldest are forgotten. `clock` never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[tuple[int, Kind], Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    async def take(self, sender: int, kind: Kind, cost: float = 1.0) -> bool:
        """Take `cost` of a person's bucket if that much is left."""
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

    async def take(self, sender: int, kind: Kind, cost: float = 1.0) -> bool:
        """Take `cost` of a person's bucket if that much is left."""

        def work(db: Database) -> bool:
            now = _now(db)
            bucket = _load(db, sender, kind, now)
            is_taken = bucket.take(now, cost)
            _save(db, sender, kind, bucket)
            return is_taken

        return await self._store.write_beside(work)

    async def note_told(self, sender: int, kind: Kind) -> bool:
        """Note that a person was told to wait; gives whether that was so already in this flood."""

        def work(db: Database) -> bool:
            bucket = _load(db, sender, kind, _now(db))
            was_told, bucket.is_told = bucket.is_told, True
            _save(db, sender, kind, bucket)
            return was_told

        return await self._store.write_beside(work)


def prune(db: Database) -> None:
    """Delete the counts of those who have asked nothing for a while."""
    before = _now(db) - KEPT_FOR.total_seconds()
    db.execute("DELETE FROM flood_counts WHERE counted_s < ?", [before])


def _now(db: Database) -> float:
    (seconds,) = db.execute(f"SELECT {db.dialect.seconds_now()}").fetchone()
    return float(seconds)


def _load(db: Database, sender: int, kind: Kind, now: float) -> Bucket:
    """A person's bucket, locked until the transaction ends. One counted by a clock that went back is full."""
    row = db.execute(
        "SELECT tokens, counted_s, is_told FROM flood_counts WHERE sender_id = ? AND kind = ? "
        f"{db.dialect.locking}",
        [sender, kind],
    ).fetchone()
    if row is None or row[1] > now + _CLOCK_SET_BACK_S:
        return _full(kind, now)
    limit = LIMITS[kind]
    return Bucket(limit.size, limit.per_second, row[0], row[1], bool(row[2]))


def _save(db: Database, sender: int, kind: Kind, bucket: Bucket) -> None:
    db.execute(
        "INSERT INTO flood_counts (sender_id, kind, tokens, counted_s, is_told) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (sender_id, kind) DO UPDATE SET "
        "tokens = excluded.tokens, counted_s = excluded.counted_s, is_told = excluded.is_told",
        [sender, kind, bucket.tokens, bucket.at, bucket.is_told],
    )


def _full(kind: Kind, now: float) -> Bucket:
    limit = LIMITS[kind]
    return Bucket(limit.size, limit.per_second, limit.size, now)
