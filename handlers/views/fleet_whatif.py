"""Suppositions about a chat's own machines as text (Telegram's HTML)."""

from bot.i18n.translator import LocaleTranslator
from bot.mining.economics import ratio
from bot.mining.fleet import Fleet
from bot.mining.fleet_report import FleetReport
from bot.mining.fleet_whatif import FleetWhatIfResult
from bot.mining.machine_names import short_name
from handlers.html import html
from handlers.views import fleet as fleet_view
from handlers.views import whatif
from handlers.views.breakeven import readings
from handlers.views.whatif import WhatIfColumn


def outlook(told: FleetWhatIfResult, fleet: Fleet, t: LocaleTranslator) -> str:
    """What was supposed, the fleet in two or three columns, and which kinds lose money in each."""
    reports = [told.now, told.then, *([told.after_retarget] if told.after_retarget else [])]
    lines = [whatif.head(told.scenario, t), fleet_view.head(told.now, fleet, t)]
    lines.append(f"<pre>{html(whatif.table([_column(each) for each in reports], t))}</pre>")
    named = zip(whatif.moments(t), reports, strict=False)
    lines += [html(_losing(moment, report, t)) for moment, report in named]
    if told.retarget_change is not None:
        gain = told.income_change or 0.0
        lines.append(html(whatif.retarget_words(told.scenario, told.retarget_change, gain, t)))
    lines.append(readings(told.inputs, told.at, t))
    return "\n".join(lines)


def _column(told: FleetReport) -> WhatIfColumn:
    return WhatIfColumn(
        told.btc_price_usd,
        told.power_price_usd_per_kwh,
        told.kinds[0].each.hashprice_usd_per_ph_day,
        told.profit_usd_per_day,
        ratio(told.profit_usd_per_day, told.revenue_usd_per_day),
        told.breakeven_btc_price_usd,
    )


def _losing(moment: str, told: FleetReport, t: LocaleTranslator) -> str:
    over = [short_name(each.kind.label) for each in told.kinds if each.profit_usd_per_day < 0.0]
    if not over:
        # Translators: {moment} is a column of the table above: “now”, “then” or “retarget”.
        return t("{moment}: every machine pays", moment=moment)
    # Translators: {moment} is a column of the table above, {machines} a list of machines.
    return t("{moment}: {machines} under water", moment=moment, machines=", ".join(over))
