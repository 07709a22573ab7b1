"""The buttons under an alert: acknowledge, chart, why, status, and quiet for a while."""

from collections.abc import Sequence

from telegram import InlineKeyboardButton
from telegram.constants import ChatType
from telegram.error import TelegramError

from bot.i18n.translator import LocaleTranslator
from bot.signals.alert import Alert, AlertKind
from handlers.commands import chart, why
from handlers.preferences import remember_chat
from handlers.routing import Permission, Request, button
from storage.chats import acknowledgements
from storage.database import Database

ACKNOWLEDGE, STATUS = "k1:", "r1:new"
"""Callback data."""

_LONGEST_NAME = 24


def keyboard(
    group: Sequence[Alert],
    alert_group: int,
    t: LocaleTranslator,
    *,
    can_acknowledge: bool = True,
    acknowledged_by: str | None = None,
) -> list[list[InlineKeyboardButton]]:
    """What can be done about the alerts of a group.

    `acknowledged_by` is who has acknowledged it, "" where no name is shown, None when nobody has.
    """
    row = []
    is_firing = any(
        alert.kind in (AlertKind.FIRED, AlertKind.REMINDER, AlertKind.DATA_BACK) for alert in group
    )
    if is_firing and can_acknowledge:
        label = t("Acknowledge") if acknowledged_by is None else acknowledged_label(acknowledged_by, t)
        row.append(InlineKeyboardButton(label, callback_data=f"{ACKNOWLEDGE}{alert_group}"))
    first_alert = next((alert for alert in group if alert.kind is not AlertKind.PHASE), group[0])
    row.append(InlineKeyboardButton(t("Chart"), callback_data=chart.button_data(first_alert)))
    row.append(InlineKeyboardButton(t("Why?"), callback_data=why.data(alert_group)))
    row.append(InlineKeyboardButton(t("Status"), callback_data=STATUS))
    return [row]


@button(ACKNOWLEDGE, permission=Permission.ADMIN)
async def acknowledge(request: Request) -> None:
    """Stop the reminders of the message's episodes in this chat."""
    t, number = request.t, request.data
    name = await _public_name(request)

    def work(db: Database) -> int:
        remember_chat(db, request)
        known = number.isdecimal() and len(number) < 18
        return acknowledgements.acknowledge(db, request.address, int(number), name) if known else 0

    if not await request.context.store.write(work):
        await request.answer_old_button("/status")
        return
    await request.answer(t("Acknowledged: no reminders until it is over"))
    message = request.update.effective_message
    markup = message.reply_markup if message is not None else None
    if markup is None:
        return
    data = request.query.data
    done = InlineKeyboardButton(acknowledged_label(name, t), callback_data=data)
    await request.edit_keyboard(
        [
            [done if pressed.callback_data == data else pressed for pressed in row]
            for row in markup.inline_keyboard
        ]
    )


def acknowledged_label(by_name: str | None, t: LocaleTranslator) -> str:
    """The button's label after a press; in groups it names who pressed."""
    return f"✓ {by_name or t('Acknowledged')}"


async def _public_name(request: Request) -> str | None:
    """The first name of who pressed, in a group and unless they are anonymous there; else None."""
    chat, user = request.update.effective_chat, request.update.effective_user
    if chat is None or user is None or chat.type not in (ChatType.GROUP, ChatType.SUPERGROUP):
        return None
    try:
        member = await chat.get_member(user.id)
    except TelegramError:
        return None
    return None if getattr(member, "is_anonymous", False) else user.first_name[:_LONGEST_NAME]


HANDLERS = (acknowledge,)
