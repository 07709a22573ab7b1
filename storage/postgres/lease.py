"""The lease of a PostgreSQL database: of all the replicas that run on it, one writes and delivers.

Its number (`epoch`) grows with every change of holder. Every transaction begins by renewing the lease under
its number, so that a program that was stopped for a while and goes on writes nothing once another has taken
over; the row stays locked until the transaction ends, so that nobody takes over in the middle of one.
The server's clock alone decides, except for whether a holder may still count on its lease.
"""

import os
import platform
import time
from datetime import timedelta
from typing import Final

from storage.engine import Database
from storage.errors import StorageError

TERM: Final = timedelta(seconds=5)
"""How long a lease lasts without being renewed."""

RENEW_S: Final = 1.0
"""Seconds between two renewals while nothing is written."""

_MARGIN_S: Final = 1.0  # a holder stops counting on its lease this long before others may take it

TABLE: Final = """
    CREATE TABLE IF NOT EXISTS lease (
        name text PRIMARY KEY,
        holder text NOT NULL,
        epoch bigint NOT NULL,
        until timestamptz NOT NULL
    )
"""
_NAME: Final = "program"
_TAKE = """
    INSERT INTO lease (name, holder, epoch, until)
    VALUES (:name, :holder, 1, clock_timestamp() + make_interval(secs => :term_s))
    ON CONFLICT (name) DO UPDATE
    SET holder = excluded.holder, epoch = lease.epoch + 1, until = excluded.until
    WHERE lease.until <= clock_timestamp()
    RETURNING epoch
"""
_RENEW = """
    UPDATE lease SET until = clock_timestamp() + make_interval(secs => :term_s)
    WHERE name = :name AND holder = :holder AND epoch = :epoch
"""
_RELEASE = """
    UPDATE lease SET until = clock_timestamp() WHERE name = :name AND holder = :holder AND epoch = :epoch
"""


class LeaseTakenError(StorageError):
    """Another program holds the lease, or has taken it over."""


class Lease:
    """A lease that was taken, for as long as this program holds it."""

    def __init__(self, db: Database, term: timedelta = TERM) -> None:
        """Take the lease. Raises LeaseTakenError when another program holds it."""
        self._values: dict[str, object] = {
            "name": _NAME,
            "holder": f"{platform.node()}:{os.getpid()}",
            "term_s": term.total_seconds(),
        }
        asked_at = _now()
        row = db.execute(_TAKE, self._values).fetchone()
        if row is None:
            (holder,) = db.execute("SELECT holder FROM lease WHERE name = ?", [_NAME]).fetchone()
            raise LeaseTakenError(
                f"another minerwatch ({holder}) is running on DATABASE_URL",
                "stop it first; `minerwatch run` waits and takes over when it ends",
                passing=True,
            )
        self._values["epoch"] = row[0]
        self._term_s = term.total_seconds()
        self._held_until = asked_at + self._term_s - _MARGIN_S
        self.is_lost = False
        """Whether another program is known to have taken over."""

    @property
    def epoch(self) -> int:
        """The lease's number."""
        return int(str(self._values["epoch"]))

    def renew(self, db: Database) -> None:
        """Renew the lease, and lock it until the transaction ends. Raises LeaseTakenError."""
        asked_at = _now()
        if self.is_lost or db.execute(_RENEW, self._values).rowcount == 0:
            self.is_lost = True
            self.check()
        self._held_until = asked_at + self._term_s - _MARGIN_S

    def check(self) -> None:
        """Raise LeaseTakenError when another program is known to have taken over."""
        if self.is_lost:
            raise LeaseTakenError(
                "another minerwatch has taken over DATABASE_URL",
                "this one starts again and waits",
                passing=True,
            )

    def is_held(self) -> bool:
        """Whether nobody else can have the lease yet, by this machine's clock alone."""
        return not self.is_lost and _now() < self._held_until

    def release(self, db: Database) -> None:
        """Let another program take over at once."""
        db.execute(_RELEASE, self._values)


def _now() -> float:
    """Seconds that go on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
