"""Answers to breakeven questions as text and buttons (Telegram's HTML)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n.translator import LocaleTranslator
from bot.mining import formatting
from bot.mining.answer import Answer, Input
from bot.mining.machines import Catalogue, Machine, short_name
from bot.mining.parsing.question_text import to_command_text
from bot.mining.parsing.units import Money
from bot.mining.question import Question
from handlers.html import html

ASK, CHART, SUPPOSE = "b1:a:", "b1:c:", "b1:w:"
"""Callback data: version, what to do, and the question as a command's text."""

_LONGEST_DATA = 64
_STEPS_USD_PER_KWH = (-0.02, -0.01, 0.01, 0.02)


def breakeven(answer: Answer, t: LocaleTranslator) -> str:
    """The answer: what was understood, one sentence, a table for a phone, the inputs with their age."""
    now = answer.now
    name, figures = now.machine, formatting.figures(now, t)
    return "\n".join(
        (
            f"<b>{html(name)}</b> · {html(figures)}" if name else f"<b>{html(figures)}</b>",
            # Translators: {question} is what was understood: “power 7 c/kWh, pool fee 2 %”.
            t("Understood: {question}", question=html(formatting.understood(answer, t))),
            f"\n<b>{html(formatting.headline(answer, t))}</b>",
            f"<pre>{html(formatting.table(formatting.rows(answer, t)))}</pre>",
            html(formatting.leverage(now, t)),
            readings(answer.inputs, answer.at, t),
        )
    )


def readings(inputs: Sequence[Input], at: datetime, t: LocaleTranslator) -> str:
    """The readings an answer rests on with origin and age, and a warning when one is old."""
    ages = f"<i>{html(formatting.ages(inputs, at, t))}</i>"
    warning = formatting.warning(inputs, at, t)
    return f"{ages}\n⚠ {html(warning)}" if warning else ages


def keyboard(answer: Answer, catalogue: Catalogue, t: LocaleTranslator) -> InlineKeyboardMarkup:
    """Other power prices, other machines, the chart and two suppositions."""
    question = answer.question
    price = answer.now.power_price_usd_per_kwh
    others = [max(round(price + step, 3), 0.0) for step in _STEPS_USD_PER_KWH]
    prices = [
        _button(
            f"{formatting.plain(100 * other, t)} c",
            ASK,
            replace(question, power_price=Money(other)),
            catalogue,
        )
        for other in dict.fromkeys(others)
        if other != price
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
    rows = [[button for button in row if button is not None] for row in (prices, machines, more)]
    return InlineKeyboardMarkup([row for row in rows if row])


def _neighbours(question: Question, catalogue: Catalogue) -> Sequence[Machine]:
    """Up to three other machines: another bin, and the next better and worse in J/TH."""
    own = question.rig.name
    if own is None:
        return ()
    bins = [machine for machine in catalogue.bins(own) if machine.hashrate_ths != question.rig.hashrate_ths]
    usual = sorted((catalogue.pick(model) for model in catalogue.models), key=_efficiency)
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
