"""The network view as text (Telegram's HTML)."""

from collections.abc import Sequence
from datetime import datetime

from bot.i18n.message import right
from bot.i18n.translator import LocaleTranslator
from bot.mining import formatting
from bot.mining.answer import Input
from bot.mining.hashrate_mix import BAND_USD_PER_KWH, NetworkView, Shutdowns, UnprofitableShare
from bot.mining.shutdown_text import shutdown_line
from handlers.html import html
from handlers.views.breakeven import readings


def view(
    told: NetworkView | None,
    stopped: Shutdowns | None,
    inputs: Sequence[Input],
    at: datetime,
    t: LocaleTranslator,
) -> str:
    """Who is under water at each power price, the production-cost band, and who follows next."""
    if told is None:
        return t("Miners earn nothing by the figures I have; nothing to reckon.")
    low, high = (formatting.cents(band, t) for band in BAND_USD_PER_KWH)
    # Translators: /network table, up to 7 letters (Chinese: 3): the power price.
    power = t("power")
    # Translators: /network table: the share of hashrate that loses money at that power price.
    rows = [f"{right(power, 7)}  {t('under water')}"]
    rows += [_row(one) for one in told.under_water]
    lines = [
        t("<b>Share of hashrate that loses money on power alone</b>"),
        f"<pre>{html(chr(10).join(rows))}</pre>",
        # Translators: {cheap}, {dear}, {price} are money; {low}, {high} power prices (“4.0 c/kWh”).
        t(
            "A bitcoin costs {cheap} to {dear} in power at {low} to {high} and {efficiency} J/TH; it trades "
            "at {price}.",
            cheap=html(formatting.usd(told.cost_low_usd, t)),
            dear=html(formatting.usd(told.cost_high_usd, t)),
            low=html(low),
            high=html(high),
            efficiency=html(formatting.number(told.mean_efficiency_j_per_th, 1, t)),
            price=html(formatting.usd(told.btc_price_usd, t)),
        ),
    ]
    if stopped is not None:
        lines.append(html(shutdown_line(stopped, t)))
    # Translators: {source} says where the estimate of the machine mix comes from; {percent} is how far each
    # share may be off; the brackets are those in the table above.
    mix = t(
        "Machine mix: {source}; each share ±{percent} %, in brackets the range that leaves.",
        source=html(t(told.mix.source)),
        percent=f"{100 * told.mix.uncertainty:.0f}",
    )
    lines.append(f"<i>{mix}</i>")
    lines.append(readings(inputs, at, t))
    return "\n".join(lines)


def _row(one: UnprofitableShare) -> str:
    span = f"({100 * one.low:.0f}–{100 * one.high:.0f} %)"
    return f"{100 * one.power_price_usd_per_kwh:>5.0f} c  {100 * one.share:>3.0f} % {span}"
