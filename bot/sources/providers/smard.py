"""SMARD, the German regulator's market data: day-ahead power prices by the hour, in files of a week each."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.sources.day_ahead import HOUR, power_answer, slot
from bot.sources.parse import field, midnight, moment, rows
from bot.sources.rate_limit import Pace
from bot.sources.source_error import FaultKind, SourceError
from bot.sources.types import FetchRequest, PriceSlot, Provider, ProviderAnswer, ProviderApi, Query

PROVIDER: Final = Provider(
    name="smard",
    title="SMARD.de (Bundesnetzagentur)",
    home="https://www.smard.de/app/chart_data",
    licence="CC BY 4.0 (Bundesnetzagentur, SMARD.de)",
    limits="unpublished",
    pace=Pace(burst=4, interval_s=0.5),
)

FILTERS: Final = {
    "AT": 4170,
    "BE": 4996,
    "CH": 259,
    "CZ": 261,
    "DE-AT-LU": 251,
    "DE-LU": 4169,
    "DK1": 252,
    "DK2": 253,
    "FR": 254,
    "HU": 262,
    "IT-North": 255,
    "NL": 256,
    "NO2": 4997,
    "PL": 257,
    "SE4": 258,
    "SI": 260,
}
"""The number under which SMARD keeps the day-ahead price of a bidding zone."""

_PLACE: Final = "Europe/Berlin"
_VIEW: Final = "DE"
"""The site's view, the same in every address: it is the number that tells the market."""
_PUBLISHED_BEFORE: Final = timedelta(hours=12)
"""A day's prices are published about noon of the day before; earlier its file isn't asked for."""


async def price(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Hours from yesterday to the newest known, or of the days asked for: one file for each week touched.

    An hour is the mean of its four quarters. The files of a week begin with its Monday in Berlin; hours not
    known yet are null, and the coming week has no file before the first of its prices is known.
    """
    since = midnight(ask.first or ask.today - timedelta(days=1))
    until = midnight(ask.last + timedelta(days=1)) if ask.last else ask.now + _PUBLISHED_BEFORE
    weeks = _weeks(since, until)
    answers = await asyncio.gather(*(_week(site, ask, week) for week in weeks), return_exceptions=True)
    slots: list[PriceSlot] = []
    for part in answers:
        if isinstance(part, list):
            slots += part
        elif not (isinstance(part, SourceError) and part.kind is FaultKind.NOT_FOUND):
            raise part
    if not slots:
        raise SourceError(f"has no file for the week of {_monday(since)} (404)", FaultKind.NOT_FOUND)
    return power_answer(slots, site, ask)


def _weeks(since: datetime, until: datetime) -> list[datetime]:
    """The beginnings (UTC) of the weeks that hold the hours from `since` to `until`."""
    monday = _monday(since)
    weeks: list[datetime] = []
    while (begin := datetime.combine(monday, time(), ZoneInfo(_PLACE)).astimezone(UTC)) < until:
        weeks.append(begin)
        monday += timedelta(weeks=1)
    return weeks


def _monday(at: datetime) -> date:
    """The Monday of the week that holds a moment."""
    day = at.astimezone(ZoneInfo(_PLACE)).date()
    return day - timedelta(days=day.weekday())


async def _week(site: ProviderApi, ask: FetchRequest, begin: datetime) -> list[PriceSlot]:
    number = FILTERS[ask.zone]
    name = f"{number}_{_VIEW}_hour_{int(begin.timestamp()) * 1000}.json"
    body = await site.json(f"/{number}/{_VIEW}/{name}", ask.now)
    slots = []
    for row in rows(field(body, "series", "the prices"), "prices"):
        cells = rows(row, "a time and its price")
        if len(cells) != 2:
            raise SourceError(f"sent {len(cells)} values where a time and its price belong")
        start = moment(cells[0], "the time of a price", unit="ms")
        slots.append(slot(start, start + HOUR, cells[1]))
    if not begin <= slots[0].start < begin + timedelta(weeks=1):
        raise SourceError(f"sent another week than that of {_monday(begin)}")
    return slots


PRICE: Final = Query("smard", "day-ahead prices", price, history=True)
