"""Day-ahead power of a zone, with the levels at which its rules fire."""

from matplotlib.figure import Figure

from bot.charts.chart_data import ChartData
from bot.charts.chart_series import YEAR, highest_before, newest, trailing_quantile, visible_line
from bot.charts.drawing.canvas import Canvas, firing_key, threshold_label
from bot.charts.drawing.wording import footer, joined, newest_label, signed, was
from bot.signals.rules import Severity


def draw_power(on: Canvas, data: ChartData) -> Figure:
    """Daily prices, and the 7-day mean without its highest day, which the rules look at."""
    t, zone = on.t, data.spec.zone
    (panel,) = on.add_panels(1)
    column = data.columns[data.spec.series[0]]
    means = column.means(7, without_highest=True)
    daily, weekly = visible_line(data, column), visible_line(data, column, means)
    panel.unit = "EUR/MWh"
    panel.dots(*daily, t("day"))
    panel.line(*weekly, t("7-day mean without its highest day"))
    panel.without_outliers(daily[1], weekly[1])
    warning = data.levels.get(f"energy_price.warning.{zone}")
    if warning is not None:
        days, level = visible_line(data, column, trailing_quantile(means, YEAR, warning))
        label = threshold_label(
            Severity.WARNING, t("highest {share} % of its year", share=t.number(100 * (1 - warning))), t
        )
        panel.threshold(Severity.WARNING, days, level, label)
    critical = data.levels.get(f"energy_price.critical.{zone}")
    if critical is not None:
        days, level = visible_line(data, column, [critical * value for value in highest_before(means, YEAR)])
        panel.threshold(
            Severity.CRITICAL, days, level, threshold_label(Severity.CRITICAL, t("the record"), t)
        )
    last = newest(weekly)
    live = data.live.get(data.spec.series[0])
    if live is not None:
        panel.newest(data.today, live, newest_label(data, t))
    elif last is not None:
        panel.newest(*last, newest_label(data, t))
    on.mark(data.episodes)
    headline = joined(
        "" if last is None else t("7-day mean {price} EUR/MWh", price=signed(last[1], t)), was(weekly, t)
    )
    key = firing_key(data.episodes, t, of_phase=False) or t("no rule fired in this span")
    return on.finish(t("Day-ahead power price, {zone}", zone=zone), headline, key, footer(data, t))
