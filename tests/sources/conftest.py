"""A healthy world at a fixed moment, served by fake providers on the loopback."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest

from bot.sources.base import Endpoint
from bot.sources.feeds import Feeds
from bot.sources.plan import PROVIDERS
from tests.fakes.providers import Providers
from tests.fakes.world import World

NOW = datetime(2026, 11, 18, 14, 7, tzinfo=UTC)
ZONES = ("DE-LU", "FR")

Build = Callable[..., Feeds]


@pytest.fixture
async def fakes() -> AsyncIterator[Providers]:
    async with Providers(World(NOW)) as running:
        yield running


@pytest.fixture
async def build(fakes: Providers) -> AsyncIterator[Build]:
    """Make feeds that ask the fakes: `only` these providers, or all `without` some."""
    made: list[Feeds] = []

    def make(
        *only: str, without: tuple[str, ...] = (), zones: tuple[str, ...] = ZONES, timeout_s: float = 5.0
    ) -> Feeds:
        endpoints = {
            name: Endpoint(name, fakes.url(name) if on else "", api_key="secret-key" if on else None)
            for name in PROVIDERS
            for on in [(not only or name in only) and name not in without]
        }
        feeds = Feeds(endpoints, zones, contact="ops@example.org", timeout_s=timeout_s)
        made.append(feeds)
        return feeds

    yield make
    for feeds in made:
        await feeds.close()
