"""A machine's profit against the bitcoin price: what it earns now, and where it breaks even."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bot.charts.drawing.canvas import DATE_HEIGHT, Canvas
from bot.charts.drawing.text import LABEL, points
from bot.charts.drawing.ticks import plain_ticks
from bot.charts.profit import ProfitChart
from bot.i18n.translator import LocaleTranslator
from bot.mining import formatting
from bot.mining.economics import Economics

_STEPS = 100


def draw_profit(on: Canvas, profit: ProfitChart) -> Figure:
    """The profit a day at every bitcoin price, with now and the break-even marked."""
    t, theme, now = on.t, on.theme, profit.now
    (panel,) = on.add_panels(1, over_days=False)
    axes = panel.axes
    highest = profit.highest_price
    prices = [highest * step / _STEPS for step in range(_STEPS + 1)]
    profits = [profit.at(price) for price in prices]
    zero = [0.0] * len(prices)
    panel.unit = t("USD a day")
    panel.area(prices, profits, zero, t("profit"), where=[value >= 0 for value in profits])
    panel.area(
        prices, profits, zero, t("loss"), where=[value < 0 for value in profits], hatch="//",
        colour=theme.critical,
    )  # fmt: skip
    axes.plot(prices, profits, color=theme.line, linewidth=points(5))
    axes.axhline(0, color=theme.ink, linewidth=points(2))
    low, high = min(*profits, 0.0), max(*profits, 0.0)
    height = high - low or 1.0
    axes.set_xlim(0, highest)
    axes.set_ylim(low - 0.26 * height, high + 0.2 * height)
    plain_ticks(axes.xaxis, t)
    axes.set_xlabel(t("bitcoin price, USD"), fontsize=points(LABEL), color=theme.ink)
    on.below_axes = DATE_HEIGHT + 40
    # Translators: in a picture: the bitcoin price now.
    words = t("now {price}", price=formatting.usd(now.btc_price_usd, t))
    marks = [(now.btc_price_usd, now.profit_usd_per_day, words, "o")]
    breakeven = now.breakeven_btc_price_usd
    if breakeven is not None and 0 < breakeven <= highest:
        marks.append((breakeven, 0.0, f"{t('break-even')}\n{formatting.usd(breakeven, t)}", "D"))
    for price, value, label, marker in marks:
        is_last = price == max(marks)[0] and price > 0.3 * highest
        _mark(on, axes, (price, value), label, marker, is_last=is_last)
    # Translators: the title of a picture, {price} being a power price such as “7.0 c/kWh”.
    title = t(
        "{machine} at {price}",
        machine=now.machine or formatting.figures(now, t),
        price=formatting.cents(now.power_price_usd_per_kwh, t),
    )
    return on.finish(title, _headline(now, t), t("if nothing but the price changes"), _footer(profit, t))


def _mark(on: Canvas, axes: Axes, at: tuple[float, float], words: str, marker: str, *, is_last: bool) -> None:
    """A mark on the rising line: the last one's words above it to the left, another's below to the right."""
    theme = on.theme
    axes.axvline(at[0], color=theme.second, linewidth=points(3), linestyle=(0, (5, 3)), zorder=3)
    axes.plot(*at, marker, color=theme.second, markersize=points(20), zorder=7)
    axes.annotate(
        words, at, xytext=(-12, 12) if is_last else (12, -12), textcoords="offset points",
        ha="right" if is_last else "left", va="bottom" if is_last else "top", fontsize=points(LABEL + 1),
        color=theme.ink, zorder=8,
        bbox={"facecolor": theme.paper, "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
    )  # fmt: skip


def _headline(now: Economics, t: LocaleTranslator) -> str:
    earned, breakeven = formatting.usd(now.profit_usd_per_day, t), now.breakeven_btc_price_usd
    # Translators: {profit} and {price} are amounts like “2.82 USD”; this and the next two stand under the
    # title of a picture.
    if breakeven is None:
        return t("{profit} a day now; it never breaks even", profit=earned)
    if breakeven == 0:
        return t("{profit} a day now; it pays at any price of bitcoin", profit=earned)
    price = formatting.usd(breakeven, t)
    return t("{profit} a day now; it breaks even at {price}", profit=earned, price=price)


def _footer(profit: ProfitChart, t: LocaleTranslator) -> str:
    if profit.now.as_of is None or not profit.source:
        return t("all figures as given")
    return t("{source}, to {moment}", source=profit.source, moment=t.utc(profit.now.as_of))
