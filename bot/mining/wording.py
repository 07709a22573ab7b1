"""Figures in words: how amounts, shares, ages and answers are written, in chat and on the command line."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.mining.answer import Answer, Input
from bot.mining.economics import Economics
from bot.mining.question import Focus, Question

MINUS: Final = "−"
NEVER: Final = "never, at any price"


def usd(value: float, digits: int | None = None) -> str:
    """US dollars: cents below 1,000, whole dollars above: `1,234 USD`, `0.41 USD`."""
    if digits is None:
        digits = 0 if abs(value) >= 999.5 else 2 if abs(value) >= 0.095 or value == 0.0 else 4
    return f"{number(value, digits)} USD"


def number(value: float, digits: int) -> str:
    """A number with thousands marks, a real minus sign, no negative nought, huge ones in powers of ten."""
    if abs(value) >= 1e15:
        return f"{value:.3e}".replace("-", MINUS)
    written = f"{value:,.{digits}f}"
    if written.startswith("-"):
        written = written[1:] if not any(digit in "123456789" for digit in written) else MINUS + written[1:]
    return written


def signed(value: float, digits: int) -> str:
    """A number that always shows its sign unless it is nought."""
    written = number(value, digits)
    return (
        written if written.startswith(MINUS) or not any(d in "123456789" for d in written) else f"+{written}"
    )


def percent(fraction: float, digits: int = 1) -> str:
    """A share: `12.3 %`."""
    return f"{number(100.0 * fraction, digits if abs(fraction) < 10 else 0)} %"


def change(fraction: float, digits: int = 1) -> str:
    """A change: `+12.3 %`, `−4.0 %`."""
    return f"{signed(100.0 * fraction, digits if abs(fraction) < 10 else 0)} %"


def cents(usd_per_kwh: float) -> str:
    """A power price in US cents: `7.0 c/kWh`."""
    return f"{number(100.0 * usd_per_kwh, 2 if 0.0 < abs(usd_per_kwh) < 0.0095 else 1)} c/kWh"


def plain(value: float, digits: int = 2) -> str:
    """A number with at most so many digits after the point and none to spare: `7`, `6.5`."""
    written = number(value, digits)
    return written.rstrip("0").rstrip(".") if "." in written and "e" not in written else written


def ago(at: datetime, as_of: datetime) -> str:
    """How old a reading is: `4 min`, `3 h`, `2 days`."""
    age = max(at - as_of, timedelta(0))
    minutes = age.total_seconds() / 60.0
    if minutes < 90.0:
        return f"{minutes:.0f} min"
    return f"{minutes / 60.0:.0f} h" if minutes < 36 * 60.0 else f"{minutes / 1440.0:.0f} days"


def figures(result: Economics) -> str:
    """The machine's figures: `95 TH/s · 3,250 W · 34.2 J/TH`."""
    watts = plain(result.power_w, 0 if result.power_w >= 10 else 3)
    return f"{plain(result.hashrate_ths)} TH/s · {watts} W · {number(result.efficiency_j_per_th, 1)} J/TH"


def machine(result: Economics) -> str:
    """The machine of a result: `Antminer S19 · 95 TH/s · 3,250 W · 34.2 J/TH`."""
    return " · ".join((result.machine, figures(result))) if result.machine else figures(result)


def understood(answer: Answer) -> str:
    """Everything the answer took from the question, so that a misreading shows."""
    question, now = answer.question, answer.now
    price = plain(100.0 * now.power_price_usd_per_kwh)
    parts = [f"power {price} c/kWh"]
    if answer.assumed_power_price:
        parts[0] += " (my usual; say another)"
    elif question.power_price is not None and question.power_price.currency != "USD":
        parts[0] += f" ({plain(100.0 * question.power_price.amount)} euro cents)"
    if question.btc_price is not None:
        parts.append(f"BTC at {usd(now.btc_price_usd)}")
    parts += _site(question)
    if question.scaled:
        parts.append("power reckoned from the nearest model I know")
    return ", ".join(parts)


def _site(question: Question) -> list[str]:
    parts = []
    if question.pool_fee:
        parts.append(f"pool fee {plain(100.0 * question.pool_fee)} %")
    if question.uptime != 1.0:
        parts.append(f"uptime {plain(100.0 * question.uptime)} %")
    if question.overhead != 1.0:
        parts.append(f"PUE {plain(question.overhead, 3)}")
    if question.fixed_cost is not None:
        parts.append(f"fixed cost {plain(question.fixed_cost.amount)} {question.fixed_cost.currency}/day")
    if question.machine_price is not None:
        parts.append(f"machine {plain(question.machine_price.amount)} {question.machine_price.currency}")
    if question.difficulty is not None:
        parts.append(f"difficulty {difficulty(question.difficulty)}")
    if question.network_hashrate_ehs is not None:
        parts.append(f"share of {plain(question.network_hashrate_ehs)} EH/s")
    if question.block_subsidy_btc is not None:
        parts.append(f"subsidy {plain(question.block_subsidy_btc, 8)} BTC")
    if question.fees_btc_per_block is not None:
        parts.append(f"fees {plain(question.fees_btc_per_block, 8)} BTC/block")
    return parts


def difficulty(value: float) -> str:
    """A difficulty in trillions: `126.3 T`; small and huge ones in powers of ten."""
    if 1e10 <= value < 1e15:
        return f"{number(value / 1e12, 2)} T"
    return f"{value:.3e}"


def headline(answer: Answer) -> str:
    """The answer in one sentence, about what was asked for."""
    now = answer.now
    if answer.question.focus is Focus.BTC_PRICE:
        return _on_btc_price(now)
    if answer.question.focus is Focus.POWER_PRICE:
        return _on_power_price(now)
    if answer.question.focus is Focus.DIFFICULTY:
        if now.breakeven_difficulty is None or answer.now.difficulty is None:
            return "There is no difficulty at which it would just break even."
        room = now.difficulty_room or 0.0
        return (
            f"It breaks even at difficulty {difficulty(now.breakeven_difficulty)} ({change(room)} from now)."
        )
    if answer.question.focus is Focus.PAYBACK:
        if now.payback_days is not None:
            return f"It pays for itself in {number(math.ceil(now.payback_days), 0)} days if nothing changes."
        if now.pays:
            return "Give the machine's price for its payback: machine-price=2400."
        return f"It never pays for itself: it loses {usd(-now.profit_usd_per_day)} a day."
    if now.profit_usd_per_day > 0.0:
        return f"It pays: {usd(now.profit_usd_per_day)} profit a day."
    if now.profit_usd_per_day == 0.0:
        return "It just breaks even."
    return f"It doesn't pay: it loses {usd(-now.profit_usd_per_day)} a day."


def _on_btc_price(now: Economics) -> str:
    if now.breakeven_btc_price_usd is None:
        return "It earns nothing, so it never pays, at any price of bitcoin."
    if now.breakeven_btc_price_usd == 0.0:
        return "It costs nothing to run, so it pays at any price of bitcoin."
    stops = usd(now.breakeven_btc_price_usd)
    if now.pays:
        return (
            f"It stops paying at {stops} per BTC, {percent(now.btc_price_room or 0.0)} below the price now."
        )
    return (
        f"It has stopped paying: it needs {stops} per BTC, {change(-(now.btc_price_room or 0.0))} from now."
    )


def _on_power_price(now: Economics) -> str:
    highest = now.breakeven_power_price_usd_per_kwh
    if highest is None:
        return "It uses no power, so no power price decides."
    if highest < 0.0:
        return "It never pays, at any price of power: even free power leaves a loss."
    return f"It pays up to {cents(highest)} at this bitcoin price."


def breakeven_btc_price(now: Economics) -> str:
    """The break-even bitcoin price and its distance from the price now."""
    if now.breakeven_btc_price_usd is None:
        return NEVER
    if now.breakeven_btc_price_usd == 0.0:
        return "pays at any price"
    return f"{usd(now.breakeven_btc_price_usd)} ({change(-(now.btc_price_room or 0.0))})"


def breakeven_power_price(now: Economics) -> str:
    """The break-even power price."""
    highest = now.breakeven_power_price_usd_per_kwh
    return NEVER if highest is None or highest < 0.0 else cents(highest)


def rows(answer: Answer) -> list[tuple[str, str]]:
    """The table of an answer: label and value, narrow enough for a phone."""
    now = answer.now
    table = [
        ("Profit", f"{usd(now.profit_usd_per_day)}/day"),
        ("Revenue", f"{usd(now.revenue_usd_per_day)}/day"),
        ("Power", f"{usd(now.power_cost_usd_per_day)}/day"),
    ]
    if now.fixed_cost_usd_per_day:
        table.append(("Fixed", f"{usd(now.fixed_cost_usd_per_day)}/day"))
    table += [
        ("Margin", "none" if now.margin is None else percent(now.margin)),
        ("BTC price", usd(now.btc_price_usd)),
        ("Break-even", breakeven_btc_price(now)),
        ("Max power", breakeven_power_price(now)),
    ]
    if now.breakeven_difficulty is not None and now.difficulty_room is not None:
        table.append(("Max diff.", f"{difficulty(now.breakeven_difficulty)} ({change(now.difficulty_room)})"))
    if now.cost_per_btc_usd is not None:
        table.append(("Cost/BTC", usd(now.cost_per_btc_usd)))
    table.append(("Hashprice", f"{usd(now.hashprice_usd_per_ph_day)}/PH"))
    if answer.after_retarget is not None and answer.retarget_change is not None:
        then = usd(answer.after_retarget.profit_usd_per_day)
        table.append(("Retarget", f"~{change(answer.retarget_change)}{_due(answer)}"))
        table.append(("…profit", f"~{then}/day"))
    if now.payback_days is not None:
        table.append(("Payback", f"{number(math.ceil(now.payback_days), 0)} days"))
    return table


def _due(answer: Answer) -> str:
    """When the retarget falls due: ` in 4 days`; nothing where that isn't known."""
    if answer.retarget_at is None or answer.retarget_at <= answer.at:
        return ""
    hours = (answer.retarget_at - answer.at).total_seconds() / 3600.0
    return f" in {hours:.0f} h" if hours < 47.5 else f" in {hours / 24.0:.0f} days"


def leverage(now: Economics) -> str:
    """What a change of the bitcoin price does to the profit."""
    a_thousand = usd(1000.0 * now.profit_change_per_usd_of_btc_price)
    if now.operating_leverage is None or not now.pays:
        return f"Each 1,000 USD on the BTC price adds {a_thousand} a day."
    return (
        f"Each 1,000 USD on the BTC price adds {a_thousand} a day; "
        f"profit moves {plain(now.operating_leverage, 1)} % per 1 %."
    )


def ages(inputs: Sequence[Input], at: datetime) -> str:
    """The readings an answer rests on, each with origin and age."""
    if not inputs:
        return "All figures as given."
    return "; ".join(f"{used.label}: {used.fact.source}, {ago(at, used.fact.as_of)} old" for used in inputs)


def warning(inputs: Sequence[Input], at: datetime) -> str | None:
    """What must be said of readings that are too old, or None."""
    old = [f"{used.label} is {ago(at, used.fact.as_of)} old" for used in inputs if used.old(at)]
    return f"Careful: {', '.join(old)}." if old else None


def table(pairs: list[tuple[str, str]]) -> str:
    """Rows as aligned lines of text."""
    width = max(len(label) for label, _ in pairs)
    return "\n".join(f"{label:<{width}} {value}" for label, value in pairs)
