"""Fleets in the database."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.data.catalogue import load_machines
from bot.mining.fleet import Fleet, FleetSite, Tariff
from bot.mining.parsing.fleet_parser import parse_fleet
from storage.chats import chats, fleets
from storage.chats.chats import Address
from storage.database import Store
from tests.fakes.connections import read_now, write_now

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HERE, THERE = Address(7), Address(-100, 3)
FLEET = parse_fleet(
    "add 10 s19, 4 x 270TH 3645W power DE-LU + 2c fee 2%", load_machines(), ("DE-LU",)
).applied(Fleet())


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    with Store(address) as opened:
        for place in (HERE, THERE):
            write_now(opened, lambda db, place=place: chats.remember(db, place, "private", NOW))  # type: ignore[misc] # mypy can't infer a lambda's default
        yield opened


def test_a_fleet_comes_back_as_it_was_kept(store: Store) -> None:
    write_now(store, lambda db: fleets.save(db, HERE, FLEET))
    assert read_now(store, lambda db: fleets.load(db, HERE)) == FLEET
    assert read_now(store, lambda db: fleets.load(db, THERE)) == Fleet()


def test_a_new_one_replaces_it_and_an_empty_one_removes_it(store: Store) -> None:
    write_now(store, lambda db: fleets.save(db, HERE, FLEET))
    other = Fleet(FLEET.kinds[:1], (FleetSite(tariff=Tariff(0.05)),))
    write_now(store, lambda db: fleets.save(db, HERE, other))
    assert read_now(store, lambda db: fleets.load(db, HERE)) == other
    write_now(store, lambda db: fleets.save(db, HERE, Fleet()))
    assert read_now(store, fleets.every) == []


def test_a_tariff_may_come_before_the_machines(store: Store) -> None:
    planned = Fleet(sites=(FleetSite(tariff=Tariff(0.05)),))
    write_now(store, lambda db: fleets.save(db, HERE, planned))
    assert read_now(store, lambda db: fleets.load(db, HERE)) == planned
    assert read_now(store, fleets.every) == []


def test_what_was_told_is_kept_until_the_fleet_changes(store: Store) -> None:
    write_now(store, lambda db: fleets.save(db, HERE, FLEET))
    write_now(store, lambda db: fleets.note_below_cost(db, HERE, True))
    write_now(store, lambda db: fleets.note_told(db, HERE, NOW))
    (stored,) = read_now(store, fleets.every)
    assert (stored.address, stored.below_cost, stored.told_until) == (HERE, True, NOW)
    write_now(store, lambda db: fleets.save(db, HERE, FLEET))
    (stored,) = read_now(store, fleets.every)
    assert (stored.below_cost, stored.told_until) == (None, NOW)


def test_chats_that_are_gone_are_left_out_and_forgotten_with_their_chat(store: Store) -> None:
    write_now(store, lambda db: fleets.save(db, HERE, FLEET))
    write_now(store, lambda db: fleets.save(db, THERE, FLEET))
    write_now(store, lambda db: chats.deactivate(db, HERE.chat_id, "blocked"))
    assert [each.address for each in read_now(store, fleets.every)] == [THERE]
    write_now(store, lambda db: db.execute("DELETE FROM chats WHERE chat_id = ?", [THERE.chat_id]))
    assert read_now(store, fleets.every) == []
    assert read_now(store, lambda db: db.execute("SELECT count(*) FROM fleet_batches").fetchone()[0]) == 2
