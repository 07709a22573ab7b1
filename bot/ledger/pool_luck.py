"""Whether a pool found fewer blocks than luck explains: a week against the four before, as Poisson counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import Final

from bot.ledger.flows import SAT_PER_BTC, PoolFlow

WEEKS_BEFORE: Final = 4
OUTSIDE: Final = 0.005
"""The chance on each side that counts as luck no more: small, since some twenty pools are looked at."""

_FEWEST_EXPECTED = 5.0  # blocks a week; below that no fall can be told from luck


@dataclass(frozen=True, slots=True)
class PoolLuck:
    """A pool's blocks in 7 days, and the counts that luck alone stays between at its pace before."""

    name: str
    blocks: int
    low: int
    high: int

    @property
    def fell(self) -> bool:
        """Whether fewer were found than luck explains: hashrate has left the pool."""
        return self.blocks < self.low


def pool_luck(week: Sequence[PoolFlow], before: Sequence[PoolFlow], subsidy_btc: float) -> list[PoolLuck]:
    """The luck of every pool large enough, by rewards in the week and in the WEEKS_BEFORE weeks before it.

    Blocks are rewards ÷ subsidy, rounded: fees are a few per cent of a reward.
    """
    earlier = {pool.name: pool.reward_sat for pool in before}
    lucks = []
    for pool in week:
        expected = earlier.get(pool.name, 0) / SAT_PER_BTC / subsidy_btc / WEEKS_BEFORE
        if expected >= _FEWEST_EXPECTED:
            low, high = poisson_interval(expected)
            lucks.append(PoolLuck(pool.name, round(pool.reward_sat / SAT_PER_BTC / subsidy_btc), low, high))
    return lucks


def poisson_interval(expected: float, outside: float = OUTSIDE) -> tuple[int, int]:
    """The counts a Poisson variable of mean `expected` stays between, but for `outside` on each side."""
    probability, total, count = exp(-expected), 0.0, 0
    low: int | None = None
    while True:
        total += probability
        if low is None and total > outside:
            low = count
        if total >= 1 - outside or count > 10 * expected + 50:
            return low if low is not None else 0, count
        count += 1
        probability *= expected / count
