"""Fakes of energy-charts.info, aWATTar, SMARD, FRED and the EIA."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from aiohttp import web

from tests.fakes.faults import Fault, Play
from tests.fakes.world import DAY, midnight, table, unix


def power_starts(play: Play, first: date, last: date, step: timedelta) -> list[datetime]:
    """Slot starts of local days (an hour ahead of UTC), as far as they are published."""
    begin, end = midnight(first) - timedelta(hours=1), midnight(last) + timedelta(hours=23)
    days = 1 if play.now.hour >= 12 else 0
    end = min(end, midnight(play.now.date()) + timedelta(days=days, hours=23))
    return [begin + n * step for n in range(max(0, int((end - begin) / step)))]


async def energy_charts(request: web.Request, path: str, play: Play) -> str | None:
    if path != "/price":
        return None
    zone = request.query["bzn"]
    first, last = (date.fromisoformat(request.query[name]) for name in ("start", "end"))
    shift = play.now.date() - play.world.today
    starts = power_starts(play, first + shift, last + shift, timedelta(minutes=15))
    pairs = [(unix(start), play.value(play.world.power(zone, start))) for start in starts]
    rows = [pair for pair in play.points(list(pairs)) if isinstance(pair, tuple)]
    if not rows:
        return None
    return json.dumps(
        {
            "license_info": "CC BY 4.0",
            "unix_seconds": [stamp for stamp, _ in rows],
            "price": [value for _, value in rows],
            "unit": play.unit("EUR / MWh", "EUR / kWh"),
            "deprecated": False,
        }
    )


async def awattar(request: web.Request, path: str, play: Play) -> str | None:
    if path != "/v1/marketdata":
        return None
    shift = play.now.date() - play.world.today
    first, last = (
        datetime.fromtimestamp(int(request.query[name]) / 1000, UTC).date() + shift
        for name in ("start", "end")
    )
    begin = midnight(first)
    starts = [at for at in power_starts(play, first, last, timedelta(hours=1)) if at >= begin]
    lines: list[object] = [
        {
            "start_timestamp": unix(start) * 1000,
            "end_timestamp": (unix(start) + 3600) * 1000,
            "marketprice": play.value(play.world.power("DE-LU", start)),
            "unit": play.unit("Eur/MWh", "Eur/kWh"),
        }
        for start in starts
    ]
    return json.dumps({"object": "list", "data": play.points(lines)})


_FROM_251 = ("DE-AT-LU", "DK1", "DK2", "FR", "IT-North", "NL", "PL", "SE4", "CH", "SI", "CZ", "HU")
SMARD_ZONES = {4169: "DE-LU", 4170: "AT", 4996: "BE", 4997: "NO2", **dict(enumerate(_FROM_251, 251))}
BERLIN = ZoneInfo("Europe/Berlin")


def published_until(now: datetime) -> datetime:
    """The end of the last local day with prices: tomorrow's appear at noon, UTC."""
    day = now.date() + timedelta(days=2 if now.hour >= 12 else 1)
    return datetime(day.year, day.month, day.day, tzinfo=BERLIN).astimezone(UTC)


async def smard(request: web.Request, path: str, play: Play) -> str | None:
    """Weekly files from Monday to Sunday in Berlin; what isn't known yet is null."""
    asked = re.fullmatch(r"/(\d+)/DE/\1_DE_hour_(\d+)\.json", path)
    zone = SMARD_ZONES.get(int(asked[1])) if asked else None
    if asked is None or zone is None:
        return None
    begin = datetime.fromtimestamp(int(asked[2]) / 1000, UTC)
    monday, known_until = begin.astimezone(BERLIN), published_until(play.now)
    if (monday.weekday(), monday.hour, monday.minute) != (0, 0, 0) or begin >= known_until:
        return None
    hours = int(((monday + timedelta(weeks=1)).astimezone(UTC) - begin) / timedelta(hours=1))
    starts = [begin + timedelta(hours=n) for n in range(hours)]
    known: list[object] = [
        [unix(start) * 1000, play.value(play.world.power(zone, start))]
        for start in starts
        if start < known_until
    ]
    coming = [[unix(start) * 1000, None] for start in starts if start >= known_until]
    meta = {"version": 1, "created": unix(play.now) * 1000}
    return json.dumps({"meta_data": meta, "series": [*play.points(known), *coming]})


async def fred(request: web.Request, path: str, play: Play) -> str | None:
    if path != "/graph/fredgraph.csv" or request.query.get("id") != "DHHNGSP":
        return None
    shift = play.now.date() - play.world.today
    day = date.fromisoformat(request.query["cosd"]) + shift
    last = play.now.date() - timedelta(days=3)
    if "coed" in request.query:
        last = min(last, date.fromisoformat(request.query["coed"]))
    lines: list[object] = []
    while day <= last:
        if day.weekday() < 5:
            value = play.value(play.world.gas(day))
            lines.append([day.isoformat(), "" if value is None or day.day == 5 else f"{value}"])
        day += DAY
    return table([["observation_date", "DHHNGSP"], *play.points(lines)])


PAGE = """<!DOCTYPE html>
<html><head><title>Henry Hub Natural Gas Spot Price</title></head><body>
<table><tr><td class="Bread">Natural Gas</td></tr></table>
<TABLE SUMMARY="Henry Hub Natural Gas Spot Price (Dollars per Million Btu)" WIDTH="600">
<tr><th>Week Of</th><th>Mon</th><th>Tue</th><th>Wed</th><th>Thu</th><th>Fri</th></tr>
{rows}
</TABLE>
<p>- = No Data Reported; Release Date: {release}</p></body></html>"""


def week_row(monday: date, prices: Sequence[object]) -> str:
    """A week as the page has it: days padded with a blank, cells with non-breaking spaces."""
    first, last = (f"{day:%b}-{day.day:2d}" for day in (monday, monday + timedelta(days=4)))
    cells = "".join(f"<td class='B3'>{'' if price is None else price}&nbsp;</td>\n" for price in prices)
    return f"<tr>\n<td class='B6'>&nbsp;&nbsp;{monday.year} {first} to {last}</td>\n{cells}</tr>"


async def eia_web(request: web.Request, path: str, play: Play) -> str | None:
    if path != "/dnav/ng/hist/rngwhhdD.htm":
        return None
    last = play.now.date() - timedelta(days=3)
    rows: list[object] = []
    monday = date(2020, 1, 6)
    while monday <= last:
        days = [monday + n * DAY for n in range(5)]
        prices = [play.value(play.world.gas(day)) if day <= last and day.day != 5 else None for day in days]
        rows.append(week_row(monday, prices))
        monday += timedelta(weeks=1)
    lines = [*map(str, play.points(rows))]
    for place in range(52, len(lines), 53):
        lines.insert(place, "<tr><td>&nbsp;</td></tr>")
    return PAGE.format(rows="\n".join(lines), release=f"{play.now:%m/%d/%Y}")


async def eia(request: web.Request, path: str, play: Play) -> str | None:
    if request.query.get("api_key") != "secret-key":
        raise web.HTTPForbidden(text='{"error": {"code": "API_KEY_INVALID"}}')
    if path == "/v2/electricity/retail-sales/data/":
        month = date.fromisoformat(request.query["start"] + "-01")
        newest = (play.now.date().replace(day=1) - timedelta(days=62)).replace(day=1)
        if play.fault is Fault.FUTURE:
            newest = (play.now.date() + timedelta(days=40)).replace(day=1)
        if play.fault is Fault.FROZEN:
            newest = (play.now.date() - timedelta(days=300)).replace(day=1)
        months: list[object] = []
        while month <= newest:
            price = play.text(play.world.industrial_cents(month))
            months.append(
                {"period": f"{month:%Y-%m}", "price": price, "price-units": "cents per kilowatt-hour"}
            )
            month = (month + timedelta(days=32)).replace(day=1)
        return json.dumps({"response": {"total": "1", "data": play.points(months)}})
    if path == "/v2/natural-gas/pri/fut/data/":
        shift = play.now.date() - play.world.today
        day, last = date.fromisoformat(request.query["start"]) + shift, play.now.date() - timedelta(days=3)
        lines: list[object] = []
        while day <= last:
            if day.weekday() < 5:
                lines.append({"period": day.isoformat(), "value": play.text(play.world.gas(day))})
            day += DAY
        return json.dumps({"response": {"total": "1", "data": play.points(lines)}})
    return None
