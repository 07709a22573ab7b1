"""How an answer was reckoned, one step a line (Telegram's HTML), of one machine and a day."""

from bot.i18n.translator import LocaleTranslator
from bot.mining import formatting
from bot.mining.answer import Answer
from bot.mining.parsing.units import Currency
from handlers.html import html


def reckoning(answer: Answer, t: LocaleTranslator) -> str:
    """What the machine mines, what that is worth, what its power costs, what is left."""
    now, question, display = answer.now, answer.question, answer.display
    kwh = now.power_w / 1000.0 * 24.0 * question.uptime * question.overhead
    lines = [
        f"<b>{html(now.machine or formatting.figures(now, t))}</b>",
        # Translators: {part} and {whole} are hashrates, {sats} such as “86,346 sats”.
        t(
            "{part} TH/s of the network's {whole} EH/s mine {sats} a day.",
            part=formatting.plain(now.hashrate_ths, t),
            whole=formatting.plain(now.network_hashrate_ehs, t),
            sats=formatting.sats(now.btc_per_day / ((1.0 - question.pool_fee) * question.uptime), t),
        )
        if question.pool_fee < 1.0 and question.uptime > 0.0
        else "",
        _taken_off(answer, t),
        # Translators: {price} is bitcoin's, {revenue} what the sats of a day are worth.
        t(
            "At {price} for a bitcoin that is {revenue}.",
            price=formatting.money(now.btc_price_usd, display.of_btc_price, t),
            revenue=formatting.money(now.revenue_usd_per_day, display, t),
        ),
        # Translators: {tariff} is the price of a kWh, {cost} that of a day's power.
        t(
            "It takes {kwh} kWh a day; at {tariff} they cost {cost}.",
            kwh=formatting.plain(kwh, t),
            tariff=_tariff(answer, t),
            cost=formatting.money(now.power_cost_usd_per_day, display, t),
        ),
        t("Other costs: {cost} a day.", cost=formatting.money(now.fixed_cost_usd_per_day, display, t))
        if now.fixed_cost_usd_per_day
        else "",
        # Translators: {profit} is an amount of money.
        "<b>"
        + t("{profit} a day are left.", profit=formatting.money(now.profit_usd_per_day, display, t))
        + "</b>",
        t(
            "All {n} machines: {profit} a day.",
            n=t.number(question.count),
            profit=formatting.money(now.profit_usd_per_day * question.count, display, t),
        )
        if question.count != 1
        else "",
    ]
    return "\n".join(filter(None, lines))


def _taken_off(answer: Answer, t: LocaleTranslator) -> str:
    """What the pool's fee and the time it stands still leave of that."""
    question = answer.question
    if not question.pool_fee and question.uptime == 1.0:
        return ""
    return t(
        "With a pool fee of {fee} and an uptime of {uptime} {sats} are left.",
        fee=formatting.percent(question.pool_fee, t),
        uptime=formatting.percent(question.uptime, t),
        sats=formatting.sats(answer.now.btc_per_day, t),
    )


def _tariff(answer: Answer, t: LocaleTranslator) -> str:
    """The mean price of a kWh, exact enough to reckon with."""
    usd = answer.now.power_price_usd_per_kwh
    if answer.display.currency is Currency.USD:
        return f"{formatting.plain(100.0 * usd, t, 3)} c/kWh"
    return formatting.cents(usd, t, answer.display)
