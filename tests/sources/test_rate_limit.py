"""How often each provider is asked in a day of normal running."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.sources.series_config import PROVIDERS
from tests.fakes.day import polls
from tests.fakes.providers import Providers
from tests.sources.conftest import Build
from tests.sources.truth import untrue

BEGIN = datetime(2026, 11, 18, tzinfo=UTC)
DAY = timedelta(days=1)
POLL = timedelta(minutes=5)

MOST = {
    "mempool": 500,
    "kraken": 300,
    "bitview": 60,
    "coingecko": 2,
    "coinbase": 6,
    "coinmetrics": 4,
    "energy_charts": 16,
    "awattar": 8,
    "smard": 8,
    "fred": 2,
    "eia_web": 0,
    "eia": 3,
    "frankfurter": 5,
    "ecb": 5,
    "blockchain_info": 0,
    "bgeometrics": 0,
    "glassnode": 0,
    "cryptoquant": 2,
}
"""Calls in a settled day with two power zones; without a key BGeometrics takes CryptoQuant's place."""


async def test_a_settled_day(fakes: Providers, build: Build) -> None:
    feeds = build()
    async for _ in polls(fakes, feeds, BEGIN - DAY / 4, DAY / 4, POLL):
        pass
    async for now, each in polls(fakes, feeds, BEGIN, DAY, POLL):
        assert each.refused == (), now
        assert [reason for reading in each.readings if (reason := untrue(fakes.world, reading))] == []
    calls = feeds.calls(BEGIN.date())
    assert {name: count for name, count in calls.items() if count > MOST[name]} == {}
    assert calls["mempool"] <= 1_000
    limits = {name: facts.daily_limit for name, facts in PROVIDERS.items() if facts.daily_limit}
    assert all(calls[name] <= limit for name, limit in limits.items() if name in calls)


@pytest.mark.parametrize("begin", [BEGIN - 2 * DAY, BEGIN - 3 * DAY], ids=["Monday", "Sunday"])
async def test_two_weeks_files_at_the_turn_of_the_week(
    begin: datetime, fakes: Providers, build: Build
) -> None:
    feeds = build("energy_charts", "awattar", "smard", zones=("FR", "PL"))
    async for _ in polls(fakes, feeds, begin - DAY / 4, DAY / 4, POLL):
        pass
    async for now, each in polls(fakes, feeds, begin, DAY, POLL):
        assert {refusal.series for refusal in each.refused if refusal.series.startswith("power.")} == set(), (
            now
        )
    calls = feeds.calls(begin.date())
    assert calls["energy_charts"] <= 2 * 8
    assert calls["smard"] <= 2 * calls["energy_charts"]


async def test_a_settled_day_without_mempool(fakes: Providers, build: Build) -> None:
    feeds = build(without=("mempool",))
    async for now, each in polls(fakes, feeds, BEGIN, DAY, POLL):
        assert each.refused == (), now
    calls = feeds.calls(BEGIN.date())
    assert calls["bitview"] <= 500
    assert calls["kraken"] <= 300
    assert calls["coinbase"] <= 300
    assert calls["coinmetrics"] <= 8, "it has one new day a day"
    assert calls["blockchain_info"] <= 32, "it is the second word on the difficulty of the hour"


async def test_without_keys_the_free_provider_of_outflow_is_asked_within_its_limit(
    fakes: Providers, build: Build
) -> None:
    feeds = build(without=("cryptoquant", "glassnode"))
    async for _ in polls(fakes, feeds, BEGIN, DAY, POLL):
        pass
    assert 1 <= feeds.calls(BEGIN.date())["bgeometrics"] <= 3
