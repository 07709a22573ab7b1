"""Suppositions as text (Telegram's HTML): now, at once, and after the retarget."""

from bot.mining import wording
from bot.mining.economics import Economics
from bot.mining.whatif import Change, Outlook, Scenario
from handlers.render_breakeven import readings
from handlers.words import html


def outlook(told: Outlook) -> str:
    """What was supposed, a table of three columns for a phone, and what it means for those who stay."""
    machine = wording.machine(told.now)
    chosen = " (none was named)" if told.whatif.reference else ""
    columns = [told.now, told.then, *([told.after_retarget] if told.after_retarget else [])]
    lines = [
        f"<b>What if</b> {html(_supposed(told.whatif.scenario))}",
        f"{html(machine)}{chosen}, power {html(wording.cents(told.now.power_price_usd_per_kwh))} now",
        f"<pre>{html(_table(columns))}</pre>",
    ]
    if told.after_retarget is not None and told.retarget_change is not None:
        lines.append(html(_retarget(told)))
    lines.append(readings(told.inputs, told.at))
    return "\n".join(lines)


def _retarget(told: Outlook) -> str:
    change, gain = told.retarget_change or 0.0, told.income_change or 0.0
    if told.whatif.scenario.hashrate is None:
        return f"The next retarget is estimated at {wording.change(change)}."
    if gain > 0.0:
        return (
            f"Difficulty follows at the retarget ({wording.change(change)}), not before: "
            f"then every TH that stays earns {wording.change(gain)}."
        )
    return (
        f"Difficulty follows at the retarget ({wording.change(change)}), not before: "
        f"then every TH earns {wording.change(gain)}."
    )


def _table(columns: list[Economics]) -> str:
    heads = ["now", "then", "retarget"][: len(columns)]
    rows = [
        ("", heads),
        ("BTC", [wording.number(each.btc_price_usd, 0) for each in columns]),
        ("c/kWh", [wording.number(100.0 * each.power_price_usd_per_kwh, 1) for each in columns]),
        ("$/PH/d", [wording.number(each.hashprice_usd_per_ph_day, 1) for each in columns]),
        ("profit", [wording.number(each.profit_usd_per_day, 2) for each in columns]),
        ("margin", ["–" if each.margin is None else wording.percent(each.margin, 0) for each in columns]),
        ("even at", [_breakeven(each) for each in columns]),
    ]
    widths = [max(len(row[1][column]) for row in rows) for column in range(len(columns))]
    return "\n".join(
        f"{label:<7} " + " ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        for label, cells in rows
    )


def _breakeven(each: Economics) -> str:
    return (
        "never" if each.breakeven_btc_price_usd is None else wording.number(each.breakeven_btc_price_usd, 0)
    )


def _supposed(scenario: Scenario) -> str:
    parts = []
    if scenario.price is not None:
        parts.append(f"price {_change(scenario.price, 0, scenario.price.currency)}")
    if scenario.hashrate is not None:
        parts.append(f"hashrate {_change(scenario.hashrate, 0, 'EH/s')}")
    if scenario.power is not None:
        parts.append(f"power {_change(scenario.power, 4, f'{scenario.power.currency}/kWh')}")
    if scenario.fees is not None:
        parts.append(f"fees {_change(scenario.fees, 4, 'BTC/block')}")
    if scenario.difficulty is not None:
        to = scenario.difficulty.to
        parts.append(
            f"difficulty {wording.change(scenario.difficulty.by) if to is None else wording.difficulty(to)}"
        )
    if scenario.halving:
        parts.append("halving")
    return ", ".join(parts) or "nothing changes"


def _change(change: Change, digits: int, unit: str) -> str:
    return wording.change(change.by) if change.to is None else f"{wording.plain(change.to, digits)} {unit}"
