"""Bugs of replicas put back on purpose: each must be found within 200 histories.

`python -m tests.simulation.replicas.seeded_bugs [NAME …]` prints the seed that finds each.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Final
from unittest.mock import patch

from storage import outbox
from storage.chats import received_updates
from storage.database import Database
from storage.dialect import POSTGRES
from storage.outbox import Lane, RecoveredRows
from storage.postgres import lease, pace
from storage.postgres.lease import Lease
from storage.postgres.server_engine import PostgresEngine
from tests.fakes.postgres_server import Server, start
from tests.simulation.__main__ import check_replicas
from tests.simulation.seeded_bugs import report

MOST_SEEDS: Final = 200


def what_a_dead_replica_has_claimed_is_lost() -> AbstractContextManager[object]:
    """A lost row: nobody takes over what carries a dead replica's number."""
    return patch.object(type(POSTGRES), "claimed_by_dead", "false")


def a_dead_replicas_messages_go_again_unmarked() -> AbstractContextManager[object]:
    """A doubled row: what may have arrived goes again as if nobody had sent it."""

    def recover(db: Database, now: datetime, lane: Lane = Lane.TELEGRAM) -> RecoveredRows:
        again = db.execute(
            "UPDATE outbox SET state = 'pending', claimed_by = NULL, next_try_at = ? "
            f"WHERE state = 'leased' AND {lane} AND {db.dialect.claimed_by_dead}",
            [now.isoformat()],
        ).rowcount
        return RecoveredRows(again, 0)

    return patch.object(outbox, "recover", recover)


def who_lost_the_lead_goes_on_writing() -> AbstractContextManager[object]:
    """A stale write: the lease is looked at once, when it is taken."""
    return patch.object(Lease, "renew", lambda *_: None)


def a_dead_leader_is_waited_for() -> AbstractContextManager[object]:
    """A takeover takes half a minute."""
    late = lease._TAKE.replace("lease.until <=", "lease.until + interval '30 seconds' <=")
    return patch.object(lease, "_TAKE", late)


@contextmanager
def a_number_that_was_given_up_claims() -> Iterator[None]:
    """Once real: a replica that was stopped goes on under its old number, and again under the new one."""
    with (
        patch.object(type(POSTGRES), "is_alive", lambda *_: "true"),
        patch.object(PostgresEngine, "may_send", lambda *_: True),
    ):
        yield


def what_was_claimed_before_a_stop_is_handled_after_it() -> AbstractContextManager[object]:
    """Once real for updates: nobody asks whether another replica has taken over meanwhile."""
    return patch.object(PostgresEngine, "may_send", lambda *_: True)


def nobody_learns_what_others_send() -> AbstractContextManager[object]:
    """The limits of chats are each replica's own."""
    deaf = pace._EXCHANGE.replace("WHERE id > :seen", "WHERE false AND id > :seen")
    return patch.object(pace, "_EXCHANGE", deaf)


def updates_of_a_chat_overtake_each_other() -> AbstractContextManager[object]:
    """Each replica handles whatever update is free."""

    def free(db: Database) -> str:
        dead = db.dialect.claimed_by_dead
        return f"u.raw IS NOT NULL AND (u.claimed_by IS NULL OR u.claimed_by <> :replica AND {dead})"

    return patch.object(received_updates, "_free", free)


BUGS: Final = {
    bug.__name__: bug
    for bug in (
        what_a_dead_replica_has_claimed_is_lost,
        a_dead_replicas_messages_go_again_unmarked,
        who_lost_the_lead_goes_on_writing,
        a_dead_leader_is_waited_for,
        a_number_that_was_given_up_claims,
        what_was_claimed_before_a_stop_is_handled_after_it,
        nobody_learns_what_others_send,
        updates_of_a_chat_overtake_each_other,
    )
}


def find(name: str, server: Server) -> tuple[int, str] | None:
    """Return the first seed that finds a bug, with the violation; None when none does."""
    for seed in range(MOST_SEEDS):
        with BUGS[name]():
            wrong = check_replicas(seed, server)
        if wrong:
            return seed, wrong[0]
    return None


def main() -> int:
    """Look for every bug; the status is 1 when one escapes."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulation.replicas.seeded_bugs", description=__doc__
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BUGS))
    given, server = parser.parse_args(), Server(start())
    return report(given.names or BUGS, lambda name: find(name, server), MOST_SEEDS)


if __name__ == "__main__":
    sys.exit(main())
