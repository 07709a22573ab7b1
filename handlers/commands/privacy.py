"""/privacy, /export and /forget: what is kept about a chat, all of it as a file, and none of it any more."""

import io
import json
from functools import partial

from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler, ContextTypes

from handlers import preferences
from handlers.commands.subscriptions import OLD_BUTTON
from handlers.context import App, HandlerContext
from handlers.language import translator_for_update
from handlers.menus import command
from handlers.permissions import address
from handlers.replies import edit, reply
from storage.chats import privacy
from storage.retention import SETTLED_FOR

COMMANDS = (
    BotCommand("privacy", "what I keep about this chat, and for how long"),
    BotCommand("export", "everything I keep about this chat, as a file"),
    BotCommand("forget", "delete everything I keep about this chat"),
)

_FORGET, _KEEP = "f1:yes", "f1:no"


def register(application: App, desk: HandlerContext) -> None:
    """Add the commands and the confirmation's buttons."""
    application.add_handler(command("privacy", partial(_privacy, desk)))
    application.add_handler(command("export", partial(_export, desk)))
    application.add_handler(command("forget", partial(_forget, desk)))
    application.add_handler(CallbackQueryHandler(partial(_button, desk), pattern="^f1:"))


async def _privacy(desk: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    t = await translator_for_update(desk, update)
    lines = [
        f"<b>{t('What I keep about this chat')}</b>",
        t("• its number and kind, since when I know it, and the language Telegram names"),
        t("• what you set: subscriptions, watches, fleets, quiet hours, digest, language, a pinned message"),
        t(
            "• which messages I sent you and whether they arrived, for {days} days",
            days=t.number(SETTLED_FOR.days),
        ),
        t("I keep no names, no places and nothing you write; what you ask is answered and gone."),
        t("The rest stays until you delete it: /export gives you everything as a file, /forget deletes it."),
    ]
    await reply(update, "\n".join(lines))


async def _export(desk: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    place, message = address(update), update.effective_message
    if place is None or message is None:
        return
    t = await translator_for_update(desk, update)
    if await preferences.require_admin(update, t):
        return
    held = await desk.store.read(lambda db: privacy.export(db, place.chat_id))
    whole = {"chat_id": place.chat_id, "exported_at": desk.clock().isoformat(), **held}
    written = io.BytesIO(json.dumps(whole, ensure_ascii=False, indent=2).encode())
    rows = sum(len(part) for part in held.values())
    caption = t.plural("Everything I keep: {n} row.", "Everything I keep: {n} rows.", rows)
    await message.reply_document(written, caption=caption, filename="minerwatch.json")


async def _forget(desk: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    t = await translator_for_update(desk, update)
    if await preferences.require_admin(update, t):
        return
    keyboard = InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(t("Delete everything"), callback_data=_FORGET),
                InlineKeyboardButton(t("Keep it"), callback_data=_KEEP),
            ]
        ]
    )
    text = t(
        "Shall I delete everything I keep about this chat, in all its topics? You will hear nothing any "
        "more, and it can't be undone. /export first gives you a copy."
    )
    await reply(update, text, keyboard)


async def _button(desk: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    query, place = update.callback_query, address(update)
    if query is None or place is None:
        return
    t = await translator_for_update(desk, update)
    if await preferences.require_admin(update, t):
        return
    if query.data == _FORGET:
        await desk.store.write(lambda db: privacy.forget(db, place.chat_id))
        await desk.store.forget_journal()
        await query.answer(t("Deleted"))
        await edit(query, t("Everything about this chat is deleted. /start begins anew."))
    elif query.data == _KEEP:
        await query.answer(t("Nothing was deleted"))
        await edit(query, t("Nothing was deleted."))
    else:
        await query.answer(t(OLD_BUTTON, command="/forget"))
