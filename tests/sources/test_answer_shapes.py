"""Answers in the shapes in which the services send them: what is read from each, and what is refused."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from bot.sources.client import ProviderClient
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
from bot.sources.source_error import SourceError
from bot.sources.types import Endpoint, FetchRequest, ProviderAnswer, Query

NOW = datetime(2026, 5, 18, 8, 21, tzinfo=UTC)
MIDNIGHT = int(NOW.replace(hour=0, minute=0).timestamp())
DAY = 86_400
OLD = date(2000, 1, 1)
"""A request of history: a few days are enough for an answer."""


@dataclass(frozen=True)
class Case:
    """An answer, whose it is, and what it says: the newest value of a series, or why it is refused."""

    name: str
    query: Query
    body: object
    gives: dict[str, float] = field(default_factory=dict)
    refused: str = ""
    status: int = 200
    first: date | None = None
    zone: str = ""


def table(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def hashrates(days: int) -> dict[str, object]:
    """Stamped with the midnight that ends each day, as numbers too long for a float's digits."""
    points = [
        {"timestamp": MIDNIGHT - n * DAY, "avgHashrate": (950 - n) * 10**18 + 7}
        for n in range(days - 1, -1, -1)
    ]
    retargets = [{"time": MIDNIGHT - 20 * DAY, "height": 950_000, "difficulty": 1.2e14, "adjustment": 1.01}]
    return {
        "hashrates": points,
        "difficulty": retargets,
        "currentHashrate": 9.4e20,
        "currentDifficulty": 1.2e14,
    }


def quarters(*prices: float | None) -> dict[str, object]:
    return {
        "license_info": "CC BY 4.0",
        "unix_seconds": [MIDNIGHT - DAY + 900 * n for n in range(len(prices))],
        "price": list(prices),
        "unit": "EUR / MWh",
        "deprecated": False,
    }


HOURS = [60.0 + n for n in range(24)]

CASES = (
    Case(
        "mempool prices",
        mempool.PRICES,
        {"time": 1_779_092_405, "USD": 76_920, "EUR": 66_110, "JPY": 12_000_000},
        {"btc.price": 76_920},
    ),
    Case(
        "mempool hashrate", mempool.HASHRATE, hashrates(88), {"btc.hashrate": 950, "btc.difficulty": 1.2e14}
    ),
    Case(
        "mempool hashrate, nearly empty",
        mempool.HASHRATE,
        hashrates(3),
        refused="sent only 3 closed days of the hashrate",
    ),
    Case(
        "mempool retarget in seconds",
        mempool.RETARGET,
        {"difficultyChange": 1.2, "estimatedRetargetDate": 1_779_900_000, "remainingBlocks": 700},
        refused="isn't a time of this century",
    ),
    Case(
        "mempool rewards, as text",
        mempool.FEES,
        {"startBlock": 949_857, "endBlock": 950_000, "totalReward": "45262000000", "totalFee": "262000000"},
        {"btc.fees": 2.62 / 144},
    ),
    Case("bitview prices", bitview.PRICE, {"time": 1_779_092_405, "USD": 76_812.5}, {"btc.price": 76_812.5}),
    Case(
        "bitview, unknown series",
        bitview.RECORD,
        {"error": {"type": "not_found", "message": "'price_ath' not found"}},
        refused="answered 404 (not found: 'price_ath' not found)",
        status=404,
    ),
    Case(
        "bitview, one series instead of several",
        bitview.HASHRATE,
        {"version": 45, "index": "day1", "start": 6_340, "end": 6_342, "data": [9.1e20, 9.2e20]},
        refused="sent an object where series belong",
    ),
    Case(
        "blockchain.info hashrate",
        blockchain_info.HASHRATE,
        {
            "status": "ok",
            "unit": "Hash Rate TH/s",
            "values": [{"x": MIDNIGHT - n * DAY, "y": 9.1e8 + n} for n in (3, 2, 1)],
        },
        {"btc.hashrate": 910.000001},
        first=OLD,
    ),
    Case(
        "blockchain.info difficulty",
        blockchain_info.DIFFICULTY,
        {"status": "ok", "unit": "Difficulty", "values": [{"x": MIDNIGHT - DAY, "y": 120_000_000_000_001.1}]},
        {"btc.difficulty": 120_000_000_000_001.1},
        first=OLD,
    ),
    Case(
        "Coinbase spot",
        coinbase.PRICE,
        {"data": {"amount": "76880.115", "base": "BTC", "currency": "USD"}},
        {"btc.price": 76_880.115},
    ),
    Case(
        "CoinGecko price",
        coingecko.PRICE,
        {"bitcoin": {"usd": 76_975, "usd_24h_change": -1.4, "last_updated_at": 1_779_092_258}},
        {"btc.price": 76_975},
    ),
    Case(
        "CoinGecko price without its time",
        coingecko.PRICE,
        {"bitcoin": {"usd": 76_975}},
        refused="left out “last_updated_at” in the price",
    ),
    Case(
        "CoinGecko record",
        coingecko.RECORD,
        {
            "id": "bitcoin",
            "market_data": {
                "ath": {"eur": 107_000, "usd": 126_080},
                "ath_date": {"eur": "2025-10-06T18:57:42.558Z", "usd": "2025-10-06T18:57:42.558Z"},
            },
        },
        {"btc.price_high": 126_080},
    ),
    Case(
        "CoinGecko chart of minutes",
        coingecko.CLOSES,
        {"prices": [[(MIDNIGHT + 30_000) * 1000, 77_001.5], [(MIDNIGHT + 30_300) * 1000, 77_020.25]]},
        refused="sent only 0 closed days of the close",
    ),
    Case(
        "CoinGecko span too long",
        coingecko.CLOSES,
        {"error": {"status": {"error_code": 10_012, "error_message": "Your request exceeds the range."}}},
        refused="answered 401 (unauthorized: Your request exceeds the range)",
        status=401,
    ),
    Case(
        "CoinGecko 429 sent as 200",
        coingecko.PRICE,
        {"status": {"error_code": 429, "error_message": "Rate limit, see https://x.invalid"}},
        refused="answered with an error (Rate limit, see …)",
    ),
    Case(
        "Coin Metrics days",
        coinmetrics.DAILY,
        {
            "data": [
                {
                    "asset": "btc",
                    "time": f"2026-05-{day:02}T00:00:00.000000000Z",
                    "PriceUSD": f"{77_000 + day}.5",
                }
                for day in (15, 16, 17)
            ]
        },
        {"btc.price": 77_017.5},
        first=OLD,
    ),
    Case(
        "Coin Metrics, a metric that costs",
        coinmetrics.DAILY,
        {"error": {"type": "forbidden", "message": "Metric not available with supplied credentials."}},
        refused="answered 403 (forbidden: Metric not available with supplied credentials)",
        status=403,
    ),
    Case(
        "ECB rates of several currencies",
        ecb.RATES,
        table(
            "FREQ,CURRENCY,TIME_PERIOD,OBS_VALUE",
            *("D,AUD,2026-05-14,1.63", "D,USD,2026-05-14,1.161", "D,USD,2026-05-15,1.158"),
        ),
        {"fx.eur_usd": 1.158},
    ),
    Case(
        "EIA, another state",
        eia.INDUSTRIAL,
        {"response": {"data": [{"period": "2026-02", "stateid": "AK", "sectorid": "ALL", "price": "9.97"}]}},
        refused="another state or sector",
    ),
    Case(
        "EIA, another contract",
        eia.HENRY_HUB,
        {"response": {"data": [{"period": "2026-05-14", "series": "RNGC4", "value": "1.869"}]}},
        refused="another price than the one asked for",
    ),
    Case(
        "energy-charts quarters of a day",
        energy_charts.PRICE,
        quarters(*(price for price in HOURS for _ in range(4))),
        {"power.DE-LU": 71.5},
        zone="DE-LU",
    ),
    Case(
        "energy-charts, less than half a day", energy_charts.PRICE, quarters(88.1, None, 70, 65.5), zone="FR"
    ),
    Case(
        "frankfurter, the other way round",
        frankfurter.LATEST,
        {"amount": 1.0, "base": "USD", "date": "2026-05-15", "rates": {"EUR": 0.863}},
        refused="sent a rate that isn't for one euro",
    ),
    Case(
        "FRED with points for days without trade",
        fred.HENRY_HUB,
        table("observation_date,DHHNGSP", "2026-05-13,3.21", "2026-05-14,3.18", "2026-05-15,."),
        {"gas.henry_hub": 3.18},
        first=OLD,
    ),
    *(
        Case(
            f"Kraken ticker {name}",
            kraken.TICKER,
            {"error": [], "result": {name: {"a": ["76861.3", "1"], "c": ["76861.2", "0.0004"]}}},
            {"btc.price": 76_861.2},
        )
        for name in ("XXBTZUSD", "XBTUSD", "XBT/USD", "BTC/USD")
    ),
    Case(
        "Kraken, another pair",
        kraken.TICKER,
        {"error": [], "result": {"BTC/USDT": {"c": ["76861.2", "0.0004"]}}},
        refused="sent no XBT/USD pair",
    ),
    Case(
        "Kraken candles, the last still open",
        kraken.CANDLES,
        {
            "error": [],
            "result": {
                "XXBTZUSD": [
                    [MIDNIGHT - DAY, "76000.1", "77500.0", "75900.0", "76400.7", "76500.0", "11.5", 90],
                    [MIDNIGHT, "76400.7", "77000.0", "76300.0", "76861.2", "76700.0", "3.1", 23],
                ],
                "last": MIDNIGHT - DAY,
            },
        },
        {"btc.price": 76_400.7},
        first=OLD,
    ),
    Case(
        "Kraken error sent as 200",
        kraken.TICKER,
        {"error": ["EQuery:Unknown asset pair"]},
        refused="answered with an error (EQuery:Unknown asset pair)",
    ),
    Case(
        "aWATTar, from now on",
        awattar.PRICE,
        {
            "object": "list",
            "data": [
                {
                    "start_timestamp": (MIDNIGHT + 3_600 * n) * 1000,
                    "end_timestamp": (MIDNIGHT + 3_600 * (n + 1)) * 1000,
                    "marketprice": 80.0 + n,
                    "unit": "Eur/MWh",
                }
                for n in range(8, 24)
            ],
        },
        {"power.DE-LU": 95.5},
        zone="DE-LU",
    ),
    Case(
        "SMARD, a consumption in MWh",
        smard.PRICE,
        {"meta_data": {"version": 1}, "series": [[(MIDNIGHT - 7_200) * 1000, 7_866.0]]},
        refused="sent 7,866 EUR/MWh as a power price",
        zone="DE-LU",
    ),
    Case(
        "SMARD, the index instead of a week",
        smard.PRICE,
        {"timestamps": [1_778_450_400_000, 1_779_055_200_000]},
        refused="left out “series” in the prices",
        zone="DE-LU",
    ),
    Case(
        "BGeometrics, its documentation's sample",
        bgeometrics.OUTFLOW,
        [{"d": "YYYY-MM-DD", "unixTs": "seconds", "outFlows": "number"}],
        refused="sent something that isn't a date as a day",
    ),
)

QUERIES: tuple[Query, ...] = (
    *dict.fromkeys(query for config in SERIES_CONFIGS for query in config.offers),
    energy_charts.PRICE,
    awattar.PRICE,
    smard.PRICE,
)


async def read(case: Case, query: Query, request: FetchRequest) -> ProviderAnswer:
    body = case.body if isinstance(case.body, str) else json.dumps(case.body)
    kind = "text/csv" if isinstance(case.body, str) else "application/json"
    transport = httpx.MockTransport(
        lambda _: httpx.Response(case.status, text=body, headers={"Content-Type": kind})
    )
    async with httpx.AsyncClient(transport=transport) as client:
        endpoint = Endpoint(query.provider, "http://localhost", "key")
        return await query.read(ProviderClient(PROVIDERS[query.provider], endpoint, client), request)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
async def test_an_answer_is_read_or_refused(case: Case) -> None:
    request = FetchRequest(NOW, zone=case.zone, first=case.first)
    if case.refused:
        with pytest.raises(SourceError) as caught:
            await read(case, case.query, request)
        assert case.refused in str(caught.value)
        return
    answer = await read(case, case.query, request)
    newest = {reading.series: reading for reading in answer.readings}
    for series, value in case.gives.items():
        assert newest[series].value == pytest.approx(value)
        assert newest[series].as_of <= NOW
    assert case.gives or answer.readings == ()


async def test_the_retarget_of_a_young_epoch_is_no_estimate() -> None:
    body = {
        "progressPercent": 14.7,
        "difficultyChange": -1.9,
        "estimatedRetargetDate": (MIDNIGHT + 12 * DAY) * 1000,
        "remainingBlocks": 1_720,
    }
    answer = await read(Case("", mempool.RETARGET, body), mempool.RETARGET, FetchRequest(NOW))
    assert answer.retarget is not None
    assert answer.retarget.change is None
    assert answer.retarget.blocks_remaining == 1_720
    assert answer.retarget.estimated_at == datetime.fromtimestamp(MIDNIGHT, UTC) + timedelta(days=12)


@pytest.mark.parametrize(("minutes", "is_read"), [(119, True), (121, False)])
async def test_a_block_may_be_stamped_two_hours_ahead(minutes: int, is_read: bool) -> None:
    stamp = int((NOW + timedelta(minutes=minutes)).timestamp())
    changes = [{"time": MIDNIGHT - 20 * DAY, "difficulty": 1.2e14}, {"time": stamp, "difficulty": 1.25e14}]
    body = {**hashrates(88), "difficulty": changes}
    answer = await read(Case("", mempool.HASHRATE, body), mempool.HASHRATE, FetchRequest(NOW))
    assert any(r.series == "btc.difficulty" and r.day for r in answer.readings) is is_read
    assert any(r.series == "btc.hashrate" for r in answer.readings)


@pytest.mark.parametrize(
    ("query", "body", "values", "refused"),
    [
        (
            mempool.HASHRATE,
            {**hashrates(88), "currentDifficulty": 0},
            {("btc.hashrate", False), ("btc.difficulty", False)},
            {"btc.difficulty": "sent 0 as the difficulty"},
        ),
        (
            mempool.HASHRATE,
            {**hashrates(88), "difficulty": [{"time": MIDNIGHT, "difficulty": None}]},
            {("btc.hashrate", False), ("btc.difficulty", True)},
            {"btc.difficulty": "sent null as the difficulty"},
        ),
        (
            coinmetrics.DAILY,
            {
                "data": [
                    {
                        "time": (NOW - timedelta(days=n)).date().isoformat(),
                        "PriceUSD": "77000.5",
                        "HashRate": None if n in (1, 2, 3) else "9.1e8",
                    }
                    for n in range(40, 0, -1)
                ]
            },
            {("btc.price", False)},
            {"btc.hashrate": "sent null as the hashrate of 2026-05-15"},
        ),
    ],
    ids=["node away", "retargets null", "hashrate late"],
)
async def test_a_bad_part_refuses_itself_and_not_its_neighbours(
    query: Query, body: object, values: set[tuple[str, bool]], refused: dict[str, str]
) -> None:
    answer = await read(Case("", query, body), query, FetchRequest(NOW))
    assert {(reading.series, reading.day is None) for reading in answer.readings} == values
    assert {series: str(reason) for series, reason in answer.refused.items()} == refused


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: f"{query.provider} {query.name}")
async def test_an_answer_of_another_service_is_refused(query: Query) -> None:
    """A proxy that mixes services up: nothing is read from what isn't an answer to the request."""
    request = FetchRequest(NOW, zone="DE-LU")
    shared = {("mempool", "bitview")}  # one speaks the other's language on purpose
    for case in CASES:
        item, other = sorted((case.query.provider, query.provider), reverse=True)
        if case.query is query or (item, other) in shared or case.query.provider == query.provider:
            continue
        try:
            answer = await read(case, query, request)
        except SourceError:
            continue
        assert answer.readings == (), case.name
