"""The range every figure of a calculation must lie in, so that no arithmetic can overflow."""

import math
from dataclasses import dataclass
from typing import Final

from bot.i18n.message import N_, LazyText, Translator
from bot.mining.errors import QUESTION_EXAMPLE, InvalidQuestion


@dataclass(frozen=True, slots=True)
class Bound:
    """What a figure is called, its unit, and its lowest and highest believable value."""

    label: str
    unit: str
    low: float
    high: float
    example: str
    is_share: bool = False
    """Whether it is a fraction, which people read and write in per cent."""


BOUNDS: Final = {
    "hashrate_ths": Bound(N_("hashrate"), "TH/s", 1e-6, 1e9, "95 TH/s"),
    "power_w": Bound(N_("power draw"), "W", 1e-3, 1e8, "3250 W"),
    "efficiency_j_per_th": Bound(N_("efficiency"), "J/TH", 0.1, 1e6, "29.5 J/TH"),
    "power_price_usd_per_kwh": Bound(N_("power price"), "USD/kWh", -2.0, 10.0, "0.07"),
    "btc_price_usd": Bound(N_("bitcoin price"), "USD", 0.001, 1e9, "45000"),
    "difficulty": Bound(N_("difficulty"), "", 1.0, 1e18, "17.62e12"),
    "network_hashrate_ehs": Bound(N_("network hashrate"), "EH/s", 1e-9, 1e9, "900"),
    "network_btc_per_day": Bound(N_("network income"), N_("BTC/day"), 0.0, 1e5, "450"),
    "block_subsidy_btc": Bound(N_("block subsidy"), "BTC", 0.0, 50.0, "3.125"),
    "fees_btc_per_block": Bound(N_("block fees"), N_("BTC per block"), 0.0, 500.0, "0.05"),
    "pool_fee": Bound(N_("pool fee"), "", 0.0, 1.0, "0.02", is_share=True),
    "uptime": Bound(N_("uptime"), "", 0.0, 1.0, "0.95", is_share=True),
    "downtime": Bound(N_("downtime"), "", 0.0, 1.0, "0.05", is_share=True),
    "overhead": Bound(N_("overhead (PUE)"), N_("(facility ÷ machine power)"), 1.0, 10.0, "1.05"),
    "fixed_cost_usd_per_day": Bound(N_("fixed cost"), N_("USD/day"), 0.0, 1e8, "1.50"),
    "count": Bound(N_("number of machines"), "", 1.0, 1e6, "10"),
    "machine_price_usd": Bound(N_("machine price"), "USD", 0.0, 1e9, "2400"),
}


class OutOfBounds(InvalidQuestion):
    """A figure that can't be."""

    def __init__(self, bound: Bound, value: LazyText, name: str | None, example: str) -> None:
        """`value` says the figure, `name` what the asker calls it in place of the bound's own label."""
        self._bound, self._name, self._line = bound, name, example
        super().__init__(
            # Translators: {figure} is such as “power price”, or as typed, “fee”; {high} has its unit.
            lambda t: t(
                "{figure} can't be {value}: it must be between {low} and {high}, such as {example}.",
                figure=name or t(bound.label),
                value=value(t),
                low=_said(bound.low, bound, t),
                high=f"{_said(bound.high, bound, t)} {t(bound.unit) if bound.unit else ''}".rstrip(),
                example=_example(bound, t),
            ),
            example,
        )

    def as_typed(self, text: str) -> "OutOfBounds":
        """The same with the figure as somebody typed it: “120 %”, not 1.2."""
        return OutOfBounds(self._bound, lambda _: text[:30], self._name, self._line)


def check(quantity: str, value: float, name: str | None = None, example: str = QUESTION_EXAMPLE) -> float:
    """`value` when it lies within the bound of `quantity`, else raise one InvalidQuestion.

    `name` is what the asker calls the figure (a flag, a key), in place of the bound's own label.
    """
    bound = BOUNDS[quantity]
    if not math.isfinite(value):
        raise InvalidQuestion(
            # Translators: {figure} is such as “power price” or what was typed for it, such as “fee”.
            lambda t: t(
                "{figure} must be a finite number, such as {example}.",
                figure=name or t(bound.label),
                example=_example(bound, t),
            ),
            example,
        )
    if not bound.low <= value <= bound.high:
        raise OutOfBounds(bound, lambda t: _said(value, bound, t), name, example)
    return value


def _example(bound: Bound, t: Translator) -> str:
    return _said(float(bound.example), bound, t) if bound.is_share else t(bound.example)


def _said(value: float, bound: Bound, t: Translator) -> str:
    if bound.is_share:
        return f"{_number(value * 100.0, t)}{t.percent}"
    return _number(value, t)


def _number(value: float, t: Translator) -> str:
    return f"{value:.4g}" if abs(value) >= 1e15 or 0.0 < abs(value) < 1e-9 else t.number(value, 9)


BEST_J_PER_TH: Final = 8.0
"""Below the best machine announced."""
WORST_J_PER_TH: Final = 2500.0
"""An S1 of 2013 took 2,000 J/TH."""
_NAMEPLATE_FACTOR: Final = 3.0


def is_believable(efficiency_j_per_th: float, nameplate_j_per_th: float | None = None) -> bool:
    """True when a machine of this efficiency was ever built; near its nameplate where one is known."""
    if not BEST_J_PER_TH <= efficiency_j_per_th <= WORST_J_PER_TH:
        return False
    if nameplate_j_per_th is None:
        return True
    return 1.0 / _NAMEPLATE_FACTOR <= efficiency_j_per_th / nameplate_j_per_th <= _NAMEPLATE_FACTOR


def unbelievable(hashrate_ths: float, power_w: float, example: str = QUESTION_EXAMPLE) -> InvalidQuestion:
    """The refusal of a machine that nobody built."""
    return InvalidQuestion(
        # Translators: {value} is an efficiency in J/TH; {best} and {worst} are the bounds.
        lambda t: t(
            "{hashrate} TH/s and {power} W are {value} J/TH; machines are between {best} and {worst}. "
            "Check the figures.",
            hashrate=t.number(hashrate_ths, 4),
            power=t.number(power_w, 4),
            value=t.number(power_w / hashrate_ths, 2),
            best=t.number(BEST_J_PER_TH),
            worst=t.number(WORST_J_PER_TH),
        ),
        example,
    )
