"""Coins that leave miners' wallets and public miners' sales, and the Miner Position Index."""

from matplotlib.figure import Figure

from bot.charts.chart_data import ChartData
from bot.charts.chart_series import (
    YEAR,
    Line,
    day_of,
    history_of,
    known,
    newest,
    trailing_quantile,
    visible_line,
)
from bot.charts.drawing.canvas import Canvas, firing_key, threshold_label
from bot.charts.drawing.panel import Panel
from bot.charts.drawing.wording import footer, joined, newest_label, signed, was
from bot.signals.outflow_stats import NEEDED, WEEK
from bot.signals.rules import Severity
from bot.signals.valuation_indicators import position_columns

_UNUSUAL_RATIO, _UNUSUAL_SCORE = 2.0, 2.0


def draw_outflow(on: Canvas, data: ChartData) -> Figure:
    """A week's net outflow of pool wallets, and public miners' sales, whichever is known in the span."""
    t = on.t
    pools, sales = visible_line(data, data.columns["btc.miner_outflow"]), _monthly_sales(data)
    parts = [part for part, line in (("pools", pools), ("sales", sales)) if known(line[1])]
    panels = on.add_panels(*(3, 2)[: len(parts)])
    headlines = []
    for part, panel in zip(parts, panels, strict=True):
        headlines.append(_pools(panel, data) if part == "pools" else _sales(panel, data, sales))
    on.mark(data.episodes)
    key = firing_key(data.episodes, t, of_phase=False) or t("no rule fired in this span")
    return on.finish(t("Miner outflow: a proxy for selling"), joined(*headlines), key, footer(data, t))


def _monthly_sales(data: ChartData) -> Line:
    column = data.columns["btc.public_miner_sales"]
    days, values = visible_line(data, column)
    return days, [100 * value for value in values]


def _pools(panel: Panel, data: ChartData) -> str:
    t, column = panel.t, data.columns["btc.miner_outflow"]
    sums = column.sums(WEEK)
    line = visible_line(data, column, sums)
    if not known(line[1]):  # no week without a gap yet
        panel.unit = t("BTC a day")
        daily = visible_line(data, column)
        panel.bars(*daily, t("net outflow of pool wallets"))
        day, value = newest(daily) or (0.0, 0.0)
        return t("{value} on {day}", value=f"{signed(value, t, 0)} BTC", day=t.day(day_of(day), "yMMMd"))
    panel.unit = t("BTC in 7 days")
    panel.line(*line, t("net outflow of pool wallets"))
    least = NEEDED / YEAR
    warning, critical = "miner_outflow.warning.pools", "miner_outflow.critical.pools"
    if warning in data.levels:
        level = trailing_quantile(sums, YEAR, data.levels[warning], least)
        share = t.number(100 * (1 - data.levels[warning]))
        label = threshold_label(Severity.WARNING, t("highest {share} % of its year", share=share), t)
        panel.threshold(Severity.WARNING, *visible_line(data, column, level), label)
    if critical in data.levels:
        level = [data.levels[critical] * value for value in trailing_quantile(sums, YEAR, 1.0, least)]
        label = threshold_label(Severity.CRITICAL, t("highest of its year"), t)
        panel.threshold(Severity.CRITICAL, *visible_line(data, column, level), label)
    panel.axes.axhline(0, color=panel.theme.ink, linewidth=1)
    last = newest(line)
    if last is None:
        return ""
    panel.newest(*last, newest_label(data, t))
    return joined(t("{amount} BTC in 7 days", amount=signed(last[1], t, 0)), was(line, t, 0, " BTC"))


def _sales(panel: Panel, data: ChartData, line: Line) -> str:
    t = panel.t
    panel.unit = t("% of production")
    months = [(day, value) for day, value in zip(*line, strict=True) if value == value]  # noqa: PLR0124 - not NaN
    panel.bars(
        [day for day, _ in months], [value for _, value in months], t("public miners' sales a month"),
        width=26, align="edge",
    )  # fmt: skip
    top = max(value for _, value in months)
    for severity, rule in (
        (Severity.WARNING, "miner_outflow.warning.public"),
        (Severity.CRITICAL, "miner_outflow.critical.public"),
    ):
        if rule in data.levels:
            level = 100 * data.levels[rule]
            top = max(top, level)
            panel.level(severity, level, threshold_label(severity, f"{t.number(level)} %", t))
    panel.axes.set_ylim(0, 1.1 * top)
    day, share = months[-1]
    # Translators: {share} is how much of what public miners mined in {month} they sold, in per cent.
    return t("{month}: {share} % of production sold", month=t.day(day_of(day), "yMMM"), share=t.number(share))


def draw_position(on: Canvas, data: ChartData) -> Figure:
    """The Miner Position Index by both definitions: against its year's mean, and as a z-score."""
    t, theme = on.t, on.theme
    ratios, scores = (visible_line(data, column) for column in position_columns(history_of(data)))
    has_scores = bool(known(scores[1]))
    panels = on.add_panels(*(1, 1)[: 1 + has_scores])
    panels[0].unit = t("times its year's mean")
    panels[0].line(*ratios, t("outflow in USD ÷ its 365-day mean"))
    panels[0].reference(_UNUSUAL_RATIO, t("unusual from {level} on", level=t.number(_UNUSUAL_RATIO)))
    last = newest(ratios)
    if last is not None:
        panels[0].newest(*last, newest_label(data, t))
    if has_scores:
        panels[1].unit = t("standard deviations")
        panels[1].line(*scores, t("365-day z-score of it"), colour=theme.second)
        panels[1].reference(_UNUSUAL_SCORE, t("unusual from {level} on", level=t.number(_UNUSUAL_SCORE)))
        score = newest(scores)
        if score is not None:
            panels[1].newest(*score, "", colour=theme.second)
    headline = joined("" if last is None else signed(last[1], t, 2), was(ratios, t, 2))
    return on.finish(t("Miner Position Index"), headline, t("a proxy for selling"), footer(data, t))
