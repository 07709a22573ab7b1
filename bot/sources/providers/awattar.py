"""aWATTar: hourly day-ahead prices of Germany and Austria, an independent second for these two zones."""

from datetime import timedelta
from typing import Final

from bot.sources.day_ahead import power_answer, slot, unit_is_eur_per_mwh
from bot.sources.parse import field, mapping, moment, rows, seconds
from bot.sources.rate_limit import Pace
from bot.sources.source_error import SourceError
from bot.sources.types import FetchRequest, Provider, ProviderAnswer, ProviderApi, Query

PROVIDER: Final = Provider(
    name="awattar",
    title="aWATTar",
    home="https://api.awattar.de",
    licence="fair use; source EPEX SPOT",
    limits="100 requests a day",
    pace=Pace(burst=2, interval_s=2.0),
    daily_limit=100,
)

AUSTRIA: Final = "https://api.awattar.at"


async def price(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Hours from two days ago to tomorrow, or of the days asked for."""
    first = ask.first or ask.today - timedelta(days=2)
    last = ask.last or ask.today + timedelta(days=1)
    params = {
        "start": str(seconds(first) * 1000),
        "end": str(seconds(last + timedelta(days=1)) * 1000),
    }
    host = AUSTRIA if ask.zone == "AT" else None
    body = await site.json("/v1/marketdata", ask.now, params, host=host, max_bytes=ask.max_bytes)
    slots = []
    for row in rows(field(body, "data", "the prices"), "prices"):
        cells = mapping(row, "a price")
        unit = field(cells, "unit", "a price")
        if not unit_is_eur_per_mwh(unit):
            raise SourceError(f"sent prices in {site.quote(str(unit))} where EUR/MWh is expected")
        start = moment(field(cells, "start_timestamp", "a price"), "the time of a price", unit="ms")
        end = moment(field(cells, "end_timestamp", "a price"), "the time of a price", unit="ms")
        slots.append(slot(start, end, field(cells, "marketprice", "a price")))
    return power_answer(slots, site, ask)


PRICE: Final = Query("awattar", "day-ahead prices", price, history=True, zones=("DE-LU", "AT"))
