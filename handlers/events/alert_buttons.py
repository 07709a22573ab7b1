"""The buttons under an alert: acknowledge, chart, why, status, and quiet for a while."""

from collections.abc import Sequence

from telegram import InlineKeyboardButton

from bot.i18n.translator import LocaleTranslator
from bot.signals.alert import Alert, AlertKind
from handlers.commands import chart, why
from handlers.preferences import remember_chat
from handlers.routing import Permission, Request, button
from storage.chats import acknowledgements
from storage.database import Database

ACKNOWLEDGE, STATUS = "k1:", "r1:new"
"""Callback data."""


def keyboard(
    group: Sequence[Alert], alert_group: int, t: LocaleTranslator
) -> list[list[InlineKeyboardButton]]:
    """What can be done about the alerts of a group."""
    row = []
    if any(alert.kind in (AlertKind.FIRED, AlertKind.REMINDER, AlertKind.DATA_BACK) for alert in group):
        row.append(InlineKeyboardButton(t("Acknowledge"), callback_data=f"{ACKNOWLEDGE}{alert_group}"))
    shown = next((alert for alert in group if alert.kind is not AlertKind.PHASE), group[0])
    subject = chart.of_signal(shown.signal, shown.rule)
    row.append(InlineKeyboardButton(t("Chart"), callback_data=chart.data(subject)))
    row.append(InlineKeyboardButton(t("Why?"), callback_data=why.data(alert_group)))
    row.append(InlineKeyboardButton(t("Status"), callback_data=STATUS))
    return [row]


@button(ACKNOWLEDGE, permission=Permission.ADMIN)
async def acknowledge(request: Request) -> None:
    """Stop the reminders of the message's episodes in this chat."""
    t, number = request.t, request.data

    def work(db: Database) -> int:
        remember_chat(db, request)
        known = number.isdecimal() and len(number) < 18
        return acknowledgements.acknowledge(db, request.address, int(number)) if known else 0

    if not await request.context.store.write(work):
        await request.answer_old_button("/status")
        return
    await request.answer(t("Acknowledged: no reminders until it is over"))
    message = request.update.effective_message
    markup = message.reply_markup if message is not None else None
    if markup is None:
        return
    data = request.query.data
    done = InlineKeyboardButton(f"✓ {t('Acknowledged')}", callback_data=data)
    await request.edit_keyboard(
        [
            [done if pressed.callback_data == data else pressed for pressed in row]
            for row in markup.inline_keyboard
        ]
    )


HANDLERS = (acknowledge,)
