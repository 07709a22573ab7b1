"""The price at which an aim is reached, in one sentence."""

from bot.i18n.message import Translator
from bot.mining.answer import Display
from bot.mining.answer_lines import PER_PERIOD
from bot.mining.formatting import cents, change, hashprice, money, plain
from bot.mining.parsing.units import Money
from bot.mining.required_price import RequiredPrice, Sought


def sentence(required: RequiredPrice, t: Translator) -> str:
    """At which price the aim is reached; that none does it, where that is so."""
    if required.aim.income is not None:
        return _for_income(required, required.aim.income, t)
    return _for_payback(required, t)


def _for_income(required: RequiredPrice, income: Money, t: Translator) -> str:
    display, price = required.now.display, required.price_usd
    amount = f"{plain(income.amount, t, 8)} {income.currency}"
    goal = t(PER_PERIOD[required.aim.period], amount=amount)
    if price is None:
        return t("No price brings {goal} of profit: it changes nothing here.", goal=goal)
    if required.aim.sought is Sought.POWER_PRICE:
        if price <= 0.0:
            return t("No power price brings {goal} of profit: free power is still too dear.", goal=goal)
        # Translators: {goal} is an amount of money in a span of time, {price} such as “4.7 c/kWh”.
        return t(
            "For {goal} of profit power may cost {price} at most.", goal=goal, price=cents(price, t, display)
        )
    if price <= 0.0:
        return t("It brings {goal} of profit at any price of bitcoin.", goal=goal)
    if required.aim.sought is Sought.HASHPRICE:
        # Translators: {goal} is an amount of money in a span of time, {price} what a PH/s earns a day.
        return t(
            "For {goal} of profit it takes a hashprice of {price}.",
            goal=goal,
            price=hashprice(price, display, t),
        )
    # Translators: {goal} is an amount of money in a span of time, {price} bitcoin's price, {change} how far
    # that is from the price now, such as “+12.3 %”.
    return t(
        "For {goal} of profit it takes bitcoin at {price} ({change} from now).",
        goal=goal,
        price=_of_bitcoin(price, display, t),
        change=change(price / required.now.now.btc_price_usd - 1.0, t),
    )


def _for_payback(required: RequiredPrice, t: Translator) -> str:
    display, price, months = required.now.display, required.price_usd, required.aim.months
    count = round(months)
    number = plain(months, t, 1)
    if price is None or (price <= 0.0 and required.aim.sought is not Sought.BTC_PRICE):
        return t.plural(
            "No such price pays it back in {months} month.",
            "No such price pays it back in {months} months.",
            count,
            months=number,
        )
    match required.aim.sought:
        case Sought.POWER_PRICE:
            # Translators: {price} is a power price, such as “4.7 c/kWh”.
            return t.plural(
                "It pays back in {months} month if power costs {price} at most, all else as now.",
                "It pays back in {months} months if power costs {price} at most, all else as now.",
                count,
                months=number,
                price=cents(price, t, display),
            )
        case Sought.MACHINE_PRICE:
            # Translators: {price} is what one machine may cost.
            return t.plural(
                "It pays back in {months} month if it costs {price} at most, all else as now.",
                "It pays back in {months} months if it costs {price} at most, all else as now.",
                count,
                months=number,
                price=money(price, display, t),
            )
        case Sought.HASHPRICE:
            # Translators: {price} is what a PH/s earns a day.
            return t.plural(
                "It pays back in {months} month at a hashprice of {price}, all else as now.",
                "It pays back in {months} months at a hashprice of {price}, all else as now.",
                count,
                months=number,
                price=hashprice(price, display, t),
            )
    # Translators: {price} is bitcoin's price, {change} how far that is from the price now: “+12.3 %”.
    return t.plural(
        "It pays back in {months} month with bitcoin at {price} ({change} from now), all else as now.",
        "It pays back in {months} months with bitcoin at {price} ({change} from now), all else as now.",
        count,
        months=number,
        price=_of_bitcoin(price, display, t),
        change=change(price / required.now.now.btc_price_usd - 1.0, t),
    )


def _of_bitcoin(price_usd: float, display: Display, t: Translator) -> str:
    return money(price_usd, display.of_btc_price, t)
