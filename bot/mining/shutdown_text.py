"""In a sentence, which machine stopped paying last and which is next: the same words on every surface."""

from bot.i18n.message import Translator
from bot.mining import formatting
from bot.mining.answer import USD, Display
from bot.mining.hashrate_mix import Shutdowns
from bot.mining.machine_names import short_name


def shutdown_line(shutdowns: Shutdowns, t: Translator, display: Display = USD) -> str:
    """“At 7 c the M20S stopped paying 12 days ago; next: M30S below 17,300 USD.” Plain text."""
    usd_per_kwh = shutdowns.power_price_usd_per_kwh
    price = (
        f"{formatting.plain(100.0 * usd_per_kwh, t)} c"
        if display is USD
        else formatting.cents(usd_per_kwh, t, display)
    )
    if shutdowns.following is None or shutdowns.following_at_usd is None:
        follows = t("no machine of the mix pays any more")
    else:
        following, at = (
            short_name(shutdowns.following),
            formatting.money(shutdowns.following_at_usd, display.of_btc_price, t),
        )
        # Translators: the machine that stops paying next and the bitcoin price below which it does.
        follows = t("{machine} below {price}", machine=following, price=at)
    if shutdowns.stopped is None:
        # Translators: {price} is a power price such as “7 c”, {next} such as “M30S below 17,300 USD”.
        return t(
            "At {price} every machine of the mix still pays; first to stop: {next}.",
            price=price,
            next=follows,
        )
    values = {"price": price, "machine": short_name(shutdowns.stopped), "next": follows}
    if shutdowns.since_start:
        if not shutdowns.days:
            # Translators: {price} is a power price such as “7 c”, {next} such as “M30S below 17,300 USD”.
            return t("At {price} the {machine} doesn't pay; next: {next}.", **values)
        # Translators: {price} is a power price such as “7 c”, {next} such as “M30S below 17,300 USD”.
        return t.plural(
            "At {price} the {machine} hasn't paid for {n} day or more; next: {next}.",
            "At {price} the {machine} hasn't paid for {n} days or more; next: {next}.",
            shutdowns.days,
            **values,
        )
    if not shutdowns.days:
        # Translators: {price} is a power price such as “7 c”, {next} such as “M30S below 17,300 USD”.
        return t("At {price} the {machine} stopped paying today; next: {next}.", **values)
    # Translators: {price} is a power price such as “7 c”, {next} such as “M30S below 17,300 USD”.
    return t.plural(
        "At {price} the {machine} stopped paying {n} day ago; next: {next}.",
        "At {price} the {machine} stopped paying {n} days ago; next: {next}.",
        shutdowns.days,
        **values,
    )
