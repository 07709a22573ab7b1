"""The arithmetic against its closed form, against published figures, and at its edges."""

import json
import math
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mining.economics import Economics, MiningSite, Rig, economics
from bot.mining.errors import InvalidQuestion
from bot.mining.network import (
    HALVINGS,
    Network,
    clamp_retarget,
    hashcost_usd_per_ph_day,
    hashrate_ths,
    mined_until,
    subsidy_at_height,
    subsidy_on,
)

KEYS = """
machine hashrate_ths power_w efficiency_j_per_th power_price_usd_per_kwh btc_price_usd difficulty
network_hashrate_ehs btc_per_day revenue_usd_per_day power_cost_usd_per_day fixed_cost_usd_per_day
profit_usd_per_day margin hashprice_usd_per_ph_day hashcost_usd_per_ph_day cost_per_btc_usd
breakeven_btc_price_usd breakeven_power_price_usd_per_kwh breakeven_difficulty payback_days
profit_change_per_usd_of_btc_price as_of
"""


def _floats(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, allow_infinity=False)


rigs = st.builds(Rig, hashrate_ths=_floats(0.1, 1e5), power_w=_floats(10.0, 1e6), price_usd=_floats(0.0, 1e6))
sites = st.builds(
    MiningSite,
    power_price_usd_per_kwh=_floats(0.001, 2.0),
    pool_fee=_floats(0.0, 0.5),
    uptime=_floats(0.05, 1.0),
    overhead=_floats(1.0, 3.0),
    fixed_cost_usd_per_day=_floats(0.0, 1000.0),
)
networks = st.builds(
    Network,
    difficulty=_floats(1e9, 1e16),
    subsidy_btc=_floats(0.1, 50.0),
    fees_btc_per_block=_floats(0.0, 5.0),
)
prices = _floats(1.0, 1e6)


@settings(deadline=None)
@given(rigs, sites, networks, prices)
def test_agrees_with_the_closed_form(rig: Rig, site: MiningSite, network: Network, price: float) -> None:
    result = economics(rig, site, network, price)
    assert network.difficulty is not None
    btc = (
        rig.hashrate_ths * 1e12 * 86_400 / (network.difficulty * 2**32)
        * (network.subsidy_btc + network.fees_btc_per_block) * (1 - site.pool_fee) * site.uptime
    )  # fmt: skip
    kwh = rig.power_w / 1000 * 24 * site.uptime * site.overhead
    cost = kwh * site.power_price_usd_per_kwh
    fixed = site.fixed_cost_usd_per_day
    scale = btc * price + cost + fixed
    assert result.btc_per_day == pytest.approx(btc, rel=1e-9)
    assert result.revenue_usd_per_day == pytest.approx(btc * price, rel=1e-9)
    assert result.power_cost_usd_per_day == pytest.approx(cost, rel=1e-9)
    assert result.profit_usd_per_day == pytest.approx(btc * price - cost - fixed, rel=1e-9, abs=1e-9 * scale)
    assert result.breakeven_btc_price_usd == pytest.approx((cost + fixed) / btc, rel=1e-9)
    assert result.breakeven_power_price_usd_per_kwh == pytest.approx(
        (btc * price - fixed) / kwh, rel=1e-9, abs=1e-9 * scale / kwh
    )
    assert result.hashcost_usd_per_ph_day == pytest.approx(
        rig.power_w / rig.hashrate_ths * site.power_price_usd_per_kwh * 24, rel=1e-9
    )


@settings(deadline=None)
@given(rigs, sites, networks, prices)
def test_profit_is_nothing_at_each_breakeven(
    rig: Rig, site: MiningSite, network: Network, price: float
) -> None:
    result = economics(rig, site, network, price)
    # a cent in a hundred million: beyond that the float itself has no finer step
    tolerance = max(1e-6, 1e-14 * (result.revenue_usd_per_day + result.power_cost_usd_per_day))
    assert result.breakeven_btc_price_usd is not None
    assert result.breakeven_power_price_usd_per_kwh is not None
    assert result.breakeven_difficulty is not None
    if 0.001 <= result.breakeven_btc_price_usd <= 1e9:
        at_price = economics(rig, site, network, result.breakeven_btc_price_usd)
        assert at_price.profit_usd_per_day == pytest.approx(0.0, abs=tolerance)
    if 0.0 <= result.breakeven_power_price_usd_per_kwh <= 10.0:
        cheaper = MiningSite(
            result.breakeven_power_price_usd_per_kwh,
            site.pool_fee,
            site.uptime,
            site.overhead,
            site.fixed_cost_usd_per_day,
        )
        assert economics(rig, cheaper, network, price).profit_usd_per_day == pytest.approx(0.0, abs=tolerance)
    if 1.0 <= result.breakeven_difficulty <= 1e18:
        harder = Network(result.breakeven_difficulty, network.subsidy_btc, network.fees_btc_per_block)
        assert economics(rig, site, harder, price).profit_usd_per_day == pytest.approx(0.0, abs=tolerance)


@settings(deadline=None)
@given(
    st.builds(Rig, hashrate_ths=_floats(1e-6, 1e9), power_w=_floats(1e-3, 1e8), price_usd=_floats(0.0, 1e9)),
    st.builds(
        MiningSite,
        power_price_usd_per_kwh=_floats(0.0, 10.0),
        pool_fee=_floats(0.0, 1.0),
        uptime=_floats(0.0, 1.0),
        overhead=_floats(1.0, 10.0),
        fixed_cost_usd_per_day=_floats(0.0, 1e8),
    ),
    st.builds(
        Network,
        difficulty=_floats(1.0, 1e18),
        subsidy_btc=_floats(0.0, 50.0),
        fees_btc_per_block=_floats(0.0, 500.0),
        network_hashrate_ehs=st.none() | _floats(1e-9, 1e9),
        network_btc_per_day=st.none() | _floats(0.0, 1e5),
    ),
    _floats(0.001, 1e9),
)
def test_never_infinite_nor_undefined(rig: Rig, site: MiningSite, network: Network, price: float) -> None:
    result = economics(rig, site, network, price)
    shown = [
        result.btc_price_room,
        result.difficulty_room,
    ]
    for value in (*result.as_json().values(), *shown):
        assert value is None or isinstance(value, str) or math.isfinite(value)
    json.dumps(result.as_json(), allow_nan=False)


def _viabtc() -> Economics:
    return economics(Rig(95, 3250), MiningSite(0.077), Network(17.62e12, 6.25, 0.013 * 6.25), 45_000)


def test_published_shutdown_price_of_an_s19() -> None:
    result = _viabtc()
    assert result.btc_per_day == pytest.approx(0.00068685, rel=1e-3)
    assert result.breakeven_btc_price_usd == pytest.approx(8744.27, rel=1e-3)


def test_published_hashprice_of_7_august_2021() -> None:
    fees = 0.0134 / (1 - 0.0134) * 6.25  # 1.34 % of the whole reward
    hashprice = Network(14.496442856e12, 6.25, fees).hashprice_usd_per_ph_day(43_629)
    assert hashprice / 1000 == pytest.approx(0.3835, rel=1e-3)


def test_published_cost_of_a_coin_by_share_of_the_network() -> None:
    network = Network(None, 3.125, network_hashrate_ehs=900)
    result = economics(Rig(288, 4900), MiningSite(0.07), network, 60_000)
    assert result.cost_per_btc_usd == pytest.approx(57_166.67, abs=0.01)
    assert result.breakeven_btc_price_usd == pytest.approx(57_166.67, abs=0.01)
    assert result.btc_per_day == pytest.approx(288 / 900e6 * 450)
    assert result.difficulty is None
    assert result.breakeven_difficulty is None


def test_published_hashcost() -> None:
    assert hashcost_usd_per_ph_day(100, 0.05) == pytest.approx(120)


def test_every_key_of_the_public_object_is_present_in_its_order() -> None:
    as_json = _viabtc().as_json()
    assert list(as_json) == KEYS.split()
    assert as_json["payback_days"] is None
    assert as_json["machine"] is None


def test_as_of_is_iso_text() -> None:
    at = datetime(2022, 7, 5, tzinfo=UTC)
    result = economics(Rig(95, 3250), MiningSite(0.07), Network(3e13, 6.25), 20_000, at)
    assert result.as_json()["as_of"] == "2022-07-05T00:00:00+00:00"


def test_income_by_share_and_by_difficulty_agree_at_ten_minute_blocks() -> None:
    by_difficulty = Network(3e13, 6.25, 0.1)
    by_share = Network(None, 6.25, 0.1, network_hashrate_ehs=by_difficulty.hashrate_ths / 1e6)
    assert by_share.btc_per_th_day == pytest.approx(by_difficulty.btc_per_th_day, rel=1e-12)


def test_pool_fee_and_uptime_lower_income_and_uptime_lowers_the_power_bill() -> None:
    network = Network(3e13, 6.25)
    full = economics(Rig(95, 3250), MiningSite(0.07), network, 20_000)
    part = economics(Rig(95, 3250), MiningSite(0.07, pool_fee=0.02, uptime=0.95), network, 20_000)
    assert part.btc_per_day == pytest.approx(full.btc_per_day * 0.98 * 0.95)
    assert part.power_cost_usd_per_day == pytest.approx(full.power_cost_usd_per_day * 0.95)
    assert part.hashprice_usd_per_ph_day == full.hashprice_usd_per_ph_day


def test_margins_of_safety_and_leverage() -> None:
    result = economics(Rig(100, 3000), MiningSite(0.05), Network(3e13, 6.25), 40_000)
    assert result.btc_price_room is not None
    assert result.difficulty_room is not None
    assert result.margin is not None
    assert result.btc_price_room == pytest.approx(
        result.margin
    )  # no fixed part: the price can fall by the margin
    assert 1 + result.difficulty_room == pytest.approx(1 / (1 - result.margin))
    dearer = economics(Rig(100, 3000), MiningSite(0.05), Network(3e13, 6.25), 41_000)
    gained = dearer.profit_usd_per_day - result.profit_usd_per_day
    assert gained == pytest.approx(1000 * result.profit_change_per_usd_of_btc_price)


def test_payback_only_when_there_is_a_profit() -> None:
    network = Network(3e13, 6.25)
    paying = economics(Rig(100, 3000, price_usd=2000), MiningSite(0.05), network, 60_000)
    losing = economics(Rig(100, 3000, price_usd=2000), MiningSite(0.5), network, 10_000)
    assert paying.payback_days == pytest.approx(2000 / paying.profit_usd_per_day)
    assert losing.payback_days is None


@pytest.mark.parametrize("site", [MiningSite(0.07, pool_fee=1.0), MiningSite(0.07, uptime=0.0)])
def test_without_income_no_price_breaks_even(site: MiningSite) -> None:
    result = economics(Rig(95, 3250), site, Network(3e13, 6.25), 20_000)
    assert result.breakeven_btc_price_usd is None
    assert result.breakeven_difficulty is None
    assert result.margin is None


def test_free_power_breaks_even_at_nothing_and_at_no_difficulty() -> None:
    result = economics(Rig(95, 3250), MiningSite(0.0), Network(3e13, 6.25), 20_000)
    assert result.breakeven_btc_price_usd == 0.0
    assert result.breakeven_difficulty is None


@pytest.mark.parametrize(
    ("build", "named"),
    [
        (lambda: Rig(0, 3250), "hashrate"),
        (lambda: Rig(1e308, 3250), "hashrate"),
        (lambda: Rig(95, -1), "power"),
        (lambda: Rig(95, math.nan), "power"),
        (lambda: MiningSite(-3.0), "power price"),
        (lambda: MiningSite(0.07, pool_fee=1.01), "pool fee"),
        (lambda: MiningSite(0.07, uptime=-0.1), "uptime"),
        (lambda: MiningSite(0.07, overhead=0.5), "overhead"),
        (lambda: MiningSite(0.07, fixed_cost_usd_per_day=math.inf), "fixed cost"),
        (lambda: Network(0, 6.25), "difficulty"),
        (lambda: Network(None, 6.25, network_hashrate_ehs=0), "network hashrate"),
    ],
)
def test_impossible_figures_are_refused_by_name(build: object, named: str) -> None:
    assert callable(build)
    with pytest.raises(InvalidQuestion, match=named):
        build()


@pytest.mark.parametrize(
    ("height", "subsidy"),
    [
        (0, 50),
        (209_999, 50),
        (210_000, 25),
        (839_999, 6.25),
        (840_000, 3.125),
        (1_050_000, 1.5625),
        (33 * 210_000, 0),
    ],
)
def test_subsidy_by_height(height: int, subsidy: float) -> None:
    assert subsidy_at_height(height) == subsidy


def test_subsidy_by_date_steps_on_the_halving_days() -> None:
    assert subsidy_on(date(2009, 1, 3)) == 50
    for index, day in enumerate(HALVINGS):
        assert subsidy_on(day) == 50 / 2 ** (index + 1)
        assert subsidy_on(date.fromordinal(day.toordinal() - 1)) == 50 / 2**index
    assert subsidy_on(date(2022, 7, 5)) == 6.25
    assert subsidy_on(date(2027, 12, 31)) == 3.125
    assert subsidy_on(date(2029, 1, 1)) == 1.5625


def test_bitcoin_mined_so_far_by_the_halvings() -> None:
    assert mined_until(date(2009, 1, 3)) == 0.0
    assert mined_until(date(2012, 11, 28)) == 10_500_000.0
    assert mined_until(date(2024, 4, 20)) == 19_687_500.0
    assert 19_050_000 < mined_until(date(2022, 7, 5)) < 19_110_000  # 19.09 million on that day


def test_hashrate_of_a_day() -> None:
    assert hashrate_ths(2.957016864e13, 118, 86_400) / 1e6 == pytest.approx(173.453, abs=0.001)


@pytest.mark.parametrize(("factor", "applied"), [(0.1, 0.25), (0.9, 0.9), (4.0, 4.0), (9.0, 4.0)])
def test_a_retarget_is_clamped_between_a_quarter_and_four(factor: float, applied: float) -> None:
    assert clamp_retarget(factor) == applied
