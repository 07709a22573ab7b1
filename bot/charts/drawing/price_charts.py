"""The price against its record, with the phases; and how far below the record it is."""

from matplotlib.figure import Figure

from bot.charts.chart_data import ChartData
from bot.charts.chart_series import drawdowns, known, newest, records, visible_line, with_live
from bot.charts.drawing.canvas import Canvas, firing_key, threshold_label
from bot.charts.drawing.panel import Panel
from bot.charts.drawing.theme import DASHED
from bot.charts.drawing.wording import changed, figure, footer, joined, newest_label, signed, was
from bot.charts.spec import ChartKind
from bot.i18n.message import change
from bot.signals.rules import Severity


def draw_price(on: Canvas, data: ChartData) -> Figure:
    """The price and its record; stress and capitulation shaded."""
    (panel,) = on.add_panels(1)
    line = _price_and_record(panel, data)
    t = on.t
    fall = newest(drawdowns(data))
    on.mark(data.episodes)
    last = newest(line)
    headline = joined(
        "" if last is None else f"{figure(last[1], t)} USD",
        changed(line, t),
        "" if fall is None else t("{change} from the record", change=change(fall[1] / 100, t)),
    )
    key = firing_key(data.episodes, t, of_phase=True) or t("no stress and no capitulation in this span")
    return on.finish(t("Bitcoin price"), headline, key, footer(data, t))


def draw_drawdown(on: Canvas, data: ChartData) -> Figure:
    """The price and its record, and below the fall with the levels at which its rules fire."""
    t = on.t
    above, below = on.add_panels(2, 3)
    _price_and_record(above, data)
    line = drawdowns(data)
    below.unit, below.suffix = "%", ""
    below.line(*line, t("price against its record"))
    levels = {severity: 100 * level for severity, level in _levels(data).items()}
    below.axes.set_ylim(min([*levels.values(), *known(line[1])]) - 6, 2)
    for severity, value in levels.items():
        below.level(severity, value, threshold_label(severity, f"{signed(value, t, 0)}{t.percent}", t))
    last = newest(line)
    if last is not None:
        below.newest(*last, newest_label(data, t))
    on.mark(data.episodes)
    headline = joined(
        "" if last is None else t("{change} from the record", change=change(last[1] / 100, t)),
        was(line, t, 1, t.percent),
    )
    key = firing_key(data.episodes, t, of_phase=False) or t("no rule fired in this span")
    return on.finish(t("Bitcoin below its record"), headline, key, footer(data, t))


def _price_and_record(panel: Panel, data: ChartData) -> tuple[list[float], list[float]]:
    t = panel.t
    panel.unit = "USD"
    line = with_live(data, visible_line(data, data.columns["btc.price"]), data.live.get("btc.price"))
    record = records(data)
    low, high = min(known(line[1])), max(known(line[1]))
    # in the price's own chart a record far above would flatten the movement; the headline says how far it is
    if data.spec.kind is not ChartKind.PRICE or min(record[1]) < high + 0.6 * (high - low):
        panel.line(*record, t("record high"), colour=panel.theme.second, style=DASHED, width=3)
    panel.line(*line, t("price"))
    panel.log_when_wide([low, *line[1]], 6.0)
    last = newest(line)
    if last is not None:
        panel.newest(*last, newest_label(data, t))
    return line


def _levels(data: ChartData) -> dict[Severity, float]:
    return {
        severity: data.levels[rule]
        for severity, rule in (
            (Severity.WARNING, "price_drawdown.warning"),
            (Severity.CRITICAL, "price_drawdown.critical"),
        )
        if rule in data.levels
    }
