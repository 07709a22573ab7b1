"""A keeper over a synthetic server; no request waits, and time is an argument."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.ledger.keeper import LedgerKeeper, LedgerReport
from bot.sources.base import Endpoint
from bot.sources.chain import chain_client
from storage.database import Store
from tests.fakes.chain import ChainServer


async def at_once() -> None:
    return None


class Running:
    """A keeper being stepped through simulated time."""

    def __init__(self, store: Store, server: ChainServer, http: httpx.AsyncClient, days: int) -> None:
        self.store = store
        self.server = server
        self.now = datetime.fromtimestamp(server.chain.at(server.height).time, UTC)
        self.calls_per_step = 100_000
        self._http = http
        self._days = days
        self.restart()

    def restart(self, url: str | None = None) -> None:
        """A new process over the same database."""
        chain = chain_client(Endpoint("mempool", url or self.server.url), self._http, lambda: self.now)
        self.keeper = LedgerKeeper(
            self.store, chain, pace=at_once, calls_per_step=self.calls_per_step, history_days=self._days
        )

    async def step(self, after: timedelta = timedelta(minutes=15)) -> LedgerReport:
        self.now += after
        return await self.keeper.step(self.now)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "minerwatch.db") as opened:
        yield opened


Start = Callable[..., Running]


@pytest.fixture
async def http() -> Iterator[httpx.AsyncClient]:  # type: ignore[misc]  # pytest-asyncio drives it
    async with httpx.AsyncClient() as client:
        yield client
