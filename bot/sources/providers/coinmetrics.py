"""Coin Metrics' community API: daily close, hashrate and fees since the beginning, a few hours late."""

import math
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from bot.signals.series import Reading
from bot.sources.parse import daily, field, iso_day, mapping, number, positive, rows
from bot.sources.rate_limit import Pace
from bot.sources.readings import Parts, of_days
from bot.sources.source_error import SourceError
from bot.sources.types import FetchRequest, Provider, ProviderAnswer, ProviderApi, Query

PROVIDER: Final = Provider(
    name="coinmetrics",
    title="Coin Metrics community",
    home="https://community-api.coinmetrics.io",
    licence="CC BY-NC 4.0",
    limits="10 requests in 6 seconds",
    pace=Pace(burst=4, interval_s=1.0),
)

METRICS: Final = ("PriceUSD", "HashRate", "FeeTotNtv", "IssTotNtv")


async def metrics(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Daily closes (USD), hashrate (sent in TH/s) and mean fees per block; values are text."""
    first = ask.first or ask.today - timedelta(days=40)
    params = {
        "assets": "btc",
        "metrics": ",".join(METRICS),
        "frequency": "1d",
        "start_time": first.isoformat(),
        "page_size": "10000",
        "paging_from": "start",
    }
    if ask.last:
        params["end_time"] = ask.last.isoformat()
    body = await site.json("/v4/timeseries/asset-metrics", ask.now, params, max_bytes=ask.max_bytes)
    table = [mapping(row, "a day") for row in rows(field(body, "data", "the answer"), "days")]
    stamped = [(iso_day(field(row, "time", "a day"), "a day"), row) for row in table]

    def column(series: str, name: str, what: str, factor: float) -> tuple[Reading, ...]:
        return of_days(series, _closed(_column(stamped, name, ask.today), what, ask), site, ask, factor)

    def fees() -> tuple[Reading, ...]:
        per_block = [(day, _fees_per_block(row)) for day, row in stamped if _has_fees(row)]
        return of_days("btc.fees", daily(per_block, "the fees", ask.today, least=0, allow="any"), site, ask)

    parts = Parts()
    parts.add("btc.price", lambda: column("btc.price", "PriceUSD", "the close", 1.0))
    parts.add("btc.hashrate", lambda: column("btc.hashrate", "HashRate", "the hashrate", 1e-6))
    parts.add("btc.fees", fees)
    return parts.answer()


def _closed(column: list[tuple[date, object]], what: str, ask: FetchRequest) -> list[tuple[date, float]]:
    """A metric's closed days; none when the service gives none of it (some metrics become paid ones)."""
    if all(value is None for _, value in column):
        return []
    return daily(column, what, ask.today, least=1 if ask.first else 20)


def _column(
    stamped: list[tuple[date, Mapping[str, object]]], name: str, today: date
) -> list[tuple[date, object]]:
    """One metric. A day that has just ended may still lack it, which is no fault."""
    late = today - timedelta(days=2)
    return [(day, row.get(name)) for day, row in stamped if day < late or row.get(name) is not None]


def _has_fees(row: Mapping[str, object]) -> bool:
    return row.get("FeeTotNtv") is not None and row.get("IssTotNtv") is not None


def _fees_per_block(row: Mapping[str, object]) -> float:
    """The day's fees over its blocks; issuance tells their number, whichever halving brings it near 144."""
    issued = positive(row["IssTotNtv"], "the day's issuance")
    counts = [issued / 50 * 2.0**era for era in range(12)]
    blocks = min(counts, key=lambda count: abs(math.log(count / 144)))
    if not 72 <= blocks <= 288:
        raise SourceError(f"sent {issued:g} BTC as a day's issuance")
    return number(row["FeeTotNtv"], "the day's fees") / blocks


DAILY: Final = Query("coinmetrics", "daily metrics", metrics, history=True)
