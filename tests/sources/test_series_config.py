"""The plan is sound: known providers, bounds within the series' own, ages that say the same everywhere."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.mining.power_market import ZONES
from bot.signals.series import SERIES
from bot.sources.series_config import (
    PROVIDERS,
    SERIES_CONFIGS,
    SeriesConfig,
    ValueKind,
    power,
    series_configs,
    some_hours_late,
    tomorrow_prices,
    yesterday,
)

EVERY = (*SERIES_CONFIGS, *(power(zone) for zone in ZONES))
SECOND_LANES = {("btc.price", ValueKind.DAILY), ("btc.fees", ValueKind.DAILY)}


def test_every_request_is_of_a_known_provider_and_every_provider_is_used() -> None:
    assert {query.provider for lane in EVERY for query in lane.offers} == set(PROVIDERS)


OF_SERIES = [lane for lane in EVERY if lane.series in SERIES]


@pytest.mark.parametrize("lane", OF_SERIES, ids=lambda lane: f"{lane.series} {lane.kind}")
def test_a_lane_fits_its_series(lane: SeriesConfig) -> None:
    series = SERIES[lane.series]
    assert series.low <= lane.low < lane.high <= series.high
    assert lane.normal_age <= lane.stale_after
    if (lane.series, lane.kind) not in SECOND_LANES:
        assert lane.stale_after == series.stale_after


BY_KEY = ("power.us_industrial", "btc.miner_outflow_gross")
"""Series that providers with a key give; BGeometrics, without one, gives the second as well as it can."""


def keyless_providers(lane: SeriesConfig) -> set[str]:
    """Who can be asked for a lane without a key."""
    return {
        query.provider
        for query in lane.offers
        if not PROVIDERS[query.provider].needs_key
        and (not lane.zone or not query.zones or lane.zone in query.zones)
    }


@pytest.mark.parametrize("lane", EVERY, ids=lambda lane: f"{lane.series} {lane.kind}")
def test_every_series_has_two_keyless_providers(lane: SeriesConfig) -> None:
    assert len(keyless_providers(lane)) >= 2 or lane.series in BY_KEY


def test_past_days_have_two_keyless_givers_too() -> None:
    rows = [lane for lane in EVERY if lane.kind is ValueKind.DAILY and lane.series not in BY_KEY]
    for lane in rows:
        givers = keyless_providers(replace(lane, offers=tuple(q for q in lane.offers if q.history)))
        assert len(givers) >= 2, lane.series


def test_the_daily_close_and_the_spot_price_share_their_bounds() -> None:
    each, other = (lane for lane in SERIES_CONFIGS if lane.series == "btc.price")
    assert (each.low, each.high, each.tolerance) == (other.low, other.high, other.tolerance)


def test_an_ended_zone_has_no_lane() -> None:
    assert [lane.series for lane in series_configs(("DE-AT-LU", "FR"))][len(SERIES_CONFIGS) :] == ["power.FR"]


@pytest.mark.parametrize(
    ("now", "day", "late", "hours"),
    [
        ("2026-11-18T00:05", "2026-11-17", "2026-11-17", "2026-11-18T22:00"),
        ("2026-11-18T00:15", "2026-11-18", "2026-11-17", "2026-11-18T22:00"),
        ("2026-11-18T03:15", "2026-11-18", "2026-11-18", "2026-11-18T22:00"),
        ("2026-11-18T11:59", "2026-11-18", "2026-11-18", "2026-11-18T22:00"),
        ("2026-11-18T12:00", "2026-11-18", "2026-11-18", "2026-11-19T22:00"),
    ],
)
def test_what_should_be_out_by_now(now: str, day: str, late: str, hours: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert yesterday(at) == datetime.fromisoformat(f"{day}T00:00+00:00")
    assert some_hours_late(at) == datetime.fromisoformat(f"{late}T00:00+00:00")
    assert tomorrow_prices(at) == datetime.fromisoformat(f"{hours}+00:00")
