"""The lease of a PostgreSQL database: of all the replicas that run on it, one leads.

Its number (`epoch`) grows with every change of holder. Every transaction of the leader begins by renewing the
lease under its number, so that a program that was stopped for a while and goes on writes nothing once another
has taken over; the row stays locked until the transaction ends, so that nobody takes over in the middle of
one. The server's clock alone decides.
"""

from datetime import timedelta
from typing import Final

from storage.engine import Database
from storage.errors import LeaseTakenError
from storage.postgres.boot_time import boot_time
from storage.postgres.replica_row import MARGIN_S, TERM, own_name

TABLE: Final = """
    CREATE TABLE IF NOT EXISTS lease (
        name text PRIMARY KEY,
        holder text NOT NULL,
        epoch bigint NOT NULL,
        until timestamptz NOT NULL
    )
"""
_NAME: Final = "program"
_REMEDY: Final = "stop it first; `minerwatch run` goes on beside it and takes over when it ends"
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


class Lease:
    """A lease that was taken, for as long as this program holds it."""

    def __init__(self, db: Database, term: timedelta = TERM) -> None:
        """Take the lease. Raises LeaseTakenError when another program holds it."""
        self._values: dict[str, object] = {
            "name": _NAME,
            "holder": own_name(),
            "term_s": term.total_seconds(),
        }
        _check_free(db)  # taking it would wait for a transaction of the leader's
        asked_at = boot_time()
        row = db.execute(_TAKE, self._values).fetchone()
        if row is None:
            _check_free(db)
            raise LeaseTakenError("another minerwatch leads on DATABASE_URL", _REMEDY, passing=True)
        self._values["epoch"] = row[0]
        self._held_until = asked_at + term.total_seconds() - MARGIN_S
        self.is_lost = False
        """Whether another program is known to have taken over."""

    @property
    def epoch(self) -> int:
        """The lease's number."""
        return int(str(self._values["epoch"]))

    def renew(self, db: Database) -> None:
        """Renew the lease, and lock it until the transaction ends. Raises LeaseTakenError."""
        asked_at = boot_time()
        if self.is_lost or db.execute(_RENEW, self._values).rowcount == 0:
            self.is_lost = True
            self.check()
        self._held_until = asked_at + float(str(self._values["term_s"])) - MARGIN_S

    def is_held(self) -> bool:
        """Whether no other can have taken over yet, by this machine's clock alone."""
        return not self.is_lost and boot_time() < self._held_until

    def check(self) -> None:
        """Raise LeaseTakenError when another program is known to have taken over."""
        if self.is_lost:
            raise LeaseTakenError(
                "another minerwatch has taken over DATABASE_URL",
                "this one starts again and waits",
                passing=True,
            )

    def release(self, db: Database) -> None:
        """Let another program take over at once."""
        db.execute(_RELEASE, self._values)


def _check_free(db: Database) -> None:
    """Raise LeaseTakenError, which names the holder, while the lease lasts."""
    holder = db.execute(
        "SELECT holder FROM lease WHERE name = ? AND until > clock_timestamp()", [_NAME]
    ).fetchone()
    if holder is not None:
        raise LeaseTakenError(
            f"another minerwatch ({holder[0]}) leads on DATABASE_URL", _REMEDY, passing=True
        )
