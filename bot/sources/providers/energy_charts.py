"""energy-charts.info (Fraunhofer ISE): day-ahead power prices of the openly licensed bidding zones."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from bot.sources.day_ahead import HOUR, LENGTHS, QUARTER, power_answer, slot, unit_is_eur_per_mwh
from bot.sources.parse import field, moment, rows
from bot.sources.rate_limit import Pace
from bot.sources.source_error import SourceError
from bot.sources.types import FetchRequest, Provider, ProviderAnswer, ProviderApi, Query

PROVIDER: Final = Provider(
    name="energy_charts",
    title="energy-charts.info",
    home="https://api.energy-charts.info",
    licence="CC BY 4.0 (Bundesnetzagentur, SMARD.de) for the zones offered here",
    limits="unpublished",
    pace=Pace(burst=4, interval_s=1.0),
)


async def price(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Prices from two days ago to tomorrow, or of the span asked for. Dates are the zone's own days."""
    first = ask.first or ask.today - timedelta(days=2)
    last = ask.last or ask.today
    params = {"bzn": ask.zone, "start": first.isoformat(), "end": (last + timedelta(days=1)).isoformat()}
    body = await site.json("/price", ask.now, params, max_bytes=ask.max_bytes)
    stamps = rows(field(body, "unix_seconds", "the prices"), "times")
    prices = rows(field(body, "price", "the prices"), "prices")
    unit = field(body, "unit", "the prices")
    if not unit_is_eur_per_mwh(unit):
        raise SourceError(f"sent prices in {site.quote(str(unit))} where EUR/MWh is expected")
    if len(stamps) != len(prices):
        raise SourceError(f"sent {len(prices)} prices for {len(stamps)} times")
    starts = [moment(stamp, "the time of a price") for stamp in stamps]
    if len(starts) < 2:
        raise SourceError("sent a single price where a day of them is expected")
    ends = [start + length for start, length in zip(starts, _lengths(starts), strict=True)]
    slots = [slot(start, end, value) for start, end, value in zip(starts, ends, prices, strict=True)]
    return power_answer(slots, site, ask)


def _lengths(starts: Sequence[datetime]) -> list[timedelta]:
    """Each slot's length from the next start; next to a hole, that of its neighbours.

    An hour between quarters is three quarters missing, not a slot of an hour.
    """
    steps = [after - before for before, after in pairwise(starts)]
    lengths: list[timedelta] = []
    for index, step in enumerate(steps):
        before = lengths[-1] if lengths else step
        after = steps[index + 1] if index + 1 < len(steps) else before
        hole = step not in LENGTHS or (step == HOUR and before == after == QUARTER)
        lengths.append(step if not hole else before if before in LENGTHS else HOUR)
    return [*lengths, lengths[-1]]


PRICE: Final = Query("energy_charts", "day-ahead prices", price, history=True)
