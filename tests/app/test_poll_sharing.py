"""A replica that doesn't poll knows what the leader's polls have brought, as soon as it looks."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app import Program
from bot.cli.replay_feed import ReplayFeed
from bot.settings import Settings
from storage.database import Store
from tests.fakes.postgres_server import Server
from tests.web.site import NOON, july_2022


class Pair:
    """The leader and another replica, with the clock that both go by."""

    def __init__(self, stores: tuple[Store, Store]) -> None:
        self.now = NOON
        known = [reading for reading in july_2022() if reading.read_at <= NOON]
        self.leader, self.other = (
            Program(
                Settings(_env_file=None, poll_interval_seconds=86_400),
                store,
                ReplayFeed(feed),
                token="1:a-token",
                clock=lambda: self.now,
                bundle=lambda: known,
            )
            for store, feed in zip(stores, (july_2022()[len(known) :], ()), strict=True)
        )

    async def poll(self) -> None:
        """Poll, publish, and have the other look."""
        await self.leader.poll()
        await self.leader.sharing.publish()
        await self.other.sharing.follow()


@pytest.fixture
def stores(postgres: Server) -> Iterator[tuple[Store, Store]]:
    with ExitStack() as open_:
        url = open_.enter_context(postgres.database())
        yield open_.enter_context(Store(url)), open_.enter_context(Store(url))


async def test_the_other_replica_is_level_after_every_poll(stores: tuple[Store, Store]) -> None:
    pair = Pair(stores)
    await pair.leader.store.lead()
    back = timedelta(hours=-2)  # the clock was ahead
    for later in (timedelta(0), timedelta(hours=3), back, timedelta(days=1), timedelta(days=3)):
        pair.now += later
        await pair.poll()
        leader, other = pair.leader, pair.other
        assert other.poller.history.newest_readings() == leader.poller.history.newest_readings()
        assert other.poller.standing == leader.poller.standing
        assert other.snapshot.market() == leader.snapshot.market()
        status = replace(other.snapshot.status(), rules=())  # each program has made its own
        assert status == replace(leader.snapshot.status(), rules=())
        assert status.polled_at == pair.now
        assert other.sharing.sources() == leader.sharing.sources()


async def test_news_are_told_once_a_poll(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = Pair(stores)
    told: list[None] = []
    monkeypatch.setattr(pair.other.page, "updated", lambda: told.append(None))
    await pair.leader.store.lead()
    await pair.other.sharing.follow()
    assert not told, "nothing was polled yet"
    await pair.poll()
    await pair.other.sharing.follow()
    assert len(told) == 1


async def test_a_new_leader_goes_by_the_old_ones_poll_until_its_own(stores: tuple[Store, Store]) -> None:
    pair = Pair(stores)
    await pair.leader.store.lead()
    await pair.poll()
    pair.leader.store.close()
    await pair.other.store.lead()
    assert pair.other.snapshot.status().polled_at == NOON
    pair.now += timedelta(minutes=5)
    await pair.other.poll()
    assert pair.other.snapshot.status().polled_at == pair.now
