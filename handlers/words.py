"""How figures, moments and spans are said to people."""

from datetime import datetime, timedelta
from html import escape

from bot.signals.rules import Quantity
from bot.speech import mark as mark  # noqa: PLC0414 - the handlers find their words here, this one too

SIGNAL_NAMES = {
    "miner_outflow": mark("Miner outflow"),
    "hashrate_decline": mark("Hashrate decline"),
    "price_drawdown": mark("Price drawdown"),
    "energy_price": mark("Energy price"),
    "capitulation": mark("Capitulation"),
}


def html(text: object) -> str:
    """Anything as text that HTML can't mistake for markup."""
    return escape(str(text), quote=True)


def quantity(value: float | None, kind: Quantity | None) -> str:
    """A rule's figure in its own unit; what is not known is a dash."""
    if value is None:
        return "–"
    if kind is Quantity.CHANGE:
        return percent_change(value)
    if kind is Quantity.PERCENTILE:
        return f"{100 * value:.0f} % of its year lies below"
    if kind is Quantity.RECORD:
        return f"{100 * value:.0f} % of the earlier record"
    if kind is Quantity.OF_PRODUCTION:
        return f"{100 * value:.0f} % of production"
    return f"{value:,.4g}"


def percent_change(fraction: float) -> str:
    """−0.701 as “−70.1 %”."""
    digits = 1 if abs(fraction) >= 0.0095 else 2
    return f"{100 * fraction:+.{digits}f} %".replace("-", "−")


def moment(at: datetime | None) -> str:
    """A moment in UTC, to the minute."""
    return "unknown" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"


def span(length: timedelta) -> str:
    """A span in its largest sensible unit: “3 min”, “5 h”, “12 days”."""
    seconds = max(0.0, length.total_seconds())
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 86_400:.0f} days"


def age(as_of: datetime | None, now: datetime) -> str:
    """How old a figure is."""
    return "no data yet" if as_of is None else f"{span(now - as_of)} old"
