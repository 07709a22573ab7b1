"""The ledger's newest day is confirmed by a second explorer, or rests on one."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from aiohttp import web

from bot.pipeline.ledger_sync.second_explorer import SecondExplorer
from bot.pipeline.ledger_sync.sync import LedgerSync
from bot.signals.series import Confidence
from bot.sources.block_explorer import chain_client
from bot.sources.types import Endpoint
from storage.database import Store
from storage.signals import readings
from tests.fakes.chain import ChainServer
from tests.fakes.connections import read_now
from tests.pipeline.ledger_sync.conftest import Running, at_once, grown, running


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


def checked(run: Running, second: str, http: httpx.AsyncClient) -> None:
    """A ledger sync whose days a second server is asked about."""
    first, other = (
        chain_client(Endpoint("", url), http, lambda: run.now, rules=None) for url in (run.server.url, second)
    )
    run.ledger_sync = LedgerSync(
        run.store,
        first,
        pace=at_once,
        calls_per_step=100_000,
        history_days=10,
        second=SecondExplorer(other, run.store),
        trusted=False,
    )


def confidences(store: Store) -> set[Confidence]:
    rows = read_now(store, lambda db: list(readings.everything(db)))
    return {reading.confidence for reading in rows if reading.complete}


async def test_days_that_a_second_explorer_bears_out_are_confirmed(
    store: Store, http: httpx.AsyncClient
) -> None:
    async with running(store, grown(20), days=10) as run, ChainServer(run.chain) as second:
        second.plain = True
        checked(run, second.url, http)
        await run.step()
        assert confidences(store) == {Confidence.CONFIRMED}
        run.assert_true(10)
        await run.days(2)
        assert confidences(store) == {Confidence.CONFIRMED}
        assert 0 < second.total < 250


async def test_a_payment_that_never_was_is_seen(store: Store, http: httpx.AsyncClient) -> None:
    """The ledger's own server makes up 625 BTC of outflow; its proofs all fit."""
    true, lying = grown(20), grown(20)
    wallet = max(lying.registry(), key=lying.spendable)
    for chain in (true, lying):
        chain.quiet = True
    lying.pay(wallet, [("1" + "Z" * 33, lying.spendable(wallet) - 10_000)])
    for chain in (true, lying):
        chain.mine(40)
    async with running(store, lying, days=10) as run, ChainServer(true) as second:
        checked(run, second.url, http)
        await run.step()
        assert confidences(store) == {Confidence.ALONE}


async def test_days_are_confirmed_later_when_the_second_explorer_was_away(
    store: Store, http: httpx.AsyncClient
) -> None:
    async with running(store, grown(20), days=10) as run, ChainServer(run.chain) as second:
        second.fault = lambda kind, request: web.Response(status=503)
        checked(run, second.url, http)
        await run.step()
        assert confidences(store) == {Confidence.ALONE}
        second.fault = lambda kind, request: None
        report = await run.step(timedelta(minutes=15))
        assert confidences(store) == {Confidence.ALONE}, "it is left alone for a while"
        report = await run.step(timedelta(hours=1))
        assert confidences(store) == {Confidence.CONFIRMED}
        assert {reading.confidence for reading in report.readings} == {Confidence.CONFIRMED}


async def test_without_a_second_explorer_only_ones_own_node_is_believed(
    store: Store, http: httpx.AsyncClient
) -> None:
    async with running(store, grown(20), days=10) as run:
        chain = chain_client(Endpoint("", run.server.url), http, lambda: run.now, rules=None)
        run.ledger_sync = LedgerSync(
            store, chain, pace=at_once, calls_per_step=100_000, history_days=10, trusted=False
        )
        await run.step()
        assert confidences(store) == {Confidence.ALONE}
