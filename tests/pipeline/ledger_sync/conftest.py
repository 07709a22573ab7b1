"""A ledger sync over a synthetic server; no request waits, and time is an argument."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.ledger.flows import LedgerDay
from bot.ledger.proof_of_work import ChainRules
from bot.pipeline.ledger_sync.sync import LedgerReport, LedgerSync
from bot.sources.block_explorer import chain_client
from bot.sources.types import Endpoint
from storage.database import Store
from storage.ledger import days as ledger_days
from tests.fakes.blockchain import Chain
from tests.fakes.chain import ChainServer
from tests.fakes.connections import read_now

START = datetime(2025, 1, 1, tzinfo=UTC)


async def at_once() -> None:
    return None


class Running:
    """A ledger sync being stepped through simulated time, in which the chain grows too."""

    def __init__(self, store: Store, server: ChainServer, http: httpx.AsyncClient, days: int) -> None:
        self.store = store
        self.server = server
        self.chain = server.chain
        self.now = datetime.fromtimestamp(self.chain.tip.time, UTC)
        self.calls_per_step = 100_000
        self.rules: ChainRules | None = None
        self._http = http
        self._days = days
        self.restart()

    def restart(self, url: str | None = None, pace: Callable[[], Awaitable[None]] = at_once) -> None:
        """A new process over the same database."""
        chain = chain_client(
            Endpoint("mempool", url or self.server.url), self._http, lambda: self.now, rules=self.rules
        )
        self.ledger_sync = LedgerSync(
            self.store, chain, pace=pace, calls_per_step=self.calls_per_step, history_days=self._days
        )

    async def step(self, after: timedelta = timedelta(minutes=15)) -> LedgerReport:
        """Let time pass and the chain grow, then do one step."""
        self.now += after
        self.chain.mine_until(self.now)
        return await self.ledger_sync.step(self.now)

    async def days(self, count: int, every: timedelta = timedelta(hours=2)) -> list[LedgerReport]:
        """Step through whole days."""
        return [await self.step(every) for _ in range(round(count * timedelta(days=1) / every))]

    def ledger(self) -> list[LedgerDay]:
        return read_now(self.store, ledger_days.daily)

    def day(self, day: date) -> LedgerDay:
        return next(each for each in self.ledger() if each.day == day)

    def assert_true(self, least: int) -> None:
        """Every complete day equals the truth to the satoshi, and there are at least so many."""
        whole = [day for day in self.ledger() if day.complete]
        assert len(whole) >= least
        heights = self.chain.days()
        own = self.chain.registry()
        for each in whole:
            txs = [tx for height in heights[each.day] for tx in self.chain.at(height).txs]
            assert each.net_sat == sum(tx.carried_out(own) for tx in txs), each.day
            paid = sum(sat for tx in txs if tx.coinbase for to, sat in tx.outputs if to in own)
            assert each.reward_sat == paid, each.day
        for each in (whole[0], whole[len(whole) // 2], whole[-1]):
            assert each.reserve_sat == self.chain.reserve(each.day)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store in a file: what is read of a chain, and when, does not depend on the engine."""
    with Store(tmp_path / "minerwatch.db") as opened:
        yield opened


@pytest.fixture
def any_store(address: str) -> Iterator[Store]:
    """A store on each engine; with those of the tables these tests run every statement of the ledger."""
    with Store(address) as opened:
        yield opened


@asynccontextmanager
async def running(store: Store, chain: Chain, *, days: int) -> AsyncIterator[Running]:
    async with ChainServer(chain) as server, httpx.AsyncClient() as http:
        yield Running(store, server, http, days)


def grown(days: int, *, interval_s: float = 3_600.0, seed: int = 1, first_height: int = 700_000) -> Chain:
    """A chain that has been running for some days."""
    chain = Chain(START, interval_s=interval_s, seed=seed, first_height=first_height)
    chain.mine_until(START + timedelta(days=days))
    return chain
