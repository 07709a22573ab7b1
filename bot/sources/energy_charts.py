"""energy-charts.info (Fraunhofer ISE): day-ahead power prices of the openly licensed bidding zones."""

from datetime import timedelta
from itertools import pairwise
from typing import Final

from bot.sources.base import Answer, Ask, Pace, Provider, Query, SourceError
from bot.sources.checks import field, moment, rows
from bot.sources.dayahead import LENGTHS, power_answer, slot, unit_is_eur_per_mwh
from bot.sources.web import Site

PROVIDER: Final = Provider(
    name="energy_charts",
    title="energy-charts.info",
    home="https://api.energy-charts.info",
    licence="CC BY 4.0 (Bundesnetzagentur | SMARD.de) for the zones offered here",
    limits="unpublished",
    pace=Pace(burst=4, interval_s=1.0),
)


async def price(site: Site, ask: Ask) -> Answer:
    """Prices from two days ago to tomorrow, or of the span asked for. Dates are the zone's own days."""
    first = ask.first or ask.today - timedelta(days=2)
    last = ask.last or ask.today
    params = {"bzn": ask.zone, "start": first.isoformat(), "end": (last + timedelta(days=1)).isoformat()}
    body = await site.json("/price", ask.now, params)
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
    steps = [after - before for before, after in pairwise(starts)]
    ends = [
        start + (step if step in LENGTHS else _usual(steps, index))
        for index, (start, step) in enumerate(zip(starts, [*steps, timedelta(0)], strict=True))
    ]
    slots = [slot(start, end, value) for start, end, value in zip(starts, ends, prices, strict=True)]
    return power_answer(slots, site, ask)


def _usual(steps: list[timedelta], index: int) -> timedelta:
    """The slot length around a place where the next start doesn't tell it."""
    before = [step for step in steps[:index] if step in LENGTHS]
    after = [step for step in steps[index:] if step in LENGTHS]
    return before[-1] if before else after[0] if after else LENGTHS[-1]


PRICE: Final = Query("energy_charts", "day-ahead prices", price, history=True)
