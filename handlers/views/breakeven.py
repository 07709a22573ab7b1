"""Answers to breakeven questions as text and buttons (Telegram's HTML)."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n.message import N_, commas, left, right, width
from bot.i18n.translator import LocaleTranslator
from bot.mining import answer_lines, assumptions, formatting, mining_time_lines, required_lines
from bot.mining.answer import Answer, Input
from bot.mining.economics import Economics
from bot.mining.errors import InvalidQuestion
from bot.mining.goal import Goal
from bot.mining.machine_names import short_name
from bot.mining.machines import Catalogue, Machine
from bot.mining.mining_time import MiningTime
from bot.mining.parsing.question_text import to_command_text
from bot.mining.parsing.reader import parse_command
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import Focus, MachineComparison, Question
from bot.mining.required_price import RequiredPrice
from handlers.html import html
from handlers.views.watch_offer import watch_offer_button

ASK, CHART, SUPPOSE, STEP = "b1:a:", "b1:c:", "b1:w:", "b1:s:"
"""Callback data: version, what to do, and the question as a command's text."""

_LONGEST_DATA = 64
_STEPS = (-2, -1, 1, 2)


def breakeven(answer: Answer, t: LocaleTranslator, goal: Goal | None = None) -> str:
    """The answer: what was understood, one sentence, a table for a phone, the inputs with their age.

    With a goal it says first that these are the machines which reach it.
    """
    return _card(answer, t, None if goal is None else _needed(answer, goal, t))


def required(required: RequiredPrice, t: LocaleTranslator) -> str:
    """The price that is sought in a line of its own, above the answer at the prices of now."""
    return _card(required.now, t, required_lines.sentence(required, t))


def mining_time(result: MiningTime, t: LocaleTranslator) -> str:
    """How long an amount of bitcoin takes in a line of its own, above the answer at the figures of now."""
    return _card(result.now, t, mining_time_lines.sentence(result, t))


def _card(answer: Answer, t: LocaleTranslator, lead: str | None) -> str:
    """The parts of an answer, with a line of its own ahead of the headline."""
    now = answer.now
    name, figures = now.machine, formatting.figures(now, t)
    return "\n".join(
        (
            f"<b>{html(name)}</b> · {html(figures)}" if name else f"<b>{html(figures)}</b>",
            # Translators: {question} is what was understood: “power 7 c/kWh, pool fee 2 %”.
            t("Understood: {question}", question=html(assumptions.understood(answer, t))),
            *([] if lead is None else [f"\n<b>{html(lead)}</b>"]),
            f"\n<b>{html(answer_lines.headline(answer, t))}</b>",
            f"<pre>{html(formatting.table(answer_lines.rows(answer, t)))}</pre>",
            *filter(None, [html(answer_lines.solo(answer, t) or "")]),
            html(answer_lines.leverage(answer, t)),
            readings(answer.inputs, answer.at, t),
        )
    )


def _needed(answer: Answer, goal: Goal, t: LocaleTranslator) -> str:
    """How many machines reach a goal."""
    count = answer.question.count
    machines = t.plural("{n} machine", "{n} machines", count)
    if goal.amount is None:
        hashrate = f"{formatting.plain(goal.hashrate_ths or 0.0, t)} TH/s"
        # Translators: {goal} is a hashrate or an amount, {machines} such as “285 machines”.
        return t("For {goal} it takes {machines}.", goal=hashrate, machines=machines)
    if answer.question.rig.name is None and answer.question.scaled:
        machines = f"{formatting.plain(answer.now.hashrate_ths, t)} TH/s"
    amount = f"{formatting.plain(goal.amount.amount, t, 8)} {goal.amount.currency}"
    wanted = t(answer_lines.PER_PERIOD[goal.period], amount=amount)
    if goal.amount.currency is Currency.BTC:
        return t("For {goal} it takes {machines}.", goal=wanted, machines=machines)
    # Translators: {goal} is an amount of money in a span of time, {machines} such as “285 machines”.
    return t("For {goal} of profit it takes {machines}.", goal=wanted, machines=machines)


def comparison(asked: MachineComparison, answers: Sequence[Answer], t: LocaleTranslator) -> str:
    """Several machines side by side, the best first: the profit of the time asked for, what stops each, and
    what was understood.

    Where they have prices, when each has paid for itself stands in place of its J/TH. Asked for,
    it says first which of them stops paying first, or how many of all machines pay.
    """
    priced = [each for each in answers if each.question.machine_price is not None]
    is_upgrade = len(answers) == 2 and len(priced) == 1
    has_prices = bool(priced) and not is_upgrade
    best = sorted(answers, key=_payback if has_prices else lambda each: -_profit_usd(each))
    paying = _how_many_pay(best, asked.makers, t) if asked.of_all else ""
    best = best[:_MOST_SHOWN]
    first = best[0]
    counted = asked.adds or any(each.question.count != 1 for each in answers)
    shared = first.question.shared_cost
    if counted and shared is not None:  # each kind of machine has its share of it
        shares = [each.question.shared_cost for each in answers]
        shared = replace(shared, amount=sum(share.amount for share in shares if share is not None))
    of_one = replace(first, question=replace(first.question, count=1, machine_price=None, shared_cost=shared))
    # Translators: a column of a table, up to 8 letters (Chinese: 4): how long until it is paid for.
    head = ("", t("profit"), t("stops at"), t("paid in") if has_prices else "J/TH")
    rows = [
        (
            (f"{each.question.count} × " if counted else "") + _name_among(each, best),
            formatting.money(_profit_usd(each), each.display, t).split(" ")[0],
            "–"
            if each.now.breakeven_btc_price_usd is None
            else formatting.number(each.now.breakeven_btc_price_usd / each.display.usd, 0, t),
            paid_in(each.now, t) if has_prices else formatting.number(each.now.efficiency_j_per_th, 1, t),
        )
        for each in best
    ]
    widths = [max(width(row[column]) for row in (head, *rows)) for column in range(4)]
    table = "\n".join(
        f"{left(row[0], widths[0])} "
        + " ".join(right(cell, columns) for cell, columns in zip(row[1:], widths[1:], strict=True))
        for row in (head, *rows)
    )
    inputs = tuple(dict.fromkeys(used for each in answers for used in each.inputs))
    total = sum(_profit_usd(each) for each in answers)
    heading = t(_HEADINGS[first.question.period], currency=first.display.currency)
    amount = formatting.money(total, first.display, t)
    together = t(_TOGETHER[first.question.period], profit=amount)
    return "\n".join(
        (
            t(
                "Understood: {question}",
                question=html(_understood(asked, of_one, answers, t, of_several=counted)),
            ),
            *([f"<b>{html(_first_to_stop(best, t))}</b>"] if asked.by_limit else ()),
            *([f"<b>{html(paying)}</b>"] if paying else ()),
            *([f"<b>{html(_upgrade(priced[0], best, t))}</b>"] if is_upgrade else ()),
            f"<b>{html(heading)}</b>",
            f"<pre>{html(table)}</pre>",
            *([html(together)] if counted and first.question.site_power_w is None else ()),
            readings(inputs, first.at, t),
        )
    )


def _understood(
    asked: MachineComparison,
    first: Answer,
    answers: Sequence[Answer],
    t: LocaleTranslator,
    *,
    of_several: bool,
) -> str:
    """What was taken from the question, whose machines are compared, and what feeds them."""
    of_one = replace(first, question=replace(first.question, count=1, circuit=None))
    tariffs = {each.base_power_price_usd for each in answers}
    named = [(_name_among(each, answers), each) for each in answers] if len(tariffs) > 1 else []
    understood = assumptions.understood(of_one, t, of_several=of_several, with_tariffs=named)
    parts = []
    if asked.makers:
        # Translators: {makers} is such as “Bitmain or MicroBT”: only their machines are compared.
        parts.append(t("only machines by {makers}", makers=t.either(list(asked.makers))))
    if first.question.site_power_w is not None:
        # Translators: stands before “on 400 kW” or “on 100 A, 240 V”: so many machines as that can feed.
        parts.append(assumptions.fed(t("as many as fit"), first.question, t))
    return commas([*parts, understood], t)


_MOST_SHOWN = 5


def _how_many_pay(best: Sequence[Answer], makers: Sequence[str], t: LocaleTranslator) -> str:
    """How many of all machines, or those of some makers, pay, and the one that takes most power of them."""
    paying = [each for each in best if each.now.pays]
    if not paying and makers:
        # Translators: {n} is a number of machines, {makers} such as “Bitmain or MicroBT”.
        return t(
            "None of the {n} machines by {makers} I know pays.",
            n=t.number(len(best)),
            makers=t.either(list(makers)),
        )
    if not paying:
        return t("None of the {n} machines I know pays.", n=t.number(len(best)))
    last = max(paying, key=lambda each: each.now.efficiency_j_per_th)
    if makers:
        # Translators: {paying} and {n} are numbers of machines, {makers} such as “Bitmain or MicroBT”,
        # {machine} the one of them with most J/TH.
        return t(
            "{paying} of the {n} machines by {makers} I know pay, down to {machine} with {efficiency} J/TH.",
            paying=t.number(len(paying)),
            n=t.number(len(best)),
            makers=t.either(list(makers)),
            machine=short_name(last.now.machine or ""),
            efficiency=formatting.number(last.now.efficiency_j_per_th, 1, t),
        )
    # Translators: {paying} and {n} are numbers of machines, {machine} the one of them with most J/TH.
    return t(
        "{paying} of the {n} machines I know pay, down to {machine} with {efficiency} J/TH.",
        paying=t.number(len(paying)),
        n=t.number(len(best)),
        machine=short_name(last.now.machine or ""),
        efficiency=formatting.number(last.now.efficiency_j_per_th, 1, t),
    )


def _upgrade(new: Answer, both: Sequence[Answer], t: LocaleTranslator) -> str:
    """What machines that take the place of others make more, and when what they cost has come back so."""
    old = next(each for each in both if each is not new)
    daily = [each.now.profit_usd_per_day * each.question.count for each in (new, old)]
    gain, name, before = daily[0] - daily[1], _counted(new, both), _counted(old, both)
    paid, number = new.question.machine_price, new.question.count
    price = "" if paid is None else f"{formatting.plain(paid.amount * number, t)} {paid.currency}"
    if gain <= 0.0 or new.now.payback_days is None:
        # Translators: {new} and {old} are machines, {price} is money.
        return t("{new} in place of {old} never earns back its {price}.", new=name, old=before, price=price)
    price_usd = new.now.payback_days * new.now.profit_usd_per_day * number
    # Translators: {new} and {old} are machines, {gain} and {price} money, {days} such as “346 days”.
    return t(
        "{new} makes {gain} a day more than {old}: its {price} come back in {days}.",
        new=name,
        old=before,
        gain=formatting.money(gain, new.display, t),
        price=price,
        days=formatting.days(math.ceil(price_usd / gain), t),
    )


def _first_to_stop(answers: Sequence[Answer], t: LocaleTranslator) -> str:
    """Which machine stops paying first when bitcoin falls, and below which price."""
    first = max(answers, key=lambda each: each.now.breakeven_btc_price_usd or math.inf)
    name, price = _name_among(first, answers), first.now.breakeven_btc_price_usd
    if price is None:
        # Translators: {machine} is a machine's name.
        return t("{machine} stops first: it pays at no bitcoin price.", machine=name)
    amount = formatting.money(price, first.display.of_btc_price, t)
    # Translators: {machine} is a machine's name, {price} a bitcoin price.
    return t(
        "{machine} stops first: it pays above a bitcoin price of {price} only.", machine=name, price=amount
    )


def _counted(answer: Answer, others: Sequence[Answer]) -> str:
    """A machine's short name behind the number of them, where there are several."""
    name, count = _name_among(answer, others), answer.question.count
    return name if count == 1 else f"{count} × {name}"


def _name_among(answer: Answer, others: Sequence[Answer]) -> str:
    """A machine's short name, with its hashrate where another of that name stands beside it."""
    same = sum(1 for each in others if each.now.machine == answer.now.machine)
    name = short_name(answer.now.machine or "")
    return f"{name} {answer.now.hashrate_ths:g}T" if same > 1 else name


# Translators: above a table of machines; {currency} is such as USD.
_HEADINGS = {
    "hour": N_("An hour in {currency}, the best first:"),
    "day": N_("A day in {currency}, the best first:"),
    "week": N_("A week in {currency}, the best first:"),
    "month": N_("A month in {currency}, the best first:"),
    "year": N_("A year in {currency}, the best first:"),
}
# Translators: {profit} is an amount of money with its sign, of several kinds of machines.
_TOGETHER = {
    "hour": N_("Together {profit} an hour"),
    "day": N_("Together {profit} a day"),
    "week": N_("Together {profit} a week"),
    "month": N_("Together {profit} a month"),
    "year": N_("Together {profit} a year"),
}


def _profit_usd(answer: Answer) -> float:
    """The profit of all machines asked about, as long as was asked."""
    days = answer_lines.DAYS_OF[answer.question.period]
    return answer.now.profit_usd_per_day * answer.question.count * days


def _payback(answer: Answer) -> float:
    return math.inf if answer.now.payback_days is None else answer.now.payback_days


def paid_in(economics: Economics, t: LocaleTranslator) -> str:
    """How long until a machine has paid for itself."""
    # Translators: /whatif and /fleet tables, up to 8 letters (Chinese: 4): no bitcoin price is high enough.
    never = t("never")
    days = economics.payback_days
    return never if days is None else formatting.days(math.ceil(days), t)


def readings(inputs: Sequence[Input], at: datetime, t: LocaleTranslator) -> str:
    """The readings an answer rests on with origin and age, and a warning when one is old."""
    ages = f"<i>{html(assumptions.ages(inputs, at, t))}</i>"
    warning = assumptions.warning(inputs, at, t)
    return f"{ages}\n⚠ {html(warning)}" if warning else ages


def keyboard(
    answer: Answer,
    catalogue: Catalogue,
    t: LocaleTranslator,
    before: Question | None = None,
    *,
    has_steppers: bool = False,
) -> InlineKeyboardMarkup:
    """Other power prices, other machines, the chart and two suppositions; the widget where it is offered.

    `before` is the question of the answer that this one takes the place of: there is always a way back to it.
    """
    question = answer.question
    prices = [
        _button(_price_label(other, t), ASK, replace(question, power_price=other, zone=None), catalogue)
        for other in _other_prices(answer)
    ]
    machines = [
        _button(
            short_name(machine.name),
            ASK,
            replace(question, rig=machine.rig(), scaled=False, machine_price=None),
            catalogue,
        )
        for machine in _neighbours(question, catalogue)
    ]
    more = [
        _button(t("Chart"), CHART, question, catalogue),
        _button(f"BTC {formatting.change(-0.2, t, 0)}", SUPPOSE, question, catalogue, " price=-20%"),
        # Translators: a button: suppose that the block subsidy is halved.
        _button(t("Halving"), SUPPOSE, question, catalogue, " halving=yes"),
    ]
    # Translators: a button: a widget in which prices are stepped up and down.
    steppers = [_button(f"± {t('Step through')}", STEP, question, catalogue)] if has_steppers else []
    line = _watch_line(answer)
    watch = [watch_offer_button(line, t)] if line else []
    rows = [
        [button for button in row if button is not None] for row in (prices, machines, more, watch, steppers)
    ]
    if before is not None and before != question:
        label = "↩ " + " · ".join(filter(None, [short_name(before.rig.name or ""), _asked_price(before, t)]))
        back = _button(label, ASK, before, catalogue)
        callback_data = {button.callback_data for row in rows for button in row}
        if back is not None and back.callback_data not in callback_data:
            rows.append([back])
    return InlineKeyboardMarkup([row for row in rows if row])


def _watch_line(answer: Answer) -> str:
    """A watch of the bitcoin price at which it stops paying, where that was asked; "" otherwise."""
    price = answer.now.breakeven_btc_price_usd
    if answer.question.focus is not Focus.BTC_PRICE or not price or answer.question.btc_price is not None:
        return ""
    return f"price {'below' if answer.now.pays else 'above'} {price:.0f}"


def _asked_price(question: Question, t: LocaleTranslator) -> str:
    return "" if question.power_price is None else _price_label(question.power_price, t)


def question_under(markup: InlineKeyboardMarkup | None, catalogue: Catalogue) -> Question | None:
    """The question that an answer's chart button carries; None for a message without one."""
    for button in (button for row in (markup.inline_keyboard if markup else ()) for button in row):
        data = str(button.callback_data or "")
        if data.startswith(CHART):
            try:
                return parse_command(data.removeprefix(CHART), catalogue)
            except InvalidQuestion:  # written by an older version
                return None
    return None


def _other_prices(answer: Answer) -> list[Money]:
    """Power prices around the one asked for, in its currency."""
    price = answer.question.power_price or Money(round(answer.base_power_price_usd, 4))
    if price.currency in (Currency.USD, Currency.EUR):
        amounts = [round(price.amount + count * _step(price.amount), 4) for count in _STEPS]
    else:
        amounts = [float(f"{price.amount * (1.0 + share):.3g}") for share in (-0.2, -0.1, 0.1, 0.2)]
    others = [max(amount, 0.0) if price.amount >= 0.0 else amount for amount in amounts]
    return [Money(amount, price.currency) for amount in dict.fromkeys(others) if amount != price.amount]


def _step(price: float) -> float:
    """How far apart neighbouring power prices stand, USD or EUR per kWh: 1 c at 7 c, 5 c at 70 c."""
    return next(step for limit, step in ((0.2, 0.01), (0.5, 0.02), (math.inf, 0.05)) if abs(price) <= limit)


def _price_label(price: Money, t: LocaleTranslator) -> str:
    if price.currency is Currency.USD:
        return f"{formatting.plain(100 * price.amount, t)} c"
    if price.currency is Currency.EUR:
        return f"{formatting.plain(100 * price.amount, t)} €c"
    return f"{formatting.plain(price.amount, t, 8)} {price.currency}"


def _neighbours(question: Question, catalogue: Catalogue) -> Sequence[Machine]:
    """Up to three other machines: another bin, and the next better and worse in J/TH."""
    own = question.rig.name
    if own is None:
        return ()
    bins = [machine for machine in catalogue.bins(own) if machine.hashrate_ths != question.rig.hashrate_ths]
    maker = catalogue.bins(own)[0].maker
    machines = (catalogue.pick(model) for model in catalogue.models)
    usual = sorted((machine for machine in machines if machine.maker == maker), key=_efficiency)
    better = [machine for machine in usual if _efficiency(machine) < 0.97 * question.rig.efficiency_j_per_th]
    worse = [machine for machine in usual if _efficiency(machine) > 1.03 * question.rig.efficiency_j_per_th]
    return (*bins[:1], *better[-1:], *worse[:1])


def _efficiency(machine: Machine) -> float:
    return machine.efficiency_j_per_th


def _button(
    label: str, action: str, question: Question, catalogue: Catalogue, more: str = ""
) -> InlineKeyboardButton | None:
    """A button that asks a question, or None when the question doesn't fit into one."""
    data = f"{action}{to_command_text(question, catalogue)}{more}"
    return InlineKeyboardButton(label, callback_data=data) if len(data.encode()) <= _LONGEST_DATA else None
