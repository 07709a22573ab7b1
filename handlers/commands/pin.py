"""/pin: one message that always shows where things stand, pinned and edited in place."""

import logging
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from telegram import BotCommand, LinkPreviewOptions, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import ContextTypes, ExtBot

from bot.i18n.translator import LocaleTranslator, translator_for
from bot.signals.status import signal_statuses
from handlers import preferences as chat_preferences
from handlers.context import App, HandlerContext
from handlers.language import telegram_language, translator_for_update
from handlers.menus import command
from handlers.permissions import address
from handlers.replies import reply
from handlers.views import alerts
from storage.chats import chats, pins, preferences
from storage.chats.pins import Pin
from storage.database import Database
from storage.outbox.types import Priority

log = logging.getLogger(__name__)

PacedBot = ExtBot[Any]
"""A bot whose messages wait their turn; these wait behind everything else."""

COMMANDS = (BotCommand("pin", "one pinned message that always shows the status; /pin off ends it"),)

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_EDIT_EVERY = timedelta(minutes=10)  # of one message; Telegram counts edits like messages
_GONE = ("message to edit not found", "message can't be edited", "chat not found", "message_id_invalid")


def register(application: App, desk: HandlerContext) -> None:
    """Add the command."""
    application.add_handler(command("pin", partial(_command, desk)))


async def _command(desk: HandlerContext, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    place, chat, message, now = address(update), update.effective_chat, update.effective_message, desk.clock()
    if place is None or chat is None or message is None:
        return
    t = await translator_for_update(desk, update)
    if await chat_preferences.require_admin(update, t):
        return
    before = await desk.store.read(lambda db: pins.of(db, place))
    if before is not None:
        await desk.store.write(lambda db: pins.forget(db, place, before.message_id))
        await _unpin(context.bot, before)
    if [word.lower() for word in context.args or ()] == ["off"]:
        await reply(update, t("I keep no pinned status here any more."))
        return
    text = _text(desk, t)
    sent = await message.reply_text(text, parse_mode=ParseMode.HTML, link_preview_options=_NO_PREVIEW)

    def work(db: Database) -> None:
        chats.remember(db, place, chat.type, now)
        preferences.note_language(db, place, telegram_language(update))
        pins.save(db, Pin(place, sent.message_id, _hash(text), now))

    await desk.store.write(work)
    try:
        await context.bot.pin_chat_message(chat.id, sent.message_id, disable_notification=True)
    except TelegramError:
        await reply(update, t("I may not pin messages here; an admin can pin it, I keep it up to date."))


async def refresh(bot: PacedBot, desk: HandlerContext) -> int:
    """Edit every pinned status that shows something old; give how many. Called after each poll.

    A message is edited at most every ten minutes, unless the phase changed or a signal's state did, which is
    worth an edit at once: its hash covers those alone until the ten minutes have passed.
    """
    now, edited = desk.clock(), 0
    for pin in await desk.store.read(pins.every):
        text = _text(desk, translator_for(pin.language))
        fresh = _hash(text)
        if fresh == pin.text_hash:
            continue
        if now - pin.edited_at < _EDIT_EVERY and _gist(fresh) == _gist(pin.text_hash):
            continue
        if await _edit(bot, desk, pin, text, fresh, now):
            edited += 1
    return edited


async def _edit(bot: PacedBot, desk: HandlerContext, pin: Pin, text: str, fresh: str, now: datetime) -> bool:
    chat = pin.address.chat_id
    try:
        await bot.edit_message_text(
            text,
            chat,
            pin.message_id,
            parse_mode=ParseMode.HTML,
            link_preview_options=_NO_PREVIEW,
            rate_limit_args=Priority.DIGEST,
        )
    except (BadRequest, Forbidden) as error:
        said = str(error).lower()
        if isinstance(error, Forbidden) or any(words in said for words in _GONE):
            await desk.store.write(lambda db: pins.forget(db, pin.address, pin.message_id))
            return False
        if "not modified" not in said:
            log.error(f"a pinned status could not be edited: {error}")
            return False
    except TelegramError as error:  # the next poll tries again
        log.info(f"a pinned status waits for the next poll: {error}")
        return False
    await desk.store.write(lambda db: pins.save(db, Pin(pin.address, pin.message_id, fresh, now)))
    return True


async def _unpin(bot: PacedBot, pin: Pin) -> None:
    try:
        await bot.unpin_chat_message(pin.address.chat_id, pin.message_id)
    except TelegramError:  # unpinned or deleted by somebody already
        return


def _text(desk: HandlerContext, t: LocaleTranslator) -> str:
    """The status without anything that changes by time alone: figures carry their moment, not their age."""
    view = desk.view()
    statuses = signal_statuses(view.rules, view.standing)
    return alerts.board(statuses, view.standing.phase, t)


def _hash(text: str) -> str:
    """Two digests in one: of the gist, which is each line's words without figures, and of everything."""
    gist = "".join(char for char in text if not char.isdigit() and char not in ".,−+-")
    return f"{sha256(gist.encode()).hexdigest()[:16]}:{sha256(text.encode()).hexdigest()[:16]}"


def _gist(text_hash: str) -> str:
    return text_hash.partition(":")[0]
