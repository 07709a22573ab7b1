"""Follow changes of the bot's membership, and groups that become supergroups."""

import logging
from functools import partial

from telegram import Bot, ChatMember, ChatMemberRestricted, ChatMemberUpdated, Update
from telegram.constants import ChatType, ParseMode
from telegram.error import TelegramError
from telegram.ext import ChatMemberHandler, ContextTypes, MessageHandler, filters

from bot.i18n.translator import translator_for
from handlers.context import App, HandlerContext
from handlers.html import html
from storage.chats import chat_migration, chats, preferences
from storage.chats.chats import Address
from storage.database import Database

log = logging.getLogger(__name__)

_INSIDE = (ChatMember.OWNER, ChatMember.ADMINISTRATOR, ChatMember.MEMBER)


def register(application: App, context: HandlerContext) -> None:
    """Add the handlers of the bot's own membership and of migrations."""
    application.add_handler(
        ChatMemberHandler(partial(_membership, context), chat_member_types=ChatMemberHandler.MY_CHAT_MEMBER)
    )
    application.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, partial(_migrated, context)))


async def _membership(context: HandlerContext, update: Update, telegram: ContextTypes.DEFAULT_TYPE) -> None:
    change = update.my_chat_member
    if change is None:
        return
    chat, now = change.chat, context.clock()
    was_inside, is_inside = _can_write(change.old_chat_member), _can_write(change.new_chat_member)
    if not is_inside:
        why = f"my membership became {change.new_chat_member.status}"
        await context.store.write(lambda db: chats.deactivate(db, chat.id, why))
        return

    def work(db: Database) -> None:
        chats.remember(db, Address(chat.id), chat.type, now)
        preferences.note_language(db, Address(chat.id), change.from_user.language_code)
        chats.reactivate(db, chat.id)

    await context.store.write(work)
    if not was_inside and chat.type != ChatType.PRIVATE:
        await _greet(change, telegram.bot)


async def _greet(change: ChatMemberUpdated, bot: Bot) -> None:
    """A few words to a group; of a channel to the person who added the bot, so that readers see nothing."""
    t = translator_for(change.from_user.language_code)
    if change.chat.type == ChatType.CHANNEL:
        to = change.from_user.id
        text = t(
            "I am in the channel <b>{title}</b> now. Post /subscribe there for alerts, or /pin for one "
            "message that always shows where things stand.",
            title=html(change.chat.title or ""),
        )
    else:
        to = change.chat.id
        text = t(
            "Hello! I watch Bitcoin miners for capitulation. An admin can tell me with /subscribe what to "
            "write here, in this topic or another; anyone may ask /status, /chart or /breakeven s19 0.07."
        )
    try:
        await bot.send_message(to, text, parse_mode=ParseMode.HTML)
    except TelegramError as error:  # no right to write there, or a person who never wrote to the bot
        log.info(f"nobody could be greeted after joining a {change.chat.type}: {error}")


def _can_write(member: ChatMember) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return member.is_member and member.can_send_messages
    return member.status in _INSIDE


async def _migrated(context: HandlerContext, update: Update, _telegram: ContextTypes.DEFAULT_TYPE) -> None:
    message = update.effective_message
    if message is None:
        return
    old, new = message.chat.id, message.migrate_to_chat_id
    if new is None and message.migrate_from_chat_id is not None:
        old, new = message.migrate_from_chat_id, message.chat.id
    if new is not None:
        await context.store.write(lambda db: chat_migration.move_address(db, (old, None), (new, None)))
