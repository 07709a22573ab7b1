"""FRED's keyless CSV: the Henry Hub spot price of natural gas, published by the U.S. EIA."""

from datetime import timedelta
from typing import Final

from bot.sources.parse import daily, iso_day
from bot.sources.readings import of_days
from bot.sources.source_error import SourceError
from bot.sources.types import FetchRequest, Provider, ProviderAnswer, ProviderApi, Query

PROVIDER: Final = Provider(
    name="fred",
    title="FRED (St. Louis Fed)",
    home="https://fred.stlouisfed.org",
    licence="public domain (U.S. EIA), citation requested",
    limits="unpublished; answers are cached for 10 minutes",
)

SERIES_ID: Final = "DHHNGSP"
_MISSING: Final = ("", ".")


async def henry_hub(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Trading days in USD/MMBtu. A day without trade is sent empty or as a point."""
    first = ask.first or ask.today - timedelta(days=60)
    params = {"id": SERIES_ID, "cosd": first.isoformat()}
    if ask.last:
        params["coed"] = ask.last.isoformat()
    header, *table = await site.csv("/graph/fredgraph.csv", ask.now, params, max_bytes=ask.max_bytes)
    names = [name.strip() for name in header]
    if len(names) != 2 or names[1] != SERIES_ID or names[0] not in ("observation_date", "DATE"):
        raise SourceError("sent a table with unknown columns")
    if any(len(row) != 2 for row in table):
        raise SourceError("broke off its answer")
    points = [(iso_day(row[0], "a day"), row[1].strip()) for row in table if row[1].strip() not in _MISSING]
    closed = daily(points, "the gas price", ask.today, least=1 if ask.first else 5, longest_gap=6)
    return ProviderAnswer(of_days("gas.henry_hub", closed, site, ask))


HENRY_HUB: Final = Query("fred", "Henry Hub gas", henry_hub, history=True)
