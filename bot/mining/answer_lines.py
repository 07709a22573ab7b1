"""An answer in words: its headline, its table, what a change of the bitcoin price does."""

import math
from typing import Final

from bot.i18n.message import N_, Translator, bracketed, sentences
from bot.mining.answer import USD, Answer, Display
from bot.mining.economics import Economics
from bot.mining.formatting import (
    cents,
    change,
    days,
    difficulty,
    hashprice,
    money,
    number,
    percent,
    sats,
)
from bot.mining.network import HASHES_PER_DIFFICULTY
from bot.mining.question import Focus, Scheme

DAYS_OF: Final = {"hour": 1.0 / 24.0, "day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}
# Translators: {amount} is money or bitcoin that machines earn in that time.
PER_PERIOD: Final = {
    "hour": N_("{amount} an hour"),
    "day": N_("{amount} a day"),
    "week": N_("{amount} a week"),
    "month": N_("{amount} a month"),
    "year": N_("{amount} a year"),
}


def headline(answer: Answer, t: Translator) -> str:
    """The answer in one sentence, about what was asked for."""
    now, display = answer.now, answer.display
    match answer.question.focus:
        case Focus.BTC_PRICE:
            return _on_btc_price(now, display, t)
        case Focus.POWER_PRICE:
            return on_power_price(now, display, t, per_mwh=answer.question.per_mwh)
        case Focus.DIFFICULTY:
            return _on_difficulty(now, t)
        case Focus.PAYBACK:
            return _on_payback(now, display, t)
        case Focus.BITCOIN:
            return _on_bitcoin(answer, t)
        case Focus.REVENUE:
            return _on_revenue(answer, t)
        case Focus.COST:
            return _on_cost(now, display, t)
        case Focus.ENERGY_PER_BTC if now.btc_per_day > 0.0:
            kwh = now.power_w * answer.question.overhead * 24.0 / 1000.0 / now.btc_per_day
            return t("One bitcoin takes {kwh} kWh to mine this way.", kwh=number(kwh, 0, t))
        case Focus.HASHCOST:
            cost = (now.power_cost_usd_per_day + now.fixed_cost_usd_per_day) / now.hashrate_ths * 1000.0
            # Translators: {cost} and {income} are amounts of money of a PH/s, such as “41.20 USD/PH/day”.
            return t(
                "A PH/s costs {cost}; it earns {income}.",
                cost=hashprice(cost, display, t),
                income=hashprice(now.hashprice_usd_per_ph_day, display, t),
            )
        case Focus.ENERGY | Focus.ENERGY_PER_BTC:
            return _on_energy(answer, t)
        case Focus.BLOCK if answer.question.block_span is not None and now.difficulty is not None:
            return _on_block(answer, now.difficulty, answer.question.block_span, t)
        case Focus.HOURS if answer.without_dear_hours is not None:
            return _on_hours(answer, answer.without_dear_hours, t)
    return _on_profit(answer, t)


def _on_profit(answer: Answer, t: Translator) -> str:
    question, display = answer.question, answer.display
    profit = answer.now.profit_usd_per_day * question.count * DAYS_OF[question.period]
    is_in_sats = question.focus is Focus.NET_BITCOIN

    def amount_of(usd: float) -> str:
        return sats(usd / answer.now.btc_price_usd, t) if is_in_sats else money(usd, display, t)

    amount = amount_of(abs(profit))
    if profit == 0.0:
        return t("It just breaks even.")
    match question.period, profit > 0.0:
        case "hour", True:
            sentence = t("It pays: {profit} profit an hour.", profit=amount)
        case "hour", _:
            sentence = t("It doesn't pay: it loses {loss} an hour.", loss=amount)
        case "week", True:
            sentence = t("It pays: {profit} profit a week.", profit=amount)
        case "month", True:
            sentence = t("It pays: {profit} profit a month.", profit=amount)
        case "year", True:
            sentence = t("It pays: {profit} profit a year.", profit=amount)
        case _, True:
            sentence = t("It pays: {profit} profit a day.", profit=amount)
        case "week", _:
            sentence = t("It doesn't pay: it loses {loss} a week.", loss=amount)
        case "month", _:
            sentence = t("It doesn't pay: it loses {loss} a month.", loss=amount)
        case "year", _:
            sentence = t("It doesn't pay: it loses {loss} a year.", loss=amount)
        case _:
            sentence = t("It doesn't pay: it loses {loss} a day.", loss=amount)
    if question.count != 1:
        each = amount_of(answer.now.profit_usd_per_day)
        # Translators: follows the profit of all machines together; {profit} is one machine's.
        all_of_them = t(
            "That is all {n} machines; each makes {profit} a day.", n=t.number(question.count), profit=each
        )
        return sentences([sentence, all_of_them], t)
    return sentence


def _on_hours(answer: Answer, shorter: Economics, t: Translator) -> str:
    """Whether to stop in the dear hours of a tariff: the profit of all hours and that of the others."""
    machines = answer.question.count * DAYS_OF[answer.question.period]
    per = PER_PERIOD[answer.question.period]
    whole_usd, shorter_usd = (each.profit_usd_per_day * machines for each in (answer.now, shorter))
    whole, without = (t(per, amount=money(usd, answer.display, t)) for usd in (whole_usd, shorter_usd))
    price = cents(answer.dearest_usd_per_kwh, t, answer.display)
    if max(whole_usd, shorter_usd) < 0.0:
        # Translators: {whole} and {without} are such as “−1.20 USD a day”, {price} “12 c/kWh”.
        return t(
            "It loses either way: {whole} in all hours, {without} without those at {price}.",
            whole=whole,
            without=without,
            price=price,
        )
    if shorter_usd > whole_usd:
        # Translators: {without} and {whole} are such as “2.50 USD a day”, {price} “12 c/kWh”.
        return t(
            "Switch it off in the hours at {price}: that leaves {without}; in all hours it makes {whole}.",
            price=price,
            without=without,
            whole=whole,
        )
    # Translators: {whole} and {without} are such as “2.50 USD a day”, {price} “12 c/kWh”.
    return t(
        "Let it run at {price}, too: in all hours it makes {whole}, without those {without}.",
        price=price,
        whole=whole,
        without=without,
    )


def _on_bitcoin(answer: Answer, t: Translator) -> str:
    btc = answer.now.btc_per_day * answer.question.count * DAYS_OF[answer.question.period]
    amount = sats(btc, t)
    value = money(btc * answer.now.btc_price_usd, answer.display, t)
    match answer.question.period:
        case "hour":
            return t("It mines {sats} an hour, worth {value}.", sats=amount, value=value)
        case "week":
            return t("It mines {sats} a week, worth {value}.", sats=amount, value=value)
        case "month":
            return t("It mines {sats} a month, worth {value}.", sats=amount, value=value)
        case "year":
            return t("It mines {sats} a year, worth {value}.", sats=amount, value=value)
    return t("It mines {sats} a day, worth {value}.", sats=amount, value=value)


def _on_revenue(answer: Answer, t: Translator) -> str:
    """What all machines earn before costs, and what of it is left where their power is known."""
    machines = answer.question.count * DAYS_OF[answer.question.period]
    per = PER_PERIOD[answer.question.period]
    revenue = t(per, amount=money(answer.now.revenue_usd_per_day * machines, answer.display, t))
    if answer.question.rig.name is None and answer.question.scaled:
        # Translators: {revenue} is such as “530 USD a month”.
        return t("Before costs it earns {revenue}.", revenue=revenue)
    profit = money(answer.now.profit_usd_per_day * machines, answer.display, t)
    # Translators: {revenue} is such as “530 USD a month”, {profit} an amount of money.
    return t("Before costs it earns {revenue}; {profit} are left.", revenue=revenue, profit=profit)


def _on_cost(now: Economics, display: Display, t: Translator) -> str:
    """What one bitcoin costs with all that is paid for the machine: where it breaks even."""
    if now.breakeven_btc_price_usd is None:
        return t("It earns nothing, so it never pays, at any price of bitcoin.")
    price = money(now.breakeven_btc_price_usd, display.of_btc_price, t)
    # Translators: {price} is the cost of one bitcoin mined, {now} bitcoin's price.
    return t(
        "One bitcoin costs {price} to mine this way; it is worth {now}.",
        price=price,
        now=money(now.btc_price_usd, display.of_btc_price, t),
    )


def _on_energy(answer: Answer, t: Translator) -> str:
    question = answer.question
    machines = question.count * DAYS_OF[question.period]
    watts = answer.now.power_w * question.uptime * question.overhead
    kwh = number(watts * 24.0 / 1000.0 * machines, 1, t)
    cost = money(answer.now.power_cost_usd_per_day * machines, answer.display, t)
    match question.period:
        case "hour":
            return t("It takes {kwh} kWh an hour, which cost {cost}.", kwh=kwh, cost=cost)
        case "week":
            return t("It takes {kwh} kWh a week, which cost {cost}.", kwh=kwh, cost=cost)
        case "month":
            return t("It takes {kwh} kWh a month, which cost {cost}.", kwh=kwh, cost=cost)
        case "year":
            return t("It takes {kwh} kWh a year, which cost {cost}.", kwh=kwh, cost=cost)
    return t("It takes {kwh} kWh a day, which cost {cost}.", kwh=kwh, cost=cost)


def _years_per_block(answer: Answer, difficulty_now: float) -> float:
    """How long all machines take for a block on average, years."""
    hashes = answer.now.hashrate_ths * 1e12 * answer.question.count * answer.question.uptime
    return difficulty_now * HASHES_PER_DIFFICULTY / hashes / (365.25 * 86_400.0)


def _on_block(answer: Answer, difficulty_now: float, span: tuple[float, str], t: Translator) -> str:
    """The chance of a block within some time; blocks come as a Poisson process."""
    count, unit = span
    years = count * DAYS_OF[unit] / DAYS_OF["year"]
    chance = -math.expm1(-years / _years_per_block(answer, difficulty_now))
    odds = 1.0 / chance if chance > 0.0 else math.inf
    # Translators: {span} is such as “2 years”, {percent} a chance, {odds} the same as 1 in so many.
    return t(
        "Chance of a block alone ({span}): {percent} %, 1 in {odds}, if difficulty stays.",
        span=_span(count, unit, t),
        percent=number(100.0 * chance, 1 if chance >= 0.1 else 4, t),
        odds=number(odds, 1 if odds < 10.0 else 0, t),
    )


def _span(count: float, unit: str, t: Translator) -> str:
    """So much time, said by itself: `2 years`."""
    said = number(count, 0 if count.is_integer() else 1, t)
    match unit:
        case "day":
            return t.plural("{count} day", "{count} days", math.ceil(count), count=said)
        case "week":
            return t.plural("{count} week", "{count} weeks", math.ceil(count), count=said)
        case "month":
            return t.plural("{count} month", "{count} months", math.ceil(count), count=said)
    return t.plural("{count} year", "{count} years", math.ceil(count), count=said)


def solo(answer: Answer, t: Translator) -> str | None:
    """The odds of mining alone, None when that isn't asked about or difficulty isn't known."""
    difficulty_now = answer.now.difficulty
    if answer.question.scheme is not Scheme.SOLO or difficulty_now is None:
        return None
    years = _years_per_block(answer, difficulty_now)
    # Translators: {years} is a number of years, {percent} a chance.
    return t(
        "Alone it finds a block every {years} years on average: {percent} % within a year. The figures "
        "above are that average.",
        years=number(years, 1 if years < 100 else 0, t),
        percent=number(100.0 * -math.expm1(-1.0 / years), 3, t),
    )


def _on_difficulty(now: Economics, t: Translator) -> str:
    if now.breakeven_difficulty is None or now.difficulty is None:
        return t("There is no difficulty at which it would just break even.")
    # Translators: {change} is how far that is from the difficulty now, such as “+12.3 %”.
    return t(
        "It breaks even at difficulty {difficulty} ({change} from now).",
        difficulty=difficulty(now.breakeven_difficulty, t),
        change=change(now.difficulty_room or 0.0, t),
    )


def _on_payback(now: Economics, display: Display, t: Translator) -> str:
    if now.payback_days is not None:
        count = math.ceil(now.payback_days)
        return t.plural(
            "It pays for itself in {days} day if nothing changes.",
            "It pays for itself in {days} days if nothing changes.",
            count,
            days=number(count, 0, t),
        )
    if now.pays:
        # Translators: {example} is what to type, such as machine-price=2400.
        return t("Give the machine's price for its payback: {example}.", example="machine-price=2400")
    return t(
        "It never pays for itself: it loses {loss} a day.", loss=money(-now.profit_usd_per_day, display, t)
    )


def _on_btc_price(now: Economics, display: Display, t: Translator) -> str:
    if now.breakeven_btc_price_usd is None:
        return t("It earns nothing, so it never pays, at any price of bitcoin.")
    if now.breakeven_btc_price_usd == 0.0:
        return t("It costs nothing to run, so it pays at any price of bitcoin.")
    price, room = money(now.breakeven_btc_price_usd, display.of_btc_price, t), now.btc_price_room or 0.0
    if now.pays:
        # Translators: {percent} is how much lower than now that is, with its sign of percent.
        return t(
            "It stops paying at {price} per BTC, {percent} below the price now.",
            price=price,
            percent=percent(room, t),
        )
    # Translators: {change} is how much higher than now that is, such as “+12.3 %”.
    return t(
        "It has stopped paying: it needs {price} per BTC, {change} from now.",
        price=price,
        change=change(-room, t),
    )


def on_power_price(now: Economics, display: Display, t: Translator, *, per_mwh: bool = False) -> str:
    """Up to which power price it pays, of a kWh or of a MWh."""
    highest = now.breakeven_power_price_usd_per_kwh
    if highest is None:
        return t("It uses no power, so no power price decides.")
    if highest < 0.0:
        return t("It never pays, at any price of power: even free power leaves a loss.")
    of_mwh = f"{money(1000.0 * highest, display, t)}/MWh"
    price = bracketed(of_mwh, cents(highest, t, display), t) if per_mwh else cents(highest, t, display)
    # Translators: {price} is a power price, such as “4.7 c/kWh”.
    return t("It pays up to {price} at this bitcoin price.", price=price)


def breakeven_btc_price(now: Economics, t: Translator, display: Display = USD) -> str:
    """The break-even bitcoin price and its distance from the price now."""
    if now.breakeven_btc_price_usd is None:
        return t("never, at any price")
    if now.breakeven_btc_price_usd == 0.0:
        return t("pays at any price")
    price = money(now.breakeven_btc_price_usd, display.of_btc_price, t)
    return bracketed(price, change(-(now.btc_price_room or 0.0), t), t)


def breakeven_power_price(now: Economics, t: Translator, display: Display = USD) -> str:
    """The break-even power price."""
    highest = now.breakeven_power_price_usd_per_kwh
    return t("never, at any price") if highest is None or highest < 0.0 else cents(highest, t, display)


def rows(answer: Answer, t: Translator) -> list[tuple[str, str]]:
    """The table of an answer: label and value, narrow enough for a phone. Of one machine and day."""
    now, display = answer.now, answer.display

    def daily(value: float) -> str:
        # Translators: {amount} is money. A value in a table: the shorter the better.
        return t("{amount}/day", amount=money(value, display, t))

    # Translators: /breakeven table, up to 11 letters (Chinese: 5).
    table = [(t("Profit"), daily(now.profit_usd_per_day))]
    # Translators: /breakeven table, up to 11 letters (Chinese: 5): what the machine earns.
    table.append((t("Revenue"), daily(now.revenue_usd_per_day)))
    # Translators: /breakeven table, up to 11 letters (Chinese: 5): what it mines, in sats.
    table.append((t("Bitcoin"), t("{amount}/day", amount=sats(now.btc_per_day, t))))
    # Translators: /breakeven table, up to 11 letters (Chinese: 5): what its electricity costs.
    table.append((t("Power"), daily(now.power_cost_usd_per_day)))
    if now.fixed_cost_usd_per_day:
        # Translators: /breakeven table, up to 11 letters (Chinese: 5): fixed cost.
        table.append((t("Fixed"), daily(now.fixed_cost_usd_per_day)))
    # Translators: /breakeven table, up to 11 letters (Chinese: 5).
    margin = t("Margin")
    # Translators: said of a margin that can't be reckoned.
    table.append((margin, t("none") if now.margin is None else percent(now.margin, t)))
    # Translators: /breakeven table, up to 11 letters (Chinese: 5); also the name of a reading.
    table.append((t("BTC price"), money(now.btc_price_usd, display.of_btc_price, t)))
    # Translators: /breakeven table, up to 11 letters (Chinese: 5): the break-even bitcoin price.
    table.append((t("Break-even"), breakeven_btc_price(now, t, display)))
    # Translators: /breakeven table, up to 11 letters (Chinese: 5): the highest power price that pays.
    table.append((t("Max power"), breakeven_power_price(now, t, display)))
    if now.breakeven_difficulty is not None and now.difficulty_room is not None:
        highest = bracketed(difficulty(now.breakeven_difficulty, t), change(now.difficulty_room, t), t)
        # Translators: /breakeven table, up to 11 letters (Chinese: 5): the highest difficulty that pays.
        table.append((t("Max diff."), highest))
    table.append((t("Hashprice"), hashprice(now.hashprice_usd_per_ph_day, display, t)))
    if answer.after_retarget is not None and answer.retarget_change is not None:
        # Translators: /breakeven table, up to 11 letters (Chinese: 5): the next change of difficulty.
        table.append((t("Retarget"), _retarget(answer.retarget_change, answer, t)))
        # Translators: /breakeven table, up to 11 letters (Chinese: 5): the profit after the retarget.
        table.append((t("…profit"), f"~{daily(answer.after_retarget.profit_usd_per_day)}"))
    if now.payback_days is not None:
        # Translators: /breakeven table, up to 11 letters (Chinese: 5): until the machine has paid for itself.
        table.append((t("Payback"), days(math.ceil(now.payback_days), t)))
    return table


def _retarget(expected: float, answer: Answer, t: Translator) -> str:
    """The change and when it falls due: `~−3.4 % in 4 days`; the change alone where that isn't known."""
    by = change(expected, t)
    if answer.retarget_at is None or answer.retarget_at <= answer.at:
        return f"~{by}"
    hours = (answer.retarget_at - answer.at).total_seconds() / 3600.0
    if hours < 47.5:
        # Translators: a value in a table: the shorter the better; {change} is such as “−3.4 %”.
        return t("~{change} in {hours} h", change=by, hours=f"{hours:.0f}")
    # Translators: a value in a table: the shorter the better; {change} is such as “−3.4 %”.
    return t.plural("~{change} in {n} day", "~{change} in {n} days", round(hours / 24.0), change=by)


def leverage(answer: Answer, t: Translator) -> str:
    """What a change of the bitcoin price does to the profit."""
    step_usd = 1000.0 * answer.display.of_btc_price.usd
    step = money(step_usd, answer.display.of_btc_price, t)
    gain = money(step_usd * answer.now.profit_change_per_usd_of_btc_price, answer.display, t)
    # Translators: {step} is “1,000 USD”, {gain} what it adds to the profit of a day.
    return t("Each {step} on the BTC price adds {gain} a day.", step=step, gain=gain)
