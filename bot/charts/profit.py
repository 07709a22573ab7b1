"""The profit of a machine against the bitcoin price: what it earns now, and where it breaks even."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.charts.fonts import writing
from bot.charts.style import Canvas, ChartTranslator, canvas, money
from bot.mining import formatting
from bot.mining.economics import Economics

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STEPS = 100


@dataclass(frozen=True, slots=True)
class ProfitChart:
    """One picture: the machine's economics now, whose figures they rest on (nobody's: ""), light or dark."""

    now: Economics
    source: str = ""
    dark: bool = False

    @property
    def highest_price(self) -> float:
        """The right end, in USD: beyond the price now and the break-even, unless that is very far."""
        price, breakeven = self.now.btc_price_usd, self.now.breakeven_btc_price_usd or 0.0
        return 1.6 * max(price, min(breakeven, 4.0 * price))

    def at(self, price: float) -> float:
        """Profit in USD a day at a bitcoin price."""
        now = self.now
        return (
            now.profit_change_per_usd_of_btc_price * price
            - now.power_cost_usd_per_day
            - now.fixed_cost_usd_per_day
        )


def draw_profit(profit: ProfitChart, t: ChartTranslator) -> bytes:
    """The picture as a PNG."""
    with writing(t.code):
        return _draw(profit, t)


def _draw(profit: ProfitChart, t: ChartTranslator) -> bytes:
    now = profit.now
    on = canvas(t, dark=profit.dark)
    theme, axes = on.theme, on.panel()
    highest = profit.highest_price
    prices = [highest * step / _STEPS for step in range(_STEPS + 1)]
    profits = [profit.at(price) for price in prices]
    gains = [value >= 0 for value in profits]
    if any(value > 0 for value in profits):
        axes.fill_between(
            prices, profits, 0, where=gains, color=theme.band, alpha=0.6, linewidth=0, label=t("profit"),
            interpolate=True,
        )  # fmt: skip
    if any(value < 0 for value in profits):
        axes.fill_between(
            prices, profits, 0, where=[not gain for gain in gains], facecolor=(theme.critical, 0.16),
            edgecolor=(theme.critical, 0.5), hatch="///", linewidth=0, label=t("loss"), interpolate=True,
        )  # fmt: skip
    axes.plot(prices, profits, color=theme.line, linewidth=2.2)
    axes.axhline(0, color=theme.ink, linewidth=1.0)
    low, high = min(*profits, 0.0), max(*profits, 0.0)
    height = high - low or 1.0
    axes.set_xlim(0, highest)
    axes.set_ylim(low - 0.22 * height, high + 0.14 * height)
    money(axes.xaxis, t)
    axes.yaxis.set_major_formatter(lambda value, _: formatting.plain(value, t, 4 if height < 0.2 else 2))
    axes.set_xlabel(t("bitcoin price, USD"), fontsize=11, color=theme.ink)
    # Translators: in a picture: the bitcoin price now.
    words = t("now {price}", price=formatting.usd(now.btc_price_usd, t))
    points = [(now.btc_price_usd, now.profit_usd_per_day, words, "o")]
    breakeven = now.breakeven_btc_price_usd
    if breakeven is not None and 0 < breakeven <= highest:
        points.append((breakeven, 0.0, f"{t('break-even')}\n{formatting.usd(breakeven, t)}", "D"))
    for price, value, words, marker in points:
        is_last = price == max(points)[0] and price > 0.3 * highest
        _point(on, axes, (price, value), words, marker, is_last=is_last)
    if axes.get_legend_handles_labels()[0]:
        on.legend(axes)
    # Translators: the title of a picture, {price} being a power price such as “7.0 c/kWh”.
    title = t(
        "{machine} at {price}",
        machine=now.machine or formatting.figures(now, t),
        price=formatting.cents(now.power_price_usd_per_kwh, t),
    )
    on.title(title, _beneath(now, t))
    return on.png(_footer(profit, t), t("profit in USD a day, if nothing else changes"))


def _point(
    on: Canvas, axes: "Axes", at: tuple[float, float], words: str, marker: str, *, is_last: bool
) -> None:
    """A mark on the rising line: the last one's words above it to the left, another's below to the right."""
    theme = on.theme
    axes.axvline(at[0], color=theme.second, linewidth=1.1, linestyle=(0, (5, 3)), zorder=3)
    axes.plot(*at, marker, color=theme.second, markersize=8, zorder=7)
    axes.annotate(
        words, at, xytext=(-9, 9) if is_last else (9, -9), textcoords="offset points",
        ha="right" if is_last else "left", va="bottom" if is_last else "top", fontsize=11, color=theme.ink,
        zorder=8, bbox={"facecolor": theme.paper, "edgecolor": "none", "alpha": 0.8, "pad": 1.2},
    )  # fmt: skip


def _beneath(now: Economics, t: ChartTranslator) -> str:
    earned, breakeven = formatting.usd(now.profit_usd_per_day, t), now.breakeven_btc_price_usd
    # Translators: {profit} and {price} are amounts like “2.82 USD”; this and the next two stand under the
    # title of a picture.
    if breakeven is None:
        return t("{profit} a day now; it never breaks even", profit=earned)
    if breakeven == 0:
        return t("{profit} a day now; it pays at any price of bitcoin", profit=earned)
    price = formatting.usd(breakeven, t)
    return t("{profit} a day now; it breaks even at {price}", profit=earned, price=price)


def _footer(profit: ProfitChart, t: ChartTranslator) -> str:
    if profit.now.as_of is None or not profit.source:
        return t("all figures as given")
    moment = f"{profit.now.as_of:%Y-%m-%d %H:%M}"
    return t("{source}, to {moment} UTC", source=profit.source, moment=moment)
