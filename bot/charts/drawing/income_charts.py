"""What miners earn: hashprice, the signal over it, the Puell multiple, and a machine's profit over time."""

from math import nan

from matplotlib.figure import Figure

from bot.charts.chart_data import ChartData
from bot.charts.chart_series import (
    YEAR,
    Line,
    coin_costs,
    hashprices,
    history_of,
    known,
    newest,
    trailing_quantile,
    visible_line,
)
from bot.charts.drawing.canvas import Canvas, firing_key, threshold_label
from bot.charts.drawing.panel import Panel
from bot.charts.drawing.theme import DASH_DOT, DASHED, DOTTED
from bot.charts.drawing.wording import changed, figure, footer, joined, newest_label, signed, was
from bot.data.catalogue import load_machines
from bot.mining import formatting
from bot.mining.hashrate_mix import BAND_USD_PER_KWH
from bot.mining.network import HALVINGS
from bot.signals.columns import SeriesColumn
from bot.signals.income_indicators import hashprice_column
from bot.signals.rules import Severity
from bot.signals.valuation_indicators import puell_column

_WEEK = 7
_SATS = 1e8
_LOW_PUELL, _HIGH_PUELL = 0.5, 4.0


def _in_sats(line: Line, data: ChartData) -> Line:
    price = data.columns["btc.price"]
    values = []
    for day, value in zip(*line, strict=True):
        close = price.at(int(day))
        usd = data.live.get("btc.price", nan) if day == data.today and close != close else close  # noqa: PLR0124
        values.append(_SATS * value / usd)
    return line[0], values


def draw_hashprice(on: Canvas, data: ChartData) -> Figure:
    """Hashprice in USD with what well-known machines cost to run, and below in sats."""
    t, theme = on.t, on.theme
    above, below = on.add_panels(3, 2)
    line = hashprices(data)
    sats = _in_sats(line, data)
    above.unit, below.unit = t("USD a day per PH/s"), t("sats a day per PH/s")
    above.line(*line, t("hashprice"))
    above.log_when_wide(line[1])
    most = max(known(line[1]))
    costs = sorted((cost for cost in data.costs if cost.value < 1.7 * most), key=lambda cost: cost.value)
    for cost, style in zip(costs, (DOTTED, DASHED, DASH_DOT), strict=False):
        # Translators: in a chart's legend: what a machine costs to run, {machine} such as “S19 at 7 c”.
        above.reference(
            cost.value,
            t("{machine} costs {cost}", machine=cost.name, cost=figure(cost.value, t)),
            style=style,
        )
    below.line(*sats, t("hashprice in sats"), colour=theme.second)
    below.log_when_wide(sats[1])
    _mark_newest(on, data, line, sats)
    below.upright([day.toordinal() for day in HALVINGS], t("halving"))
    last, satoshi = newest(line), newest(sats)
    headline = joined(
        "" if last is None else t("{value} USD a day", value=figure(last[1], t)),
        changed(line, t),
        "" if satoshi is None else t("{amount} sats", amount=t.number(satoshi[1])),
    )
    return on.finish(t("Hashprice: what one PH/s earns"), headline, "", footer(data, t))


def _mark_newest(on: Canvas, data: ChartData, *lines: Line) -> None:
    for panel, line, colour in zip(on.panels, lines, (on.theme.line, on.theme.second), strict=False):
        last = newest(line)
        if last is not None:
            panel.newest(*last, newest_label(data, on.t) if panel is on.panels[0] else "", colour=colour)


def draw_income(on: Canvas, data: ChartData) -> Figure:
    """The 7-day mean of hashprice with the levels at which low income fires, and below in sats."""
    t, theme = on.t, on.theme
    above, below = on.add_panels(3, 2)
    column = hashprice_column(history_of(data))
    means = column.means(_WEEK)
    line = visible_line(data, column, means)
    above.unit = t("USD a day per PH/s")
    above.line(*line, t("hashprice, 7-day mean"))
    tenth, low = data.levels.get("miner_income.warning"), data.levels.get("miner_income.critical")
    if tenth is not None:
        days, level = visible_line(data, column, trailing_quantile(means, YEAR, tenth))
        share = threshold_label(
            Severity.WARNING, t("lowest {share} % of its year", share=t.number(100 * tenth)), t
        )
        above.threshold(Severity.WARNING, days, level, share)
    if low is not None:
        days, level = visible_line(data, column, trailing_quantile(means, YEAR, 0.0))
        above.threshold(
            Severity.CRITICAL,
            days,
            [low * value for value in level],
            threshold_label(Severity.CRITICAL, t("lowest of its year"), t),
        )
    above.log_when_wide(line[1])
    sats = (
        line[0],
        [
            _SATS * value / data.columns["btc.price"].mean(int(day), _WEEK)
            for day, value in zip(*line, strict=True)
        ],
    )
    costs = coin_costs(data, load_machines())
    if known(costs[1]):
        second = _price_and_cost(below, data, costs)
    else:  # before the first estimate of the mix of machines
        second = sats
        below.unit = t("sats a day per PH/s")
        below.line(*sats, t("in sats, 7-day mean"), colour=theme.second)
        below.log_when_wide(sats[1])
    below.upright([day.toordinal() for day in HALVINGS], t("halving"))
    _mark_newest(on, data, line, second)
    on.mark(data.episodes)
    last, satoshi = newest(line), newest(sats)
    headline = joined(
        "" if last is None else t("{value} USD a day", value=figure(last[1], t)),
        changed(line, t),
        "" if satoshi is None else t("{amount} sats", amount=t.number(satoshi[1])),
    )
    key = firing_key(data.episodes, t, of_phase=False) or t("no rule fired in this span")
    return on.finish(t("Miners' income per PH/s"), headline, key, footer(data, t))


def _price_and_cost(
    panel: Panel, data: ChartData, costs: tuple[list[float], list[float], list[float]]
) -> Line:
    """What a bitcoin costs the network in power against its price."""
    t = panel.t
    low, high = (t.number(100 * price, 0) for price in BAND_USD_PER_KWH)
    panel.unit = "USD"
    panel.between(*costs, t("estimated power cost, {low} to {high} c/kWh", low=low, high=high))
    price = visible_line(data, data.columns["btc.price"])
    panel.line(*price, t("price"), colour=panel.theme.second)
    panel.log_when_wide(known([*price[1], *costs[1]]))
    return price


def draw_puell(on: Canvas, data: ChartData) -> Figure:
    """The Puell multiple; halvings marked, since each halves it for a year."""
    t = on.t
    (panel,) = on.add_panels(1)
    column: SeriesColumn = puell_column(history_of(data))
    daily, weekly = visible_line(data, column), visible_line(data, column, column.means(_WEEK))
    panel.unit = t("times its year's mean")
    panel.dots(*daily, t("day"))
    panel.line(*weekly, t("7-day mean"))
    panel.log_when_wide(known(daily[1]), 5.0)
    values = known(weekly[1])
    if min(values) < 1.6 * _LOW_PUELL:
        panel.reference(_LOW_PUELL, t("low: {level}", level=t.number(_LOW_PUELL, 1)), style=DASHED)
    if max(values) > _HIGH_PUELL / 1.6:
        panel.reference(_HIGH_PUELL, t("high: {level}", level=t.number(_HIGH_PUELL, 1)), style=DASH_DOT)
    panel.upright([day.toordinal() for day in HALVINGS], t("halving"))
    last = newest(weekly)
    if last is not None:
        panel.newest(*last, newest_label(data, t))
    headline = joined(
        "" if last is None else t("7-day mean {value}", value=t.number(last[1], 2, fixed=True)),
        was(weekly, t, 2),
    )
    key = t("a halving halves it by itself for a year")
    return on.finish(t("Puell multiple: a day's new coins in USD"), headline, key, footer(data, t))


def draw_profit_history(on: Canvas, data: ChartData) -> Figure:
    """A machine's profit on each day, had it run as it does now."""
    t, theme, now = on.t, on.theme, data.machine
    if now is None:
        raise ValueError("a chart of profit needs a machine")
    (panel,) = on.add_panels(1)
    factor = now.revenue_usd_per_day / now.hashprice_usd_per_ph_day
    cost = now.power_cost_usd_per_day + now.fixed_cost_usd_per_day
    days, prices = hashprices(data)
    if days and data.live:
        prices = [*prices[:-1], now.hashprice_usd_per_ph_day]
    line = days, [factor * price - cost for price in prices]
    panel.unit = t("USD a day")
    zero = [0.0] * len(days)
    panel.between(days, line[1], zero, t("profit"), where=[value >= 0 for value in line[1]])
    panel.between(
        days,
        line[1],
        zero,
        t("loss"),
        where=[value < 0 for value in line[1]],
        hatch="//",
        colour=theme.critical,
    )
    panel.line(*line, "")
    panel.axes.axhline(0, color=theme.ink, linewidth=1.5)
    values = sorted(known(line[1]))
    panel.include(min(0.0, *values), max(0.0, *values), room=0.03)
    last = newest(line)
    if last is not None:
        panel.newest(*last, newest_label(data, t))
    machine = now.machine or formatting.figures(now, t)
    title = t("{machine} at {price}", machine=machine, price=formatting.cents(now.power_price_usd_per_kwh, t))
    paid = len([value for value in values if value > 0])
    headline = joined(
        "" if last is None else t("{value} USD a day", value=signed(last[1], t, 2)),
        was(line, t, 2, " USD"),
        t("profitable on {share} % of days", share=t.number(100 * paid / len(values))),
    )
    key = t("at the hashprice of each day and the power price of today")
    return on.finish(title, headline, key, footer(data, t))
