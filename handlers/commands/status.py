"""/status: where every signal and the phase stand."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator
from bot.mining.shutdown_text import shutdown_line
from bot.signals.odds_text import index_line, odds_line
from bot.signals.status import signal_statuses
from bot.sources.types import RejectedSeries
from handlers.context import HandlerContext
from handlers.routing import Permission, Request, button, command
from handlers.views import alerts

REFRESH, ANEW = "r1:", "r1:new"
"""Callback data: renew the message above the button, or send one under a message of another kind."""


def text(context: HandlerContext, t: LocaleTranslator) -> str:
    """Where everything stands now."""
    view = context.status()
    phase = view.standing.phase
    statuses = signal_statuses(view.rules, view.standing)
    lines = [odds_line(view.odds, t), None if view.stress is None else index_line(view.stress, t)]
    notes = [line for line in lines if line is not None]
    notes += [] if view.shutdowns is None else [shutdown_line(view.shutdowns, t)]
    if view.books is not None:
        notes.append(view.books(t))
    notes += [_untrusted(rejected, t) for rejected in view.refused]
    shown = alerts.status(statuses, phase.phase, phase.since, view.polled_at, context.clock(), t, notes)
    return "\n".join([*alerts.outage(view.outage_since, t), shown])


def _untrusted(rejected: RejectedSeries, t: LocaleTranslator) -> str:
    # Translators: {series} is a name like btc.price, {reason} what is wrong with the providers' answers.
    return t("{series} has no trustworthy value: {reason}", series=rejected.series, reason=rejected.reason(t))


def _keyboard(t: LocaleTranslator) -> InlineKeyboardMarkup:
    chart = InlineKeyboardButton(t("Chart"), callback_data="c2:price:365:0:")
    return InlineKeyboardMarkup([[InlineKeyboardButton(t("Refresh"), callback_data=REFRESH), chart]])


@command(
    "status",
    N_("each signal with value, threshold, state, source and age"),
    Permission.ANYONE,
    in_group_menu=True,
)
async def status(request: Request) -> None:
    """Say where every signal and the phase stand."""
    await request.reply(text(request.context, request.t), _keyboard(request.t))


@button(REFRESH, permission=Permission.ANYONE)
async def status_button(request: Request) -> None:
    """Renew the status above the button, or send one."""
    await request.answer()
    show = request.reply if request.query.data == ANEW else request.edit
    await show(text(request.context, request.t), _keyboard(request.t))


HANDLERS = (status, status_button)
