"""What followed a moment: the change of price, and the furthest fall of difficulty."""

from datetime import datetime, timedelta
from math import isnan

from bot.signals.history import History


def outcome(history: History, at: datetime, days: int) -> tuple[float, float] | None:
    """The change of price `days` after `at` (UTC), and the lowest difficulty by then ÷ that at `at` − 1.

    Both are fractions. None until the last of those days is known.
    """
    price, difficulty = history.column("btc.price"), history.column("btc.difficulty")
    first = (at - timedelta(microseconds=1)).date().toordinal()
    last = first + days
    figures = (price.at(first), price.at(last), difficulty.at(first), difficulty.at(last))
    if any(isnan(figure) for figure in figures):
        return None
    lowest = min(difficulty.window(last, days))
    return price.at(last) / price.at(first) - 1, min(0.0, lowest / difficulty.at(first) - 1)
