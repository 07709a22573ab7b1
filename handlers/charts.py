"""Pictures: the profit of a machine against the bitcoin price."""

import io
from threading import Lock

from bot.mining import wording
from bot.mining.answer import Answer
from bot.mining.economics import Economics
from handlers.language import Tongue

_drawing = Lock()  # the library keeps caches that threads must not share


def profit_chart(answer: Answer, t: Tongue) -> bytes:
    """Profit a day against the bitcoin price as a PNG, with the price now and the break-even marked.

    Takes some tenths of a second the first time: call it off the event loop.
    """
    with _drawing:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - 0.5 s and 50 MiB, only when a picture is asked for
        from matplotlib.figure import Figure  # noqa: PLC0415 - likewise

        now = answer.now
        breakeven = now.breakeven_btc_price_usd
        highest = 1.6 * max(now.btc_price_usd, min(breakeven or 0.0, 4.0 * now.btc_price_usd))
        slope = now.profit_change_per_usd_of_btc_price
        cost = now.power_cost_usd_per_day + now.fixed_cost_usd_per_day
        prices = [highest * step / 100.0 for step in range(101)]
        profits = [slope * price - cost for price in prices]

        figure = Figure(figsize=(6.4, 4.4), dpi=110, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.plot(prices, profits, color="#1f4e79", linewidth=2.5)
        axes.fill_between(prices, profits, 0.0, where=[p >= 0 for p in profits], color="#2e8b57", alpha=0.18)
        axes.fill_between(prices, profits, 0.0, where=[p <= 0 for p in profits], color="#c0392b", alpha=0.15)
        axes.axhline(0.0, color="#444444", linewidth=1.0)
        axes.axvline(now.btc_price_usd, color="#b8860b", linewidth=1.6, linestyle="--")
        axes.plot([now.btc_price_usd], [now.profit_usd_per_day], "o", color="#b8860b", markersize=8)
        axes.annotate(
            _now(now, t),
            (now.btc_price_usd, now.profit_usd_per_day),
            xytext=(10, -34),
            textcoords="offset points",
            fontsize=12,
            color="#7a5a00",
        )
        if breakeven is not None and breakeven <= highest:
            axes.plot([breakeven], [0.0], "D", color="#c0392b", markersize=9)
            axes.annotate(
                f"{t('break-even')}\n{wording.usd(breakeven, t)}",
                (breakeven, 0.0),
                xytext=(-10, 12) if breakeven > 0.3 * highest else (10, -36),
                textcoords="offset points",
                fontsize=12,
                color="#922b21",
                ha="right" if breakeven > 0.3 * highest else "left",
            )
        # Translators: the title of a picture, {price} being a power price such as “7.0 c/kWh”.
        title = t(
            "{machine} at {price}",
            machine=now.machine or wording.figures(now, t),
            price=wording.cents(now.power_price_usd_per_kwh, t),
        )
        axes.set_title(title, fontsize=15)
        axes.set_xlabel(t("bitcoin price, USD"), fontsize=13)
        axes.set_ylabel(t("profit, USD a day"), fontsize=13)
        axes.tick_params(labelsize=12)
        axes.xaxis.set_major_formatter(
            lambda value, _: f"{t.number(value / 1000)}k" if highest >= 10_000 else t.number(value)
        )
        axes.set_xlim(0.0, highest)
        axes.margins(y=0.12)
        axes.grid(alpha=0.25)
        picture = io.BytesIO()
        figure.savefig(picture, format="png")
        return picture.getvalue()


def _now(now: Economics, t: Tongue) -> str:
    # Translators: in a picture: the bitcoin price now; below it stands the profit of a day.
    price = t("now {price}", price=wording.usd(now.btc_price_usd, t))
    profit = t("{amount}/day", amount=wording.usd(now.profit_usd_per_day, t))
    return f"{price}\n{profit}"
