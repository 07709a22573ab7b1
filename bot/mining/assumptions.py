"""What an answer rests on: what was taken from the question, the readings used and how old they are."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.i18n.message import N_, Translator, commas, origin, semicolons
from bot.mining.answer import Answer, Input
from bot.mining.formatting import ago, cents, difficulty, hashprice, money, plain, sats
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import CONTINUOUS, Circuit, PeakPrice, Question, Scheme


def understood(
    answer: Answer,
    t: Translator,
    *,
    of_several: bool = False,
    with_tariffs: Sequence[tuple[str, Answer]] = (),
) -> str:
    """Everything the answer took from the question, so that a misreading shows.

    `of_several` is True where other machines are asked about beside those of the answer; `with_tariffs` are
    they by name, where their power costs different prices.
    """
    question, now = answer.question, answer.now
    parts = []
    if question.count != 1 or question.circuit is not None:
        parts.append(fed(t.plural("{n} machine", "{n} machines", question.count), question, t))
    parts += [f"{name}: {_power(each, t)}" for name, each in with_tariffs] or [_power(answer, t)]
    parts += _tariff(answer, t)
    if question.btc_price is not None:
        parts.append(t("BTC at {price}", price=money(now.btc_price_usd, answer.display.of_btc_price, t)))
    if question.hashprice is not None:
        given = hashprice(now.hashprice_usd_per_ph_day, answer.display, t)
        price = money(now.btc_price_usd, answer.display.of_btc_price, t)
        # Translators: {hashprice} is what a PH/s earns a day; {price} the bitcoin price that makes it so now.
        parts.append(t("hashprice {hashprice} (as with BTC at {price})", hashprice=given, price=price))
    parts += _site(question, t, of_several=of_several)
    if question.scaled:
        parts.append(t("power estimated from the nearest model I know"))
    if question.disputed:
        parts.append(t("sources differ on this machine's figures"))
    return commas(parts, t)


def fed(machines: str, question: Question, t: Translator) -> str:
    """So many machines, and what feeds them where that is named."""
    if question.circuit is not None:
        return _on_circuit(machines, question.circuit, t)
    if question.site_power_w is None:
        return machines
    # Translators: {machines} is such as “285 machines”, {power} what feeds them, such as “1,000 kW”.
    return t(
        "{machines} on {power}", machines=machines, power=f"{plain(question.site_power_w / 1000.0, t)} kW"
    )


def _on_circuit(machines: str, circuit: Circuit, t: Translator) -> str:
    """How many machines, and what of their circuit may be drawn for hours."""
    volts, amperes = f"{plain(circuit.volts, t)} V", f"{plain(circuit.amperes, t)} A"
    # Translators: {volts} is such as “240 V”.
    named = t("{volts} three-phase", volts=volts) if circuit.three_phase else volts
    # Translators: {machines} is such as “5 machines”, {amperes} “100 A”, {volts} “240 V”, {percent} the share
    # of it that may be drawn without a pause, {power} that in “kW”.
    return t(
        "{machines} on {amperes}, {volts} ({percent} % of it for continuous load: {power})",
        machines=machines,
        amperes=amperes,
        volts=named,
        percent=plain(100.0 * CONTINUOUS, t),
        power=f"{plain(circuit.continuous_w / 1000.0, t)} kW",
    )


def beyond_power(question: Question, t: Translator) -> str:
    """What was taken from a question beside its machine and tariff: how many, for how long, on what terms."""
    parts = []
    if question.count != 1:
        parts.append(t.plural("{n} machine", "{n} machines", question.count))
    if question.period != "day":
        parts.append(t(_PER[question.period]))
    return commas(parts + _site(question, t), t)


_PER = {"week": N_("per week"), "month": N_("per month"), "year": N_("per year")}


def _power(answer: Answer, t: Translator) -> str:
    display = answer.display
    power_price = answer.question.power_price
    price = (
        f"{plain(100.0 * answer.base_power_price_usd, t)} c/kWh"
        if display.currency is Currency.USD
        else cents(answer.base_power_price_usd, t, display)
    )
    if power_price is None and answer.question.zone is not None:
        # Translators: {price} is a power price, {zone} a zone of the power market such as DE-LU.
        return t("power {price} ({zone} day-ahead, mean of 24 h)", price=price, zone=answer.question.zone)
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
    parts += [_peak(peak, t) for peak in question.peaks]
    if question.hours_assumed:
        # Translators: follows “6 c/kWh from 22:00 to 06:00”, where the hours were not given.
        parts.append(t("hours assumed"))
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


def _peak(peak: PeakPrice, t: Translator) -> str:
    """The other price with its hours and days."""
    price, start, end = _per_kwh(peak.price, t), _clock(peak.start_hour), _clock(peak.end_hour)
    if peak.days == 2 and peak.hours == 24.0:
        # Translators: {price} is a power price, such as “0.05 USD/kWh”.
        return t("{price} at weekends", price=price)
    if peak.days == 2:
        return t("{price} from {start} to {end} at weekends", price=price, start=start, end=end)
    if peak.days == 5:
        return t("{price} from {start} to {end} on weekdays", price=price, start=start, end=end)
    # Translators: {price} is a power price, {start} and {end} times of day such as 17:00.
    return t("{price} from {start} to {end}", price=price, start=start, end=end)


def _clock(hour: float) -> str:
    return f"{int(hour):02d}:{round(hour % 1.0 * 60):02d}"


def _site(question: Question, t: Translator, *, of_several: bool = False) -> list[str]:
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
    parts += _fixed_costs(question, t, of_several=of_several or question.count != 1)
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
    # Translators: {text} is a word of the question that was not understood.
    parts += [t("“{text}” left out", text=word) for word in question.left_out]
    return parts


def _fixed_costs(question: Question, t: Translator, *, of_several: bool) -> list[str]:
    """What is paid beside power; of several machines, whether each costs it or all together."""
    parts = []
    each, together = question.fixed_cost, question.shared_cost
    if each is not None:
        cost = f"{plain(each.amount, t)} {each.currency}"
        # Translators: {amount} is money, such as “1.50 USD”.
        text = N_("fixed cost {amount}/day for each machine") if of_several else N_("fixed cost {amount}/day")
        parts.append(t(text, amount=cost))
    if together is not None:
        cost = f"{plain(together.amount, t)} {together.currency}"
        # Translators: {amount} is money, such as “1.50 USD”, that is paid for all machines at once.
        text = N_("fixed cost {amount}/day together") if of_several else N_("fixed cost {amount}/day")
        parts.append(t(text, amount=cost))
    return parts


def ages(inputs: Sequence[Input], at: datetime, t: Translator) -> str:
    """The readings an answer rests on, each with origin and age; of a currency the rate and its day."""
    if not inputs:
        return t("All figures as given.")
    return semicolons([_age(used, at, t) for used in inputs], t)


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
    return t("Careful: {readings}.", readings=commas(old, t)) if old else None
