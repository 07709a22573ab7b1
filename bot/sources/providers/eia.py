"""The U.S. Energy Information Administration (free key): industrial power price, and Henry Hub gas."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from bot.sources.parse import daily, field, iso_day, mapping, positive, rows, text
from bot.sources.readings import of_days, of_month
from bot.sources.source_error import SourceError
from bot.sources.types import FetchRequest, Provider, ProviderAnswer, ProviderApi, Query

PROVIDER: Final = Provider(
    name="eia",
    title="U.S. EIA",
    home="https://api.eia.gov",
    licence="public domain, citation requested",
    limits="by key; unpublished",
    needs_key=True,
)


async def industrial(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """US average retail price to industry by month, sent as text in cents/kWh, about two months late."""
    params = {
        "frequency": "monthly",
        "data[0]": "price",
        "facets[stateid][]": "US",
        "facets[sectorid][]": "IND",
        "sort[0][column]": "period",
        "sort[0][direction]": "asc",
        "start": (ask.first or ask.today - timedelta(days=500)).strftime("%Y-%m"),
        "length": "5000",
    }
    if ask.last:
        params["end"] = ask.last.strftime("%Y-%m")
    points: list[tuple[date, float]] = []
    for row in await _data(site, ask, "/v2/electricity/retail-sales/data/", params):
        if row.get("stateid", "US") != "US" or row.get("sectorid", "IND") != "IND":
            raise SourceError("sent prices of another state or sector than asked")
        unit = row.get("price-units", "cents per kilowatt-hour")
        if unit not in ("cents per kilowatt-hour", "cents per kilowatthour"):
            raise SourceError(f"sent prices in {site.quote(str(unit))} where cents/kWh are expected")
        month = iso_day(f"{text(field(row, 'period', 'a month'), 'a month')}-01", "a month")
        if points and month <= points[-1][0]:
            raise SourceError(f"sent the months out of order or twice ({month:%Y-%m})")
        if month >= ask.today.replace(day=1):
            raise SourceError(f"stamped a price in the future ({month:%Y-%m})")
        points.append((month, positive(field(row, "price", "a month"), f"the price of {month:%Y-%m}") / 100))
    _months_follow(points)
    return ProviderAnswer(
        tuple(of_month("power.us_industrial", month, value, site, ask) for month, value in points)
    )


async def henry_hub(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Trading days of the Henry Hub spot price, USD/MMBtu, sent as text."""
    params = {
        "frequency": "daily",
        "data[0]": "value",
        "facets[series][]": "RNGWHHD",
        "sort[0][column]": "period",
        "sort[0][direction]": "asc",
        "start": (ask.first or ask.today - timedelta(days=60)).isoformat(),
        "length": "5000",
    }
    if ask.last:
        params["end"] = ask.last.isoformat()
    table = await _data(site, ask, "/v2/natural-gas/pri/fut/data/", params)
    points = [
        (iso_day(field(row, "period", "a day"), "a day"), row.get("value"))
        for row in table
        if row.get("value") is not None
    ]
    if any(row.get("series", "RNGWHHD") != "RNGWHHD" for row in table):
        raise SourceError("sent another price than the one asked for")
    closed = daily(points, "the gas price", ask.today, least=1 if ask.first else 5, longest_gap=6)
    return ProviderAnswer(of_days("gas.henry_hub", closed, site, ask))


def _months_follow(points: list[tuple[date, float]]) -> None:
    """The newest year of months must have no hole."""
    for (before, _), (after, _) in zip(points[-12:], points[-11:], strict=False):
        if (after - before).days > 31:
            raise SourceError(f"left out the months between {before:%Y-%m} and {after:%Y-%m}")


async def _data(
    site: ProviderApi, ask: FetchRequest, path: str, params: Mapping[str, str]
) -> list[Mapping[str, object]]:
    """The rows of an answer. The key goes into the address: the service takes it nowhere else."""
    body = await site.json(path, ask.now, {**params, "api_key": site.key or ""}, max_bytes=ask.max_bytes)
    response = mapping(field(body, "response", "the answer"), "the response")
    return [mapping(row, "a row") for row in rows(field(response, "data", "the response"), "rows")]


INDUSTRIAL: Final = Query("eia", "US industrial power", industrial, history=True)
HENRY_HUB: Final = Query("eia", "Henry Hub gas", henry_hub, history=True)
