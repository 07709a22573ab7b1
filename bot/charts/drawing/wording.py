"""Figures as a chart's headline has them: the newest value and how it changed over the span."""

from bot.charts.chart_data import ChartData
from bot.charts.chart_series import Line, day_of, newest, oldest
from bot.i18n.message import change, origin
from bot.i18n.translator import LocaleTranslator


def changed(line: Line, t: LocaleTranslator) -> str:
    """“−12.3 % since 3 Jan 2026”; empty without two values."""
    first, last = oldest(line), newest(line)
    if first is None or last is None or first[0] == last[0] or first[1] <= 0:
        return ""
    ratio = last[1] / first[1] - 1
    if ratio >= 9:
        amount = f"× {_rough(1 + ratio, t)}"
    elif ratio <= -0.9:
        amount = f"÷ {_rough(1 / (1 + ratio), t)}"
    else:
        amount = change(ratio, t)
    # Translators: in the headline of a chart; {change} is such as “−12.3 %”.
    return t("{change} since {day}", change=amount, day=t.day(day_of(first[0]), "yMMMd"))


def _rough(times: float, t: LocaleTranslator) -> str:
    """A factor to two significant digits."""
    return t.number(float(f"{times:.2g}"))


def was(line: Line, t: LocaleTranslator, digits: int = 1, unit: str = "") -> str:
    """“−20.1 % on 3 Jan 2026”: what a figure was at the beginning of the span; empty without two values."""
    first, last = oldest(line), newest(line)
    if first is None or last is None or first[0] == last[0]:
        return ""
    # Translators: in the headline of a chart: what the figure was on the first day shown.
    return t(
        "{value} on {day}", value=signed(first[1], t, digits) + unit, day=t.day(day_of(first[0]), "yMMMd")
    )


def signed(value: float, t: LocaleTranslator, digits: int = 1) -> str:
    """A number with a typographic minus and always so many digits."""
    return t.number(value, digits, fixed=True).replace("-", "−")


def figure(value: float, t: LocaleTranslator) -> str:
    """A positive number to about three significant digits, whole from a hundred on."""
    digits = 0 if value >= 99.95 else 1 if value >= 9.995 else 2 if value >= 0.9995 else 4
    return t.number(value, digits, fixed=True)


def joined(*parts: str) -> str:
    """The parts that say something."""
    return " · ".join(part for part in parts if part)


def footer(data: ChartData, t: LocaleTranslator) -> str:
    """Who gave the newest figure, and the moment it describes."""
    return t("{source}, to {moment}", source=origin(data.source, t), moment=t.utc(data.newest))


def newest_label(data: ChartData, t: LocaleTranslator) -> str:
    """What the marked last point is."""
    # Translators: in a chart's legend: the marked point is the value at this moment.
    return t("now") if data.live else t("newest")
