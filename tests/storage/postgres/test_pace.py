"""The sequence of turns that replicas share, and what they tell each other of chats."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta

import pytest

from storage.database import Store
from storage.engine import Database
from storage.outbox.recent_send import RecentSend
from storage.postgres import pace
from storage.postgres.connection import PostgresConnection, connect
from storage.postgres.pace import Given, Wanted
from tests.fakes.failing_postgres import FailingServer, failing_server
from tests.fakes.postgres_server import NoServerError, Server

GAP_S = 10.0  # so long that no machine is too slow for it


@pytest.fixture
def db(postgres: Server) -> Iterator[Database]:
    with postgres.database() as url, closing(connect(url, read_only=False)) as connection:
        yield PostgresConnection(connection)


def until_first_s(given: Given) -> float:
    """How long after the answer the first turn comes."""
    return given.first_at_s - given.at_s


def test_turns_of_two_replicas_never_meet(db: Database) -> None:
    first = pace.exchange(db, Wanted(1, 3, GAP_S, seen=0))
    second = pace.exchange(db, Wanted(2, 2, GAP_S, seen=0))
    again = pace.exchange(db, Wanted(1, 1, GAP_S, seen=0))
    assert until_first_s(first) == pytest.approx(0.0, abs=2)
    assert until_first_s(second) == pytest.approx(3 * GAP_S, abs=2)
    assert until_first_s(again) == pytest.approx(5 * GAP_S, abs=2)


def test_turns_that_are_not_needed_are_given_back_while_nobody_has_later_ones(db: Database) -> None:
    first = pace.exchange(db, Wanted(1, 5, GAP_S, seen=0))
    pace.exchange(db, Wanted(1, 0, GAP_S, seen=0, unused=3, block_end=first.block_end))
    second = pace.exchange(db, Wanted(2, 1, GAP_S, seen=0))
    assert until_first_s(second) == pytest.approx(2 * GAP_S, abs=2)
    late = pace.exchange(db, Wanted(1, 1, GAP_S, seen=0, unused=2, block_end=first.block_end))
    assert until_first_s(late) == pytest.approx(3 * GAP_S, abs=2), "the second's turn lies behind"


def test_turns_that_were_taken_and_lost_come_to_an_end(db: Database) -> None:
    """A replica that dies with turns in hand delays the others by these, and no more."""
    pace.exchange(db, Wanted(1, 4, 0.001, seen=0))
    given = pace.exchange(db, Wanted(2, 1, 0.001, seen=0))
    assert until_first_s(given) <= 0.004


def test_a_delay_that_one_has_asked_for_counts_for_the_others_too(db: Database) -> None:
    first = pace.exchange(db, Wanted(1, 2, GAP_S, seen=0))
    began_at = first.began_at
    late = pace.exchange(db, Wanted(1, 1, GAP_S, seen=0, delay_s=5, began_at=began_at))
    assert (first.delay_s, late.delay_s) == (0.0, 5.0)
    assert until_first_s(late) == pytest.approx(2 * GAP_S + 5, abs=2)
    at_once = pace.exchange(db, Wanted(2, 1, GAP_S, seen=0, delay_s=4, began_at=began_at))
    assert until_first_s(at_once) == pytest.approx(3 * GAP_S + 5, abs=2), "the same delay, seen by another"


def test_a_pause_is_everybodys(db: Database) -> None:
    assert pace.exchange(db, Wanted(1, 1, 0.001, seen=0, pause_s=60)).paused_s == pytest.approx(60, abs=2)
    given = pace.exchange(db, Wanted(2, 1, 0.001, seen=0))
    assert given.paused_s == pytest.approx(60, abs=2)
    assert until_first_s(given) == pytest.approx(60, abs=2)
    shorter = pace.exchange(db, Wanted(2, 0, 0.001, seen=0, pause_s=1))
    assert shorter.paused_s == pytest.approx(60, abs=2)


def test_what_one_has_sent_the_others_learn_once(db: Database) -> None:
    said = [
        RecentSend("7", 0.5),
        RecentSend("-100", 1.0, is_edit=True),
        RecentSend("@channel", 0.0, retry_after_s=30.0),
    ]
    pace.exchange(db, Wanted(1, 0, GAP_S, seen=0, sends=said))
    given = pace.exchange(db, Wanted(2, 0, GAP_S, seen=0))
    assert [(each.chat, each.is_edit, each.retry_after_s) for each in given.sends] == [
        ("7", False, None), ("-100", True, None), ("@channel", False, 30.0),
    ]  # fmt: skip
    assert given.sends[0].age_s == pytest.approx(0.5, abs=0.4)
    told = Wanted(2, 0, GAP_S, seen=given.seen, began_at=given.began_at)
    assert pace.exchange(db, told).sends == ()
    assert pace.exchange(db, Wanted(1, 0, GAP_S, seen=0)).sends == (), "its own it knows"


def test_what_matters_no_more_is_forgotten(db: Database) -> None:
    old = timedelta(minutes=5).total_seconds()
    said = [RecentSend("1", old), RecentSend("2", old, retry_after_s=10.0), RecentSend("3", 1.0)]
    pace.exchange(db, Wanted(1, 0, GAP_S, seen=0, sends=said))
    pace.prune(db)
    assert [each.chat for each in pace.exchange(db, Wanted(2, 0, GAP_S, seen=0)).sends] == ["2", "3"]


def test_a_server_that_crashed_begins_another_sequence_in_which_all_is_learnt_anew() -> None:
    """Its tables are empty, and its ids begin at 1 again: nobody may wait for those that he has seen."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(failing_server())
        except NoServerError as error:
            pytest.skip(f"no PostgreSQL server: {error}")
        Store(server.url).close()
        with _connected(server) as db:
            pace.exchange(db, Wanted(1, 0, GAP_S, seen=0, sends=[RecentSend("1", 0.0)] * 50))
            began_at = pace.exchange(db, Wanted(2, 0, GAP_S, seen=0)).began_at
            before = pace.exchange(db, Wanted(2, 3, GAP_S, seen=0, delay_s=30, began_at=began_at))
        assert (before.seen, before.delay_s) == (50, 30.0)
        server.kill()
        server.start()
        with _connected(server) as db:
            pace.exchange(db, Wanted(1, 1, GAP_S, 0, [RecentSend("2", 0.0)], delay_s=20, began_at=began_at))
            after = pace.exchange(db, Wanted(2, 1, GAP_S, before.seen, delay_s=30, began_at=began_at))
        assert ([each.chat for each in after.sends], after.seen) == (["2"], 1)
        assert after.began_at != before.began_at
        assert until_first_s(after) == pytest.approx(GAP_S, abs=2), "delays were the other sequence's"


@contextmanager
def _connected(server: FailingServer) -> Iterator[Database]:
    with closing(connect(server.url, read_only=False)) as connection:
        yield PostgresConnection(connection)
