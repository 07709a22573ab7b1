"""A healthy world at a fixed moment, served by fake providers on the loopback."""

import ssl
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot.sources.collector import Collector
from bot.sources.series_config import PROVIDERS
from bot.sources.types import Endpoint
from tests.fakes.providers import Providers
from tests.fakes.world import World

NOW = datetime(2026, 11, 18, 14, 7, tzinfo=UTC)
ZONES = ("DE-LU", "FR")
KEY = "secret-key"

Build = Callable[..., Collector]

_CERTIFICATES = ssl.create_default_context()  # slow to make, and never used on the loopback


@pytest.fixture
async def fakes() -> AsyncIterator[Providers]:
    async with Providers(World(NOW)) as running:
        yield running


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(verify=_CERTIFICATES) as opened:
        yield opened


@pytest.fixture
def build(fakes: Providers, client: httpx.AsyncClient) -> Build:
    """Make feeds that ask the fakes: `only` these providers, or all `without` some."""

    def make(
        *only: str,
        without: tuple[str, ...] = (),
        zones: tuple[str, ...] = ZONES,
        timeout_s: float = 5.0,
        refresh: timedelta | None = None,
    ) -> Collector:
        endpoints = {
            name: Endpoint(name, fakes.url(name) if on else "", api_key=KEY if on else None)
            for name in PROVIDERS
            for on in [(not only or name in only) and name not in without]
        }
        return Collector(
            endpoints,
            zones,
            contact="ops@example.org",
            refresh=refresh,
            client=client,
            timeout_s=timeout_s,
        )

    return make
