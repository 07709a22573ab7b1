"""Suppositions as text (Telegram's HTML): now, at once, and after the retarget."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.i18n.message import left, right, width
from bot.i18n.translator import LocaleTranslator
from bot.mining import formatting
from bot.mining.economics import Economics
from bot.mining.scenario import Scenario, ScenarioChange
from bot.mining.whatif import WhatIfResult
from handlers.html import html
from handlers.views.breakeven import readings


def outlook(told: WhatIfResult, t: LocaleTranslator) -> str:
    """What was supposed, a table of three columns for a phone, and what it means for those who stay."""
    columns = [told.now, told.then, *([told.after_retarget] if told.after_retarget else [])]
    lines = [head(told.whatif.scenario, t)]
    machine = html(formatting.machine(told.now, t))
    price = html(formatting.cents(told.now.power_price_usd_per_kwh, t))
    if told.whatif.reference:
        # Translators: no machine was named, so this one is reckoned with; {price} is such as “7.0 c/kWh”.
        lines.append(t("{machine} (none was named), power {price} now", machine=machine, price=price))
    else:
        # Translators: {machine} is a machine and its figures, {price} is such as “7.0 c/kWh”.
        lines.append(t("{machine}, power {price} now", machine=machine, price=price))
    lines.append(f"<pre>{html(table([_column(each) for each in columns], t))}</pre>")
    if told.after_retarget is not None and told.retarget_change is not None:
        scenario, gain = told.whatif.scenario, told.income_change or 0.0
        lines.append(html(retarget_words(scenario, told.retarget_change, gain, t)))
    lines.append(readings(told.inputs, told.at, t))
    return "\n".join(lines)


def head(scenario: Scenario, t: LocaleTranslator) -> str:
    """What was supposed."""
    # Translators: {changes} is what is supposed: “price −20.0 %, halving”.
    return t("<b>What if</b> {changes}", changes=html(changes(scenario, t)))


def retarget_words(scenario: Scenario, expected: float, gain: float, t: LocaleTranslator) -> str:
    """What the retarget does for those who stay; `gain` is by how much a TH then earns more."""
    change = formatting.change(expected, t)
    if scenario.hashrate is None:
        # Translators: {change} is a change of difficulty, such as “−3.4 %”.
        return t("The next retarget is estimated at {change}.", change=change)
    if gain > 0.0:
        # Translators: {change} is a change of difficulty, {gain} of income, such as “+11.1 %”.
        return t(
            "Difficulty follows at the retarget ({change}), not before: then every TH that stays earns "
            "{gain}.",
            change=change,
            gain=formatting.change(gain, t),
        )
    # Translators: {change} is a change of difficulty, {gain} of income, such as “−20.0 %”.
    return t(
        "Difficulty follows at the retarget ({change}), not before: then every TH earns {gain}.",
        change=change,
        gain=formatting.change(gain, t),
    )


@dataclass(frozen=True, slots=True)
class WhatIfColumn:
    """One column: the economics of a machine or of a fleet."""

    btc_price_usd: float
    power_price_usd_per_kwh: float
    hashprice_usd_per_ph_day: float
    profit_usd_per_day: float
    margin: float | None
    breakeven_btc_price_usd: float | None


def _column(each: Economics) -> WhatIfColumn:
    return WhatIfColumn(
        each.btc_price_usd,
        each.power_price_usd_per_kwh,
        each.hashprice_usd_per_ph_day,
        each.profit_usd_per_day,
        each.margin,
        each.breakeven_btc_price_usd,
    )


def moments(t: LocaleTranslator) -> tuple[str, str, str]:
    """What the columns are called."""
    # Translators: /whatif table, up to 8 letters (Chinese: 4): as things are.
    now = t("now")
    # Translators: /whatif table, up to 8 letters (Chinese: 4): as supposed, at once.
    then = t("then")
    # Translators: /whatif table, up to 8 letters (Chinese: 4): after the next retarget.
    return now, then, t("retarget")


def table(columns: Sequence[WhatIfColumn], t: LocaleTranslator) -> str:
    """Two columns or three, narrow enough for a phone."""
    # Translators: /whatif table, up to 8 letters (Chinese: 4): USD a day.
    profit = t("profit")
    # Translators: /whatif table, up to 8 letters (Chinese: 4).
    margin = t("margin")
    rows = [
        ("", moments(t)[: len(columns)]),
        ("BTC", [formatting.number(each.btc_price_usd, 0, t) for each in columns]),
        ("c/kWh", [formatting.number(100.0 * each.power_price_usd_per_kwh, 1, t) for each in columns]),
        ("$/PH/d", [formatting.number(each.hashprice_usd_per_ph_day, 1, t) for each in columns]),
        (profit, [profit_words(each.profit_usd_per_day, t) for each in columns]),
        (margin, ["–" if each.margin is None else formatting.percent(each.margin, t, 0) for each in columns]),
        (even_at(t), [breakeven_price(each.breakeven_btc_price_usd, t) for each in columns]),
    ]
    first = max(7, *(width(label) for label, _ in rows))
    widths = [max(width(row[1][column]) for row in rows) for column in range(len(columns))]
    return "\n".join(
        f"{left(label, first)} "
        + " ".join(right(cell, columns) for cell, columns in zip(cells, widths, strict=True))
        for label, cells in rows
    )


def profit_words(usd_per_day: float, t: LocaleTranslator) -> str:
    """Profit in a table, USD a day: cents only where they matter."""
    return formatting.number(usd_per_day, 0 if abs(usd_per_day) >= 100 else 2, t)


def even_at(t: LocaleTranslator) -> str:
    """What a table calls the break-even bitcoin price."""
    # Translators: /whatif and /fleet tables, up to 8 letters (Chinese: 4): the break-even bitcoin price.
    return t("even at")


def breakeven_price(breakeven_usd: float | None, t: LocaleTranslator) -> str:
    """A break-even bitcoin price in a table."""
    # Translators: /whatif and /fleet tables, up to 8 letters (Chinese: 4): no bitcoin price is high enough.
    return t("never") if breakeven_usd is None else formatting.number(breakeven_usd, 0, t)


def changes(scenario: Scenario, t: LocaleTranslator) -> str:
    """What is supposed, in plain text: “price −20.0 %, halving”."""
    parts = []
    if scenario.price is not None:
        # Translators: {change} is a change, “−20.0 %”, or the price supposed, “40,000 USD”.
        parts.append(t("price {change}", change=_change(scenario.price, 0, scenario.price.currency, t)))
    if scenario.hashrate is not None:
        # Translators: {change} is a change, “−10.0 %”, or the hashrate supposed, “900 EH/s”.
        parts.append(t("hashrate {change}", change=_change(scenario.hashrate, 0, "EH/s", t)))
    if scenario.power is not None:
        per_kwh = f"{scenario.power.currency}/kWh"
        # Translators: {change} is a change, “+10.0 %”, or the power price supposed, “0.05 USD/kWh”.
        parts.append(t("power {change}", change=_change(scenario.power, 4, per_kwh, t)))
    if scenario.fees is not None:
        # Translators: {change} is a change, “+50.0 %”, or the fees supposed, “0.1 BTC/block”.
        parts.append(t("fees {change}", change=_change(scenario.fees, 4, t("BTC/block"), t)))
    if scenario.difficulty is not None:
        to = scenario.difficulty.to
        change = formatting.change(scenario.difficulty.by, t) if to is None else formatting.difficulty(to, t)
        parts.append(t("difficulty {value}", value=change))
    if scenario.halving:
        parts.append(t("halving"))
    return ", ".join(parts) or t("nothing changes")


def _change(change: ScenarioChange, digits: int, unit: str, t: LocaleTranslator) -> str:
    if change.to is None:
        return formatting.change(change.by, t)
    return f"{formatting.plain(change.to, t, digits)} {unit}"
