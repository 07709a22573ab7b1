"""The U.S. EIA's own web page of Henry Hub: the table that others republish, read without a key."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Final

from bot.sources.parse import daily
from bot.sources.readings import of_days
from bot.sources.source_error import SourceError
from bot.sources.types import HISTORY_BYTES, FetchRequest, Provider, ProviderAnswer, ProviderApi, Query

PROVIDER: Final = Provider(
    name="eia_web",
    title="U.S. EIA, web page",
    home="https://www.eia.gov",
    licence="public domain, citation requested",
    limits="unpublished; one page of about 0.4 MB with every day since 1997",
)

TABLE: Final = "Henry Hub Natural Gas Spot Price (Dollars per Million Btu)"
"""What the page calls its table: the price, and the unit it is in."""

_NAMED: Final = r"\s+".join(re.escape(word) for word in TABLE.split())
_BEGINS: Final = re.compile(rf"<table\b[^<>]*summary\s*=\s*[\"']\s*{_NAMED}\s*[\"'][^<>]*>", re.I)
_ENDS: Final = re.compile(r"</table\b", re.I)
_ROW: Final = re.compile(r"<tr\b", re.I)
_LONGEST_ROW: Final = 1_000
_MOST_TAGS: Final = 40
_MOST_ROWS: Final = 5_000
"""Of a week each: nearly a century."""
_WEEK: Final = re.compile(r"(\d{4}) ([A-Z][a-z]{2})- ?(\d{1,2}) to ([A-Z][a-z]{2})- ?(\d{1,2})")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MISSING: Final = ("", "-", "--", "NA", "W")
_LEAST: Final = 1_000
"""Fewer days than that aren't the whole table."""
_NO_WEEK_MISSING: Final = timedelta(days=21)
_USUAL_SPAN: Final = timedelta(days=60)


async def henry_hub(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Trading days in USD/MMBtu. The table has a row for each week; a day without trade is an empty cell."""
    page = await site.page("/dnav/ng/hist/rngwhhdD.htm", ask.now, max_bytes=HISTORY_BYTES)
    points = await asyncio.to_thread(lambda: list(_days(page)))
    closed = daily(points, "the gas price", ask.today, least=_LEAST, longest_gap=6, recent=_NO_WEEK_MISSING)
    since = ask.first or ask.today - _USUAL_SPAN
    return ProviderAnswer(
        of_days("gas.henry_hub", [point for point in closed if point[0] >= since], site, ask)
    )


def _days(page: str) -> Iterator[tuple[date, object]]:
    """Every day of the table with what its cell says, in the order of the page."""
    begins = _BEGINS.search(page)
    if begins is None:
        raise SourceError("sent a page without the table of Henry Hub prices")
    ends = _ENDS.search(page, begins.end())
    if ends is None:
        raise SourceError("broke off its answer")
    rows = _ROW.split(page[begins.end() : ends.start()])[1:]
    if len(rows) > _MOST_ROWS:
        raise SourceError(f"sent {len(rows):,} rows where a week each is expected")
    for row in rows:
        # The standard library's parser takes quadratic time over some malformed pages: it gets short pieces.
        if len(row) <= _LONGEST_ROW and row.count("<") <= _MOST_TAGS:
            yield from _week(_cells(f"<tr{row}"))


def _week(cells: Sequence[str]) -> Iterator[tuple[date, object]]:
    """The days of a row; none when it isn't a week's (a heading, a blank between two years)."""
    label = _WEEK.fullmatch(cells[0]) if cells else None
    if label is None:
        return
    monday = _monday(*label.groups())
    if len(cells) != 6:
        raise SourceError(f"sent {len(cells) - 1} days in the week of {monday}")
    for weekday, cell in enumerate(cells[1:]):
        if cell not in _MISSING:
            yield monday + timedelta(days=weekday), cell


def _monday(year: str, month: str, day: str, last_month: str, last_day: str) -> date:
    """The first day of a row's week. Raises SourceError unless the row runs from Monday to Friday."""
    try:
        monday = date(int(year), _MONTHS.index(month) + 1, int(day))
    except ValueError:
        raise SourceError(f"sent a week that isn't one ({year} {month} {day})") from None
    friday = monday + timedelta(days=4)
    if monday.weekday() or (_MONTHS[friday.month - 1], friday.day) != (last_month, int(last_day)):
        raise SourceError(f"sent a week that doesn't run from Monday to Friday ({monday})")
    return monday


def _cells(row: str) -> list[str]:
    """The texts of a row's data cells, with single spaces."""
    reader = _Row()
    try:
        reader.feed(row)
        reader.close()
    except AssertionError:  # how the parser meets some malformed declarations
        raise SourceError("sent a row that can't be read") from None
    return [" ".join("".join(cell).split()) for cell in reader.cells]


class _Row(HTMLParser):
    """Collects the texts of data cells; a cell that isn't closed ends where the next begins."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[list[str]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a data cell, or end one."""
        if tag in ("td", "th"):
            self._inside = tag == "td"
        if tag == "td":
            self.cells.append([])

    def handle_endtag(self, tag: str) -> None:
        """End a data cell."""
        if tag in ("td", "tr"):
            self._inside = False

    def handle_data(self, data: str) -> None:
        """Keep the text of a cell."""
        if self._inside:
            self.cells[-1].append(data)


HENRY_HUB: Final = Query("eia_web", "Henry Hub gas", henry_hub, history=True)
