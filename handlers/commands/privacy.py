"""/privacy, /export and /forget: what is stored about a chat; all of it as a file; delete all of it."""

import io
import json

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import KeyboardButtonStyle

from bot.i18n.message import N_
from handlers.replies import reply_document
from handlers.routing import Permission, Request, button, command
from storage.chats import privacy
from storage.retention import SETTLED_FOR

_PREFIX, _FORGET, _KEEP = "f1:", "yes", "no"


@command(
    "privacy", N_("what I keep about this chat, and for how long"), Permission.ANYONE, is_for_asker_alone=True
)
async def show_privacy(request: Request) -> None:
    """Say what is kept, and for how long."""
    t = request.t
    lines = [
        f"<b>{t('What I keep about this chat')}</b>",
        t("• its number and kind, since when I know it, and the language Telegram names"),
        t("• what you set: subscriptions, watches, fleets, quiet hours, digest, language, a pinned message"),
        t(
            "• which messages I sent you and whether they arrived, for {days} days",
            days=t.number(SETTLED_FOR.days),
        ),
        *(
            [t("• webhooks and other services that you added for alerts, without their secrets")]
            if request.address.chat_id in request.context.admins
            else []
        ),
        t("I keep no names, no places and nothing you write; what you ask is answered and gone."),
        t("The rest stays until you delete it: /export gives you everything as a file, /forget deletes it."),
    ]
    await request.reply_to_asker("\n".join(lines))


@command("export", N_("everything I keep about this chat, as a file"), Permission.ADMIN)
async def export(request: Request) -> None:
    """Send everything as a JSON file."""
    t, context, chat_id = request.t, request.context, request.address.chat_id
    tables = await context.store.read(lambda db: privacy.export(db, chat_id))
    content = {"chat_id": chat_id, "exported_at": context.clock().isoformat(), **tables}
    file = io.BytesIO(json.dumps(content, ensure_ascii=False, indent=2).encode())
    rows = sum(len(table) for table in tables.values())
    caption = t.plural("Everything I keep: {n} row.", "Everything I keep: {n} rows.", rows)
    await reply_document(request.update, file, "minerwatch.json", caption)


@command("forget", N_("delete everything I keep about this chat"), Permission.ADMIN)
async def forget(request: Request) -> None:
    """Ask for confirmation before everything is deleted."""
    t = request.t
    keyboard = InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(
                    t("Delete everything"),
                    callback_data=f"{_PREFIX}{_FORGET}",
                    style=KeyboardButtonStyle.DANGER,
                ),
                InlineKeyboardButton(t("Keep it"), callback_data=f"{_PREFIX}{_KEEP}"),
            ]
        ]
    )
    text = t(
        "Shall I delete everything I keep about this chat, in all its topics? You will hear nothing any "
        "more, and it can't be undone. /export first gives you a copy."
    )
    await request.reply(text, keyboard)


@button(_PREFIX, permission=Permission.ADMIN)
async def forget_button(request: Request) -> None:
    """Delete everything, or nothing."""
    t, chat_id = request.t, request.address.chat_id
    if request.data == _FORGET:
        await request.context.store.write(lambda db: privacy.forget(db, chat_id))
        request.context.follow_ups.forget(chat_id)
        request.context.unanswered.forget(chat_id)
        await request.context.store.erase()
        await request.answer(t("Deleted"))
        await request.edit(t("Everything about this chat is deleted. /start begins anew."))
    elif request.data == _KEEP:
        await request.answer(t("Nothing was deleted"))
        await request.edit(t("Nothing was deleted."))
    else:
        await request.answer_old_button("/forget")


HANDLERS = (show_privacy, export, forget, forget_button)
