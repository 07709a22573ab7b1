"""The language a chat is spoken to in: its own choice, else that of whoever writes."""

from telegram import Update

from handlers.access import address
from handlers.desk import Desk
from handlers.tongue import LANGUAGES, Tongue, speak
from storage import chat_settings

__all__ = ["LANGUAGES", "Tongue", "speak", "spoken_by", "tongue"]


def spoken_by(update: Update) -> str | None:
    """The language that the Telegram of an update's sender is set to, when it says."""
    user = update.effective_user
    return None if user is None else user.language_code


async def tongue(desk: Desk, update: Update) -> Tongue:
    """The language to answer an update in: the chat's own choice, else the person's Telegram's."""
    place = address(update)
    chosen = None
    if place is not None:
        chosen = (await desk.store.read(lambda db: chat_settings.load(db, place))).language
    return speak(chosen or spoken_by(update))
