"""/status: where every signal and the phase stand."""

from functools import partial

from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler, ContextTypes

from bot.i18n.translator import LocaleTranslator
from bot.mining.shutdown_text import shutdown_line
from bot.signals.status import signal_statuses
from bot.sources.types import RejectedSeries
from handlers import preferences
from handlers.context import App, HandlerContext
from handlers.language import translator_for_update
from handlers.menus import command
from handlers.replies import edit, reply
from handlers.views import alerts

COMMANDS = (BotCommand("status", "each signal with value, threshold, state, source and age"),)

REFRESH, ANEW = "r1:", "r1:new"
"""Callback data: renew the message above the button, or send one under a message of another kind."""


def register(application: App, desk: HandlerContext) -> None:
    """Add the command and its buttons."""
    application.add_handler(command("status", partial(_status, desk)))
    application.add_handler(CallbackQueryHandler(partial(_button, desk), pattern=f"^{REFRESH}"))


def text(desk: HandlerContext, t: LocaleTranslator) -> str:
    """Where everything stands now."""
    view = desk.view()
    phase = view.standing.phase
    statuses = signal_statuses(view.rules, view.standing)
    notes = [] if view.shutdowns is None else [shutdown_line(view.shutdowns, t)]
    if view.books is not None:
        notes.append(view.books(t))
    notes += [_untrusted(one, t) for one in view.refused]
    return alerts.status(statuses, phase.phase, phase.since, view.polled_at, desk.clock(), t, notes)


def _untrusted(one: RejectedSeries, t: LocaleTranslator) -> str:
    # Translators: {series} is a name like btc.price, {reason} what is wrong with the providers' answers.
    return t("{series} has no trustworthy value: {reason}", series=one.series, reason=one.reason(t))


def _keyboard(t: LocaleTranslator) -> InlineKeyboardMarkup:
    chart = InlineKeyboardButton(t("Chart"), callback_data="c2:price:365:0:")
    return InlineKeyboardMarkup([[InlineKeyboardButton(t("Refresh"), callback_data=REFRESH), chart]])


async def _status(desk: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    t = await translator_for_update(desk, update)
    await reply(update, text(desk, t), _keyboard(t))


async def _button(desk: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    query = update.callback_query
    if query is None:
        return
    t = await translator_for_update(desk, update)
    if await preferences.require_admin_in_channel(update, t):
        return
    await query.answer()
    if query.data == ANEW:
        await reply(update, text(desk, t), _keyboard(t))
    else:
        await edit(query, text(desk, t), _keyboard(t))
