"""Fakes of BGeometrics, Glassnode and CryptoQuant."""

import json
from datetime import UTC, date, datetime, timedelta

from aiohttp import web

from tests.fakes.faults import Play
from tests.fakes.world import unix


async def bgeometrics(request: web.Request, path: str, play: Play) -> str | None:
    if path != "/v1/out-flows":
        return None
    days = _flow_days(date.fromisoformat(request.query["startday"]), 8, play)
    lines: list[object] = [
        {"d": day.isoformat(), "unixTs": str(unix(day)), "outFlows": play.text(play.world.outflow(day))}
        for day in days
    ]
    return json.dumps(play.points(lines))


async def glassnode(request: web.Request, path: str, play: Play) -> str | None:
    if request.headers.get("X-Api-Key") != "secret-key":
        raise web.HTTPUnauthorized
    days = _flow_days(datetime.fromtimestamp(int(request.query["s"]), UTC).date(), 0, play)
    lines: list[object] = [{"t": unix(day), "v": play.value(play.world.outflow(day))} for day in days]
    return json.dumps(play.points(lines, running=True))


async def cryptoquant(request: web.Request, path: str, play: Play) -> str | None:
    if request.headers.get("Authorization") != "Bearer secret-key":
        raise web.HTTPUnauthorized
    days = _flow_days(datetime.strptime(request.query["from"], "%Y%m%d").replace(tzinfo=UTC).date(), 1, play)
    lines: list[object] = [
        {"date": day.isoformat(), "outflow_total": play.value(play.world.outflow(day))} for day in days
    ]
    data = play.points(lines, newest_first=True)
    return json.dumps({"status": {"code": 200}, "result": {"window": "day", "data": data}})


def _flow_days(first: date, lag_days: int, play: Play) -> list[date]:
    first += play.now.date() - play.world.today
    last = play.now.date() - timedelta(days=lag_days)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
