"""Fakes of energy-charts.info, aWATTar, FRED and the EIA."""

import json
from datetime import UTC, date, datetime, timedelta

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
    kept = [pair for pair in play.points(list(pairs)) if isinstance(pair, tuple)]
    if not kept:
        return None
    return json.dumps(
        {
            "license_info": "CC BY 4.0",
            "unix_seconds": [stamp for stamp, _ in kept],
            "price": [value for _, value in kept],
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
