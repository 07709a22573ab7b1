"""Ticks as plain numbers with group separators: 60,000 and never 6×10⁴; from a million on 1 M, 1 G, 1 T."""

from collections.abc import Callable
from math import ceil, floor, log10
from typing import Final

from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullFormatter, NullLocator

from bot.i18n.translator import LocaleTranslator

_PREFIXES: Final = ((1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"))
_MOST: Final = 6


def plain_ticks(axis: Axis, t: LocaleTranslator, suffix: str = "") -> None:
    """Plain numbers along a linear or logarithmic axis, each with the same `suffix`."""
    low, high = axis.get_view_interval()
    if axis.get_scale() == "log":
        axis.set_major_locator(FixedLocator(log_ticks(low, high)))
        axis.set_minor_locator(NullLocator())
        axis.set_minor_formatter(NullFormatter())
    else:
        axis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(tick_writer(t, suffix)))


def tick_writer(t: LocaleTranslator, suffix: str = "") -> Callable[[float, object], str]:
    """What writes a tick."""

    def write(value: float, _: object = None) -> str:
        value = 0.0 if abs(value) < 1e-12 else value
        for size, prefix in _PREFIXES:
            if abs(value) >= size:
                return f"{_number(value / size, t)} {prefix}{suffix}"
        return f"{_number(value, t)}{suffix}"

    return write


def _number(value: float, t: LocaleTranslator) -> str:
    digits = 0 if abs(value) >= 1000 or value == 0 else max(0, min(9, 2 - floor(log10(abs(value)))))
    return t.number(round(value, digits), digits).replace("-", "−")


def log_ticks(low: float, high: float) -> list[float]:
    """Round numbers between two positive ones, at most six."""
    decades = range(floor(log10(low)), ceil(log10(high)) + 1)
    for factors in ((1, 1.5, 2, 3, 4, 5, 6, 7, 8), (1, 2, 3, 5), (1, 2, 5), (1, 3), (1,)):
        ticks = [factor * 10.0**power for power in decades for factor in factors]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) <= _MOST:
            return ticks
    step = ceil(len(ticks) / _MOST)
    return ticks[::-step][::-1]
