"""Figures in words: how amounts, shares, ages and answers are written, in chat and on the command line.

Every function ends with the language that is spoken (`t`).
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.i18n.message import Translator, left, origin, width
from bot.mining.answer import USD, Answer, Display, Input
from bot.mining.economics import Economics
from bot.mining.network import HASHES_PER_DIFFICULTY
from bot.mining.parsing.units import SATS_PER_BTC, Currency, Money
from bot.mining.question import Focus, Question, Scheme

MINUS: Final = "−"
_E_FROM: Final = 1e15
"""From here on numbers are written in powers of ten."""


def usd(value: float, t: Translator, digits: int | None = None) -> str:
    """US dollars: cents below 1,000, whole dollars above: `1,234 USD`, `0.41 USD`."""
    if digits is None:
        digits = 0 if abs(value) >= 999.5 else 2 if abs(value) >= 0.095 or value == 0.0 else 4
    return f"{number(value, digits, t)} USD"


def money(value_usd: float, display: Display, t: Translator, digits: int | None = None) -> str:
    """An amount of US dollars in the currency to show: `1,234 EUR`, `0.0041 BTC`."""
    if display.currency is Currency.USD:
        return usd(value_usd, t, digits)
    value = value_usd / display.usd
    if display.currency is Currency.BTC:
        return f"{number(value, 8, t)} BTC"
    return usd(value, t, digits).removesuffix("USD") + display.currency


def sats(btc: float, t: Translator) -> str:
    """An amount of bitcoin in its hundred-millionths: `5,123 sats`."""
    value = btc * SATS_PER_BTC
    return f"{number(value, 0 if abs(value) >= 99.5 else 1, t)} sats"


def number(value: float, digits: int, t: Translator, *, fixed: bool = True) -> str:
    """A number with thousands marks, a real minus sign, no negative nought, huge ones in powers of ten."""
    if abs(value) >= _E_FROM:
        return f"{value:.3e}".replace("-", MINUS)
    negative = value < 0.0 and not _is_nought(value, digits)
    return (MINUS if negative else "") + t.number(abs(value), digits, fixed=fixed)


def signed(value: float, digits: int, t: Translator) -> str:
    """A number that always shows its sign unless it is nought."""
    return ("+" if value > 0.0 and not _is_nought(value, digits) else "") + number(value, digits, t)


def plain(value: float, t: Translator, digits: int = 2) -> str:
    """A number with at most so many digits after the point and none to spare: `7`, `6.5`."""
    return number(value, digits, t, fixed=False)


def percent(fraction: float, t: Translator, digits: int = 1) -> str:
    """A share: `12.3 %`."""
    return f"{number(100.0 * fraction, digits if abs(fraction) < 10 else 0, t)} %"


def change(fraction: float, t: Translator, digits: int = 1) -> str:
    """A change: `+12.3 %`, `−4.0 %`."""
    return f"{signed(100.0 * fraction, digits if abs(fraction) < 10 else 0, t)} %"


def cents(usd_per_kwh: float, t: Translator, display: Display = USD) -> str:
    """A power price: `7.0 c/kWh` of a dollar, or `0.065 EUR/kWh`."""
    if display.currency is Currency.BTC:
        return f"{sats(usd_per_kwh / display.usd, t)}/kWh"
    if display.currency is not Currency.USD:
        return f"{number(usd_per_kwh / display.usd, 4, t, fixed=False)} {display.currency}/kWh"
    return f"{number(100.0 * usd_per_kwh, 2 if 0.0 < abs(usd_per_kwh) < 0.0095 else 1, t)} c/kWh"


def difficulty(value: float, t: Translator) -> str:
    """A difficulty in trillions: `126.3 T`; small and huge ones in powers of ten."""
    if 1e10 <= value < 1e15:
        return f"{number(value / 1e12, 2, t)} T"
    return f"{value:.3e}"


def days(count: int, t: Translator) -> str:
    """So many days: `1 day`, `928 days`."""
    # Translators: {days} is a number. In a table, and as {age} in “{reading}: {source}, {age} old”.
    return t.plural("{days} day", "{days} days", count, days=number(count, 0, t))


def ago(at: datetime, as_of: datetime, t: Translator) -> str:
    """How old a reading is: `4 min`, `3 h`, `2 days`."""
    return t.span(at - as_of)


def figures(result: Economics, t: Translator) -> str:
    """The machine's figures: `95 TH/s · 3,250 W · 34.2 J/TH`."""
    watts = plain(result.power_w, t, 0 if result.power_w >= 10 else 3)
    efficiency = number(result.efficiency_j_per_th, 1, t)
    return f"{plain(result.hashrate_ths, t)} TH/s · {watts} W · {efficiency} J/TH"


def machine(result: Economics, t: Translator) -> str:
    """The machine of a result: `Antminer S19 · 95 TH/s · 3,250 W · 34.2 J/TH`."""
    return " · ".join((result.machine, figures(result, t))) if result.machine else figures(result, t)


def understood(answer: Answer, t: Translator) -> str:
    """Everything the answer took from the question, so that a misreading shows."""
    question, now = answer.question, answer.now
    parts = []
    if question.count != 1:
        parts.append(t.plural("{n} machine", "{n} machines", question.count))
    parts.append(_power(answer, t))
    parts += _tariff(answer, t)
    if question.btc_price is not None:
        parts.append(t("BTC at {price}", price=money(now.btc_price_usd, answer.display, t)))
    parts += _site(question, t)
    if question.scaled:
        parts.append(t("power reckoned from the nearest model I know"))
    if question.disputed:
        parts.append(t("sources differ on this machine's figures"))
    return ", ".join(parts)


def _power(answer: Answer, t: Translator) -> str:
    display = answer.display
    power_price = answer.question.power_price
    price = (
        f"{plain(100.0 * answer.base_power_price_usd, t)} c/kWh"
        if display.currency is Currency.USD
        else cents(answer.base_power_price_usd, t, display)
    )
    if answer.assumed_power_price or power_price is None:
        return t("power {price} (my usual; say another)", price=price)
    if power_price.currency is Currency.EUR and display.currency is not Currency.EUR:
        # Translators: {price} is a power price, such as “7 c/kWh”, {cents} the same in euro cents.
        return t(
            "power {price} ({cents} euro cents)", price=price, cents=plain(100.0 * power_price.amount, t)
        )
    if power_price.currency is not display.currency and power_price.currency is not Currency.USD:
        # Translators: {price} is a power price, {typed} the same as it was typed, “0.24 GBP”.
        return t("power {price} ({typed})", price=price, typed=_per_kwh(power_price, t))
    # Translators: {price} is a power price, such as “7 c/kWh”.
    return t("power {price}", price=price)


def _per_kwh(price: Money, t: Translator) -> str:
    if price.currency is Currency.BTC:
        return f"{sats(price.amount, t)}/kWh"
    return f"{plain(price.amount, t, 4)} {price.currency}/kWh"


def _tariff(answer: Answer, t: Translator) -> list[str]:
    """What the tariff consists of beside its price, and the mean that comes of it."""
    question, parts = answer.question, []
    if question.peak is not None:
        peak = question.peak
        parts.append(
            # Translators: {price} is a power price, {start} and {end} times of day such as 17:00.
            t(
                "{price} from {start} to {end}",
                price=_per_kwh(peak.price, t),
                start=_clock(peak.start_hour),
                end=_clock(peak.end_hour),
            )
        )
    if question.surcharge is not None:
        parts.append(t("surcharge {price}", price=_per_kwh(question.surcharge, t)))
    if question.power_tax:
        parts.append(t("tax {percent} %", percent=plain(100.0 * question.power_tax, t)))
    if question.heat_credit is not None:
        parts.append(t("heat worth {price}", price=_per_kwh(question.heat_credit, t)))
    if parts:
        mean = cents(answer.now.power_price_usd_per_kwh, t, answer.display)
        # Translators: {price} is the mean power price that comes of the parts named before.
        parts.append(t("together {price}", price=mean))
    return parts


def _clock(hour: float) -> str:
    return f"{int(hour):02d}:{round(hour % 1.0 * 60):02d}"


def _site(question: Question, t: Translator) -> list[str]:
    parts = []
    if question.scheme is not None:
        # Translators: {scheme} is how a pool pays: FPPS, PPLNS or solo.
        parts.append(
            t("paid by {scheme}", scheme=question.scheme.upper())
            if question.scheme is not Scheme.SOLO
            else t("solo")
        )
    if question.pool_fee:
        parts.append(t("pool fee {percent} %", percent=plain(100.0 * question.pool_fee, t)))
    if question.uptime != 1.0:
        parts.append(t("uptime {percent} %", percent=plain(100.0 * question.uptime, t)))
    if question.overhead != 1.0:
        parts.append(f"PUE {plain(question.overhead, t, 3)}")
    if question.fixed_cost is not None:
        cost = f"{plain(question.fixed_cost.amount, t)} {question.fixed_cost.currency}"
        # Translators: {amount} is money, such as “1.50 USD”.
        parts.append(t("fixed cost {amount}/day", amount=cost))
    if question.machine_price is not None:
        price = f"{plain(question.machine_price.amount, t)} {question.machine_price.currency}"
        # Translators: what the machine itself cost; {price} is money, such as “2,400 USD”.
        parts.append(t("machine {price}", price=price))
    if question.difficulty is not None:
        parts.append(t("difficulty {value}", value=difficulty(question.difficulty, t)))
    if question.network_hashrate_ehs is not None:
        # Translators: the income is reckoned as a share of a network of this hashrate.
        parts.append(t("share of {hashrate} EH/s", hashrate=plain(question.network_hashrate_ehs, t)))
    if question.block_subsidy_btc is not None:
        parts.append(t("subsidy {amount} BTC", amount=plain(question.block_subsidy_btc, t, 8)))
    if question.fees_btc_per_block is not None:
        parts.append(t("fees {amount} BTC/block", amount=plain(question.fees_btc_per_block, t, 8)))
    return parts


DAYS_OF: Final = {"day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}


def headline(answer: Answer, t: Translator) -> str:
    """The answer in one sentence, about what was asked for."""
    now, display = answer.now, answer.display
    match answer.question.focus:
        case Focus.BTC_PRICE:
            return _on_btc_price(now, display, t)
        case Focus.POWER_PRICE:
            return _on_power_price(now, display, t)
        case Focus.DIFFICULTY:
            return _on_difficulty(now, t)
        case Focus.PAYBACK:
            return _on_payback(now, display, t)
        case Focus.BITCOIN:
            return _on_bitcoin(answer, t)
    return _on_profit(answer, t)


def _on_profit(answer: Answer, t: Translator) -> str:
    question, display = answer.question, answer.display
    profit = answer.now.profit_usd_per_day * question.count * DAYS_OF[question.period]
    amount = money(abs(profit), display, t)
    if profit == 0.0:
        return t("It just breaks even.")
    match question.period, profit > 0.0:
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
        each = money(answer.now.profit_usd_per_day, display, t)
        # Translators: follows the profit of all machines together; {profit} is one machine's.
        sentence += " " + t(
            "That is all {n} machines; each makes {profit} a day.", n=t.number(question.count), profit=each
        )
    return sentence


def _on_bitcoin(answer: Answer, t: Translator) -> str:
    btc = answer.now.btc_per_day * answer.question.count * DAYS_OF[answer.question.period]
    amount = sats(btc, t)
    value = money(btc * answer.now.btc_price_usd, answer.display, t)
    match answer.question.period:
        case "week":
            return t("It mines {sats} a week, worth {value}.", sats=amount, value=value)
        case "month":
            return t("It mines {sats} a month, worth {value}.", sats=amount, value=value)
        case "year":
            return t("It mines {sats} a year, worth {value}.", sats=amount, value=value)
    return t("It mines {sats} a day, worth {value}.", sats=amount, value=value)


def solo(answer: Answer, t: Translator) -> str | None:
    """The odds of mining alone, None when that isn't asked about or difficulty isn't known."""
    difficulty_now = answer.now.difficulty
    if answer.question.scheme is not Scheme.SOLO or difficulty_now is None:
        return None
    hashes = answer.now.hashrate_ths * 1e12 * answer.question.count * answer.question.uptime
    years = difficulty_now * HASHES_PER_DIFFICULTY / hashes / (365.25 * 86_400.0)
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
    price, room = money(now.breakeven_btc_price_usd, display, t), now.btc_price_room or 0.0
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


def _on_power_price(now: Economics, display: Display, t: Translator) -> str:
    highest = now.breakeven_power_price_usd_per_kwh
    if highest is None:
        return t("It uses no power, so no power price decides.")
    if highest < 0.0:
        return t("It never pays, at any price of power: even free power leaves a loss.")
    # Translators: {price} is a power price, such as “4.7 c/kWh”.
    return t("It pays up to {price} at this bitcoin price.", price=cents(highest, t, display))


def breakeven_btc_price(now: Economics, t: Translator, display: Display = USD) -> str:
    """The break-even bitcoin price and its distance from the price now."""
    if now.breakeven_btc_price_usd is None:
        return t("never, at any price")
    if now.breakeven_btc_price_usd == 0.0:
        return t("pays at any price")
    return f"{money(now.breakeven_btc_price_usd, display, t)} ({change(-(now.btc_price_room or 0.0), t)})"


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
    table.append((t("BTC price"), money(now.btc_price_usd, display, t)))
    # Translators: /breakeven table, up to 11 letters (Chinese: 5): the break-even bitcoin price.
    table.append((t("Break-even"), breakeven_btc_price(now, t, display)))
    # Translators: /breakeven table, up to 11 letters (Chinese: 5): the highest power price that pays.
    table.append((t("Max power"), breakeven_power_price(now, t, display)))
    if now.breakeven_difficulty is not None and now.difficulty_room is not None:
        highest = f"{difficulty(now.breakeven_difficulty, t)} ({change(now.difficulty_room, t)})"
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


def hashprice(usd_per_ph_day: float, display: Display, t: Translator) -> str:
    """The hashprice with its unit, spelled the same everywhere: `51.48 USD/PH/day`."""
    # Translators: the hashprice; {amount} is money. Keep “/PH/day”: it can be typed.
    return t("{amount}/PH/day", amount=money(usd_per_ph_day, display, t))


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
    step = money(1000.0 * answer.display.usd, answer.display, t)
    gain = money(
        1000.0 * answer.display.usd * answer.now.profit_change_per_usd_of_btc_price, answer.display, t
    )
    # Translators: {step} is “1,000 USD”, {gain} what it adds to the profit of a day.
    return t("Each {step} on the BTC price adds {gain} a day.", step=step, gain=gain)


def ages(inputs: Sequence[Input], at: datetime, t: Translator) -> str:
    """The readings an answer rests on, each with origin and age; of a currency the rate and its day."""
    if not inputs:
        return t("All figures as given.")
    return "; ".join(_age(used, at, t) for used in inputs)


def _age(used: Input, at: datetime, t: Translator) -> str:
    source = origin(used.fact.source, t)
    if used.is_rate:
        code = used.label.partition("/")[0]
        # Translators: the rate of a currency: “1 GBP = 1.3012 USD (ecb, 27 Nov 2026)”.
        return t(
            "1 {currency} = {rate} USD ({source}, {day})",
            currency=code,
            rate=plain(used.fact.value, t, 4 if used.fact.value >= 0.1 else 6),
            source=source,
            day=t.calendar_day((used.fact.as_of - timedelta(seconds=1)).date()),
        )
    # Translators: {reading} is such as “BTC price”, {source} a provider's name, {age} such as “4 min”.
    return t(
        "{reading}: {source}, {age} old",
        reading=t(used.label),
        source=source,
        age=ago(at, used.fact.as_of, t),
    )


def warning(inputs: Sequence[Input], at: datetime, t: Translator) -> str | None:
    """What must be said of readings that are too old, or None."""
    old = [
        # Translators: {reading} is such as “BTC price”, {age} such as “5 h”.
        t("{reading} is {age} old", reading=t(used.label), age=ago(at, used.fact.as_of, t))
        for used in inputs
        if used.old(at)
    ]
    # Translators: {readings} is a list of “BTC price is 5 h old”.
    return t("Careful: {readings}.", readings=", ".join(old)) if old else None


def table(pairs: list[tuple[str, str]]) -> str:
    """Rows as aligned lines of text."""
    widest = max(width(label) for label, _ in pairs)
    return "\n".join(f"{left(label, widest)} {value}" for label, value in pairs)


def _is_nought(value: float, digits: int) -> bool:
    return not any(digit in "123456789" for digit in f"{value:.{digits}f}")
