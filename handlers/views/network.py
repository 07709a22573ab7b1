"""The network view as text (Telegram's HTML)."""

from collections.abc import Sequence
from datetime import datetime

from bot.i18n.message import Translator, right
from bot.i18n.translator import LocaleTranslator
from bot.mining import formatting
from bot.mining.answer import Input
from bot.mining.hashrate_mix import BAND_USD_PER_KWH, NetworkView, Shutdowns, UnprofitableShare
from bot.mining.machines import short_name
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


def shutdown_line(told: Shutdowns, t: Translator) -> str:
    """“At 7 c the M20S stopped paying 12 days ago; next: M30S at 17,300 USD.” Plain text."""
    price = formatting.plain(100.0 * told.power_price_usd_per_kwh, t)
    if told.following is None or told.following_at_usd is None:
        follows = t("no machine of the mix pays any more")
    else:
        following, at = short_name(told.following), formatting.usd(told.following_at_usd, t)
        # Translators: elsewhere the machine that stops paying next and the bitcoin price at which it does.
        follows = t("{machine} at {price}", machine=following, price=at)
    if told.stopped is None:
        # Translators: {price} is a power price in US cents, {next} such as “M30S at 17,300 USD”.
        return t(
            "At {price} c every machine of the mix still pays; first to stop: {next}.",
            price=price,
            next=follows,
        )
    values = {"price": price, "machine": short_name(told.stopped), "next": follows}
    if told.since_start:
        if not told.days:
            # Translators: {price} is a power price in US cents, {next} such as “M30S at 17,300 USD”.
            return t("At {price} c the {machine} doesn't pay; next: {next}.", **values)
        # Translators: {price} is a power price in US cents, {next} such as “M30S at 17,300 USD”.
        return t.plural(
            "At {price} c the {machine} hasn't paid for {n} day or more; next: {next}.",
            "At {price} c the {machine} hasn't paid for {n} days or more; next: {next}.",
            told.days,
            **values,
        )
    if not told.days:
        # Translators: {price} is a power price in US cents, {next} such as “M30S at 17,300 USD”.
        return t("At {price} c the {machine} stopped paying today; next: {next}.", **values)
    # Translators: {price} is a power price in US cents, {next} such as “M30S at 17,300 USD”.
    return t.plural(
        "At {price} c the {machine} stopped paying {n} day ago; next: {next}.",
        "At {price} c the {machine} stopped paying {n} days ago; next: {next}.",
        told.days,
        **values,
    )
