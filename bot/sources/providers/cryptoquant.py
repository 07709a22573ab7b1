"""CryptoQuant (key): gross miner outflow."""

from datetime import timedelta
from typing import Final

from bot.sources.parse import daily, field, iso_day, rows
from bot.sources.readings import of_days
from bot.sources.types import FetchRequest, Provider, ProviderAnswer, ProviderApi, Query

PROVIDER: Final = Provider(
    name="cryptoquant",
    title="CryptoQuant",
    home="https://api.cryptoquant.com",
    licence="by subscription",
    limits="by subscription",
    needs_key=True,
)


async def outflow(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Coins leaving the wallets of all miners, BTC a day, newest first."""
    first = ask.first or ask.today - timedelta(days=60)
    params = {
        "window": "day",
        "miner": "all_miner",
        "from": first.strftime("%Y%m%d"),
        "to": (ask.last or ask.today).strftime("%Y%m%d"),
        "limit": "10000",
    }
    body = await site.json(
        "/v1/btc/miner-flows/outflow", ask.now, params, {"Authorization": f"Bearer {site.key}"}
    )
    result = field(body, "result", "the answer")
    points = [
        (iso_day(field(row, "date", "a day"), "a day"), field(row, "outflow_total", "a day"))
        for row in rows(field(result, "data", "the result"), "days")
    ]
    closed = daily(points, "the outflow", ask.today, newest_first=True, least=1 if ask.first else 10)
    return ProviderAnswer(of_days("btc.miner_outflow_gross", closed, site, ask))


OUTFLOW: Final = Query("cryptoquant", "miner outflow", outflow, history=True)
