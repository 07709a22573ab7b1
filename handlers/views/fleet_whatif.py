"""Suppositions about a chat's own machines as text (Telegram's HTML)."""

from bot.i18n.message import commas
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


def outlook(result: FleetWhatIfResult, fleet: Fleet, t: LocaleTranslator) -> str:
    """What was supposed, the fleet in two or three columns, and which kinds lose money in each."""
    reports = [result.now, result.then, *([result.after_retarget] if result.after_retarget else [])]
    lines = [whatif.head(result.scenario, t), fleet_view.head(result.now, fleet, t)]
    lines.append(f"<pre>{html(whatif.table([_column(each) for each in reports], result.display, t))}</pre>")
    named = zip(whatif.moments(t), reports, strict=False)
    lines += [html(_losing(moment, report, t)) for moment, report in named]
    if result.retarget_change is not None:
        gain = result.income_change or 0.0
        lines.append(html(whatif.retarget_words(result.scenario, result.retarget_change, gain, t)))
    lines.append(readings(result.inputs, result.at, t))
    return "\n".join(lines)


def _column(report: FleetReport) -> WhatIfColumn:
    return WhatIfColumn(
        report.btc_price_usd,
        report.btc_per_day,
        report.power_price_usd_per_kwh,
        report.kinds[0].each.hashprice_usd_per_ph_day,
        report.profit_usd_per_day,
        ratio(report.profit_usd_per_day, report.revenue_usd_per_day),
        report.breakeven_btc_price_usd,
    )


def _losing(moment: str, report: FleetReport, t: LocaleTranslator) -> str:
    over = [short_name(each.kind.label) for each in report.kinds if each.profit_usd_per_day < 0.0]
    if not over:
        # Translators: {moment} is a column of the table above: “now”, “then” or “retarget”.
        return t("{moment}: every machine pays", moment=moment)
    # Translators: {moment} is a column of the table above, {machines} a list of machines.
    return t("{moment}: {machines} under water", moment=moment, machines=commas(over, t))
