"""BGeometrics (bitcoin-data.com): gross miner outflow, best effort; the newest week is often paid for."""

from datetime import date, timedelta
from typing import Final

from bot.sources.parse import daily, iso_day, mapping, rows
from bot.sources.rate_limit import Pace
from bot.sources.readings import of_days
from bot.sources.source_error import SourceError
from bot.sources.types import FetchRequest, Provider, ProviderAnswer, ProviderApi, Query

PROVIDER: Final = Provider(
    name="bgeometrics",
    title="BGeometrics",
    home="https://api.bitcoin-data.com",
    licence="see the provider's terms",
    limits="10 requests an hour, 15 a day; the newest week needs a plan",
    pace=Pace(burst=1, interval_s=10.0),
    daily_limit=15,
)

_DAY_NAMES: Final = ("d", "theDay", "theDate")


async def outflow(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Coins leaving miner wallets, BTC a day; values are text, and holes of a few days are usual."""
    first = ask.first or ask.today - timedelta(days=60)
    params = {"startday": first.isoformat(), "endday": (ask.last or ask.today).isoformat()}
    headers = {"Authorization": f"Bearer {site.key}"} if site.key else None
    body = await site.json("/v1/out-flows", ask.now, params, headers, max_bytes=ask.max_bytes)
    points = []
    for row in rows(body, "days"):
        cells = mapping(row, "a day")
        if cells.get("outFlows") is not None:
            points.append((_day(cells), cells["outFlows"]))
    least = 1 if ask.first else 10
    return ProviderAnswer(
        of_days(
            "btc.miner_outflow_gross",
            daily(points, "the outflow", ask.today, least=least, longest_gap=5),
            site,
            ask,
        )
    )


def _day(cells: object) -> date:
    row = mapping(cells, "a day")
    name = next((name for name in _DAY_NAMES if name in row), None)
    if name is None:
        raise SourceError("sent a row without a day")
    return iso_day(row[name], "a day")


OUTFLOW: Final = Query("bgeometrics", "miner outflow", outflow, history=True)
