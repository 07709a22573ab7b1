"""The odds and the stress index as sentences, the same for chat and page."""

from collections.abc import Sequence

from bot.i18n.message import Translator
from bot.signals.forecast import FALLS, Forecast
from bot.signals.stress_index import StressIndex


def odds_line(forecasts: Sequence[Forecast], t: Translator) -> str | None:
    """How likely difficulty falls within 30 days, beside how often it does; None without a forecast."""
    forecast_by_fall = {FALLS[forecast.name]: forecast for forecast in forecasts}
    if 0.02 not in forecast_by_fall or 0.05 not in forecast_by_fall:
        return None
    two, five = forecast_by_fall[0.02], forecast_by_fall[0.05]
    return t(
        "Odds that difficulty falls within 30 days: {five} % for 5 % or more (usually {five_base} %), "
        "{two} % for 2 % or more (usually {two_base} %)",
        five=t.number(100 * five.probability),
        five_base=t.number(100 * five.base_rate),
        two=t.number(100 * two.probability),
        two_base=t.number(100 * two.base_rate),
    )


def index_line(index: StressIndex, t: Translator) -> str:
    """The index with its two parts, each 0 to 100."""
    return t(
        "Stress index {value} of 100 (hash ribbon {ribbon}, pace of blocks {pace})",
        value=t.number(index.value),
        ribbon=t.number(100 * index.ribbon),
        pace=t.number(100 * index.pace),
    )
