"""Day-ahead prices: a day's mean by duration, whatever the length of its slots and of the day itself."""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.client import ProviderClient
from bot.sources.day_ahead import FLAT, HOUR, QUARTER, power_answer, slot
from bot.sources.providers.energy_charts import PROVIDER, price
from bot.sources.source_error import SourceError
from bot.sources.types import Endpoint, FetchRequest, ProviderAnswer
from tests.sources.conftest import NOW

BERLIN = ZoneInfo("Europe/Berlin")
UNUSED = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(500)))


async def read(
    starts: Sequence[datetime], prices: Sequence[object], now: datetime = NOW, unit: str = "EUR / MWh"
) -> ProviderAnswer:
    """What energy-charts' parser makes of these slots."""
    body = {"unix_seconds": [int(start.timestamp()) for start in starts], "price": prices, "unit": unit}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=body))
    async with httpx.AsyncClient(transport=transport) as client:
        site = ProviderClient(PROVIDER, Endpoint("energy_charts", "http://localhost"), client)
        return await price(site, FetchRequest(now, zone="DE-LU"))


def local_day(day: date, step: timedelta) -> list[datetime]:
    """Slot starts of one local day in Berlin, in UTC."""
    begin = datetime.combine(day, datetime.min.time(), BERLIN).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), BERLIN).astimezone(UTC)
    return [begin + n * step for n in range(int((end - begin) / step))]


@pytest.mark.parametrize(
    ("change", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 7, 1), 24)]
)
@pytest.mark.parametrize("step", [QUARTER, HOUR])
async def test_days_when_the_clocks_change(change: date, hours: int, step: timedelta) -> None:
    days = [change - timedelta(days=1), change, change + timedelta(days=1)]
    starts = [start for day in days for start in local_day(day, step)]
    assert len(local_day(change, step)) == hours * (HOUR // step)
    prices = [100 + 50 * math.sin(start.timestamp() / 20_000) for start in starts]
    answer = await read(starts, prices, now=datetime(2026, 12, 1, tzinfo=UTC))
    whole = {reading.day: reading for reading in answer.readings if reading.complete}
    inside = [value for start, value in zip(starts, prices, strict=True) if start.date() == change]
    assert len(inside) == 24 * (HOUR // step), "a UTC day always has 24 hours"
    assert whole[change].value == pytest.approx(sum(inside) / len(inside))


async def test_the_change_from_hours_to_quarters_is_weighed_by_duration() -> None:
    begin = datetime(2025, 9, 30, tzinfo=UTC)
    hours = [begin + n * HOUR for n in range(22)]
    quarters = [begin + 22 * HOUR + n * QUARTER for n in range(8)]
    answer = await read([*hours, *quarters], [50 + n * 0.0 for n in range(22)] + [10.0 + n for n in range(8)])
    (day,) = [reading for reading in answer.readings if reading.complete]
    assert day.value == pytest.approx((22 * 50 + 2 * 13.5) / 24)


async def test_a_null_leaves_the_day_incomplete() -> None:
    starts = [datetime(2026, 11, 17, tzinfo=UTC) + n * QUARTER for n in range(96)]
    answer = await read(starts, [80.0 + n if n != 40 else None for n in range(96)])
    (reading,) = answer.readings
    assert not reading.complete


async def test_negative_prices_are_prices() -> None:
    starts = [datetime(2026, 11, 17, tzinfo=UTC) + n * HOUR for n in range(24)]
    answer = await read(starts, [-5.0 - n for n in range(24)], unit="EUR/MWh")
    assert answer.readings[0].value == pytest.approx(-16.5)


QUARTERS = [datetime(2026, 11, 17, tzinfo=UTC) + n * QUARTER for n in range(96)]


@pytest.mark.parametrize("hole", [slice(5, 6), slice(5, 8), slice(40, 60)])
@pytest.mark.parametrize("sent", ["left out", "null"])
async def test_prices_left_out_cost_their_own_day_only(hole: slice, sent: str) -> None:
    starts = [datetime(2026, 11, 16, tzinfo=UTC) + n * QUARTER for n in range(2 * 96)]
    prices: list[object] = [80.0 + n / 10 for n in range(2 * 96)]
    if sent == "null":
        prices[hole] = [None] * len(prices[hole])
    else:
        del starts[hole], prices[hole]
    answer = await read(starts, prices)
    assert [(reading.day, reading.complete) for reading in answer.readings] == [
        (date(2026, 11, 16), False),
        (date(2026, 11, 17), True),
    ]


@pytest.mark.parametrize(
    ("starts", "prices", "says"),
    [
        (QUARTERS, [80.0] * 96, "sent 80 EUR/MWh for every hour"),
        (QUARTERS, [None] * 96, "sent no power price that isn't null"),
        (QUARTERS, [80.0 + n for n in range(95)], "sent 95 prices for 96 times"),
        (QUARTERS, [80_000.0 + n for n in range(96)], "believable is -600 to 5,000"),
        (QUARTERS[:1], [80.0], "a single price"),
        (QUARTERS, [0.08 + n / 2_000 for n in range(96)], "it looks like another unit"),
    ],
)
async def test_what_is_wrong_with_slots_is_said(
    starts: list[datetime], prices: list[object], says: str
) -> None:
    with pytest.raises(SourceError) as caught:
        await read(starts, prices)
    assert says in str(caught.value)


async def test_a_unit_that_is_not_ours_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        await read(QUARTERS, [0.08 + n / 1e4 for n in range(96)], unit="EUR / kWh")
    assert str(caught.value) == "sent prices in EUR / kWh where EUR/MWh is expected"


@given(st.lists(st.one_of(st.none(), st.floats(-500, 4_000)), min_size=96, max_size=96))
def test_a_mean_lies_between_the_lowest_and_the_highest_price(prices: list[float | None]) -> None:
    slots = [slot(start, start + QUARTER, value) for start, value in zip(QUARTERS, prices, strict=True)]
    site = ProviderClient(PROVIDER, Endpoint("energy_charts", "http://localhost"), UNUSED)
    try:
        answer = power_answer(slots, site, FetchRequest(NOW, zone="DE-LU"))
    except SourceError:
        known = [value for value in prices if value is not None]
        assert not known or max(known) - min(known) < FLAT
        return
    known_prices = [value for value in prices if value is not None]
    for reading in answer.readings:
        assert min(known_prices) - 1e-6 <= reading.value <= max(known_prices) + 1e-6
        assert reading.complete == (None not in prices)
