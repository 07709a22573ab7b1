"""The sequence of turns that replicas share, and what they tell each other of chats."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from storage.engine import Database
from storage.outbox.recent_send import RecentSend
from storage.postgres import pace
from storage.postgres.connection import PostgresConnection, connect
from storage.postgres.pace import Given, Wanted
from tests.fakes.postgres_server import Server

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
    late = pace.exchange(db, Wanted(1, 1, GAP_S, seen=0, delay_s=5))
    assert (first.delay_s, late.delay_s) == (0.0, 5.0)
    assert until_first_s(late) == pytest.approx(2 * GAP_S + 5, abs=2)
    at_once = pace.exchange(db, Wanted(2, 1, GAP_S, seen=0, delay_s=4))
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
    assert pace.exchange(db, Wanted(2, 0, GAP_S, seen=given.seen)).sends == ()
    assert pace.exchange(db, Wanted(1, 0, GAP_S, seen=0)).sends == (), "its own it knows"


def test_what_matters_no_more_is_forgotten(db: Database) -> None:
    old = timedelta(minutes=5).total_seconds()
    said = [RecentSend("1", old), RecentSend("2", old, retry_after_s=10.0), RecentSend("3", 1.0)]
    pace.exchange(db, Wanted(1, 0, GAP_S, seen=0, sends=said))
    pace.prune(db)
    assert [each.chat for each in pace.exchange(db, Wanted(2, 0, GAP_S, seen=0)).sends] == ["2", "3"]
