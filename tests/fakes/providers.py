"""One local server that plays every provider, each under a path prefix of its own, with faults on order."""

import asyncio
import csv
import io
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Self

from aiohttp import web

from tests.fakes.faults import OF_TRANSPORT, Fault, Play
from tests.fakes.world import DAY, EPOCH_BLOCKS, World, midnight


def unix(at: datetime | date) -> int:
    moment = at if isinstance(at, datetime) else midnight(at)
    return int(moment.timestamp())


class Providers:
    """Serve `world` on the loopback.

    `faults[name]` spoils every answer of one provider, `hold` keeps it from answering until the event is
    set, `delay_s` makes it slow. `calls` counts requests by provider, `asked` keeps them as (provider, path
    with query). `effective` remembers each (provider, fault) that really changed an answer. `spoil[name]`
    gives one provider a world of its own.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.faults: dict[str, Fault] = {}
        self.retry_after: str | None = None
        self.hold: dict[str, asyncio.Event] = {}
        self.calls: Counter[str] = Counter()
        self.asked: list[tuple[str, str]] = []
        self.headers: list[tuple[str, dict[str, str]]] = []
        self.effective: set[tuple[str, Fault]] = set()
        self.delay_s: dict[str, float] = {}
        self.etags = False
        self.not_modified: Counter[str] = Counter()
        self.spoil: dict[str, Callable[[World], World]] = {}
        self._arrived = asyncio.Condition()
        self._runner: web.AppRunner | None = None
        self._base = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{provider}/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self._base = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        for event in self.hold.values():
            event.set()
        if self._runner is not None:
            await self._runner.cleanup()

    def url(self, provider: str) -> str:
        """What to set `<PROVIDER>_URL` to."""
        return f"{self._base}/{provider}"

    async def asked_of(self, names: set[str]) -> None:
        """Wait until each of these providers has been asked."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: names <= set(self.calls))

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        name, path = request.match_info["provider"], "/" + request.match_info["path"]
        self.calls[name] += 1
        self.asked.append((name, str(request.rel_url).removeprefix(f"/{name}")))
        self.headers.append((name, dict(request.headers)))
        async with self._arrived:
            self._arrived.notify_all()
        if name in self.hold:
            await self.hold[name].wait()
        if name in self.delay_s:
            await asyncio.sleep(self.delay_s[name])
        fault = self.faults.get(name)
        play = Play(self.spoil[name](self.world) if name in self.spoil else self.world, fault)
        if fault in OF_TRANSPORT:
            self.effective.add((name, fault))
            return await play.transport(request, self.retry_after)
        handler = ROUTES.get(name)
        answer = await handler(request, path, play) if handler else None
        if answer is None:
            return web.json_response({"error": "not found"}, status=404)
        text = play.spoil(answer)
        if fault and (play.touched or fault is Fault.CUT):
            self.effective.add((name, fault))
        kind = "text/csv" if path.endswith(".csv") else "application/json"
        headers = {"ETag": f'"{hash(text):x}"'} if self.etags else {}
        if self.etags and request.headers.get("If-None-Match") == headers["ETag"]:
            self.not_modified[name] += 1
            return web.Response(status=304, headers=headers)
        return await play.send(request, text, kind, headers)


async def mempool(request: web.Request, path: str, play: Play) -> str | None:
    world = play.world
    if path == "/api/v1/prices":
        at = play.now.replace(second=0, microsecond=0) - timedelta(minutes=2)
        usd = world.price(at)
        body: dict[str, object] = {"time": unix(at), "USD": play.value(usd), "EUR": play.value(usd / 1.15)}
        return json.dumps(body)
    if path.startswith("/api/v1/mining/hashrate/"):
        return json.dumps(_hashrates(path.rsplit("/", 1)[1], play))
    if path == "/api/v1/difficulty-adjustment":
        return json.dumps(_adjustment(play))
    if path == "/api/v1/mining/reward-stats/144":
        return json.dumps(_rewards(play))
    return None


def _hashrates(interval: str, play: Play) -> dict[str, object]:
    world = play.world
    days = {"3m": 92, "6m": 183, "1y": 365, "2y": 730, "3y": 1_095}.get(interval, 1_500)
    today = play.now.date()
    covered = [today - timedelta(days=n) for n in range(days, 0, -1)]
    points: list[object] = [
        {"timestamp": unix(day + DAY), "avgHashrate": play.value(world.hashrate(day) * 1e18)}
        for day in covered
    ]
    epochs = range(world.epoch(midnight(covered[0])) + 1, world.epoch(play.now) + 1)
    retargets = [
        {
            "time": unix(world.epoch_start(epoch)),
            "height": world.height(world.epoch_start(epoch)),
            "difficulty": world.difficulty_of_epoch(epoch),
            "adjustment": world.difficulty_of_epoch(epoch) / world.difficulty_of_epoch(epoch - 1),
        }
        for epoch in epochs
    ]
    return {
        "hashrates": play.points(
            points, extra={"timestamp": unix(today + DAY), "avgHashrate": world.hashrate(today) * 1e17}
        ),
        "difficulty": retargets,
        "currentHashrate": play.value(world.hashrate(today) * 1e18),
        "currentDifficulty": play.value(world.difficulty(play.now)),
    }


def _adjustment(play: Play) -> dict[str, object]:
    world = play.world
    epoch = world.epoch(play.now)
    following = world.epoch_start(epoch + 1)
    done = (play.now - world.epoch_start(epoch)) / (following - world.epoch_start(epoch))
    left = int(EPOCH_BLOCKS * (1 - done))
    change = (world.difficulty_of_epoch(epoch + 1) / world.difficulty_of_epoch(epoch) - 1) * 100
    return {
        "progressPercent": done * 100,
        "difficultyChange": play.value(change),
        "estimatedRetargetDate": unix(following) * 1000 + 120,
        "remainingBlocks": play.value(left),
        "remainingTime": unix(following) * 1000 - unix(play.now) * 1000,
        "previousRetarget": 1.2,
        "previousTime": unix(world.epoch_start(epoch)),
        "nextRetargetHeight": world.height(play.now) + left,
        "timeAvg": 600_000,
    }


def _rewards(play: Play) -> dict[str, object]:
    end = play.world.height(play.now)
    wobble = 1 + (end % 7) / 10_000
    fees = round(play.world.fees_btc_per_block * 144 * 1e8 * wobble)
    return {
        "startBlock": end - 143,
        "endBlock": end,
        "totalReward": play.text(round(3.125 * 144 * 1e8) + fees),
        "totalFee": play.text(fees),
        "totalTx": "688065",
    }


async def kraken(request: web.Request, path: str, play: Play) -> str | None:
    world = play.world
    pair = request.query.get("pair", "")
    if path == "/0/public/Ticker" and pair in ("XBTUSD", "EURUSD"):
        name = "XXBTZUSD" if pair == "XBTUSD" else "ZEURZUSD"
        last = world.price(play.now) if pair == "XBTUSD" else world.euro(play.now.date())
        quote = {"a": [play.text(last), "1"], "b": [play.text(last), "1"], "c": [play.text(last), "0.0004"]}
        return json.dumps({"error": [], "result": {name: quote}})
    if path == "/0/public/OHLC" and pair == "XBTUSD":
        today = play.now.date()
        since = int(request.query.get("since", "0"))
        candles: list[object] = []
        for day in [today - timedelta(days=n) for n in range(720, -1, -1)]:
            if unix(day) < since:
                continue
            high = world.record[0] if day == world.record[1].date() else world.close(day) * 1.01
            close = world.price(play.now) if day == today else world.close(day)
            row = [
                unix(day),
                play.text(close),
                play.text(high),
                play.text(close),
                play.text(close),
                "0",
                "1",
                9,
            ]
            candles.append(row)
        return json.dumps(
            {"error": [], "result": {"XXBTZUSD": play.points(candles, running=True), "last": 1}}
        )
    return json.dumps({"error": ["EQuery:Unknown asset pair"]})


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


async def frankfurter(request: web.Request, path: str, play: Play) -> str | None:
    if request.query.get("base") != "EUR" or request.query.get("symbols") != "USD":
        return None
    span = path.removeprefix("/v1/")
    if span == "latest":
        day = last_working_day(play.now)
        rate = play.value(play.world.euro(day))
        return json.dumps({"amount": 1.0, "base": "EUR", "date": day.isoformat(), "rates": {"USD": rate}})
    first, last = (date.fromisoformat(part) for part in span.split(".."))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    rates = {d.isoformat(): {"USD": play.world.euro(d)} for d in days if d.weekday() < 5}
    return json.dumps({"amount": 1.0, "base": "EUR", "rates": rates})


async def ecb(request: web.Request, path: str, play: Play) -> str | None:
    if path != "/service/data/EXR/D.USD.EUR.SP00.A":
        return None
    shift = play.now.date() - play.world.today
    day, newest = date.fromisoformat(request.query["startPeriod"]) + shift, last_working_day(play.now)
    lines: list[object] = []
    while day <= newest:
        if day.weekday() < 5:
            value = play.text(play.world.euro(day))
            lines.append(["D", "USD", day.isoformat(), "" if value is None else value])
        day += DAY
    return table([["FREQ", "CURRENCY", "TIME_PERIOD", "OBS_VALUE"], *play.points(lines)])


async def bitview(request: web.Request, path: str, play: Play) -> str | None:
    world = play.world
    if path == "/api/v1/prices":
        at = play.now - timedelta(minutes=1)
        return json.dumps({"time": unix(at), "USD": play.value(world.price(at) * 0.9990)})
    if path == "/api/v1/difficulty-adjustment":
        return json.dumps({**_adjustment(play), "difficultyChange": -24.9})
    if path == "/api/v1/mining/reward-stats/144":
        return json.dumps(_rewards(play))
    if path == "/api/series/bulk":
        return json.dumps(_bulk(request, play))
    return None


def _bulk(request: web.Request, play: Play) -> list[object]:
    world, today = play.world, play.now.date()
    index = int(request.query["start"])
    count = -index if index < 0 else (today - date(2009, 1, 1)).days + 1 - index
    days = [today - timedelta(days=n) for n in range(count - 1, -1, -1)]
    curves: dict[str, Callable[[date], object]] = {
        "date": lambda day: day.isoformat(),
        "hash_rate": lambda day: play.value(world.hashrate(day) * (0.3 if day == today else 1.005) * 1e18),
        "difficulty": lambda day: play.value(world.difficulty(min(midnight(day + DAY), play.now))),
        "price_ath": lambda _: play.value(world.record[0] * 0.999),
    }
    names = request.query["series"].split(",")
    table_rows = play.points([[curves[name](day) for name in names] for day in days], running=True)
    columns = zip(*(row for row in table_rows if isinstance(row, list)), strict=True)
    return [{"version": 45, "index": "day1", "data": list(column)} for column in columns]


async def coinbase(request: web.Request, path: str, play: Play) -> str | None:
    world, today = play.world, play.now.date()
    if path == "/v2/prices/BTC-USD/spot":
        amount = play.text(world.price(play.now) * 1.0005)
        return json.dumps({"data": {"amount": amount, "base": "BTC", "currency": "USD"}})
    if path == "/products/BTC-USD/candles":
        shift = today - world.today
        first, last = (date.fromisoformat(request.query[name][:10]) + shift for name in ("start", "end"))
        days = [first + timedelta(days=n) for n in range((min(last, today) - first).days + 1)]
        closes = {day: world.price(play.now) if day == today else world.close(day) * 1.0005 for day in days}
        lines: list[object] = [
            [unix(day), 1.0, 2.0, 1.5, play.value(close), 12.5] for day, close in closes.items()
        ]
        return json.dumps(play.points(lines, newest_first=True, running=bool(days) and days[-1] == today))
    return None


async def coingecko(request: web.Request, path: str, play: Play) -> str | None:
    world, today = play.world, play.now.date()
    if path == "/api/v3/simple/price":
        at = play.now - timedelta(minutes=1)
        price = {"usd": play.value(round(world.price(at))), "last_updated_at": unix(at)}
        return json.dumps({"bitcoin": price})
    if path == "/api/v3/coins/bitcoin":
        value, at = world.record
        when = (at if play.fault is not Fault.FUTURE else play.now).isoformat().replace("+00:00", "Z")
        return json.dumps({"market_data": {"ath": {"usd": play.value(value)}, "ath_date": {"usd": when}}})
    if path == "/api/v3/coins/bitcoin/market_chart":
        days = [today - timedelta(days=n) for n in range(int(request.query["days"]), 0, -1)]
        lines: list[object] = [[unix(day + DAY) * 1000, play.value(world.close(day) * 1.001)] for day in days]
        sent = play.points([*lines, [unix(play.now) * 1000, play.value(world.price(play.now))]], running=True)
        return json.dumps({"prices": sent, "market_caps": [], "total_volumes": []})
    return None


async def coinmetrics(request: web.Request, path: str, play: Play) -> str | None:
    if path != "/v4/timeseries/asset-metrics":
        return None
    world, shift = play.world, play.now.date() - play.world.today
    day = date.fromisoformat(request.query["start_time"]) + shift
    last = (play.now - timedelta(hours=27)).date()
    if "end_time" in request.query:
        last = min(last, date.fromisoformat(request.query["end_time"]))
    lines: list[object] = []
    while day <= last:
        lines.append(
            {
                "asset": "btc",
                "time": f"{day}T00:00:00.000000000Z",
                "PriceUSD": play.text(world.close(day) * 0.9995),
                "HashRate": play.text(world.hashrate(day) * 1.05 * 1e6),
                "FeeTotNtv": play.text(world.fees_btc_per_block * 144),
                "IssTotNtv": str(3.125 * 144),
            }
        )
        day += DAY
    return json.dumps({"data": play.points(lines)})


async def blockchain_info(request: web.Request, path: str, play: Play) -> str | None:
    world, today = play.world, play.now.date()
    span = int(request.query.get("timespan", "60days").removesuffix("days"))
    days = [today - timedelta(days=n) for n in range(span, -1, -1)]
    charts: dict[str, tuple[str, Callable[[date], float]]] = {
        "/charts/market-price": ("USD", lambda day: world.close(day - DAY) * 1.001),
        "/charts/hash-rate": (
            "Hash Rate TH/s",
            lambda day: world.hashrate(day) * (0.2 if day == today else 0.97) * 1e6,
        ),
        "/charts/difficulty": ("Difficulty", lambda day: world.difficulty(midnight(day))),
    }
    if path not in charts:
        return None
    unit, curve = charts[path]
    lines: list[object] = [{"x": unix(day), "y": play.value(curve(day))} for day in days]
    running = path != "/charts/market-price"
    return json.dumps({"status": "ok", "unit": unit, "values": play.points(lines, running=running)})


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


def last_working_day(now: datetime) -> date:
    """The day of the newest reference rate: out at 15:00 UTC on working days."""
    day = now.date() if now.hour >= 15 else now.date() - DAY
    while day.weekday() >= 5:
        day -= DAY
    return day


def table(rows: Sequence[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(row for row in rows if isinstance(row, list))
    return out.getvalue()


ROUTES: dict[str, Callable[[web.Request, str, Play], Awaitable[str | None]]] = {
    "mempool": mempool,
    "kraken": kraken,
    "energy_charts": energy_charts,
    "fred": fred,
    "frankfurter": frankfurter,
    "ecb": ecb,
    "bitview": bitview,
    "coinbase": coinbase,
    "coingecko": coingecko,
    "coinmetrics": coinmetrics,
    "blockchain_info": blockchain_info,
    "awattar": awattar,
    "eia": eia,
    "bgeometrics": bgeometrics,
    "glassnode": glassnode,
    "cryptoquant": cryptoquant,
}
