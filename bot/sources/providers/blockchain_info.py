"""blockchain.info charts: daily closes, hashrate and difficulty, as a last reserve."""

from datetime import date, timedelta
from typing import Final

from bot.sources.parse import daily, field, moment, positive, rows
from bot.sources.providers.mempool import seen_at
from bot.sources.rate_limit import Pace
from bot.sources.readings import of_days, spot
from bot.sources.source_error import SourceError
from bot.sources.types import FetchRequest, Provider, ProviderAnswer, ProviderApi, Query

PROVIDER: Final = Provider(
    name="blockchain_info",
    title="blockchain.info charts",
    home="https://api.blockchain.info",
    licence="free with attribution",
    limits="unpublished; at most 1 a minute is advised",
    pace=Pace(burst=3, interval_s=20.0),
)


async def closes(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Daily closes: a point stamped D 00:00 is the close of the day before D."""
    points = [(day - timedelta(days=1), value) for day, value in await _chart(site, ask, "market-price")]
    return ProviderAnswer(of_days("btc.price", _closed(points, "the close", ask), site, ask))


async def hashrate(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Daily hashrate, sent in TH/s; a point stamped D covers D."""
    points = await _chart(site, ask, "hash-rate")
    return ProviderAnswer(of_days("btc.hashrate", _closed(points, "the hashrate", ask), site, ask, 1e-6))


async def difficulty(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Daily difficulty; the newest point is of the running day, and as good as the present value."""
    points = await _chart(site, ask, "difficulty")
    closed = _closed(points, "the difficulty", ask)
    readings = of_days("btc.difficulty", closed, site, ask)
    if ask.first is None and points[-1][0] == ask.today:
        value = positive(points[-1][1], "the difficulty")
        readings += (spot("btc.difficulty", value, seen_at(closed[-1][0], ask), site, ask),)
    return ProviderAnswer(readings)


def _closed(points: list[tuple[date, object]], what: str, ask: FetchRequest) -> list[tuple[date, float]]:
    return daily(points, what, ask.today, least=1 if ask.first else 30)


async def _chart(site: ProviderApi, ask: FetchRequest, name: str) -> list[tuple[date, object]]:
    """A chart's points, thinned by nobody."""
    span = (ask.today - ask.first).days + 2 if ask.first else 60
    params = {"timespan": f"{span}days", "format": "json", "sampled": "false", "cors": "true"}
    body = await site.json(f"/charts/{name}", ask.now, params, max_bytes=ask.max_bytes)
    if field(body, "status", "the chart") != "ok":
        raise SourceError("answered that the chart isn't ready")
    unit = field(body, "unit", "the chart") if isinstance(body, dict) and "unit" in body else ""
    if name == "hash-rate" and unit and "TH/s" not in str(unit):
        raise SourceError(f"sent a hashrate in {site.quote(str(unit))} where TH/s is expected")
    return [
        (moment(field(row, "x", "a point"), "the time of a point").date(), field(row, "y", "a point"))
        for row in rows(field(body, "values", "the chart"), "points")
    ]


CLOSES: Final = Query("blockchain_info", "daily closes", closes, history=True)
HASHRATE: Final = Query("blockchain_info", "daily hashrate", hashrate, history=True)
DIFFICULTY: Final = Query("blockchain_info", "daily difficulty", difficulty, history=True)
