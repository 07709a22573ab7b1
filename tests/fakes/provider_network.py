"""Fakes of mempool.space, bitview.space, Coin Metrics and blockchain.info."""

import json
from collections.abc import Callable
from datetime import date, timedelta

from aiohttp import web

from tests.fakes.faults import Play
from tests.fakes.world import DAY, EPOCH_BLOCKS, midnight, unix


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
    if path.startswith("/api/v1/mining/blocks/fees/"):
        return json.dumps(_fees(path.rsplit("/", 1)[1], play))
    return None


SPANS = {"3m": 92, "6m": 183, "1y": 365, "2y": 730, "3y": 1_095}


def _fees(interval: str, play: Play) -> list[object]:
    """Means over parts of a day, each stamped somewhere inside its part; today's are still coming in."""
    hours = {"3m": 2, "6m": 3, "1y": 8, "2y": 8, "3y": 12}.get(interval, 24)
    step, begin = timedelta(hours=hours), play.now - timedelta(days=SPANS.get(interval, 1_500))
    at = midnight(begin.date()) + step * ((begin - midnight(begin.date())) // step)
    lines: list[object] = []
    while at + step / 2 <= play.now:
        fees = play.value(play.world.fees_btc_per_block * 1e8)
        height = play.world.height(at + step / 2)
        lines.append({"avgHeight": height, "timestamp": unix(at + step / 2), "avgFees": fees, "USD": 81_000})
        at += step
    return play.points(lines)


def _hashrates(interval: str, play: Play) -> dict[str, object]:
    world = play.world
    days = SPANS.get(interval, 1_500)
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


async def bitview(request: web.Request, path: str, play: Play) -> str | None:
    world = play.world
    if path == "/api/v1/prices":
        at = play.now - timedelta(minutes=1)
        return json.dumps({"time": unix(at), "USD": play.value(world.price(at) * 0.9990)})
    if path == "/api/v1/difficulty-adjustment":
        return json.dumps({**_adjustment(play), "difficultyChange": -24.9})
    if path == "/api/v1/mining/reward-stats/144":
        return json.dumps(_rewards(play))
    if path.startswith("/api/v1/mining/blocks/fees/"):
        return json.dumps(_fees(path.rsplit("/", 1)[1], play))
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
