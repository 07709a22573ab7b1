"""The network view as text (Telegram's HTML)."""

from collections.abc import Sequence
from datetime import datetime

from bot.i18n.message import right, width
from bot.i18n.translator import LocaleTranslator
from bot.mining import formatting
from bot.mining.answer import USD, Display, Input
from bot.mining.cost_text import cost_line
from bot.mining.hashrate_mix import NetworkView, Shutdowns, UnprofitableShare
from bot.mining.shutdown_text import shutdown_line
from handlers.html import html
from handlers.views.breakeven import readings


def view(
    network: NetworkView | None,
    stopped: Shutdowns | None,
    inputs: Sequence[Input],
    display: Display,
    at: datetime,
    t: LocaleTranslator,
) -> str:
    """Who is under water at each power price, the production-cost band, and who follows next."""
    if network is None:
        return t("By the figures I have miners earn nothing; there is nothing to calculate.")
    # Translators: /network table, up to 7 letters (Chinese: 3): the power price.
    power = t("power")
    # Translators: /network table: the share of hashrate that loses money at that power price.
    head = power if display is USD else formatting.power_unit(display)
    wide = max(7, width(head))
    rows = [f"{right(head, wide)}  {t('under water')}"]
    rows += [_row(share, wide, display, t) for share in network.under_water]
    lines = [
        t("<b>Share of hashrate that loses money on power alone</b>"),
        f"<pre>{html(chr(10).join(rows))}</pre>",
        html(cost_line(network, t, display)),
    ]
    if stopped is not None:
        lines.append(html(shutdown_line(stopped, t, display)))
    # Translators: {source} says where the estimate of the machine mix comes from; {percent} is how far each
    # share may be off; the brackets are those in the table above.
    mix = t(
        "Machine mix: {source}; each share ±{percent} %, in brackets the range that leaves.",
        source=html(t(network.mix.source)),
        percent=f"{100 * network.mix.uncertainty:.0f}",
    )
    lines.append(f"<i>{mix}</i>")
    lines.append(readings(inputs, at, t))
    return "\n".join(lines)


def _row(row: UnprofitableShare, wide: int, display: Display, t: LocaleTranslator) -> str:
    span = f"({100 * row.low:.0f}–{100 * row.high:.0f}{t.percent})"
    price = f"{100 * row.power_price_usd_per_kwh:.0f} c"
    if display is not USD:
        price = formatting.power_number(row.power_price_usd_per_kwh, display, t)
    return f"{price:>{wide}}  {100 * row.share:>3.0f}{t.percent} {span}"
