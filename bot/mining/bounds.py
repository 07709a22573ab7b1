"""The range every figure of a calculation must lie in, so that no arithmetic can overflow."""

import math
from dataclasses import dataclass
from typing import Final

from bot.mining.misunderstanding import EXAMPLE, Misunderstanding


@dataclass(frozen=True, slots=True)
class Bound:
    """What a figure is called, its unit, and its lowest and highest believable value."""

    label: str
    unit: str
    low: float
    high: float
    example: str


BOUNDS: Final = {
    "hashrate_ths": Bound("hashrate", "TH/s", 1e-6, 1e9, "95 TH/s"),
    "power_w": Bound("power", "W", 1e-3, 1e8, "3250 W"),
    "efficiency_j_per_th": Bound("efficiency", "J/TH", 0.1, 1e6, "29.5 J/TH"),
    "power_price_usd_per_kwh": Bound("power price", "USD/kWh", 0.0, 10.0, "0.07"),
    "btc_price_usd": Bound("bitcoin price", "USD", 0.001, 1e9, "45000"),
    "difficulty": Bound("difficulty", "", 1.0, 1e18, "17.62e12"),
    "network_hashrate_ehs": Bound("network hashrate", "EH/s", 1e-9, 1e9, "900"),
    "network_btc_per_day": Bound("network income", "BTC/day", 0.0, 1e5, "450"),
    "block_subsidy_btc": Bound("block subsidy", "BTC", 0.0, 50.0, "3.125"),
    "fees_btc_per_block": Bound("block fees", "BTC per block", 0.0, 500.0, "0.05"),
    "pool_fee": Bound("pool fee", "(a fraction)", 0.0, 1.0, "0.02 (that is 2 %)"),
    "uptime": Bound("uptime", "(a fraction)", 0.0, 1.0, "0.95 (that is 95 %)"),
    "overhead": Bound("overhead (PUE)", "(facility ÷ machine power)", 1.0, 10.0, "1.05"),
    "fixed_cost_usd_per_day": Bound("fixed cost", "USD/day", 0.0, 1e8, "1.50"),
    "machine_price_usd": Bound("machine price", "USD", 0.0, 1e9, "2400"),
}


def check(quantity: str, value: float, name: str | None = None, example: str = EXAMPLE) -> float:
    """`value` when it lies within the bound of `quantity`, else raise one Misunderstanding.

    `name` is what the asker calls the figure (a flag, a key), in place of the bound's own label.
    """
    bound = BOUNDS[quantity]
    called = name or bound.label
    if not math.isfinite(value):
        raise Misunderstanding(f"{called} must be a finite number, such as {bound.example}.", example)
    if not bound.low <= value <= bound.high:
        span = f"between {_shown(bound.low)} and {_shown(bound.high)}" + (
            f" {bound.unit}" if bound.unit else ""
        )
        raise Misunderstanding(
            f"{called} can't be {_shown(value)}: it must be {span}, such as {bound.example}.", example
        )
    return value


def _shown(value: float) -> str:
    return (
        f"{value:.4g}"
        if abs(value) >= 1e15 or 0.0 < abs(value) < 1e-9
        else f"{value:,.9f}".rstrip("0").rstrip(".")
    )
