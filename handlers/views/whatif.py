"""Suppositions as text (Telegram's HTML): now, at once, and after the retarget."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.i18n.message import commas, left, right, width
from bot.i18n.translator import LocaleTranslator
from bot.mining import assumptions, formatting
from bot.mining.answer import USD, Display
from bot.mining.answer_lines import DAYS_OF, on_power_price
from bot.mining.economics import Economics
from bot.mining.parsing.units import SATS_PER_BTC
from bot.mining.question import Focus
from bot.mining.scenario import Scenario, ScenarioChange
from bot.mining.whatif import WhatIfResult
from handlers.html import html
from handlers.views.breakeven import paid_in, readings


def outlook(result: WhatIfResult, t: LocaleTranslator) -> str:
    """What was supposed, a table of three columns for a phone, and what it means for those who stay."""
    columns = [result.now, result.then, *([result.after_retarget] if result.after_retarget else [])]
    lines = [head(result.whatif.scenario, t)]
    machine = html(formatting.machine(result.now, t))
    price = html(formatting.cents(result.now.power_price_usd_per_kwh, t, result.display))
    if result.whatif.reference:
        # Translators: no machine was named, so this one is reckoned with; {price} is such as “7.0 c/kWh”.
        lines.append(t("{machine} (none was named), power {price} now", machine=machine, price=price))
    else:
        # Translators: {machine} is a machine and its figures, {price} is such as “7.0 c/kWh”.
        lines.append(t("{machine}, power {price} now", machine=machine, price=price))
    question = result.whatif.question
    if said := assumptions.beyond_power(question, t):
        lines.append(t("Understood: {question}", question=html(said)))
    times = question.count * DAYS_OF[question.period]
    figures = [_column(each, times) for each in columns]
    asked = _asked(result, columns, t)
    if question.focus is Focus.POWER_PRICE:
        lines.append(f"<b>{html(on_power_price(result.then, result.display, t))}</b>")
    lines.append(f"<pre>{html(table(figures, result.display, t, asked))}</pre>")
    if result.after_retarget is not None and result.retarget_change is not None:
        scenario, gain = result.whatif.scenario, result.income_change or 0.0
        lines.append(html(retarget_words(scenario, result.retarget_change, gain, t)))
    lines.append(readings(result.inputs, result.at, t))
    return "\n".join(lines)


def _asked(
    result: WhatIfResult, columns: Sequence[Economics], t: LocaleTranslator
) -> Sequence[tuple[str, list[str]]]:
    """The row of a figure that was asked for and that the table hasn't."""
    display = result.display
    match result.whatif.question.focus:
        case Focus.PAYBACK if result.whatif.question.machine_price is not None:
            # Translators: a column of a table, up to 8 letters (Chinese: 4): how long until it is paid for.
            return [(t("paid in"), [paid_in(each, t) for each in columns])]
        case Focus.POWER_PRICE:
            prices = [each.breakeven_power_price_usd_per_kwh for each in columns]
            cells = [
                breakeven_none(t) if price is None else formatting.cents(price, t, display)
                for price in prices
            ]
            # Translators: /breakeven table, up to 11 letters (Chinese: 5): the highest power price that pays.
            return [(t("Max power"), cells)]
        case Focus.DIFFICULTY:
            limits = [each.breakeven_difficulty for each in columns]
            texts = ["–" if each is None else formatting.difficulty(each, t) for each in limits]
            # Translators: /breakeven table, up to 11 letters (Chinese: 5): the highest difficulty that pays.
            return [(t("Max diff."), texts)]
    return []


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
    """One column: the economics of a machine or of a fleet; the profit is that of all and of the time asked
    for.
    """

    btc_price_usd: float
    btc_per_day: float
    power_price_usd_per_kwh: float
    hashprice_usd_per_ph_day: float
    profit_usd: float
    margin: float | None
    breakeven_btc_price_usd: float | None


def _column(each: Economics, times: float) -> WhatIfColumn:
    return WhatIfColumn(
        each.btc_price_usd,
        each.btc_per_day,
        each.power_price_usd_per_kwh,
        each.hashprice_usd_per_ph_day,
        each.profit_usd_per_day * times,
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


def table(
    columns: Sequence[WhatIfColumn],
    display: Display,
    t: LocaleTranslator,
    asked: Sequence[tuple[str, list[str]]] = (),
) -> str:
    """Two columns or three, narrow enough for a phone; `asked` are rows of their own at the end."""
    # Translators: /whatif table, up to 8 letters (Chinese: 4): money a day.
    profit = t("profit")
    # Translators: /whatif table, up to 8 letters (Chinese: 4).
    margin = t("margin")
    unit, corner = formatting.money_unit(display), "" if display is USD else formatting.money_unit(display)
    price = display.of_btc_price
    rows = [
        (corner, moments(t)[: len(columns)]),
        ("BTC", [formatting.column(each.btc_price_usd / price.usd, 0, t) for each in columns]),
        (
            formatting.power_unit(display),
            [formatting.power_number(each.power_price_usd_per_kwh, display, t) for each in columns],
        ),
        (
            f"{unit}/PH/d",
            [formatting.hashprice_number(each.hashprice_usd_per_ph_day, display, t) for each in columns],
        ),
        ("sats/d", [formatting.column(each.btc_per_day * SATS_PER_BTC, 0, t) for each in columns]),
        (profit, [formatting.money_number(each.profit_usd, display, t) for each in columns]),
        (margin, ["–" if each.margin is None else formatting.percent(each.margin, t, 0) for each in columns]),
        (even_at(t), [breakeven_price(each.breakeven_btc_price_usd, display, t) for each in columns]),
        *asked,
    ]
    first = max(7, *(width(label) for label, _ in rows))
    widths = [max(width(row[1][column]) for row in rows) for column in range(len(columns))]
    return "\n".join(
        f"{left(label, first)} "
        + " ".join(right(cell, columns) for cell, columns in zip(cells, widths, strict=True))
        for label, cells in rows
    )


def even_at(t: LocaleTranslator) -> str:
    """What a table calls the break-even bitcoin price."""
    # Translators: /whatif and /fleet tables, up to 8 letters (Chinese: 4): the break-even bitcoin price.
    return t("stops at")


def breakeven_none(t: LocaleTranslator) -> str:
    """What stands for a price that doesn't exist."""
    # Translators: /whatif and /fleet tables, up to 8 letters (Chinese: 4): no bitcoin price is high enough.
    return t("never")


def breakeven_price(breakeven_usd: float | None, display: Display, t: LocaleTranslator) -> str:
    """A break-even bitcoin price in a table."""
    if breakeven_usd is None:
        return breakeven_none(t)
    return formatting.column(breakeven_usd / display.of_btc_price.usd, 0, t)


def changes(scenario: Scenario, t: LocaleTranslator) -> str:
    """What is supposed, in plain text: “price −20.0 %, halving”."""
    parts = []
    if scenario.price is not None and scenario.of_hashprice:
        # Translators: {change} is a change, “−20.0 %”, of what a PH/s earns.
        change = formatting.change(scenario.price.by, t)
        parts.append(t("hashprice {change} (reckoned as the BTC price)", change=change))
    elif scenario.price is not None:
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
        parts.append(_halvings(scenario, t))
    return commas(parts, t) or t("nothing changes")


def _halvings(scenario: Scenario, t: LocaleTranslator) -> str:
    """How many halvings are supposed, where it isn't the next one alone."""
    if scenario.halvings == 1:
        return t("halving")
    # Translators: {n} is how many halvings are supposed at once.
    said = t.plural("{n} halving", "{n} halvings", scenario.halvings)
    # Translators: {halvings} is such as “2 halvings”, {year} the year of the last of them.
    year = scenario.halving_year
    return said if year is None else t("{halvings} (up to {year})", halvings=said, year=str(year))


def _change(change: ScenarioChange, digits: int, unit: str, t: LocaleTranslator) -> str:
    if change.to is None:
        return formatting.change(change.by, t)
    return f"{formatting.plain(change.to, t, digits)} {unit}"
