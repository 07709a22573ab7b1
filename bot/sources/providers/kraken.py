"""Kraken: spot price, daily closes and highs, and the euro. Errors come with HTTP 200."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, timedelta
from typing import Final

from bot.sources.client import ProviderClient
from bot.sources.parse import daily, field, mapping, moment, positive, rows, seconds
from bot.sources.readings import of_day, of_days, spot
from bot.sources.types import FetchRequest, Provider, ProviderAnswer, Query, SourceError

PROVIDER: Final = Provider(
    name="kraken",
    title="Kraken",
    home="https://api.kraken.com",
    licence="public market data; see the exchange's terms",
    limits="about 1 request a second",
)


async def ticker(site: ProviderClient, ask: FetchRequest) -> ProviderAnswer:
    """The last trade of XBT/USD."""
    return ProviderAnswer((spot("btc.price", await _last(site, ask, "XBTUSD", "XBT"), ask.now, site, ask),))


async def euro(site: ProviderClient, ask: FetchRequest) -> ProviderAnswer:
    """The last trade of EUR/USD: a market rate, independent of the central banks' reference."""
    rate = await _last(site, ask, "EURUSD", "EUR")
    return ProviderAnswer((of_day("fx.eur_usd", ask.today, rate, site, ask, complete=False),))


async def candles(site: ProviderClient, ask: FetchRequest) -> ProviderAnswer:
    """Daily closes (up to 720), and the highest daily high among them. The last row is still open."""
    params = {"pair": "XBTUSD", "interval": "1440"}
    if ask.first:
        params["since"] = str(seconds(ask.first - timedelta(days=1)))
    table = [_row(row) for row in rows(_pair(await _result(site, ask, "OHLC", params), "XBT"), "candles")]
    closes = daily(
        ((day, row[4]) for day, row in table), "the close", ask.today, least=1 if ask.first else 30
    )
    readings = of_days("btc.price", closes, site, ask)
    if ask.first is None:
        highs = [(positive(row[2], f"the high of {day}"), day) for day, row in table]
        value, on = max(highs)
        stamp = min(moment(seconds(on), "a high"), ask.now)
        readings += (spot("btc.price_high", value, stamp, site, ask),)
    return ProviderAnswer(readings)


async def _result(
    site: ProviderClient, ask: FetchRequest, call: str, params: Mapping[str, str]
) -> Mapping[str, object]:
    body = mapping(await site.json(f"/0/public/{call}", ask.now, params), "the answer")
    errors = body.get("error")
    if errors:
        words = errors[0] if isinstance(errors, list) and isinstance(errors[0], str) else "no reason given"
        down = "Too many requests" in words or words.startswith("EService")
        raise SourceError(f"answered with an error ({site.quote(words)})", down=down)
    return mapping(field(body, "result", "the answer"), "the result")


def _pair(result: Mapping[str, object], coin: str) -> object:
    """The only pair in a result. It isn't called as it was asked for (XBTUSD answers as XXBTZUSD)."""
    named = [name for name in result if name != "last"]
    if len(named) != 1 or coin not in named[0] or "USD" not in named[0]:
        raise SourceError(f"sent no {coin}/USD pair")
    return result[named[0]]


async def _last(site: ProviderClient, ask: FetchRequest, pair: str, coin: str) -> float:
    quote = _pair(await _result(site, ask, "Ticker", {"pair": pair}), coin)
    trade = rows(field(quote, "c", "the ticker"), "last trades")
    return positive(trade[0], "the last price")


def _row(row: object) -> tuple[date, Sequence[object]]:
    cells = rows(row, "candle values")
    if len(cells) < 5:
        raise SourceError("sent a candle with values missing")
    return moment(cells[0], "the time of a candle").astimezone(UTC).date(), cells


TICKER: Final = Query("kraken", "spot price", ticker, stampless=True)
CANDLES: Final = Query("kraken", "daily closes", candles, history=True)
EURO: Final = Query("kraken", "euro spot rate", euro)
