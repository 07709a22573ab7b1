"""The facade: what a poll gets from healthy and from missing providers."""

from datetime import date, timedelta

from bot.signals.series import Reading
from tests.fakes.providers import Providers
from tests.sources.conftest import NOW, Build


def newest(readings: tuple[Reading, ...]) -> dict[str, Reading]:
    """The newest complete value of each series."""
    found: dict[str, Reading] = {}
    for reading in readings:
        if reading.complete and (reading.series not in found or reading.as_of >= found[reading.series].as_of):
            found[reading.series] = reading
    return found


async def test_a_first_round_reads_every_series(fakes: Providers, build: Build) -> None:
    given = await build().gather(NOW, {})
    assert given.refused == ()
    assert [report.error for report in given.reports] == [None] * len(given.reports)
    values = newest(given.readings)
    world, yesterday = fakes.world, date(2026, 11, 17)
    assert abs(values["btc.price"].value / world.price(NOW) - 1) < 0.001
    assert abs(values["btc.hashrate"].value / world.hashrate(yesterday) - 1) < 1e-9
    assert values["btc.hashrate"].day == yesterday
    assert values["btc.difficulty"].value == world.difficulty(NOW)
    assert abs(values["power.DE-LU"].value - world.power_mean("DE-LU", yesterday)) < 1e-9
    assert values["power.FR"].day == yesterday
    assert abs(values["btc.fees"].value - 0.021) < 1e-4
    assert values["gas.henry_hub"].value == world.gas(date(2026, 11, 12)) or values["gas.henry_hub"].day
    assert values["fx.eur_usd"].value == world.euro(yesterday)
    assert given.retarget is not None
    assert {ahead.zone for ahead in given.day_ahead} == {"DE-LU", "FR"}


async def test_nothing_is_asked_again_before_it_can_have_changed(fakes: Providers, build: Build) -> None:
    feeds = build()
    await feeds.gather(NOW, {})
    before = len(fakes.asked)
    again = await feeds.gather(NOW + timedelta(seconds=30), {})
    assert len(fakes.asked) == before
    assert again.readings == ()
    assert again.refused == ()
