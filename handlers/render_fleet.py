"""Fleets as text (Telegram's HTML): the report, tomorrow's losing hours, and the alerts."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.mining import wording
from bot.mining.fleet import DayAhead, Fleet, FleetReport, Loss, Tariff
from bot.mining.fleet_watch import Crossing
from bot.mining.machines import short_name
from handlers.render_breakeven import readings
from handlers.words import age, html

MARKET_TIME = ZoneInfo("Europe/Berlin")

HOWTO = (
    "Tell me your machines and I reckon them together:\n"
    "<code>/fleet add 10 s19j pro, 5 m30s++</code>\n"
    "<code>/fleet add 4 x 270TH 3645W</code> for a machine I don't know\n"
    "<code>/fleet power 6.5c</code> or day-ahead: <code>/fleet power DE-LU + 2c</code>\n"
    "<code>/fleet fee 2%</code> · <code>/fleet remove 3 s19j pro</code> · <code>/fleet hours</code> · "
    "<code>/fleet clear</code>"
)


def report(told: FleetReport, fleet: Fleet) -> str:
    """The fleet per day, its break-even and each kind's, and the order to switch off in."""
    machines = sum(kind.count for kind in fleet.kinds)
    profit = told.profit_usd_per_day
    verdict = (
        f"It pays: {wording.usd(profit)} a day." if profit > 0 else f"It loses {wording.usd(-profit)} a day."
    )
    count = f"{machines:,} machine{'s' if machines != 1 else ''}"
    price = wording.cents(told.power_price_usd_per_kwh)
    fee = f", pool fee {wording.percent(fleet.pool_fee)}" if fleet.pool_fee else ""
    lines = [
        f"<b>Your fleet</b>: {count}, {html(_hashrate(told.hashrate_ths))}, {html(_power(told.power_w))}",
        f"Power {html(_tariff(fleet.tariff))}: {html(price)}{html(fee)}",
        f"\n<b>{html(verdict)}</b>",
        f"<pre>{html(_table(told))}</pre>",
        html(_switching(told)),
    ]
    lines.append(readings(told.inputs, told.at))
    return "\n".join(lines)


def hours(told: DayAhead) -> str:
    """The hours of a day in which each kind costs more power than it mines."""
    day = told.start.astimezone(MARKET_TIME)
    mean, lowest, highest = (
        html(wording.cents(price))
        for price in (told.mean_usd_per_kwh, told.lowest_usd_per_kwh, told.highest_usd_per_kwh)
    )
    lines = [f"<b>Day-ahead {html(told.zone)}, {day:%a %d %b}</b>: mean {mean}, {lowest} to {highest}"]
    if not told.losses:
        lines.append("Every machine of your fleet pays in every hour.")
        return "\n".join(lines)
    lines.append("These cost more power than they mine (Central European time):")
    lines += [f"• <b>{html(loss.label)}</b>: {html(_spans(loss, told))}" for loss in told.losses]
    lines.append(f"Switched off then, you save about {html(wording.usd(told.saved_usd))}.")
    return "\n".join(lines)


def crossing(told: Crossing, now: datetime) -> str:
    """The alert that a fleet fell below cost, or came back."""
    head = "🔴 <b>Your fleet is below cost</b>" if told.below else "✅ <b>Your fleet pays again</b>"
    even = told.breakeven_btc_price_usd
    profit, revenue = wording.usd(told.profit_usd_per_day), wording.usd(told.revenue_usd_per_day)
    btc = wording.usd(told.btc_price_usd) + ("" if even is None else f", break-even {wording.usd(even)}")
    return "\n".join(
        (
            head,
            f"{html(profit)} a day on {html(revenue)} revenue",
            f"BTC {html(btc)}, power {html(wording.cents(told.power_price_usd_per_kwh))}",
            f"<i>figures {html(age(told.as_of, now))}</i> · /fleet",
        )
    )


def notice(told: Crossing | DayAhead, now: datetime) -> str:
    """Whatever a fleet's owner is told unasked."""
    return crossing(told, now) if isinstance(told, Crossing) else hours(told)


def _table(told: FleetReport) -> str:
    rows = [("machine", "no.", "$/day", "even at")]
    rows += [
        (
            short_name(each.kind.label)[:14],
            f"{each.kind.count}",
            wording.number(each.profit_usd_per_day, 0 if abs(each.profit_usd_per_day) >= 100 else 2),
            _price(each.each.breakeven_btc_price_usd),
        )
        for each in told.kinds
    ]
    total = told.profit_usd_per_day
    rows.append(
        (
            "all",
            "",
            wording.number(total, 0 if abs(total) >= 100 else 2),
            _price(told.breakeven_btc_price_usd),
        )
    )
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        f"{name:<{widths[0]}} {count:>{widths[1]}} {profit:>{widths[2]}} {even:>{widths[3]}}"
        for name, count, profit, even in rows
    )


def _switching(told: FleetReport) -> str:
    """Which kinds are under water, and at what price the next one follows."""
    over = [each for each in told.kinds if each.each.profit_usd_per_day < 0.0]
    left = [each for each in told.kinds if each.each.profit_usd_per_day >= 0.0]
    sentences = []
    if over:
        names = ", ".join(short_name(each.kind.label) for each in over)
        rest = wording.usd(told.switched_off_profit_usd_per_day)
        sentences.append(f"Switch off now: {names}; the rest makes {rest} a day.")
    if left:
        price = left[0].each.breakeven_btc_price_usd
        follows = "Next" if over else "First to switch off"
        sentences.append(
            f"{follows}: {short_name(left[0].kind.label)}"
            + ("." if price is None else f", when BTC falls to {wording.usd(price)} ({_from(price, told)}).")
        )
    return " ".join(sentences)


def _from(price: float, told: FleetReport) -> str:
    return wording.change(price / told.btc_price_usd - 1.0)


def _price(value: float | None) -> str:
    return "never" if value is None else wording.number(value, 0)


def _tariff(tariff: Tariff | None) -> str:
    if tariff is None:
        return "(my usual price)"
    if tariff.zone is None:
        return "(fixed)"
    if not tariff.surcharge_eur_per_kwh:
        return f"({tariff.zone} day-ahead, mean of 24 h)"
    cents = wording.signed(100.0 * tariff.surcharge_eur_per_kwh, 1)
    return f"({tariff.zone} day-ahead {cents} euro cents, mean of 24 h)"


def _spans(loss: Loss, told: DayAhead) -> str:
    if len(loss.spans) == 1 and loss.spans[0] == (told.start, told.end):
        return "the whole day"
    spans = [f"{_clock(start)}–{'24:00' if end == told.end else _clock(end)}" for start, end in loss.spans]
    return f"{', '.join(spans[:8])}{' …' if len(spans) > 8 else ''} ({wording.plain(loss.hours)} h)"


def _clock(at: datetime) -> str:
    return f"{at.astimezone(MARKET_TIME):%H:%M}"


def _hashrate(ths: float) -> str:
    if ths >= 1e6:
        return f"{wording.plain(ths / 1e6)} EH/s"
    return f"{wording.plain(ths / 1e3)} PH/s" if ths >= 1e3 else f"{wording.plain(ths)} TH/s"


def _power(watts: float) -> str:
    return f"{wording.plain(watts / 1e6)} MW" if watts >= 1e6 else f"{wording.plain(watts / 1e3)} kW"
