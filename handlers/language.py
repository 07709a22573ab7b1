"""The language of an answer: the chat's choice, else that of the sender."""

from telegram import Update

from bot.i18n.translator import LocaleTranslator, translator_for
from handlers.context import HandlerContext
from handlers.permissions import addresses_of
from storage.chats import preferences
from storage.database import Database


def telegram_language(update: Update) -> str | None:
    """The language that the Telegram of an update's sender is set to, when it says."""
    user = update.effective_user
    return None if user is None else user.language_code


async def translator_for_update(context: HandlerContext, update: Update) -> LocaleTranslator:
    """The language to answer an update in: the chat's choice, else the person's, else their Telegram's."""
    addresses = addresses_of(update)

    def choice(db: Database) -> str | None:
        return next((code for address in addresses if (code := preferences.load(db, address).language)), None)

    chat_language = await context.store.read(choice)
    return translator_for(chat_language or telegram_language(update))
