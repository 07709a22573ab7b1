"""Changing a chat's settings: the one way that every command and button goes."""

from collections.abc import Callable

from telegram import CallbackQuery, Update

from bot.i18n.translator import LocaleTranslator
from handlers.commands.subscriptions import ONLY_ADMINS
from handlers.context import HandlerContext
from handlers.language import telegram_language
from handlers.permissions import address, may_change
from handlers.replies import reply
from storage.chats import chats, digests, preferences
from storage.chats.preferences import ChatSettings
from storage.database import Database
from storage.outbox import silences


async def load_preferences(desk: HandlerContext, update: Update) -> ChatSettings:
    """The settings of the chat and topic an update comes from."""
    place = address(update)
    if place is None:
        return ChatSettings()
    return await desk.store.read(lambda db: preferences.load(db, place))


async def update_preferences(
    desk: HandlerContext, update: Update, wish: Callable[[ChatSettings], ChatSettings]
) -> ChatSettings:
    """Change them. The next digest is set anew, and what need not be held back any more goes out."""
    place, chat, now = address(update), update.effective_chat, desk.clock()
    if place is None or chat is None:
        return ChatSettings()

    def work(db: Database) -> ChatSettings:
        chats.remember(db, place, chat.type, now)
        preferences.note_language(db, place, telegram_language(update))
        before = preferences.load(db, place)
        after = digests.scheduled(db, wish(before), now)
        preferences.save(db, place, after)
        if after != before:
            silences.release(db, place, now)  # what is still to be held back is put off again
        return after

    after = await desk.store.write(work)
    desk.wake()
    return after


async def require_admin(update: Update, t: LocaleTranslator) -> bool:
    """Whether the sender may not change this chat's settings; the sender is told so."""
    if await may_change(update):
        return False
    query: CallbackQuery | None = update.callback_query
    if query is not None:
        await query.answer(t(ONLY_ADMINS), show_alert=True)
    else:
        await reply(update, t(ONLY_ADMINS))
    return True


async def require_admin_in_channel(update: Update, t: LocaleTranslator) -> bool:
    """Whether a press that would only show something doesn't count: a channel's readers don't post in it."""
    message, query = update.effective_message, update.callback_query
    if query is None or message is None or message.sender_chat is None or await may_change(update):
        return False
    await query.answer(t(ONLY_ADMINS), show_alert=True)
    return True
