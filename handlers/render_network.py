"""The network view as text (Telegram's HTML)."""

from collections.abc import Sequence
from datetime import datetime

from bot.mining import wording
from bot.mining.answer import Input
from bot.mining.mix import BAND_USD_PER_KWH, NetworkView, Shutdowns, UnderWater
from handlers.render_breakeven import readings
from handlers.words import html


def view(told: NetworkView | None, stopped: Shutdowns | None, inputs: Sequence[Input], at: datetime) -> str:
    """Who is under water at each power price, the production-cost band, and who follows next."""
    if told is None:
        return "Miners earn nothing by the figures I have; nothing to reckon."
    low, high = (wording.cents(band) for band in BAND_USD_PER_KWH)
    rows = [f"{'power':>7}  under water"]
    rows += [_row(one) for one in told.under_water]
    cheap, dear = wording.usd(told.cost_low_usd), wording.usd(told.cost_high_usd)
    efficiency = wording.number(told.mean_efficiency_j_per_th, 1)
    lines = [
        "<b>Share of hashrate that loses money on power alone</b>",
        f"<pre>{html(chr(10).join(rows))}</pre>",
        f"A bitcoin costs {html(cheap)} to {html(dear)} in power at {html(low)} to {html(high)} and "
        f"{html(efficiency)} J/TH; it trades at {html(wording.usd(told.btc_price_usd))}.",
    ]
    if stopped is not None:
        lines.append(html(shutdown_line(stopped)))
    lines.append(
        f"<i>Machine mix: {html(told.mix.source)}; each share ±{100 * told.mix.uncertainty:.0f} %, "
        "in brackets the range that leaves.</i>"
    )
    lines.append(readings(inputs, at))
    return "\n".join(lines)


def _row(one: UnderWater) -> str:
    span = f"({100 * one.low:.0f}–{100 * one.high:.0f} %)"
    return f"{100 * one.power_price_usd_per_kwh:>5.0f} c  {100 * one.share:>3.0f} % {span}"


def shutdown_line(told: Shutdowns) -> str:
    """“At 7 c the M20S stopped paying 12 days ago; next: M30S at 17,300 USD.” Plain text."""
    price = f"At {wording.plain(100.0 * told.power_price_usd_per_kwh)} c"
    follows = (
        "no machine of the mix pays any more"
        if told.following is None or told.following_at_usd is None
        else f"{_model(told.following)} at {wording.usd(told.following_at_usd)}"
    )
    if told.stopped is None:
        return f"{price} every machine of the mix still pays; first to stop: {follows}."
    days = f"{told.days} day{'s' if told.days != 1 else ''}"
    if told.since_start:
        stopped = f"hasn't paid for {days} or more" if told.days else "doesn't pay"
    else:
        stopped = f"stopped paying {days} ago" if told.days else "stopped paying today"
    return f"{price} the {_model(told.stopped)} {stopped}; next: {follows}."


def _model(model: str) -> str:
    return model.removeprefix("Antminer ").removeprefix("Whatsminer ")
