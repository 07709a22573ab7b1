"""Fakes of Kraken, Coinbase, CoinGecko, frankfurter.dev and the European Central Bank."""

import json
from datetime import date, datetime, timedelta

from aiohttp import web

from tests.fakes.faults import Fault, Play
from tests.fakes.world import DAY, table, unix


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


_RATES = {"GBP": 0.8712, "CNY": 8.21, "CHF": 0.9312, "SEK": 10.94, "INR": 102.4, "JPY": 181.2}
"""Other currencies' rates, for one euro."""


async def frankfurter(request: web.Request, path: str, play: Play) -> str | None:
    span = path.removeprefix("/v1/")
    if request.query.get("base") != "EUR" or (span != "latest" and request.query.get("symbols") != "USD"):
        return None
    if span == "latest":
        day = last_working_day(play.now)
        rate = play.value(play.world.euro(day))
        return json.dumps(
            {"amount": 1.0, "base": "EUR", "date": day.isoformat(), "rates": {"USD": rate, **_RATES}}
        )
    first, last = (date.fromisoformat(part) for part in span.split(".."))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    by_day = {d.isoformat(): {"USD": play.world.euro(d)} for d in days if d.weekday() < 5}
    return json.dumps({"amount": 1.0, "base": "EUR", "rates": by_day})


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


def last_working_day(now: datetime) -> date:
    """The day of the newest reference rate: out at 15:00 UTC on working days."""
    day = now.date() if now.hour >= 15 else now.date() - DAY
    while day.weekday() >= 5:
        day -= DAY
    return day
