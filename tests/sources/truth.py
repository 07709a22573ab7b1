"""Whether what was gathered is true in the fake world."""

from dataclasses import replace
from datetime import timedelta

from bot.signals.series import Reading, end_of_day
from tests.fakes.world import World

TOLERANCE = {
    "btc.price": 0.02,
    "btc.price_high": 0.015,
    "btc.hashrate": 0.06,
    "btc.difficulty": 0.06,
    "btc.fees": 0.01,
    "fx.eur_usd": 0.02,
}
"""How far providers of different methods may lie from the truth; the others not at all."""


def true_value(world: World, reading: Reading) -> float:
    """What the reading should say."""
    series, day = reading.series, reading.day
    if series == "btc.price_high":
        return world.record[0]
    if series == "btc.fees":
        return world.fees_btc_per_block
    if day is None:
        return world.price(reading.as_of) if series == "btc.price" else world.difficulty(world.now)
    if series.startswith("power."):
        return (
            world.industrial_cents(day) / 100
            if series == "power.us_industrial"
            else world.power_mean(series.removeprefix("power."), day)
        )
    curves = {
        "btc.price": world.close,
        "btc.hashrate": world.hashrate,
        "btc.difficulty": world.difficulty_mean,
        "btc.miner_outflow_gross": world.outflow,
        "gas.henry_hub": world.gas,
        "fx.eur_usd": world.euro,
    }
    return curves[series](day)


def untrue(world: World, reading: Reading) -> str:
    """Why a reading isn't true, or ""."""
    expected = true_value(world, reading)
    allowed = TOLERANCE.get(reading.series, 1e-9) if reading.complete else 0.25
    if abs(reading.value - expected) > allowed * abs(expected):
        return f"{reading.series} of {reading.day} by {reading.source} is {reading.value}, not {expected}"
    if reading.as_of > world.now + timedelta(minutes=5):
        return f"{reading.series} by {reading.source} is of the future"
    if reading.day is not None and (reading.day > world.today):
        return f"{reading.series} by {reading.source} is of a day to come"
    running = reading.day == world.today and reading.complete
    if running and reading.series != "fx.eur_usd":
        return f"{reading.series} by {reading.source} calls the running day complete"
    return ""


def held_before(world: World, source: str = "before") -> dict[str, Reading]:
    """What a bot that was well until a day ago holds: true values of every series, all of one source."""
    yesterday = world.today - timedelta(days=2)
    earlier = world.now - timedelta(hours=26)
    working = yesterday - timedelta(days=max(0, yesterday.weekday() - 4))
    month = (world.today.replace(day=1) - timedelta(days=80)).replace(day=1)
    days = {
        "btc.hashrate": yesterday,
        "btc.miner_outflow_gross": yesterday,
        "power.DE-LU": yesterday,
        "power.FR": yesterday,
        "gas.henry_hub": working - timedelta(days=5),
        "fx.eur_usd": working,
        "power.us_industrial": month,
    }
    blank = [Reading(name, 0.0, end_of_day(day), source, earlier, day) for name, day in days.items()]
    blank += [
        Reading(name, 0.0, earlier, source, earlier)
        for name in ("btc.price", "btc.price_high", "btc.difficulty", "btc.fees")
    ]
    return {reading.series: replace(reading, value=true_value(world, reading)) for reading in blank}
