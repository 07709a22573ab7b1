"""A question said again as the text of a command: for buttons, and for examples that work."""

from bot.mining.machines import Catalogue
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import PeakPrice, Question

_DAYS = {5: "weekdays", 2: "weekends"}


def to_command_text(question: Question, catalogue: Catalogue) -> str:  # noqa: PLR0912 - a table of cases, one branch each
    """What `parse_command` reads as the same question (but for what it asks first, which isn't retold)."""
    words = [_rig(question, catalogue)]
    if question.count != 1:
        words = (
            [f"{question.count} x", *words] if question.rig.name is None else [*words, f"x{question.count}"]
        )
    if question.period != "day":
        words.append(question.period)  # behind an amount it would say what that is for
    if question.power_price is not None:
        words.append(_power(question.power_price))
    elif question.zone is not None:
        words.append(f"power {question.zone}")
    words += map(_peak, question.peaks)
    for key, price in (("surcharge", question.surcharge), ("heat", question.heat_credit)):
        if price is not None:
            words.append(f"{key} {_power(price)}")
    if question.power_tax:
        words.append(f"tax={_plain(100.0 * question.power_tax)}%")
    if question.btc_price is not None:
        words.append(f"price={_money(question.btc_price)}")
    if question.hashprice is not None:
        words.append(f"hashprice={_money(question.hashprice)}")
    if question.pool_fee:
        words.append(f"fee={_percent(question.pool_fee)}")
    if question.scheme is not None:
        words.append(str(question.scheme))
    if question.uptime != 1.0:
        words.append(f"uptime={_percent(question.uptime)}")
    if question.overhead != 1.0:
        words.append(f"pue={_plain(question.overhead)}")
    if question.fixed_cost is not None:
        words.append(f"fixed={_money(question.fixed_cost)}")
    if question.shared_cost is not None:
        words.append(f"rent {_money(question.shared_cost)}/day")
    if question.machine_price is not None:
        words.append(f"cost={_money(question.machine_price)}")
    for key, value in (
        ("difficulty", question.difficulty),
        ("network", question.network_hashrate_ehs),
        ("fees", question.fees_btc_per_block),
        ("subsidy", question.block_subsidy_btc),
    ):
        if value is not None:
            words.append(f"{key}={_plain(value)}")
    if question.currency is not None:
        words.append(f"in {question.currency}")
    return " ".join(words)


def _peak(peak: PeakPrice) -> str:
    days = _DAYS.get(peak.days, "")
    if days and peak.hours == 24.0:
        return f"weekends {_power(peak.price)}"
    return f"peak {_power(peak.price)} {_clock(peak.start_hour)}-{_clock(peak.end_hour)} {days}".rstrip()


def _clock(hour: float) -> str:
    minutes = round(hour % 1.0 * 60.0)
    return f"{int(hour)}:{minutes:02d}" if minutes else f"{int(hour)}"


def _percent(fraction: float) -> str:
    percent = 100.0 * fraction
    return f"{_plain(percent)}%" if percent / 100.0 == fraction else _plain(fraction)


def _rig(question: Question, catalogue: Catalogue) -> str:
    rig = question.rig
    hashrate = f"{_plain(rig.hashrate_ths)}T"
    if rig.name is None:
        return f"{hashrate}H {_plain(rig.power_w)}W"
    usual = question.scaled or any(
        (machine.hashrate_ths, machine.power_w) == (rig.hashrate_ths, rig.power_w)
        for machine in catalogue.bins(rig.name)
    )
    name = f"{catalogue.names.typed_name(rig.name)} {hashrate}"
    return name if usual else f"{name} {_plain(rig.power_w)}W"


def _power(money: Money) -> str:
    if money.currency is Currency.USD:
        return _plain(money.amount) if abs(money.amount) < 0.5 else f"{_plain(money.amount)}$/kWh"
    if money.currency is Currency.EUR:
        return f"{_plain(money.amount)}€/kWh"
    return f"{_plain(money.amount)} {money.currency}/kWh"


def _money(money: Money) -> str:
    if money.currency is Currency.USD:
        return f"{_plain(money.amount)}$"
    return (
        f"{_plain(money.amount)}€"
        if money.currency is Currency.EUR
        else f"{_plain(money.amount)} {money.currency}"
    )


def _plain(value: float) -> str:
    """The shortest digits that read back as the same number."""
    digits = repr(float(value))
    return digits.removesuffix(".0").replace("e+", "e")
