"""Glassnode (key): gross miner outflow."""

from datetime import timedelta
from typing import Final

from bot.sources.parse import daily, field, moment, rows, seconds
from bot.sources.readings import of_days
from bot.sources.types import FetchRequest, Provider, ProviderAnswer, ProviderApi, Query

PROVIDER: Final = Provider(
    name="glassnode",
    title="Glassnode",
    home="https://api.glassnode.com",
    licence="by subscription",
    limits="by subscription",
    needs_key=True,
)


async def outflow(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Coins sent from miner addresses, BTC a day; a point stamped D covers D."""
    first = ask.first or ask.today - timedelta(days=60)
    params = {"a": "BTC", "i": "24h", "s": str(seconds(first))}
    if ask.last:
        params["u"] = str(seconds(ask.last + timedelta(days=1)))
    body = await site.json(
        "/v1/metrics/transactions/transfers_volume_from_miners_sum",
        ask.now,
        params,
        {"X-Api-Key": site.key or ""},
    )
    points = [
        (moment(field(row, "t", "a point"), "the time of a point").date(), field(row, "v", "a point"))
        for row in rows(body, "points")
    ]
    closed = daily(points, "the outflow", ask.today, least=1 if ask.first else 10)
    return ProviderAnswer(of_days("btc.miner_outflow_gross", closed, site, ask))


OUTFLOW: Final = Query("glassnode", "miner outflow", outflow, history=True)
