"""A breakeven question, understood: which machine, at which site, in which market."""

from dataclasses import dataclass
from enum import StrEnum

from bot.mining.economics import Rig
from bot.mining.parsing.units import Money


class Focus(StrEnum):
    """What the asker wants to know first."""

    PROFIT = "profit"
    BTC_PRICE = "btc_price"
    POWER_PRICE = "power_price"
    DIFFICULTY = "difficulty"
    PAYBACK = "payback"


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked; None stands for “as it is now”: the market's figure or the usual power price.

    `scaled` is True when the machine's hashrate is no bin of the catalogue and its power was taken from the
    nearest one. Units as in the names; `power_price` is of one kWh, `fixed_cost` of one day.
    """

    rig: Rig
    power_price: Money | None = None
    btc_price: Money | None = None
    pool_fee: float = 0.0
    uptime: float = 1.0
    overhead: float = 1.0
    fixed_cost: Money | None = None
    machine_price: Money | None = None
    difficulty: float | None = None
    network_hashrate_ehs: float | None = None
    network_btc_per_day: float | None = None
    block_subsidy_btc: float | None = None
    fees_btc_per_block: float | None = None
    focus: Focus = Focus.PROFIT
    scaled: bool = False
