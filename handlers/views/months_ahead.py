"""A projection over months as text (Telegram's HTML)."""

from collections.abc import Sequence

from bot.i18n.message import left, right, width
from bot.i18n.translator import LocaleTranslator
from bot.mining import assumptions, formatting
from bot.mining.answer import USD, Answer, Display, answer, in_usd
from bot.mining.market import Market
from bot.mining.parsing.units import Currency
from bot.mining.projection import MonthAhead, ProjectionRequest, path_to_payback, payback_month
from bot.mining.projection import projection as months_ahead
from handlers.html import html
from handlers.views.breakeven import readings

_MOST_ROWS = 14


def projection(
    request: ProjectionRequest, market: Market, currency: Currency | None, t: LocaleTranslator
) -> str:
    """What was understood, when the machine has paid for itself, and the months.

    Raises InvalidQuestion naming what is missing or impossible.
    """
    today = answer(request.question, market, currency, supposed=True)
    if request.until_paid:
        path = path_to_payback(request, market)
    else:
        path = months_ahead(
            request.question, market, request.months, request.difficulty_growth, request.price_growth
        )
    growth = formatting.change(request.difficulty_growth, t)
    price = formatting.change(request.price_growth, t)
    lines = [
        f"<b>{html(formatting.machine(today.now, t))}</b>",
        t("Understood: {question}", question=html(assumptions.understood(today, t))),
        # Translators: {difficulty} and {price} are changes, such as “+3.0 %”.
        html(t("A month: difficulty {difficulty}, price {price}.", difficulty=growth, price=price)),
        f"\n<b>{html(_verdict(request, today, path, market, t))}</b>",
        f"<pre>{html(_table(path, today.display, request.question.count, t))}</pre>",
    ]
    if request.resale:
        percent = formatting.percent(request.resale, t, 0)
        lines.append(html(t("With a resale at {percent} of the price at the end.", percent=percent)))
    lines.append(html(t("A projection is no forecast: it goes on with what you assume.")))
    lines.append(readings(today.inputs, today.at, t))
    return "\n".join(lines)


def _verdict(
    request: ProjectionRequest, today: Answer, path: Sequence[MonthAhead], market: Market, t: LocaleTranslator
) -> str:
    count, machine_price = request.question.count, request.question.machine_price
    price = None if machine_price is None else in_usd(machine_price, market, [])
    total = count * (path[-1].total_profit_usd - (1.0 - request.resale) * (price or 0.0))
    amount = formatting.money(total, today.display, t)
    if price is None:
        return t("Together {amount}.", amount=amount)
    paid_back = payback_month(tuple(path), price)
    if request.until_paid:
        return _payback(path, paid_back is not None, formatting.money(abs(total), today.display, t), t)
    if paid_back is None:
        return t("It doesn't pay for itself in that time: {amount} at the end.", amount=amount)
    # Translators: {n} is a number of months, {amount} what is left at the end of all of them.
    return t.plural(
        "It has paid for itself after {n} month; at the end {amount} are left.",
        "It has paid for itself after {n} months; at the end {amount} are left.",
        list(path).index(paid_back) + 1,
        amount=amount,
    )


def _payback(path: Sequence[MonthAhead], is_paid: bool, missing: str, t: LocaleTranslator) -> str:
    """When the machine has paid for itself, or what is missing where it never has."""
    if is_paid:
        return t.plural(
            "It has paid for itself after {n} month.", "It has paid for itself after {n} months.", len(path)
        )
    if not path[-1].economics.pays:
        # Translators: {n} is a number of months, {amount} what is missing of the machine's price.
        return t.plural(
            "It never pays for itself: after {n} month it earns nothing any more, and {amount} are missing.",
            "It never pays for itself: after {n} months it earns nothing any more, and {amount} are missing.",
            len(path),
            amount=missing,
        )
    # Translators: {n} is a number of months, {amount} what is missing of the machine's price.
    return t.plural(
        "It hasn't paid for itself after {n} month: {amount} are missing.",
        "It hasn't paid for itself after {n} months: {amount} are missing.",
        len(path),
        amount=missing,
    )


def _table(path: Sequence[MonthAhead], display: Display, count: int, t: LocaleTranslator) -> str:
    step = max(1, -(-len(path) // _MOST_ROWS))
    months = [month for number, month in enumerate(path, start=1) if number % step == 0]
    # Translators: a table of months, up to 9 letters each (Chinese: 4): the month, profit a day, sum so far.
    corner = t("month") if display is USD else formatting.money_unit(display)
    head = (corner, "BTC", t("a day"), t("sum"))
    rows = [
        head,
        *(
            (
                f"{month.day:%Y-%m}{'½' if month.halved else ''}",
                formatting.column(month.economics.btc_price_usd / display.of_btc_price.usd, 0, t),
                formatting.money_number(count * month.economics.profit_usd_per_day, display, t),
                formatting.money_number(count * month.total_profit_usd, display, t),
            )
            for month in months
        ),
    ]
    widths = [max(width(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        f"{left(row[0], widths[0])} "
        + " ".join(right(cell, columns) for cell, columns in zip(row[1:], widths[1:], strict=True))
        for row in rows
    )
