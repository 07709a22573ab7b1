"""The servers that the real program talks to."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.providers import Providers
from tests.fakes.telegram import FakeTelegram
from tests.fakes.world import World


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as server:
        yield server


@pytest.fixture
async def providers() -> AsyncIterator[Providers]:
    # A little in the past, so that a test can let time pass: prices are stamped every five minutes. But
    # of the same day, since the programs under test ask for yesterday by the machine's own clock.
    now = datetime.now(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    async with Providers(World(max(now - timedelta(minutes=10), midnight))) as server:
        yield server
