"""The buttons under an alert: acknowledge, chart, why, status, and quiet for a while."""

from collections.abc import Sequence
from functools import partial

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest
from telegram.ext import CallbackQueryHandler, ContextTypes

from bot.i18n.translator import LocaleTranslator
from bot.signals.alert import Alert, AlertKind
from handlers.commands import chart, why
from handlers.commands.subscriptions import OLD_BUTTON, ONLY_ADMINS
from handlers.context import App, HandlerContext
from handlers.language import translator_for_update
from handlers.permissions import address, may_change
from storage.chats import acknowledgements, chats
from storage.database import Database

ACKNOWLEDGE, STATUS = "k1:", "r1:new"
"""Callback data."""


def register(application: App, desk: HandlerContext) -> None:
    """Add the acknowledging button; the others belong to their own topics."""
    application.add_handler(CallbackQueryHandler(partial(_acknowledge, desk), pattern=f"^{ACKNOWLEDGE}"))


def keyboard(
    told: Sequence[Alert], alert_group: int, t: LocaleTranslator
) -> list[list[InlineKeyboardButton]]:
    """What can be done about the alerts of a group."""
    row = []
    if any(alert.kind in (AlertKind.FIRED, AlertKind.REMINDER, AlertKind.DATA_BACK) for alert in told):
        row.append(InlineKeyboardButton(t("Acknowledge"), callback_data=f"{ACKNOWLEDGE}{alert_group}"))
    shown = next((alert for alert in told if alert.kind is not AlertKind.PHASE), told[0])
    subject = chart.of_signal(shown.signal, shown.rule)
    row.append(InlineKeyboardButton(t("Chart"), callback_data=chart.data(subject)))
    row.append(InlineKeyboardButton(t("Why?"), callback_data=why.data(alert_group)))
    row.append(InlineKeyboardButton(t("Status"), callback_data=STATUS))
    return [row]


async def _acknowledge(desk: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    query, place, chat = update.callback_query, address(update), update.effective_chat
    if query is None or query.data is None or place is None or chat is None:
        return
    t = await translator_for_update(desk, update)
    if not await may_change(update):
        await query.answer(t(ONLY_ADMINS), show_alert=True)
        return
    number = query.data.removeprefix(ACKNOWLEDGE)
    now = desk.clock()

    def work(db: Database) -> int:
        chats.remember(db, place, chat.type, now)
        return acknowledgements.acknowledge(db, place, int(number)) if number.isdecimal() else 0

    if not await desk.store.write(work):
        await query.answer(t(OLD_BUTTON, command="/status"))
        return
    await query.answer(t("Acknowledged: no reminders until it is over"))
    message = update.effective_message
    held = message.reply_markup if message is not None else None
    if held is None:
        return
    who = query.from_user.first_name
    done = InlineKeyboardButton(f"✓ {t('Acknowledged')} · {who}"[:60], callback_data=query.data)
    rows = [[done if one.callback_data == query.data else one for one in row] for row in held.inline_keyboard]
    try:
        await query.edit_message_reply_markup(InlineKeyboardMarkup(rows))
    except BadRequest as error:
        if "not modified" not in str(error).lower():  # acknowledged before
            raise
