"""Coinbase: spot price and daily closes. The candles live on the exchange's own host."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from bot.sources.parse import daily, field, mapping, midnight, moment, positive, rows
from bot.sources.rate_limit import Pace
from bot.sources.readings import of_days, spot
from bot.sources.source_error import SourceError
from bot.sources.types import FetchRequest, Provider, ProviderAnswer, ProviderApi, Query

PROVIDER: Final = Provider(
    name="coinbase",
    title="Coinbase",
    home="https://api.coinbase.com",
    licence="public market data; see the exchange's terms",
    limits="10 requests a second",
    pace=Pace(burst=4, interval_s=0.5),
)

EXCHANGE: Final = "https://api.exchange.coinbase.com"


async def price(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """The spot price; the answer carries no time."""
    body = await site.json("/v2/prices/BTC-USD/spot", ask.now)
    quote = mapping(field(body, "data", "the answer"), "the price")
    if field(quote, "base", "the price") != "BTC" or field(quote, "currency", "the price") != "USD":
        raise SourceError("sent a price of something else than bitcoin in US dollars")
    value = positive(field(quote, "amount", "the price"), "the price")
    return ProviderAnswer((spot("btc.price", value, ask.now, site, ask),))


async def candles(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Daily closes, newest first, at most 300 in one answer."""
    first = ask.first or ask.today - timedelta(days=60)
    last = ask.last or ask.today
    params = {
        "granularity": "86400",
        "start": midnight(first).isoformat().replace("+00:00", "Z"),
        "end": midnight(last).isoformat().replace("+00:00", "Z"),
    }
    body = await site.json(
        "/products/BTC-USD/candles", ask.now, params, host=EXCHANGE, max_bytes=ask.max_bytes
    )
    points = [_close(rows(row, "candle values")) for row in rows(body, "candles")]
    closes = daily(points, "the close", ask.today, newest_first=True, least=1 if ask.first else 30)
    return ProviderAnswer(of_days("btc.price", closes, site, ask))


def _close(cells: Sequence[object]) -> tuple[date, object]:
    """[time, low, high, open, close, volume]"""
    if len(cells) < 5:
        raise SourceError("sent a candle with values missing")
    return moment(cells[0], "the time of a candle").date(), cells[4]


PRICE: Final = Query("coinbase", "spot price", price, stampless=True)
CANDLES: Final = Query("coinbase", "daily closes", candles, history=True)
