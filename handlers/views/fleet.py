"""Fleets as text (Telegram's HTML): the report, tomorrow's losing hours, and the alerts."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.i18n.message import commas, left, named, right, width
from bot.i18n.translator import LocaleTranslator
from bot.mining import formatting
from bot.mining.answer import USD, Display
from bot.mining.fleet import Fleet, Tariff
from bot.mining.fleet_alerts import ProfitabilityChange
from bot.mining.fleet_hours import DayAhead, Loss
from bot.mining.fleet_report import BatchReport, FleetReport
from bot.mining.machine_names import short_name
from bot.mining.market import PowerSlot
from bot.mining.power_market import slot_hours
from handlers.html import MAX_LINES, fold, html
from handlers.views.breakeven import readings
from handlers.views.whatif import breakeven_price, even_at

MARKET_TIME = ZoneInfo("Europe/Berlin")


def empty(t: LocaleTranslator, tariff: Tariff | None = None) -> str:
    """What to do with an empty fleet; a price of power that was just given is kept until it has machines."""
    # Translators: {example} is what to type.
    unknown = t("{example} for a machine I don't know", example="<code>/fleet add 4 x 270TH 3645W</code>")
    # Translators: {fixed} and {zone} are what to type; day-ahead is the power market of the next day.
    power = t(
        "{fixed} or day-ahead: {zone}",
        fixed="<code>/fleet power 6.5c</code>",
        zone="<code>/fleet power DE-LU + 2c</code>",
    )
    more = ("/fleet fee 2%", "/fleet remove 3 s19j pro", "/fleet hours", "/fleet clear")
    return "\n".join(
        (
            *([] if tariff is None else [html(_kept(tariff, t))]),
            t("Your fleet is empty."),
            t("Tell me your machines and I add them up:"),
            "<code>/fleet add 10 s19j pro, 5 m30s++</code>",
            unknown,
            power,
            " · ".join(f"<code>{example}</code>" for example in more),
        )
    )


def report(fleet_report: FleetReport, fleet: Fleet, t: LocaleTranslator) -> str:
    """The fleet per day, its break-even and each kind's, and the order to switch off in."""
    profit = fleet_report.profit_usd_per_day
    verdict = (
        t("It pays: {profit} a day.", profit=formatting.money(profit, fleet_report.display, t))
        if profit > 0
        else t("It loses {loss} a day.", loss=formatting.money(-profit, fleet_report.display, t))
    )
    sats = formatting.sats(fleet_report.btc_per_day, t)
    lines = [
        head(fleet_report, fleet, t),
        *(html(line) for line in _sites(fleet_report, fleet, t)),
        f"\n<b>{html(verdict)}</b>",
        f"<pre>{html(_table(fleet_report, t))}</pre>",
        # Translators: what all machines mine; {sats} is such as “51,234 sats”, {btc} the same in bitcoin.
        html(t("Together {sats} a day ({btc} BTC).", sats=sats, btc=t.number(fleet_report.btc_per_day, 8))),
        html(_switching(fleet_report, t)),
        readings(fleet_report.inputs, fleet_report.at, t),
    ]
    return "\n".join(lines)


def _sites(fleet_report: FleetReport, fleet: Fleet, t: LocaleTranslator) -> list[str]:
    """A line for each site that has machines: its name, power price, fee, uptime, PUE and fixed cost."""
    lines = []
    for name in sorted({kind.kind.site for kind in fleet_report.kinds}):
        site = fleet.site(name)
        each = next(kind.each for kind in fleet_report.kinds if kind.kind.site == name)
        line = _tariff(
            site.tariff, formatting.cents(each.power_price_usd_per_kwh, t, fleet_report.display), t
        )
        parts = [named(name, line, t) if name else line]
        if site.pool_fee:
            parts.append(t("pool fee {percent} %", percent=formatting.plain(100 * site.pool_fee, t)))
        if site.uptime != 1.0:
            parts.append(t("uptime {percent} %", percent=formatting.plain(100 * site.uptime, t)))
        if site.overhead != 1.0:
            parts.append(f"PUE {formatting.plain(site.overhead, t, 3)}")
        if site.fixed_cost is not None:
            amount = f"{formatting.plain(site.fixed_cost.amount, t)} {site.fixed_cost.currency}"
            parts.append(t("fixed cost {amount}/day", amount=amount))
        lines.append(commas(parts, t))
    return lines


def head(fleet_report: FleetReport, fleet: Fleet, t: LocaleTranslator) -> str:
    """How large the fleet is."""
    # Translators: {hashrate} and {power} are figures with their units: “5.6 PH/s”, “118.04 kW”.
    return t.plural(
        "<b>Your fleet</b>: {n} machine, {hashrate}, {power}",
        "<b>Your fleet</b>: {n} machines, {hashrate}, {power}",
        sum(kind.count for kind in fleet.kinds),
        hashrate=html(_hashrate(fleet_report.hashrate_ths, t)),
        power=html(_power(fleet_report.power_w, t)),
    )


def hours(day_ahead: DayAhead, display: Display, t: LocaleTranslator) -> str:
    """The hours of a day in which each kind costs more power than it mines."""
    # Translators: {zone} is a bidding zone (DE-LU), {day} a date, the rest power prices (“8.3 c/kWh”).
    head = t(
        "<b>Day-ahead {zone}, {day}</b>: mean {mean}, {lowest} to {highest}",
        zone=html(day_ahead.zone),
        day=html(t.day(day_ahead.start.astimezone(MARKET_TIME).date(), "MMMEd")),
        mean=html(formatting.cents(day_ahead.mean_usd_per_kwh, t, display)),
        lowest=html(formatting.cents(day_ahead.lowest_usd_per_kwh, t, display)),
        highest=html(formatting.cents(day_ahead.highest_usd_per_kwh, t, display)),
    )
    if day_ahead.surcharge_eur_per_kwh:
        # Translators: {surcharge} is in euro cents, such as “+2.0”.
        surcharge = formatting.signed(100.0 * day_ahead.surcharge_eur_per_kwh, 1, t)
        head = f"{head}\n{html(t('With your surcharge of {surcharge} euro cents.', surcharge=surcharge))}"
    if not day_ahead.losses:
        return f"{head}\n{t('Every machine of your fleet pays in every hour.')}"
    lines = [head, t("These cost more power than they mine (Central European time):")]
    lines += [f"• <b>{html(loss.label)}</b>: {html(_spans(loss, day_ahead, t))}" for loss in day_ahead.losses]
    saved = formatting.money(day_ahead.saved_usd, display, t)
    # Translators: {amount} is money.
    lines.append(t("Switched off then, you save about {amount}.", amount=html(saved)))
    return "\n".join(lines)


def power_ahead(zone: str, slots: Sequence[PowerSlot], t: LocaleTranslator) -> str:
    """A day's prices as traded, EUR/MWh: their mean, and the cheapest and the dearest of its slots."""
    lowest, highest = (find(slots, key=lambda slot: slot.eur_per_mwh) for find in (min, max))
    length = sum(slot_hours(slot) for slot in slots)
    mean = sum(slot.eur_per_mwh * slot_hours(slot) for slot in slots) / length
    return t(
        # Translators: {zone} is a bidding zone (DE-LU), {day} a date; the times are “14:00–15:00”.
        "<b>Day-ahead {zone}, {day}</b>: mean {mean} EUR/MWh; cheapest {cheap} with {lowest}, dearest {dear} "
        "with {highest} (Central European time)",
        zone=html(zone),
        day=html(t.day(slots[0].start.astimezone(MARKET_TIME).date(), "MMMEd")),
        mean=html(t.number(mean, 1)),
        cheap=f"{_clock(lowest.start)}–{_clock(lowest.end)}",
        lowest=html(t.number(lowest.eur_per_mwh, 1)),
        dear=f"{_clock(highest.start)}–{_clock(highest.end)}",
        highest=html(t.number(highest.eur_per_mwh, 1)),
    )


def crossing(change: ProfitabilityChange, display: Display, now: datetime, t: LocaleTranslator) -> str:
    """The alert that a fleet fell below cost, or came back."""
    head = t("<b>Your fleet is below cost</b>") if change.below else t("<b>Your fleet pays again</b>")
    btc = formatting.money(change.btc_price_usd, display.of_btc_price, t)
    power = formatting.cents(change.power_price_usd_per_kwh, t, display)
    if change.breakeven_btc_price_usd is None:
        # Translators: {price} is the bitcoin price, {power} a power price such as “6.5 c/kWh”.
        market = t("BTC {price}, power {power}", price=btc, power=power)
    else:
        # Translators: {price} and {breakeven} are bitcoin prices, {power} a power price such as “6.5 c/kWh”.
        market = t(
            "BTC {price}, break-even {breakeven}, power {power}",
            price=btc,
            breakeven=formatting.money(change.breakeven_btc_price_usd, display.of_btc_price, t),
            power=power,
        )
    # Translators: {profit} and {revenue} are money; the profit may be negative.
    money = t(
        "{profit} a day on {revenue} revenue",
        profit=formatting.money(change.profit_usd_per_day, display, t),
        revenue=formatting.money(change.revenue_usd_per_day, display, t),
    )
    # Translators: how old the figures are; {age} is such as “4 min”.
    age = t("figures {age} old", age=formatting.ago(now, change.as_of, t))
    sign = "🔴" if change.below else "✅"
    return "\n".join((f"{sign} {head}", html(money), html(market), f"<i>{html(age)}</i> · /fleet"))


def notice(
    change: ProfitabilityChange | DayAhead, now: datetime, t: LocaleTranslator, display: Display = USD
) -> str:
    """Whatever a fleet's owner is change unasked."""
    if isinstance(change, ProfitabilityChange):
        return crossing(change, display, now, t)
    lines = hours(change, display, t).split("\n")
    if len(lines) <= MAX_LINES:
        return "\n".join(lines)
    *others, saved = lines
    return "\n".join([*others[: MAX_LINES - 1], saved, fold(others[MAX_LINES - 1 :])])


def _table(fleet_report: FleetReport, t: LocaleTranslator) -> str:
    # Translators: /fleet table: the kind of machine.
    machine = t("machine")
    # Translators: /fleet table, up to 5 letters (Chinese: 2): how many machines.
    count = t("no.")
    # Translators: /fleet table, up to 7 characters: profit, {money} a day; {money} is “$” or “EUR”.
    profit = t("{money}/day", money=formatting.money_unit(fleet_report.display))
    rows = [(machine, count, profit, even_at(t))]
    rows += [
        (
            _label(each)[:14],
            t.number(each.kind.count),
            formatting.money_number(each.profit_usd_per_day, fleet_report.display, t),
            breakeven_price(each.each.breakeven_btc_price_usd, fleet_report.display, t),
        )
        for each in fleet_report.kinds
    ]
    # Translators: in the table of /fleet all machines together; in the settings all alerts.
    total = t("all")
    rows.append(
        (
            total,
            "",
            formatting.money_number(fleet_report.profit_usd_per_day, fleet_report.display, t),
            breakeven_price(fleet_report.breakeven_btc_price_usd, fleet_report.display, t),
        )
    )
    widths = [max(width(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        " ".join(
            [
                left(row[0], widths[0]),
                *(right(cell, columns) for cell, columns in zip(row[1:], widths[1:], strict=True)),
            ]
        )
        for row in rows
    )


def _label(each: BatchReport) -> str:
    label = short_name(each.kind.label)
    return f"{label} {each.kind.site}" if each.kind.site else label


def _switching(fleet_report: FleetReport, t: LocaleTranslator) -> str:
    """Which kinds are under water, and at what price the next one follows."""
    over = [each for each in fleet_report.kinds if each.each.profit_usd_per_day < 0.0]
    left_on = [each for each in fleet_report.kinds if each.each.profit_usd_per_day >= 0.0]
    machines = commas([_label(each) for each in over], t)
    if not left_on:
        # Translators: {machines} is a list of machines.
        return t("Switch off now: {machines}; none of your machines pays.", machines=machines)
    follows = _follows(left_on[0], fleet_report, t, first=not over)
    if not over:
        return follows
    # Translators: {machines} is a list of machines, {profit} money.
    off = t(
        "Switch off now: {machines}; the rest makes {profit} a day.",
        machines=machines,
        profit=formatting.money(fleet_report.switched_off_profit_usd_per_day, fleet_report.display, t),
    )
    return f"{off} {follows}"


def _follows(kind: BatchReport, fleet_report: FleetReport, t: LocaleTranslator, *, first: bool) -> str:
    """Which kind stops paying next, and at what bitcoin price."""
    machine, at = _label(kind), kind.each.breakeven_btc_price_usd
    if at is None:
        if first:
            return t("First to switch off: {machine}.", machine=machine)
        return t("Next: {machine}.", machine=machine)
    price = formatting.money(at, fleet_report.display.of_btc_price, t)
    change = formatting.change(at / fleet_report.btc_price_usd - 1.0, t)
    if first:
        # Translators: {price} is a bitcoin price, {change} how far from now that is, such as “−28.2 %”.
        return t(
            "First to switch off: {machine}, when BTC falls to {price} ({change}).",
            machine=machine,
            price=price,
            change=change,
        )
    # Translators: the next to switch off; {price} is a bitcoin price, {change} how far from now that is.
    return t(
        "Next: {machine}, when BTC falls to {price} ({change}).", machine=machine, price=price, change=change
    )


def _kept(tariff: Tariff, t: LocaleTranslator) -> str:
    if tariff.fixed_per_kwh is None:
        price = tariff.zone or ""
    else:
        price = f"{formatting.plain(tariff.fixed_per_kwh, t, 4)} {tariff.currency}/kWh"
    # Translators: {price} is what a kWh costs, such as “0.11 EUR/kWh”, or a zone of the power market.
    return t("Noted for your machines: power {price}.", price=price)


def _tariff(tariff: Tariff | None, cents: str, t: LocaleTranslator) -> str:
    if tariff is None:
        # Translators: {price} is a power price, such as “6.5 c/kWh”.
        return t("Power (my usual price): {price}", price=cents)
    if tariff.zone is None:
        # Translators: {price} is a power price, such as “6.5 c/kWh”.
        return t("Power (fixed): {price}", price=cents)
    if not tariff.surcharge_eur_per_kwh:
        # Translators: {zone} is a bidding zone such as DE-LU, {price} a power price such as “6.5 c/kWh”.
        return t("Power ({zone} day-ahead, mean of 24 h): {price}", zone=tariff.zone, price=cents)
    # Translators: {zone} is a bidding zone (DE-LU), {surcharge} is “+1.0”, {price} “6.5 c/kWh”.
    return t(
        "Power ({zone} day-ahead {surcharge} euro cents, mean of 24 h): {price}",
        zone=tariff.zone,
        surcharge=formatting.signed(100.0 * tariff.surcharge_eur_per_kwh, 1, t),
        price=cents,
    )


def _spans(loss: Loss, day_ahead: DayAhead, t: LocaleTranslator) -> str:
    if len(loss.spans) == 1 and loss.spans[0] == (day_ahead.start, day_ahead.end):
        return t("the whole day")
    spans = [
        f"{_clock(start)}–{'24:00' if end == day_ahead.end else _clock(end)}" for start, end in loss.spans
    ]
    listed = f"{', '.join(spans[:8])}{' …' if len(spans) > 8 else ''}"
    # Translators: {spans} is a list of times, {hours} how many hours they are together.
    return t("{spans} ({hours} h)", spans=listed, hours=formatting.plain(loss.hours, t))


def _clock(at: datetime) -> str:
    return f"{at.astimezone(MARKET_TIME):%H:%M}"


def _hashrate(ths: float, t: LocaleTranslator) -> str:
    if ths >= 1e6:
        return f"{formatting.plain(ths / 1e6, t)} EH/s"
    return f"{formatting.plain(ths / 1e3, t)} PH/s" if ths >= 1e3 else f"{formatting.plain(ths, t)} TH/s"


def _power(watts: float, t: LocaleTranslator) -> str:
    return (
        f"{formatting.plain(watts / 1e6, t)} MW" if watts >= 1e6 else f"{formatting.plain(watts / 1e3, t)} kW"
    )
