"""History from whoever gives it, in the order of the plan."""

from datetime import date, timedelta

import pytest

from tests.fakes.faults import Fault
from tests.fakes.providers import Providers
from tests.sources.conftest import NOW, Build
from tests.sources.truth import untrue

FIRST, LAST = date(2026, 2, 1), date(2026, 11, 17)

GIVERS = {
    "btc.price": ("kraken", "coinbase", "coinmetrics", "blockchain_info", "coingecko"),
    "btc.hashrate": ("mempool", "bitview", "coinmetrics", "blockchain_info"),
    "btc.difficulty": ("mempool", "bitview", "blockchain_info"),
    "btc.fees": ("coinmetrics", "mempool", "bitview"),
    "btc.miner_outflow_gross": ("cryptoquant", "glassnode", "bgeometrics"),
    "gas.henry_hub": ("fred", "eia", "eia_web"),
    "power.us_industrial": ("eia",),
    "fx.eur_usd": ("frankfurter", "ecb"),
    "power.DE-LU": ("energy_charts", "awattar", "smard"),
    "power.PL": ("energy_charts", "smard"),
}


@pytest.mark.parametrize(("series", "giver"), [(s, g) for s, givers in GIVERS.items() for g in givers])
async def test_each_provider_gives_its_history(
    series: str, giver: str, fakes: Providers, build: Build
) -> None:
    found = await build(giver).backfill(series, FIRST, LAST, NOW)
    days = [reading.day for reading in found]
    assert days == sorted(set(days), key=lambda day: day or FIRST)
    assert all(reading.complete and reading.series == series for reading in found)
    assert [reason for reading in found if (reason := untrue(fakes.world, reading))] == []
    expected = {"gas.henry_hub": 195, "fx.eur_usd": 195, "power.us_industrial": 7}.get(series, 270)
    assert len(found) >= expected
    assert all(FIRST <= reading.day <= LAST for reading in found if reading.day)


async def test_the_first_in_the_plan_is_preferred_and_the_next_fill_its_holes(
    fakes: Providers, build: Build
) -> None:
    found = await build("kraken", "coinmetrics").backfill("btc.price", date(2024, 1, 1), LAST, NOW)
    sources = {reading.day: reading.source for reading in found}
    assert sources[LAST] == "kraken"
    assert sources[date(2024, 6, 1)] == "coinmetrics", "older than the 720 days Kraken keeps"
    assert len(found) == (LAST - date(2024, 1, 1)).days + 1


async def test_a_failing_provider_leaves_the_work_to_the_next(fakes: Providers, build: Build) -> None:
    fakes.faults["mempool"] = Fault.HTML
    found = await build("mempool", "bitview").backfill("btc.hashrate", FIRST, LAST, NOW)
    assert {reading.source for reading in found} == {"bitview"}


async def test_a_provider_that_asks_for_patience_gets_it(fakes: Providers, build: Build) -> None:
    fakes.faults["mempool"], fakes.retry_after = Fault.TOO_MANY, "600"
    feeds = build("mempool")
    assert await feeds.backfill("btc.hashrate", FIRST, LAST, NOW) == []
    assert await feeds.backfill("btc.difficulty", FIRST, LAST, NOW) == []
    assert fakes.calls["mempool"] == 1


async def test_nothing_to_give_is_an_empty_list(fakes: Providers, build: Build) -> None:
    feeds = build("kraken")
    assert await feeds.backfill("btc.hashrate", FIRST, LAST, NOW) == []
    assert await feeds.backfill("btc.hashprice", FIRST, LAST, NOW) == []
    assert await feeds.backfill("no.such", FIRST, LAST, NOW) == []
    assert await feeds.backfill("btc.price", LAST, FIRST, NOW) == []
    assert fakes.calls == {}


async def test_the_running_day_is_never_history(fakes: Providers, build: Build) -> None:
    found = await build().backfill("btc.price", LAST, NOW.date() + timedelta(days=30), NOW)
    assert [reading.day for reading in found] == [LAST]


async def test_a_long_span_is_asked_in_pieces(fakes: Providers, build: Build) -> None:
    await build("coinbase").backfill("btc.price", date(2024, 1, 1), LAST, NOW)
    assert fakes.calls["coinbase"] == 4


async def test_history_may_lie_far_from_todays_bounds(fakes: Providers, build: Build) -> None:
    true = fakes.world.price
    fakes.world.price = lambda at: true(at) / 80_000
    found = await build("coinmetrics").backfill("btc.price", date(2011, 2, 1), date(2011, 3, 1), NOW)
    assert len(found) == 29
    assert all(0.9 < reading.value < 1.1 for reading in found)
