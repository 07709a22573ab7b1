"""A number with its unit, as it was typed."""

from enum import Enum
from typing import NamedTuple

from bot.mining.parsing.units import Currency


class MeasureUnit(Enum):
    """What a quantity is counted in."""

    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    THS = "TH/s"
    WATTS = "W"
    J_PER_TH = "J/TH"
    T = "T"
    """TH/s or, of a difficulty, trillions."""


class Measure(NamedTuple):
    """A number with its unit, at tokens `[start:end]`.

    `large` is its value where thousands are usual (60.000 is sixty thousand in German), `small` where they
    are not. `currency` is None for money without one and for cents of nobody's. `cents` is True when it was
    given in a hundredth. `per` names what it is for: kwh, mwh, day, month, machine, th, ph, btc … in order.
    """

    small: float
    large: float
    unit: MeasureUnit
    start: int
    end: int
    text: str
    currency: Currency | None = None
    cents: bool = False
    per: tuple[str, ...] = ()
    signed: bool = False
    scaled: bool = False


def in_money(measure: Measure, currency: Currency | None, end: int | None = None) -> Measure:
    """The measure as an amount of a currency; it ends at token `end` where its currency does."""
    return measure._replace(
        unit=MeasureUnit.MONEY, currency=currency, end=measure.end if end is None else end
    )
