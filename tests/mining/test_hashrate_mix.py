"""The network view: shares under water, the cost of a coin, and the machine that stopped last."""

from datetime import date, timedelta

import pytest

from bot.data.catalogue import load_machines
from bot.mining.hashrate_mix import MIXES, DayState, HashrateMix, day_states, mix_on, network_view, shutdowns
from bot.mining.network import Network

CATALOGUE = load_machines()
JULY = Network(2.957016864e13, 6.25, 0.103689)
PRICE = 20_175.83
DAY = date(2022, 7, 5)


def _days(prices: list[float]) -> tuple[DayState, ...]:
    first = DAY - timedelta(days=len(prices) - 1)
    return tuple(
        DayState(first + timedelta(days=n), price, 2.957016864e13, 0.103689, 6.25)
        for n, price in enumerate(prices)
    )


@pytest.mark.parametrize("mix", MIXES, ids=lambda mix: str(mix.since))
def test_each_mix_adds_up_and_names_machines_of_the_catalogue(mix: HashrateMix) -> None:
    assert sum(share for _, share in mix.shares) == pytest.approx(1.0)
    assert all(CATALOGUE.bins(model) for model, _ in mix.shares)
    assert 0.2 <= mix.uncertainty <= 0.5
    assert mix.source


@pytest.mark.parametrize(("since", "j_per_th"), [(date(2023, 3, 1), 33.6), (date(2024, 3, 1), 28.2)])
def test_mixes_meet_the_published_mean_efficiency(since: date, j_per_th: float) -> None:
    mix = mix_on(since)
    assert mix is not None
    mean = sum(CATALOGUE.pick(model).efficiency_j_per_th * share for model, share in mix.shares)
    assert mean == pytest.approx(j_per_th, rel=0.025)


def test_the_mix_of_a_day_is_the_newest_before_it() -> None:
    assert mix_on(date(2021, 12, 31)) is None
    assert mix_on(date(2022, 7, 5)) is MIXES[0]
    assert mix_on(date(2099, 1, 1)) is MIXES[-1]


def test_more_is_under_water_the_dearer_the_power() -> None:
    view = network_view(CATALOGUE, MIXES[0], JULY, PRICE)
    assert view is not None
    shares = [each.share for each in view.under_water]
    assert shares == sorted(shares)
    assert [round(100 * each.power_price_usd_per_kwh) for each in view.under_water] == [4, 5, 6, 7, 8, 9, 10]
    assert all(0.0 <= each.low <= each.share <= each.high <= 1.0 for each in view.under_water)
    by_price = {round(100 * each.power_price_usd_per_kwh): each.share for each in view.under_water}
    assert by_price[7] == pytest.approx(0.03)  # S9
    assert by_price[8] == pytest.approx(0.10)  # and M20S
    assert by_price[9] == pytest.approx(0.17)  # and S17


def test_everything_is_under_water_when_the_price_collapses() -> None:
    view = network_view(CATALOGUE, MIXES[0], JULY, 1_000.0)
    assert view is not None
    assert all(
        each.share == pytest.approx(1.0) and each.low == pytest.approx(1.0) for each in view.under_water
    )


def test_the_cost_of_a_coin_is_the_networks_at_the_mean_efficiency() -> None:
    view = network_view(CATALOGUE, MIXES[0], JULY, PRICE)
    assert view is not None
    expected = view.mean_efficiency_j_per_th * JULY.hashrate_ths * 24 / 1000 * 0.04 / JULY.btc_per_day
    assert view.cost_low_usd == pytest.approx(expected)
    assert view.cost_high_usd == pytest.approx(expected * 7 / 4)


def test_without_income_there_is_no_view() -> None:
    assert network_view(CATALOGUE, MIXES[0], Network(1e14, 0.0), PRICE) is None


def test_the_machine_that_stopped_last_and_the_next() -> None:
    # at 8 c an M20S needs 21,321 USD and an S17 19,989 USD
    result = shutdowns(CATALOGUE, _days([22_000.0] * 5 + [21_000.0] * 3 + [20_500.0] * 10), 0.08)
    assert result is not None
    assert result.stopped == "Whatsminer M20S"
    assert result.days == 12
    assert not result.since_start
    assert result.following == "Antminer S17"
    assert result.following_at_usd == pytest.approx(19_989, rel=1e-3)


def test_a_day_above_water_starts_the_count_again() -> None:
    result = shutdowns(CATALOGUE, _days([20_500.0] * 5 + [22_000.0] + [20_500.0] * 3), 0.08)
    assert result is not None
    assert result.days == 2


def test_all_the_history_below_water() -> None:
    result = shutdowns(CATALOGUE, _days([20_500.0] * 4), 0.08)
    assert result is not None
    assert result.since_start
    assert result.days == 3


def test_when_all_pay_and_when_none_does() -> None:
    rich = shutdowns(CATALOGUE, _days([90_000.0]), 0.05)
    assert rich is not None
    assert rich.stopped is None
    assert rich.following == "Antminer S9"
    poor = shutdowns(CATALOGUE, _days([1_000.0]), 0.05)
    assert poor is not None
    assert poor.following is None
    assert poor.following_at_usd is None
    assert poor.stopped is not None


def test_nothing_without_history_or_mix() -> None:
    assert shutdowns(CATALOGUE, (), 0.07) is None
    assert shutdowns(CATALOGUE, [DayState(date(2015, 1, 1), 300.0, 4e10, 0.1, 25.0)], 0.07) is None


def test_days_are_joined_from_series() -> None:
    days = day_states([(DAY, PRICE), (DAY - timedelta(1), 1.0)], [(DAY, 2.9e13)], [(DAY, 0.1)])
    assert days == (DayState(DAY, PRICE, 2.9e13, 0.1, 6.25),)
    assert day_states([(DAY, PRICE)], [(DAY, 2.9e13)], [])[0].fees_btc_per_block == 0.0
