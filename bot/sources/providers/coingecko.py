"""CoinGecko: the all-time high, and as a reserve the spot price and daily closes."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from bot.i18n.message import message
from bot.sources.parse import daily, field, mapping, moment, not_future, positive, rows, text
from bot.sources.providers.mempool import covered
from bot.sources.rate_limit import Pace
from bot.sources.readings import of_days, spot
from bot.sources.source_error import FaultKind, SourceError
from bot.sources.types import HISTORY_BYTES, FetchRequest, Provider, ProviderAnswer, ProviderApi, Query

PROVIDER: Final = Provider(
    name="coingecko",
    title="CoinGecko",
    home="https://api.coingecko.com",
    licence="free with attribution; no commercial redistribution",
    limits="5 to 15 requests a minute without a key; history of 365 days",
    pace=Pace(burst=3, interval_s=12.0),
)

MOST_DAYS: Final = 365


async def price(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """The spot price with the time of its last update."""
    params = {"ids": "bitcoin", "vs_currencies": "usd", "include_last_updated_at": "true"}
    coin = field(await _body(site, ask, "/api/v3/simple/price", params), "bitcoin", "the prices")
    value = positive(field(coin, "usd", "the price"), "the price in US dollars")
    stamp = moment(field(coin, "last_updated_at", "the price"), "the time of the price")
    return ProviderAnswer((spot("btc.price", value, not_future(stamp, ask.now, "the price"), site, ask),))


async def record(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """The all-time high and when it was."""
    names = ("localization", "tickers", "community_data", "developer_data", "sparkline")
    body = await _body(site, ask, "/api/v3/coins/bitcoin", dict.fromkeys(names, "false"))
    market = mapping(field(body, "market_data", "the coin"), "the market data")
    highs, dates = (field(market, name, "the market data") for name in ("ath", "ath_date"))
    value = positive(field(highs, "usd", "the record"), "the record price")
    try:
        at = datetime.fromisoformat(text(field(dates, "usd", "the record's date"), "the record's date"))
        at = not_future(at, ask.now, "the record price")
    except (TypeError, ValueError):
        raise SourceError("sent something that isn't a date as the record's date") from None
    return ProviderAnswer((spot("btc.price_high", value, at, site, ask),))


async def closes(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Daily prices at 00:00 UTC, each the close of the day before; the last point is of now."""
    reach = (ask.today - ask.first).days + 2 if ask.first else 60
    if reach > MOST_DAYS and ask.last is not None and (ask.today - ask.last).days >= MOST_DAYS:
        raise SourceError(f"keeps only {MOST_DAYS} days of history for everyone")
    params = {"vs_currency": "usd", "days": str(min(reach, MOST_DAYS)), "interval": "daily"}
    body = await _body(site, ask, "/api/v3/coins/bitcoin/market_chart", params)
    points: list[tuple[date, object]] = []
    prices = rows(field(body, "prices", "the chart"), "prices")
    for number, row in enumerate(prices, start=1):
        cells = rows(row, "point values")
        if len(cells) != 2:
            raise SourceError("sent a point with values missing")
        at = moment(cells[0], "the time of a point", unit="ms")
        is_now = number == len(prices) and points and points[-1][0] == covered(at)  # just after midnight
        if at.hour == 0 and at.minute < 10 and not is_now:
            points.append((covered(at), cells[1]))
        else:
            not_future(at, ask.now, "the price")
    days = daily(points, "the close", ask.today, least=1 if ask.first else 30)
    return ProviderAnswer(of_days("btc.price", days, site, ask))


async def _body(
    site: ProviderApi, ask: FetchRequest, path: str, params: Mapping[str, str]
) -> Mapping[str, object]:
    """An answer that isn't an error; the two kinds of error body differ, and either may come with 200."""
    headers = {"x-cg-demo-api-key": site.key} if site.key else None
    body = mapping(await site.json(path, ask.now, params, headers, max_bytes=HISTORY_BYTES), "the answer")
    inner = body.get("error", body)
    status = inner.get("status") if isinstance(inner, dict) else None
    if isinstance(status, dict) and "error_code" in status:
        busy = status["error_code"] == 429
        words = site.quote(str(status.get("error_message", "no reason given")))
        raise SourceError(
            message("answered with an error ({words})", words=words),
            FaultKind.RATE_LIMITED if busy else FaultKind.REFUSED,
            retry_after=timedelta(minutes=1) if busy else None,
        )
    return body


PRICE: Final = Query("coingecko", "spot price", price)
RECORD: Final = Query("coingecko", "all-time high", record)
CLOSES: Final = Query("coingecko", "daily closes", closes, history=True)
