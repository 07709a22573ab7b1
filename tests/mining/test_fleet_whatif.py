"""Suppositions about a fleet: the same arithmetic as for one machine, summed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.data.catalogue import load_machines
from bot.mining.economics import Rig
from bot.mining.errors import InvalidQuestion
from bot.mining.fleet import Fleet, FleetBatch, FleetSite, Tariff
from bot.mining.fleet_whatif import FleetWhatIfResult, fleet_what_if
from bot.mining.parsing.understanding import parse_whatif
from bot.mining.whatif import what_if
from tests.mining.market import NOVEMBER_2026, slots

CATALOGUE = load_machines()
SHED = Fleet(
    (
        FleetBatch("Antminer S9 13.5T", Rig(13.5, 1323), 30),
        FleetBatch("Antminer S21 200T", Rig(200, 3500), 10),
    ),
    (FleetSite(tariff=Tariff(0.065), pool_fee=0.02),),
)


def _suppose(typed: str, fleet: Fleet = SHED) -> FleetWhatIfResult:
    return fleet_what_if(fleet, parse_whatif(typed, CATALOGUE).scenario, NOVEMBER_2026)


@settings(deadline=None)
@given(
    st.sampled_from(
        [
            "price=40000",
            "price=-20%",
            "price=35000EUR",
            "hashrate=-10%",
            "hashrate=1.2ZH",
            "power=0.05",
            "power=+10%",
            "power=60EUR/MWh",
            "fees=+50%",
            "difficulty=100T",
            "halving=yes",
            "price=+50% hashrate=+25% halving=yes",
        ]
    ),
    st.integers(1, 1000),
)
def test_so_many_of_one_kind_are_so_many_times_one_machine(typed: str, count: int) -> None:
    fleet = Fleet((FleetBatch("S19", Rig(95, 3250), count),), (FleetSite(tariff=Tariff(0.07)),))
    together = _suppose(typed, fleet)
    item = what_if(parse_whatif(f"95TH 3250W 7c {typed}", CATALOGUE), NOVEMBER_2026)
    assert (item.after_retarget is None) == (together.after_retarget is None)
    for ours, each in (
        (together.now, item.now),
        (together.then, item.then),
        (together.after_retarget, item.after_retarget),
    ):
        if ours is None or each is None:
            continue
        assert ours.profit_usd_per_day == pytest.approx(count * each.profit_usd_per_day)
        assert ours.breakeven_btc_price_usd == pytest.approx(each.breakeven_btc_price_usd)
        assert ours.btc_price_usd == pytest.approx(each.btc_price_usd)
        assert ours.power_price_usd_per_kwh == pytest.approx(each.power_price_usd_per_kwh)
    for ours_change, each_change in (
        (together.retarget_change, item.retarget_change),
        (together.income_change, item.income_change),
    ):
        assert ours_change == (None if each_change is None else pytest.approx(each_change))


def test_a_fall_takes_the_old_machines_first() -> None:
    result = _suppose("price=25000")
    losing = [each.kind.label for each in result.now.kinds if each.profit_usd_per_day < 0]
    assert losing == ["Antminer S9 13.5T"]
    assert all(each.profit_usd_per_day < 0 for each in result.then.kinds)
    assert result.then.profit_usd_per_day == pytest.approx(
        sum(each.profit_usd_per_day for each in result.then.kinds)
    )


def test_a_day_ahead_fleet_supposes_from_its_own_mean() -> None:
    fleet = Fleet(SHED.kinds, (FleetSite(tariff=Tariff(zone="DE-LU", surcharge_eur_per_kwh=0.01)),))
    market = NOVEMBER_2026
    zoned = type(market)(
        **{
            **{name: getattr(market, name) for name in market.__slots__},
            "day_ahead": {"DE-LU": slots(market.at, [40.0, 60.0] * 12)},
        }
    )
    result = fleet_what_if(fleet, parse_whatif("power=+50%", CATALOGUE).scenario, zoned)
    assert result.now.power_price_usd_per_kwh == pytest.approx((0.05 + 0.01) * 1.15)
    assert result.then.power_price_usd_per_kwh == pytest.approx(1.5 * result.now.power_price_usd_per_kwh)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(InvalidQuestion, match="empty"):
        _suppose("price=40000", Fleet())
