"""Public miners' holdings as CoinGecko sends them, over HTTP on the loopback."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from aiohttp import web

from bot.sources.client import ProviderClient
from bot.sources.providers.coingecko import PROVIDER
from bot.sources.providers.company_holdings import PATH, miners
from bot.sources.source_error import SourceError
from bot.sources.types import Endpoint

NOW = datetime(2026, 9, 19, tzinfo=UTC)


def company(symbol: object, held: object) -> dict[str, Any]:
    return {"name": "as they spell it", "symbol": symbol, "country": "US", "total_holdings": held}


async def ask(answer: object, status: int = 200, key: str | None = None) -> tuple[Any, dict[str, str]]:
    headers: dict[str, str] = {}

    async def serve(request: web.Request) -> web.Response:
        assert request.path == PATH
        headers.update(request.headers)
        return web.json_response(answer, status=status)

    app = web.Application()
    app.router.add_get("/{path:.*}", serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        async with httpx.AsyncClient() as http:
            where = ProviderClient(PROVIDER, Endpoint("coingecko", f"http://{host}:{port}", key), http)
            return await miners(where, NOW), headers
    finally:
        await runner.cleanup()


async def test_miners_are_picked_out_of_all_companies() -> None:
    result, headers = await ask(
        {
            "companies": [
                company("MSTR.US", 843_738.0),
                company("MARA.US", 52_477),
                company("HUT.TO", 10_273.5),
            ]
        },
        key="secret",
    )
    assert [(holding.symbol, holding.name, holding.held_btc) for holding in result] == [
        ("HUT", "Hut 8", 10_273.5),
        ("MARA", "MARA Holdings", 52_477.0),
    ]
    assert headers["x-cg-demo-api-key"] == "secret"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"companies": []}, "no companies"),
        ({"companies": [company("MSTR.US", 1)]}, "no miner"),
        ({"companies": [company("MARA.US", -1)]}, "no miner"),
        ({"companies": [company(None, 5)]}, "ticker"),
        ({}, "companies"),
    ],
)
async def test_what_cannot_be_is_refused(answer: object, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        await ask(answer)


@pytest.mark.parametrize(
    "rows",
    [
        [company("MARA.US", "much")],
        [company("MARA.US", 2e6)],
        [company("MARA.US", None)],
        [company("MARA.US", 5), company("NASDAQ:MARA", 5), company("MARA", 6)],
    ],
)
async def test_a_figure_that_cannot_be_costs_its_own_company_only(rows: list[object]) -> None:
    result, _ = await ask({"companies": [*rows, company("RIOT.US", 19_000.5)]})
    assert [holding.symbol for holding in result] == ["RIOT"]


async def test_a_refusal_is_passed_on() -> None:
    with pytest.raises(SourceError, match="429"):
        await ask({"status": {"error_code": 429}}, status=429)
