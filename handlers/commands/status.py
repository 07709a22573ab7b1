"""/status: where every signal and the phase stand."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.charts.spec import ChartSpec
from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator
from handlers.routing import Permission, Request, button, command
from handlers.views import chart as chart_view
from handlers.views import status as views

REFRESH, ANEW = "r1:", "r1:new"
"""Callback data: renew the message above the button, or send one under a message of another kind."""


def _text(request: Request) -> str:
    context = request.context
    is_operators = request.address.chat_id in context.admins
    return views.status(context.status(), context.clock(), request.t, for_operators=is_operators)


def _keyboard(t: LocaleTranslator) -> InlineKeyboardMarkup:
    chart = InlineKeyboardButton(t("Chart"), callback_data=chart_view.data(ChartSpec()))
    return InlineKeyboardMarkup([[InlineKeyboardButton(t("Refresh"), callback_data=REFRESH), chart]])


@command(
    "status",
    N_("where every signal and the phase stand"),
    Permission.ANYONE,
    in_group_menu=True,
)
async def status(request: Request) -> None:
    """Say where every signal and the phase stand."""
    await request.reply(_text(request), _keyboard(request.t))


@button(REFRESH, permission=Permission.ANYONE)
async def status_button(request: Request) -> None:
    """Renew the status above the button, or send one."""
    await request.answer()
    show = request.reply if request.query.data == ANEW else request.edit
    await show(_text(request), _keyboard(request.t))


HANDLERS = (status, status_button)
