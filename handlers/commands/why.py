"""/why, and the button under an alert: what a figure is made of, and what came of it in the past."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from telegram import BotCommand, Update
from telegram.ext import CallbackQueryHandler, ContextTypes

from bot.i18n.translator import LocaleTranslator
from bot.signals.alert import Alert
from bot.signals.rules import COMPOSITE, SIGNALS, SUBSCRIPTIONS
from bot.signals.state_machine import RuleState
from handlers import preferences
from handlers.context import App, HandlerContext
from handlers.html import html
from handlers.language import translator_for_update
from handlers.menus import command
from handlers.replies import reply
from handlers.views import explanations, outflow
from storage.signals import alerts

COMMANDS = (BotCommand("why", "what an alert's figure is made of, and its past: /why price_drawdown"),)

_OUTFLOW = "miner_outflow"
_MOST = 4  # alerts of one message that are explained


def register(application: App, desk: HandlerContext) -> None:
    """Add the command and the button under alerts."""
    application.add_handler(command("why", partial(_why, desk)))
    application.add_handler(CallbackQueryHandler(partial(_button, desk), pattern=r"^y1:"))


def data(alert_group: int) -> str:
    """Callback data of the button under the message of an alert group."""
    return f"y1:{alert_group}"


async def _why(desk: HandlerContext, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    t = await translator_for_update(desk, update)
    word = "_".join(context.args or ()).lower().replace("-", "_").lstrip("#")
    if not word:
        recent = await desk.store.read(lambda db: alerts.recent(db, 1))
        if not recent:
            await reply(update, t("There was no alert yet. Ask about a signal: {examples}", examples=_ways()))
            return
        await _tell(desk, update, [recent[0][1]], t)
    elif word.isdecimal() and len(word) < 18:
        found = await desk.store.read(lambda db: alerts.of_ids(db, [int(word)]))
        if not found:
            await reply(
                update,
                t(
                    "I know no alert number {number}. Ask about a signal: {examples}",
                    number=html(word),
                    examples=_ways(),
                ),
            )
            return
        await _tell(desk, update, [found[0][1]], t)
    elif word in (*SUBSCRIPTIONS, "phase"):
        await reply(update, await _of_signal(desk, word, t))
        if word == _OUTFLOW:
            await _show_pools(desk, update, t)
    else:
        await reply(
            update,
            t(
                "I know no signal “{word}”. Ask for example: {examples}",
                word=html(word[:40]),
                examples=_ways(),
            ),
        )


async def _button(desk: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    query = update.callback_query
    if query is None or query.data is None:
        return
    t = await translator_for_update(desk, update)
    if await preferences.require_admin_in_channel(update, t):
        return
    number = query.data.removeprefix("y1:")
    is_number = number.isdecimal() and len(number) < 18
    told = await desk.store.read(lambda db: alerts.of_group(db, int(number))) if is_number else []
    if not told:
        await query.answer(t("I no longer know this alert."))
        return
    await query.answer()
    await _tell(desk, update, told[:_MOST], t)


async def _tell(desk: HandlerContext, update: Update, told: Sequence[Alert], t: LocaleTranslator) -> None:
    await reply(update, "\n\n".join([await _of_alert(desk, one, t) for one in told]))
    if any(alert.signal == _OUTFLOW for alert in told):
        await _show_pools(desk, update, t)


async def _of_alert(desk: HandlerContext, alert: Alert, t: LocaleTranslator) -> str:
    past, now, view = await desk.chronicle(), desk.clock(), desk.view()
    record = past.rules.get(alert.rule)
    if record is None:
        phase = view.standing.phase
        return explanations.why_phase(alert, phase.phase, phase.since, past, now, t)
    state = view.standing.rules.get(alert.rule, RuleState())
    return explanations.why_rule(record, state, desk.history(), past, now, t, alert)


async def _of_signal(desk: HandlerContext, signal: str, t: LocaleTranslator) -> str:
    past, now, view = await desk.chronicle(), desk.clock(), desk.view()
    if signal not in SIGNALS:
        recent = await desk.store.read(lambda db: alerts.newest_of(db, COMPOSITE))
        phase = view.standing.phase
        return explanations.why_phase(recent, phase.phase, phase.since, past, now, t)
    records = [one for one in past.rules.values() if one.rule.signal == signal]
    return "\n\n".join(
        explanations.why_rule(
            one, view.standing.rules.get(one.rule.id, RuleState()), desk.history(), past, now, t
        )
        for one in records
    )


async def _show_pools(desk: HandlerContext, update: Update, t: LocaleTranslator) -> None:
    """The week of the pool wallets, pool by pool; nothing while the ledger has no complete day."""
    history = desk.history()
    days = history.column("btc.miner_outflow")
    if not days.values:
        return
    last = date.fromordinal(days.last)
    evidence = await desk.store.read(lambda db: outflow.outflow_evidence(db, last))
    gross = history.newest("btc.miner_outflow_gross")
    await reply(update, outflow.outflow_text(evidence, t, [gross] if gross else []))


def _ways() -> str:
    return " · ".join(f"<code>/why {signal}</code>" for signal in SUBSCRIPTIONS)
