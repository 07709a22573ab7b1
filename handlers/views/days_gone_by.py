"""What a machine made in a time gone by, as text (Telegram's HTML)."""

from bot.i18n.message import commas
from bot.i18n.translator import LocaleTranslator
from bot.mining import assumptions, formatting
from bot.mining.past import PastResult
from bot.mining.question import Focus
from handlers.html import html


def days_gone_by(result: PastResult, t: LocaleTranslator) -> str:
    """What was understood, what it made, and the mean figures of those days."""
    site = result.site
    lines = [
        f"<b>{html(formatting.machine(site.now, t))}</b>",
        t(
            "Understood: {question}",
            question=html(commas([_span(result, t), assumptions.understood(site, t)], t)),
        ),
        f"\n<b>{html(_verdict(result, t))}</b>",
        f"<pre>{html(formatting.table(_rows(result, t)))}</pre>",
        html(t("Reckoned day by day, with each day's price, difficulty and fees.")),
    ]
    if not result.is_whole:
        days = formatting.days(result.days, t)
        # Translators: {days} is a number of days, {first} and {last} are dates.
        lines.append(
            html(
                t(
                    "Of that time I hold {days}, from {first} to {last}.",
                    days=days,
                    first=t.calendar_day(result.first),
                    last=t.calendar_day(result.last),
                )
            )
        )
    return "\n".join(lines)


def _span(result: PastResult, t: LocaleTranslator) -> str:
    """The span asked for: a day, a month, a year, or two days."""
    first, last = result.span.days(result.site.at.date())
    if result.span.unit == "month":
        return t.calendar_month(first)
    if first == last:
        return t.calendar_day(first)
    if result.span.unit == "year":
        return str(first.year)
    return f"{t.calendar_day(first)} – {t.calendar_day(last)}"


def _verdict(result: PastResult, t: LocaleTranslator) -> str:
    count, display = result.site.question.count, result.site.display
    if result.site.question.focus is Focus.BITCOIN:
        # Translators: {sats} is an amount of bitcoin, {each} the same of a day.
        return t(
            "It mined {sats}, {each} a day.",
            sats=formatting.sats(count * result.btc, t),
            each=formatting.sats(count * result.btc / result.days, t),
        )
    profit = count * result.profit_usd
    amount = formatting.money(abs(profit), display, t)
    each = formatting.money(abs(profit) / result.days, display, t)
    if profit >= 0.0:
        # Translators: {profit} is all the profit of a time gone by, {each} that of a day.
        return t("It made {profit} profit, {each} a day.", profit=amount, each=each)
    # Translators: {loss} is all the loss of a time gone by, {each} that of a day.
    return t("It lost {loss}, {each} a day.", loss=amount, each=each)


def _rows(result: PastResult, t: LocaleTranslator) -> list[tuple[str, str]]:
    count, display = result.site.question.count, result.site.display

    def total(value: float) -> str:
        return formatting.money(count * value, display, t)

    return [
        (t("Profit"), total(result.profit_usd)),
        (t("Revenue"), total(result.revenue_usd)),
        (t("Bitcoin"), formatting.sats(count * result.btc, t)),
        (t("Power"), total(result.power_cost_usd)),
        # Translators: a table, up to 11 letters (Chinese: 5): the mean bitcoin price of some days.
        (t("⌀ BTC"), formatting.money(result.btc_price_usd, display.of_btc_price, t)),
        # Translators: a table, up to 11 letters (Chinese: 5): the mean difficulty of some days.
        (t("⌀ Diff."), formatting.difficulty(result.difficulty, t)),
    ]
