"""A breakeven question, understood: which machine, at which site, in which market."""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.mining.economics import Rig
from bot.mining.parsing.units import Currency, Money
from bot.mining.scenario import Scenario

CONTINUOUS: Final = 0.8
"""The share of its fuse that a circuit may carry for hours."""


class Focus(StrEnum):
    """What the asker wants to know first."""

    PROFIT = "profit"
    BTC_PRICE = "btc_price"
    POWER_PRICE = "power_price"
    DIFFICULTY = "difficulty"
    REVENUE = "revenue"
    """What it earns before any cost."""
    PAYBACK = "payback"
    BITCOIN = "bitcoin"
    NET_BITCOIN = "net_bitcoin"
    """The profit, in bitcoin."""
    COST = "cost"
    """What one bitcoin costs to mine."""
    ENERGY = "energy"
    """How much electricity the machine takes."""
    ENERGY_PER_BTC = "energy_per_btc"
    HASHCOST = "hashcost"
    """What a PH/s costs a day, beside what it earns."""
    BLOCK = "block"
    """How likely it is to find a block alone within some time."""
    HOURS = "hours"
    """Whether to run in the dear hours of a tariff, too."""


class Scheme(StrEnum):
    """How a pool pays: the expected block reward, what was found, or alone."""

    FPPS = "fpps"
    PPLNS = "pplns"
    SOLO = "solo"


@dataclass(frozen=True, slots=True)
class PeakPrice:
    """Another power price from one hour of the day to another, local time; they may pass midnight.

    It holds on seven days of a week, on five (weekdays) or on two (weekends).
    """

    price: Money
    start_hour: float
    end_hour: float
    days: int = 7

    @property
    def hours(self) -> float:
        """Hours a day at that price."""
        return (self.end_hour - self.start_hour) % 24.0 or 24.0

    @property
    def share(self) -> float:
        """The share of a week at that price."""
        return self.hours / 24.0 * self.days / 7.0


@dataclass(frozen=True, slots=True)
class Circuit:
    """What feeds machines: volts, between the phases where it has three, and the amperes of its fuse."""

    volts: float
    amperes: float
    three_phase: bool = False

    @property
    def continuous_w(self) -> float:
        """What it may carry without a pause: 80 % of what it is made for (NEC 210.20)."""
        return CONTINUOUS * self.volts * self.amperes * (math.sqrt(3.0) if self.three_phase else 1.0)


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked; None stands for “as it is now”: the market's figure or the usual power price.

    `scaled` is True when the machine's hashrate is no bin of the catalogue and its power was taken from the
    nearest one. `peaks` are times that don't overlap; otherwise `power_price` holds. Units as in the names;
    `power_price`, `surcharge` and `heat_credit` are of one kWh, `fixed_cost` of one day and machine,
    `shared_cost` of one day and all machines together, `power_tax` a fraction. `count` machines are asked
    about, `period` is what the profit is wanted for. `currency` is the one to answer in, None the chat's.
    `cents_assumed` is True when a bare number was taken for cents. `zone` is a day-ahead zone; the mean of
    its hours ahead is the power price where no other is given. `hashprice` is what a PH/s earns a day,
    where that is given. `site_power_w` is what feeds the machines, where `count` was reckoned from it.
    `block_span` is the time within which the chance of a block is asked for: how many days, weeks, months or
    years. `per_mwh` is True where a price of power is wanted of a MWh.
    `hours_assumed` is True where the hours of a night tariff are the usual ones.
    `left_out` are words that were not understood and that the answer leaves out. `sums_costs` is True where
    `fixed_cost` or `shared_cost` is the sum of several.
    """

    rig: Rig
    power_price: Money | None = None
    btc_price: Money | None = None
    pool_fee: float = 0.0
    uptime: float = 1.0
    overhead: float = 1.0
    fixed_cost: Money | None = None
    shared_cost: Money | None = None
    machine_price: Money | None = None
    difficulty: float | None = None
    network_hashrate_ehs: float | None = None
    network_btc_per_day: float | None = None
    block_subsidy_btc: float | None = None
    fees_btc_per_block: float | None = None
    focus: Focus = Focus.PROFIT
    scaled: bool = False
    count: int = 1
    period: str = "day"
    peaks: tuple[PeakPrice, ...] = ()
    surcharge: Money | None = None
    power_tax: float = 0.0
    heat_credit: Money | None = None
    scheme: Scheme | None = None
    currency: Currency | None = None
    cents_assumed: bool = field(default=False, compare=False)
    disputed: bool = field(default=False, compare=False)
    zone: str | None = None
    hashprice: Money | None = None
    site_power_w: float | None = field(default=None, compare=False)
    circuit: Circuit | None = field(default=None, compare=False)
    per_mwh: bool = False
    block_span: tuple[float, str] | None = None
    hours_assumed: bool = field(default=False, compare=False)
    left_out: tuple[str, ...] = field(default=(), compare=False)
    sums_costs: bool = field(default=False, compare=False)

    @property
    def gives_market(self) -> bool:
        """True where figures of the market are given, which are not those of any day."""
        given = (self.btc_price, self.difficulty, self.network_hashrate_ehs, self.network_btc_per_day)
        fees = (self.block_subsidy_btc, self.fees_btc_per_block)
        return any(value is not None for value in (*given, *fees, self.hashprice))


@dataclass(frozen=True, slots=True)
class MachineComparison:
    """The same question about several machines, perhaps under a supposition.

    `by_limit` is True where it is asked which of them stops paying first, `of_all` where it is asked which
    of all machines pay, `adds` where what they make together is asked for. `makers` are those whose machines
    alone are compared, none where any maker's are.
    """

    questions: tuple[Question, ...]
    scenario: Scenario = field(default_factory=Scenario)
    by_limit: bool = False
    of_all: bool = False
    adds: bool = False
    makers: tuple[str, ...] = ()
