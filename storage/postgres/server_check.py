"""What can be told of a PostgreSQL server before the bot runs on it."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from storage.engine import Database
from storage.migrations import migrations
from storage.postgres.connection import PostgresConnection, connect

_TRIES = 7


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a server said.

    `is_writable`: it is no replica and this user may make tables. `latency_s` is the median of a few
    questions, `clock_ahead` how far the server's clock is ahead of this machine's. `holder` is the replica
    that has the lease, `unknown_steps` what a newer program did to the schema.
    """

    version: str
    is_replica: bool
    is_writable: bool
    latency_s: float
    clock_ahead: timedelta
    holder: str | None
    unknown_steps: tuple[str, ...]


def look(url: str, clock: Callable[[], datetime]) -> ServerFacts:
    """Ask the server, changing nothing. Raises StorageError."""
    with closing(connect(url)) as connection:
        db = PostgresConnection(connection)
        version = connection.info.parameter_status("server_version") or ""
        is_replica, is_writable = db.execute(
            "SELECT pg_is_in_recovery(), has_schema_privilege(current_schema(), 'CREATE')"
        ).fetchone()
        took, ahead = zip(*(_ask(db, clock) for _ in range(_TRIES)), strict=True)
        tables = db.table_names()
        holder = unknown = None
        if "lease" in tables:
            holder = db.execute("SELECT holder FROM lease WHERE until > clock_timestamp()").fetchone()
        if "migrations" in tables:
            unknown = {name for (name,) in db.execute("SELECT name FROM migrations")} - set(
                migrations.known()
            )
        return ServerFacts(
            version.split()[0] if version else "unknown",
            bool(is_replica),
            bool(is_writable),
            median(took),
            median(ahead),
            None if holder is None else str(holder[0]),
            tuple(sorted(unknown or ())),
        )


def _ask(db: Database, clock: Callable[[], datetime]) -> tuple[float, timedelta]:
    """How long a question takes, and how far the server's clock is ahead."""
    sent_at, began = clock(), time.monotonic()
    (there,) = db.execute("SELECT clock_timestamp()").fetchone()
    took = time.monotonic() - began
    return took, datetime.fromisoformat(there) - sent_at - timedelta(seconds=took / 2)
