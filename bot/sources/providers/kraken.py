"""Kraken: spot price, daily closes and highs, and the euro. Errors come with HTTP 200."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, timedelta
from typing import Final

from bot.i18n.message import message
from bot.signals.series import Reading
from bot.sources.parse import daily, field, mapping, moment, positive, rows, seconds
from bot.sources.readings import Parts, of_day, of_days, spot
from bot.sources.source_error import FaultKind, SourceError
from bot.sources.types import FetchRequest, Provider, ProviderAnswer, ProviderApi, Query

PROVIDER: Final = Provider(
    name="kraken",
    title="Kraken",
    home="https://api.kraken.com",
    licence="public market data; see the exchange's terms",
    limits="about 1 request a second",
)

_PAIR_NAMES: Final = {
    "XBT": ("XXBTZUSD", "XBTUSD", "XBT/USD", "BTCUSD", "BTC/USD"),
    "EUR": ("ZEURZUSD", "EURUSD", "EUR/USD"),
}

_LEAST_CANDLES: Final = 30


async def ticker(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """The last trade of XBT/USD."""
    return ProviderAnswer((spot("btc.price", await _last(site, ask, "XBTUSD", "XBT"), ask.now, site, ask),))


async def euro(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """The last trade of EUR/USD: a market rate, independent of the central banks' reference."""
    rate = await _last(site, ask, "EURUSD", "EUR")
    return ProviderAnswer((of_day("fx.eur_usd", ask.today, rate, site, ask, complete=False),))


async def candles(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Daily closes (up to 720), and the highest daily high among them. The last row is still open."""
    params = {"pair": "XBTUSD", "interval": "1440"}
    if ask.first:
        params["since"] = str(seconds(ask.first - timedelta(days=1)))
    table = [_row(row) for row in rows(_pair(await _result(site, ask, "OHLC", params), "XBT"), "candles")]

    def closes() -> tuple[Reading, ...]:
        points = ((day, row[4]) for day, row in table)
        return of_days(
            "btc.price",
            daily(points, "the close", ask.today, least=1 if ask.first else _LEAST_CANDLES),
            site,
            ask,
        )

    def record() -> list[Reading]:
        if len(table) < _LEAST_CANDLES:
            raise SourceError(f"sent only {len(table)} candles to find the record in")
        value, on = max((positive(row[2], f"the high of {day}"), day) for day, row in table)
        return [spot("btc.price_high", value, min(moment(seconds(on), "a high"), ask.now), site, ask)]

    parts = Parts()
    parts.add("btc.price", closes)
    if ask.first is None:
        parts.add("btc.price_high", record)
    return parts.answer()


async def _result(
    site: ProviderApi, ask: FetchRequest, call: str, params: Mapping[str, str]
) -> Mapping[str, object]:
    body = mapping(
        await site.json(f"/0/public/{call}", ask.now, params, max_bytes=ask.max_bytes), "the answer"
    )
    errors = body.get("error")
    if errors:
        words = errors[0] if isinstance(errors, list) and isinstance(errors[0], str) else "no reason given"
        # Translators: {words} are the provider's own, in English.
        raise SourceError(message("answered with an error ({words})", words=site.quote(words)), _kind(words))
    return mapping(field(body, "result", "the answer"), "the result")


def _kind(words: str) -> FaultKind:
    if "Too many requests" in words:
        return FaultKind.RATE_LIMITED
    return FaultKind.SERVER_ERROR if words.startswith("EService") else FaultKind.REFUSED


def _pair(result: Mapping[str, object], coin: str) -> object:
    """The only pair in a result, which may be called otherwise than asked: XXBTZUSD, XBTUSD or BTC/USD."""
    named = [name for name in result if name != "last"]
    if len(named) != 1 or named[0].upper() not in _PAIR_NAMES[coin]:
        raise SourceError(f"sent no {coin}/USD pair")
    return result[named[0]]


async def _last(site: ProviderApi, ask: FetchRequest, pair: str, coin: str) -> float:
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
