"""The network's arithmetic: subsidy, hashrate, what a terahash earns, and what a retarget changes.

Sources: Bitcoin's consensus rules for the subsidy, the 2,016-block retarget and its clamp; a block at
difficulty D takes D·2³² hashes on average.
"""

import math
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from bot.mining.limits import check

HASHES_PER_DIFFICULTY: Final = 2.0**32
SECONDS_PER_DAY: Final = 86_400.0
BLOCK_SECONDS: Final = 600.0
BLOCKS_PER_DAY: Final = 144.0
HALVING_BLOCKS: Final = 210_000
FIRST_SUBSIDY_BTC: Final = 50.0
MOST_BTC: Final = 21_000_000
"""There will never be more bitcoin; the exact number is 2.3 less."""
HALVINGS: Final = (date(2012, 11, 28), date(2016, 7, 9), date(2020, 5, 11), date(2024, 4, 20))
"""UTC days of the halvings so far; later ones are projected at one block in ten minutes."""
_GENESIS: Final = date(2009, 1, 3)

NOISY_PROGRESS: Final = 0.15
"""Below this share of an epoch an estimate of the next retarget is noise."""

_HALVING_SPAN = timedelta(seconds=HALVING_BLOCKS * BLOCK_SECONDS)


def subsidy_at_height(height: int) -> float:
    """New coins of a block, BTC: 50 ÷ 2^⌊height/210,000⌋, nothing after 33 halvings."""
    if height < 0:
        raise ValueError(f"a block height can't be negative, got {height}")
    halvings = height // HALVING_BLOCKS
    return FIRST_SUBSIDY_BTC / 2**halvings if halvings < 33 else 0.0


def subsidy_on(day: date) -> float:
    """New coins of a block on a UTC day, BTC. The day of a halving counts as after it."""
    halvings = bisect_right(HALVINGS, day)
    if halvings == len(HALVINGS):
        halvings += (day - HALVINGS[-1]) // _HALVING_SPAN
    return subsidy_at_height(halvings * HALVING_BLOCKS)


def next_halving(day: date) -> date:
    """The first halving after a UTC day: a known one, else as projected at one block in ten minutes."""
    listed_day = next((halving for halving in HALVINGS if halving > day), None)
    if listed_day is not None:
        return listed_day
    spans = (day - HALVINGS[-1]) // _HALVING_SPAN + 1
    return HALVINGS[-1] + timedelta(days=math.ceil(spans * _HALVING_SPAN / timedelta(days=1)))


def halvings_until(day: date, year: int) -> int:
    """How many halvings come after a UTC day up to the one of a year; 0 where none to come falls into it."""
    count, halving = 1, next_halving(day)
    while halving.year < year:
        count, halving = count + 1, next_halving(halving)
    return count if halving.year == year else 0


def mined_until(day: date) -> float:
    """About how many bitcoin are mined on a UTC day, BTC: blocks come evenly between two halvings."""
    halvings = [halving for halving in HALVINGS if halving <= day]
    begin = max((_GENESIS, *halvings))
    height = HALVING_BLOCKS * len(halvings)
    span = (next_halving(day) if day < HALVINGS[-1] else begin + _HALVING_SPAN) - begin
    height += int(HALVING_BLOCKS * ((day - begin) / span))
    full, rest = divmod(height, HALVING_BLOCKS)
    before = sum(HALVING_BLOCKS * subsidy_at_height(each * HALVING_BLOCKS) for each in range(full))
    return before + rest * subsidy_at_height(height)


def hashrate_ths(difficulty: float, blocks: float, seconds: float) -> float:
    """Network hashrate over a span, TH/s: blocks·D·2³² ÷ seconds."""
    return blocks * difficulty * HASHES_PER_DIFFICULTY / seconds / 1e12


def hashprice_usd_per_ph_day(difficulty: float, reward_btc: float, btc_price_usd: float) -> float:
    """Income of one PH/s by difficulty, USD/day, before pool fee and uptime; `reward_btc` is of one block."""
    return 1e15 * SECONDS_PER_DAY / (difficulty * HASHES_PER_DIFFICULTY) * reward_btc * btc_price_usd


@dataclass(frozen=True, slots=True)
class Network:
    """What miners compete for.

    Give `difficulty`, or `network_hashrate_ehs` for income by share of the network, or both (the share then
    decides). `network_btc_per_day` is the income of all miners, BTC/day; None means 144 blocks of subsidy and
    fees. Raises InvalidQuestion for figures out of bounds.
    """

    difficulty: float | None
    subsidy_btc: float
    fees_btc_per_block: float = 0.0
    network_hashrate_ehs: float | None = None
    network_btc_per_day: float | None = None

    def __post_init__(self) -> None:
        check("block_subsidy_btc", self.subsidy_btc)
        check("fees_btc_per_block", self.fees_btc_per_block)
        if self.difficulty is not None:
            check("difficulty", self.difficulty)
        if self.network_hashrate_ehs is not None:
            check("network_hashrate_ehs", self.network_hashrate_ehs)
        if self.network_btc_per_day is not None:
            check("network_btc_per_day", self.network_btc_per_day)
        if self.difficulty is None and self.network_hashrate_ehs is None:
            raise ValueError("a network needs its difficulty or its hashrate")

    @property
    def by_share(self) -> bool:
        """True when income is reckoned by share of the hashrate instead of by difficulty."""
        return self.network_hashrate_ehs is not None

    @property
    def hashrate_ths(self) -> float:
        """TH/s: the hashrate given, else the one at which this difficulty means a block in ten minutes."""
        if self.network_hashrate_ehs is not None:
            return self.network_hashrate_ehs * 1e6
        assert self.difficulty is not None  # noqa: S101 - __post_init__ made sure; this tells the type checker
        return hashrate_ths(self.difficulty, 1.0, BLOCK_SECONDS)

    @property
    def btc_per_day(self) -> float:
        """Income of all miners, BTC/day."""
        if self.network_btc_per_day is not None:
            return self.network_btc_per_day
        return BLOCKS_PER_DAY * (self.subsidy_btc + self.fees_btc_per_block)

    @property
    def btc_per_th_day(self) -> float:
        """Income of one TH/s, BTC/day, before pool fee: 10¹²·86,400/(D·2³²)·(subsidy + fees), or by share."""
        return self.btc_per_day / self.hashrate_ths

    def hashprice_usd_per_ph_day(self, btc_price_usd: float) -> float:
        """Income of one PH/s, USD/day, before pool fee and uptime."""
        return 1000.0 * self.btc_per_th_day * btc_price_usd


def hashcost_usd_per_ph_day(efficiency_j_per_th: float, power_price_usd_per_kwh: float) -> float:
    """Power cost of one PH/s, USD/day: J/TH · USD/kWh · 24."""
    return efficiency_j_per_th * power_price_usd_per_kwh * 24.0


def clamp_retarget(factor: float) -> float:
    """The factor a retarget really applies: between a quarter and four."""
    return min(max(factor, 0.25), 4.0)
