"""The demonstration's source: what providers would have said of retargets and currencies in summer 2022."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.cli.demo import FIRST, LAST
from bot.cli.replay_feed import SummerFeed
from bot.data.bundle import bundled_readings
from bot.signals.series import end_of_day

RETARGETS = {
    date(2022, 5, 10): 0.0489,
    date(2022, 5, 25): -0.0433,
    date(2022, 6, 8): 0.0129,
    date(2022, 6, 22): -0.0235,
    date(2022, 7, 7): -0.0141,
    date(2022, 7, 21): -0.0501,
    date(2022, 8, 4): 0.0174,
    date(2022, 8, 18): 0.0063,
    date(2022, 8, 31): 0.0926,
}
"""The retargets of the summer and their changes, as the chain has them."""


@pytest.fixture
def feed() -> SummerFeed:
    readings = bundled_readings()
    opening = end_of_day(FIRST - timedelta(days=1))
    before = [reading for reading in readings if reading.read_at <= opening]
    return SummerFeed(before, readings[len(before) :])


async def test_the_estimate_comes_near_every_retarget_of_the_summer(feed: SummerFeed) -> None:
    estimates = {}
    for ordinal in range(FIRST.toordinal(), LAST.toordinal() + 1):
        now = end_of_day(date.fromordinal(ordinal))
        gathered = await feed.gather(now, {})
        if gathered.retarget is not None and gathered.retarget.change is not None:
            assert gathered.retarget.estimated_at > now
            estimates[date.fromordinal(ordinal)] = gathered.retarget
    for day, change in RETARGETS.items():
        last = max(each for each in estimates if each < day)
        estimate = estimates[last]
        assert day - last <= timedelta(days=2)
        assert abs((estimate.estimated_at.date() - day).days) <= 1, (day, estimate)
        assert estimate.change == pytest.approx(change, abs=0.02), (day, estimate)
    assert len(estimates) > 90, "most days have one"


async def test_currencies_have_the_rates_of_the_last_working_day(feed: SummerFeed) -> None:
    gathered = await feed.gather(datetime(2022, 7, 4, tzinfo=UTC), {})  # Monday, before that day's are known
    euro = next(reading for reading in gathered.readings if reading.series == "fx.eur_usd")
    assert (euro.day, euro.value) == (date(2022, 7, 1), 1.0425)
    assert gathered.rates is not None
    assert gathered.rates.usd["GBP"] == pytest.approx(1.0425 / 0.8654, rel=1e-2)
