"""SMARD's weekly files: which are asked for and when, what they say, and how they compare with quarters."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from bot.mining.power_market import ZONES
from bot.sources.client import ProviderClient
from bot.sources.providers.smard import FILTERS, PROVIDER, price
from bot.sources.source_error import SourceError
from bot.sources.types import Endpoint, FetchRequest, ProviderAnswer
from tests.fakes.provider_energy import SMARD_ZONES
from tests.fakes.providers import Providers
from tests.sources.conftest import Build
from tests.sources.truth import untrue

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 16)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def week_of(address: str) -> date:
    """The Monday an address asks for."""
    stamp = int(address.rpartition("_")[2].removesuffix(".json"))
    monday = datetime.fromtimestamp(stamp / 1000, BERLIN)
    assert (monday.weekday(), monday.hour) == (0, 0)
    return monday.date()


def weekly(monday: date, prices: Mapping[int, float | None] | None = None) -> list[list[float | None]]:
    """A week's hours: 50 EUR/MWh and one more each hour, but for those given by their number."""
    begin = datetime(monday.year, monday.month, monday.day, tzinfo=BERLIN).astimezone(UTC)
    following = monday + timedelta(weeks=1)
    end = datetime(following.year, following.month, following.day, tzinfo=BERLIN).astimezone(UTC)
    hours = int((end - begin) / timedelta(hours=1))
    return [
        [int((begin + timedelta(hours=n)).timestamp()) * 1000, (prices or {}).get(n, 50.0 + n)]
        for n in range(hours)
    ]


async def read(files: Mapping[date, object], ask: FetchRequest) -> ProviderAnswer:
    """What the parser makes of these weeks; the others are not there."""

    def answer(request: httpx.Request) -> httpx.Response:
        series = files.get(week_of(request.url.path))
        return httpx.Response(404) if series is None else httpx.Response(200, json={"series": series})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        return await price(ProviderClient(PROVIDER, Endpoint("smard", "http://localhost"), client), ask)


def test_every_zone_has_a_number_of_its_own() -> None:
    assert set(FILTERS) == set(ZONES)
    assert {number: zone for zone, number in FILTERS.items()} == SMARD_ZONES


@pytest.mark.parametrize(
    ("now", "weeks"),
    [
        ("2026-11-18T14:07", ["2026-11-16"]),
        ("2026-11-17T00:15", ["2026-11-16"]),
        ("2026-11-16T00:15", ["2026-11-09", "2026-11-16"]),
        ("2026-11-16T14:00", ["2026-11-09", "2026-11-16"]),
        ("2026-11-15T09:00", ["2026-11-09"]),
        ("2026-11-15T12:05", ["2026-11-09", "2026-11-16"]),
        ("2026-11-15T23:30", ["2026-11-09", "2026-11-16"]),
        ("2026-03-30T10:00", ["2026-03-23", "2026-03-30"]),
        ("2026-10-26T10:00", ["2026-10-19", "2026-10-26"]),
    ],
)
async def test_only_the_weeks_from_yesterday_to_tomorrow_are_asked_for(
    now: str, weeks: list[str], fakes: Providers, build: Build
) -> None:
    fakes.world.now = at(now)
    round_result = await build("smard", zones=("FR",)).gather(at(now), {})
    assert [str(week_of(address)) for _, address in fakes.asked] == weeks
    yesterday = at(now).date() - timedelta(days=1)
    assert yesterday in {reading.day for reading in round_result.readings if reading.complete}
    assert [reason for reading in round_result.readings if (reason := untrue(fakes.world, reading))] == []
    (ahead,) = round_result.day_ahead
    days = 1 if at(now).hour >= 12 else 0
    until = at(now).date() + timedelta(days=days)
    assert ahead.slots[-1].end.astimezone(BERLIN).date() == until + timedelta(days=1), "and no null hour"


async def test_on_sunday_the_coming_week_may_not_be_there_yet(fakes: Providers, build: Build) -> None:
    fakes.world.now = now = at("2026-11-15T11:30")
    round_result = await build("smard", zones=("FR",)).gather(now, {})
    assert [week_of(address) for _, address in fakes.asked] == [MONDAY - timedelta(weeks=1), MONDAY]
    assert next(report for report in round_result.reports if report.source == "smard").ok
    assert date(2026, 11, 14) in {reading.day for reading in round_result.readings if reading.complete}


@pytest.mark.parametrize("now", ["2026-03-30T10:00", "2026-10-26T10:00", "2026-11-18T14:07"])
async def test_hours_agree_with_quarters_also_where_the_clocks_change(
    now: str, fakes: Providers, build: Build
) -> None:
    fakes.world.now = at(now)
    round_result = await build("energy_charts", "smard", zones=("FR",)).gather(at(now), {})
    assert [report.error for report in round_result.reports if report.error] == []
    assert {reading.source for reading in round_result.readings if reading.confirmed} == {"energy_charts"}


@pytest.mark.parametrize(
    ("monday", "hours"), [(date(2026, 3, 23), 167), (date(2026, 10, 19), 169), (MONDAY, 168)]
)
async def test_a_week_has_as_many_hours_as_the_clocks_give_it(monday: date, hours: int) -> None:
    series = weekly(monday)
    assert len(series) == hours
    first, last = monday + timedelta(days=1), monday + timedelta(days=6)
    answer = await read(
        {monday: series, monday + timedelta(weeks=1): weekly(monday + timedelta(weeks=1))},
        FetchRequest(at("2026-12-10T10:00"), "FR", first, last),
    )
    assert [reading.day for reading in answer.readings] == [first + timedelta(days=n) for n in range(6)]
    assert all(reading.complete for reading in answer.readings)
    assert answer.day_ahead is None


async def test_what_is_not_known_yet_is_no_price_and_no_gap() -> None:
    known = 24 * 3
    coming = dict.fromkeys(range(known, 168))
    answer = await read({MONDAY: weekly(MONDAY, coming)}, FetchRequest(at("2026-11-18T09:00"), "FR"))
    assert answer.day_ahead is not None
    assert answer.day_ahead.slots[-1].end == at("2026-11-18T23:00")
    assert None not in [part.eur_per_mwh for part in answer.day_ahead.slots]
    assert {reading.day: reading.complete for reading in answer.readings} == {
        date(2026, 11, 16): True,
        date(2026, 11, 17): True,
        date(2026, 11, 18): False,
    }


async def test_a_gap_before_the_newest_price_leaves_its_day_incomplete() -> None:
    answer = await read(
        {MONDAY: weekly(MONDAY, {30: None})}, FetchRequest(at("2026-11-23T09:00"), "FR", MONDAY, MONDAY)
    )
    assert answer.readings[0].complete
    answer = await read(
        {MONDAY: weekly(MONDAY, {10: None})}, FetchRequest(at("2026-11-23T09:00"), "FR", MONDAY, MONDAY)
    )
    assert not answer.readings[0].complete


async def test_history_begins_where_the_market_does() -> None:
    second = MONDAY + timedelta(weeks=1)
    ask = FetchRequest(at("2026-12-10T10:00"), "FR", MONDAY - timedelta(weeks=5), second + timedelta(days=2))
    answer = await read({MONDAY: weekly(MONDAY), second: weekly(second)}, ask)
    whole = [reading.day for reading in answer.readings if reading.complete]
    assert whole == [MONDAY + timedelta(days=n) for n in range(10)]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "has no file for the week of 2026-11-16 (404)"),
        ({MONDAY: weekly(MONDAY - timedelta(weeks=1))}, "sent another week than that of 2026-11-16"),
        ({MONDAY: weekly(MONDAY)}, "stamped its prices in the future (2026-11-22)"),
        ({MONDAY: [[1, 2, 3]]}, "sent 3 values where a time and its price belong"),
        ({MONDAY: []}, "sent no prices"),
        ({MONDAY: "soon"}, "sent text where prices belong"),
        ({MONDAY: weekly(MONDAY, dict.fromkeys(range(168)))}, "sent no power price that isn't null"),
    ],
)
async def test_what_is_wrong_with_a_week_is_said(files: Mapping[date, object], says: str) -> None:
    with pytest.raises(SourceError) as caught:
        await read(files, FetchRequest(at("2026-11-18T14:00"), "FR"))
    assert str(caught.value) == says


async def test_a_fault_in_one_of_two_weeks_is_a_fault() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if week_of(request.url.path) == MONDAY:
            return httpx.Response(503)
        return httpx.Response(200, content=json.dumps({"series": weekly(MONDAY - timedelta(weeks=1))}))

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        site = ProviderClient(PROVIDER, Endpoint("smard", "http://localhost"), client)
        with pytest.raises(SourceError) as caught:
            await price(site, FetchRequest(at("2026-11-16T10:00"), "FR"))
    assert str(caught.value).startswith("answered 503")
