"""Answers that the real services once gave, where a collection of them lies beside the repository."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.signals.series import Reading
from bot.sources.client import ProviderClient
from bot.sources.consensus import Candidate, contradiction
from bot.sources.providers import (
    awattar,
    bgeometrics,
    bitview,
    blockchain_info,
    coinbase,
    coingecko,
    coinmetrics,
    ecb,
    eia,
    energy_charts,
    frankfurter,
    fred,
    kraken,
    mempool,
    smard,
)
from bot.sources.series_config import PROVIDERS, SERIES_CONFIGS
from bot.sources.types import Endpoint, FetchRequest, ProviderAnswer, Query, SourceError

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "fixtures"
FILES = sorted(
    path.relative_to(FOLDER).as_posix()
    for path in FOLDER.rglob("*")
    if path.suffix in (".json", ".csv", ".txt") and not path.name.endswith(".source.txt")
)

pytestmark = pytest.mark.skipif(not FILES, reason="no recordings beside the repository")


@dataclass(frozen=True)
class Case:
    """A recording, who asked for it and when, and what it says: a value of a series, or why it is refused."""

    file: str
    query: Query
    now: str
    gives: tuple[str, float] | None = None
    refused: str = ""
    status: int = 200
    first: date | None = None
    zone: str = ""


OLD = date(2000, 1, 1)
CASES = (
    Case(
        "mempool/recorded-prices.2026-09-19.json", mempool.PRICES, "2026-09-19T19:00", ("btc.price", 81_445)
    ),
    Case("mempool/docs-get-price.json", mempool.PRICES, "2023-12-22T13:45", ("btc.price", 43_753)),
    Case(
        "mempool/recorded-hashrate-3m.2026-09-19.json",
        mempool.HASHRATE,
        "2026-09-19T19:00",
        ("btc.hashrate", 953.8536714704828),
    ),
    Case(
        "mempool/recorded-hashrate-3m.2024-06.issue5140.json",
        mempool.HASHRATE,
        "2024-03-22T12:00",
        refused="sent only 3 closed days of the hashrate",
    ),
    Case(
        "mempool/docs-get-hashrate.json",
        mempool.HASHRATE,
        "2022-05-16T12:00",
        ("btc.hashrate", 189.8772035068530),
        first=OLD,
    ),
    Case(
        "mempool/docs-get-difficulty-adjustment.json",
        mempool.RETARGET,
        "2021-07-30T12:00",
        refused="isn't a time of this century",
    ),
    Case("mempool/recorded-difficulty-adjustment.2026-09-19.json", mempool.RETARGET, "2026-09-19T19:00"),
    Case("mempool/recorded-difficulty-adjustment.2026-10-05.json", mempool.RETARGET, "2026-10-05T09:42"),
    Case(
        "mempool/recorded-reward-stats-144.2026-09-19.json",
        mempool.FEES,
        "2026-09-19T19:00",
        ("btc.fees", 0.0188130654),
    ),
    Case("mempool/docs-get-reward-stats.json", mempool.FEES, "2022-05-17T12:00", ("btc.fees", 0.1311748254)),
    Case("bitview/prices.2026-09-19.json", bitview.PRICE, "2026-09-19T19:05", ("btc.price", 81_337.5)),
    Case(
        "bitview/error.series-not-found-404.2026-09-19.json",
        bitview.RECORD,
        "2026-09-19T19:05",
        refused="answered 404 (not found: 'mayer_multiple' not found",
        status=404,
    ),
    Case(
        "bitview/series-hash_rate-day1.2026-09-19.json",
        bitview.HASHRATE,
        "2026-09-19T19:05",
        refused="sent an object where series belong",
    ),
    Case(
        "blockchain-info/charts.hash-rate.2026-09.json",
        blockchain_info.HASHRATE,
        "2026-08-28T12:00",
        ("btc.hashrate", 913.0699396855934),
        first=OLD,
    ),
    Case(
        "blockchain-info/charts.difficulty.2026-09.json",
        blockchain_info.DIFFICULTY,
        "2026-08-28T12:00",
        ("btc.difficulty", 125_807_076_547_198.11),
        first=OLD,
    ),
    Case(
        "coinbase/prices-spot.BTC-USD.2026-10-05.json",
        coinbase.PRICE,
        "2026-10-05T09:37",
        ("btc.price", 85_866.185),
    ),
    Case("coingecko/simple-price.json", coingecko.PRICE, "2026-05-18T08:20", ("btc.price", 76_975)),
    Case(
        "coingecko/simple-price.2026-10-05.json",
        coingecko.PRICE,
        "2026-10-05T09:37",
        refused="left out “last_updated_at” in the price",
    ),
    Case("coingecko/coins-bitcoin.json", coingecko.RECORD, "2024-04-07T15:30", ("btc.price_high", 73_738)),
    Case(
        "coingecko/market_chart.json",
        coingecko.CLOSES,
        "2026-05-17T15:00",
        refused="sent only 0 closed days of the close",
    ),
    Case(
        "coingecko/error.10012-time-range.json",
        coingecko.CLOSES,
        "2026-05-17T15:00",
        refused="answered 401 (unauthorized: Your request exceeds the allowed time range",
        status=401,
    ),
    Case(
        "coingecko/error.429.json",
        coingecko.PRICE,
        "2026-05-17T15:00",
        refused="answered with an error (You've exceeded the Rate Limit",
    ),
    Case(
        "coinmetrics/asset-metrics.daily_metrics.json",
        coinmetrics.DAILY,
        "2020-03-02T12:00",
        ("btc.price", 8_541.77389392169),
        first=OLD,
    ),
    Case(
        "coinmetrics/error.forbidden-recorded.2025-05.json",
        coinmetrics.DAILY,
        "2025-05-02T12:00",
        refused="answered 403 (forbidden: Requested resource is not available",
        status=403,
    ),
    Case("ecb/ecb_recent.csv", ecb.RATES, "2026-03-19T10:40", ("fx.eur_usd", 1.15)),
    Case(
        "eia/electricity-retail-sales.AK.json",
        eia.INDUSTRIAL,
        "2026-07-09T03:00",
        refused="another state or sector",
    ),
    Case(
        "eia/natural-gas-pri-fut.RNGC4.json",
        eia.HENRY_HUB,
        "2026-07-09T03:00",
        refused="another price than the one asked for",
    ),
    Case(
        "energy-charts/price.DE-LU.2024-05-04.hourly.json",
        energy_charts.PRICE,
        "2024-05-06T12:00",
        ("power.DE-LU", 73.86090909090909),
        zone="DE-LU",
    ),
    Case(
        "energy-charts/price.with-null-gap.json",
        energy_charts.PRICE,
        "2026-09-24T12:00",
        refused="no reading",
        zone="DE-LU",
    ),
    Case(
        "frankfurter/v1_latest.2026-10-05.json",
        frankfurter.LATEST,
        "2026-10-05T09:38",
        refused="sent a rate that isn't for one euro",
    ),
    Case(
        "fred/fredgraph.DHHNGSP.2026-09-19.csv",
        fred.HENRY_HUB,
        "2026-09-19T19:00",
        ("gas.henry_hub", 2.97),
    ),
    Case(
        "fred/fredgraph.DHHNGSP.snippet.csv",
        fred.HENRY_HUB,
        "2026-10-02T12:00",
        ("gas.henry_hub", 3.18),
        first=OLD,
    ),
    Case("kraken/ticker.XBTUSD.2026-10-05.json", kraken.TICKER, "2026-10-05T09:37", ("btc.price", 85_861.2)),
    Case("kraken/ohlc.docs.json", kraken.CANDLES, "2023-07-08T12:00", ("btc.price", 30_305.7), first=OLD),
    Case(
        "kraken/error.unknown-pair.json",
        kraken.TICKER,
        "2026-10-05T05:45",
        refused="answered with an error (EQuery:Unknown asset pair)",
    ),
    Case(
        "awattar/marketdata.DE.2026-10-05.json",
        awattar.PRICE,
        "2026-10-05T09:37",
        ("power.DE-LU", 141.0976923076923),
        zone="DE-LU",
    ),
    Case(
        "smard/chart_data.example.json",
        smard.PRICE,
        "2021-07-27T12:00",
        refused="sent 7,866 EUR/MWh as a power price",
        zone="DE-LU",
    ),
    Case(
        "smard/index.example.json",
        smard.PRICE,
        "2021-08-18T12:00",
        refused="left out “series” in the prices",
        zone="DE-LU",
    ),
    Case(
        "awattar/marketdata.one-hour.2026-09-25.json",
        awattar.PRICE,
        "2026-09-25T12:00",
        refused="no reading",
        zone="DE-LU",
    ),
    Case(
        "bgeometrics/row.shape.json",
        bgeometrics.OUTFLOW,
        "2026-10-05T09:37",
        refused="sent something that isn't a date as a day",
    ),
)

QUERIES: tuple[Query, ...] = (
    *{query for lane in SERIES_CONFIGS for query in lane.offers},
    energy_charts.PRICE,
    awattar.PRICE,
    smard.PRICE,
)


async def read(name: str, query: Query, ask: FetchRequest, status: int = 200) -> ProviderAnswer:
    body = (FOLDER / name).read_bytes()
    kind = "text/csv" if name.endswith(".csv") else "application/json"
    transport = httpx.MockTransport(
        lambda _: httpx.Response(status, content=body, headers={"Content-Type": kind})
    )
    async with httpx.AsyncClient(transport=transport) as client:
        endpoint = Endpoint(query.provider, "http://localhost", "key")
        return await query.read(ProviderClient(PROVIDERS[query.provider], endpoint, client), ask)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.file))
async def test_a_recording_says_what_it_said(case: Case) -> None:
    ask = FetchRequest(datetime.fromisoformat(case.now).replace(tzinfo=UTC), zone=case.zone, first=case.first)
    if case.refused and case.refused != "no reading":
        with pytest.raises(SourceError) as caught:
            await read(case.file, case.query, ask, case.status)
        assert case.refused in caught.value.reason
        return
    answer = await read(case.file, case.query, ask)
    if case.gives is None:
        assert answer.readings == ()
        assert (answer.retarget is None) == (case.refused != "")
        return
    series, value = case.gives
    newest = [reading for reading in answer.readings if reading.series == series][-1]
    assert newest.value == pytest.approx(value)
    assert newest.as_of <= ask.now


async def test_the_recorded_retarget_is_too_young_to_estimate() -> None:
    answer = await read(
        "mempool/recorded-difficulty-adjustment.2026-10-05.json",
        mempool.RETARGET,
        FetchRequest(datetime(2026, 10, 5, 9, 42, tzinfo=UTC)),
    )
    assert answer.retarget is not None
    assert answer.retarget.change is None
    assert answer.retarget.blocks_remaining == 1_720
    assert answer.retarget.estimated_at.date() == date(2026, 10, 17)


@pytest.mark.parametrize("name", [name for name in FILES if name not in {case.file for case in CASES}])
async def test_a_recording_of_something_else_is_refused_with_a_reason(name: str) -> None:
    """Answers that no request of ours would get: whoever asks, nothing is read from them."""
    ask = FetchRequest(datetime(2026, 10, 5, 12, tzinfo=UTC), zone="DE-LU")
    for query in QUERIES:
        try:
            answer = await read(name, query, ask)
        except SourceError:
            continue
        assert harmless(answer.readings), (name, query)


def harmless(readings: tuple[Reading, ...]) -> bool:
    """Nothing, or so old that its age refuses it."""
    return all(reading.as_of < datetime(2026, 9, 30, tzinfo=UTC) for reading in readings)


async def test_two_independent_recordings_of_the_hashrate_agree() -> None:
    """The tolerances hold on what two providers said of the same two months."""
    ask = FetchRequest(datetime(2026, 9, 19, 19, 5, tzinfo=UTC))
    answer = await read("mempool/recorded-hashrate-3m.2026-09-19.json", mempool.HASHRATE, ask)
    body = json.loads((FOLDER / "bitview/series-hash_rate-day1.2026-09-19.json").read_text())
    days = [(bitview.FIRST_DAY + timedelta(days=n)).isoformat() for n in range(body["start"], body["end"])]
    bulk = [{"data": days}, {"data": body["data"]}, {"data": [1.3e14] * len(days)}]
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=bulk))
    async with httpx.AsyncClient(transport=transport) as client:
        site = ProviderClient(PROVIDERS["bitview"], Endpoint("bitview", "http://localhost"), client)
        other = await bitview.HASHRATE.read(site, ask)
    lane = next(lane for lane in SERIES_CONFIGS if lane.series == "btc.hashrate")
    one, two = (
        [reading for reading in given.readings if reading.series == "btc.hashrate"]
        for given in (answer, other)
    )
    assert one[-1].day == two[-1].day == date(2026, 9, 18)
    for later in range(30):
        last = ask.today - timedelta(days=1 + later)
        pair = [
            Candidate("", tuple(each for each in side if each.day and each.day <= last), lane.tolerance)
            for side in (one, two)
        ]
        assert contradiction(*pair) == "", last
