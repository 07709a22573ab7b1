"""The replicas of a PostgreSQL database: each has a number for as long as it says that it is alive.

What a replica works on carries its number (`claimed_by`). One that has been silent for `TERM` is removed by
any other, for good: its number is not used again, and what carries it is free. The server's clock alone
decides, except for whether a replica may still count on its number.
"""

import os
import platform
from datetime import timedelta
from typing import Final

from storage.engine import Database
from storage.postgres.boot_time import boot_time

TERM: Final = timedelta(seconds=5)
"""How long a replica counts as alive without a sign of life."""

MARGIN_S: Final = 1.0
"""Seconds before the end of its term at which a replica stops counting on it."""

TABLE: Final = """
    CREATE TABLE IF NOT EXISTS replicas (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text NOT NULL,
        until timestamptz NOT NULL
    )
"""
_JOIN = """
    INSERT INTO replicas (name, until) VALUES (?, clock_timestamp() + make_interval(secs => ?)) RETURNING id
"""
_RENEW = """
    UPDATE replicas SET until = clock_timestamp() + make_interval(secs => ?) WHERE id = ?
"""
_REMOVE_SILENT = "DELETE FROM replicas WHERE until <= clock_timestamp() AND id <> ?"


def own_name() -> str:
    """This program, for people."""
    return f"{platform.node()}:{os.getpid()}"


class ReplicaRow:
    """This program's row among the replicas."""

    def __init__(self, db: Database, term: timedelta = TERM) -> None:
        """Join the others."""
        self._term_s = term.total_seconds()
        self._renewals = 0
        self.number = self._join(db)
        """The replica's own, never used again."""

    def _join(self, db: Database) -> int:
        asked_at = boot_time()
        (number,) = db.execute(_JOIN, [own_name(), self._term_s]).fetchone()
        self._alive_until = asked_at + self._term_s - MARGIN_S
        self._renewals = 0
        return int(number)

    def renew(self, db: Database) -> None:
        """Give a sign of life, and remove those that give none; joins anew when this one was removed."""
        asked_at = boot_time()
        if db.execute(_RENEW, [self._term_s, self.number]).rowcount == 0:
            self.number = self._join(db)
            return
        self._alive_until = asked_at + self._term_s - MARGIN_S
        self._renewals += 1
        if self._renewals > 1:  # after an outage of the server the others have time to say that they live
            db.execute(_REMOVE_SILENT, [self.number])

    def is_alive(self) -> bool:
        """Whether no other can have removed this replica yet, by this machine's clock alone."""
        return boot_time() < self._alive_until

    def leave(self, db: Database) -> None:
        """Free what this replica works on at once."""
        db.execute("DELETE FROM replicas WHERE id = ?", [self.number])
