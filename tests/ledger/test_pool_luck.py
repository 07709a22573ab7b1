"""A pool's week against chance."""

import pytest

from bot.ledger.flows import SAT_PER_BTC, PoolFlow
from bot.ledger.pool_luck import poisson_interval, pool_luck


def pool(name: str, blocks: float) -> PoolFlow:
    return PoolFlow(name, 1, int(blocks * 3.125 * SAT_PER_BTC), 0, 0, ())


@pytest.mark.parametrize(
    ("expected", "outside", "interval"),
    # of a table of the Poisson distribution's quantiles
    [(10.0, 0.05, (5, 15)), (100.0, 0.025, (81, 120)), (0.5, 0.05, (0, 2))],
)
def test_the_interval_is_that_of_the_poisson_distribution(
    expected: float, outside: float, interval: tuple[int, int]
) -> None:
    assert poisson_interval(expected, outside) == interval


def test_only_a_fall_that_luck_does_not_explain_is_one() -> None:
    week = [pool("steady", 70), pool("unlucky", 55), pool("gone", 30), pool("small", 0)]
    before = [pool("steady", 280), pool("unlucky", 280), pool("gone", 280), pool("small", 8)]
    by_name = {luck.name: luck.fell for luck in pool_luck(week, before, 3.125)}
    assert by_name == {"steady": False, "unlucky": False, "gone": True}
