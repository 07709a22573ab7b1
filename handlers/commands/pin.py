"""/pin: one message that always shows where things stand, pinned and edited in place."""

import logging
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from telegram import Bot, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import ExtBot

from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator, translator_for
from handlers.context import HandlerContext
from handlers.preferences import remember_chat
from handlers.routing import Permission, Request, command
from handlers.views import status
from storage.chats import pins
from storage.chats.pins import Pin
from storage.database import Database
from storage.outbox.types import Priority

log = logging.getLogger(__name__)

PacedBot = ExtBot[Any]
"""A bot whose messages wait their turn; these wait behind everything else."""

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_EDIT_EVERY = timedelta(minutes=10)  # of one message; Telegram counts edits like messages
_GONE = ("message to edit not found", "message can't be edited", "chat not found", "message_id_invalid")


@command("pin", N_("one pinned message that always shows the status; /pin off ends it"), Permission.ADMIN)
async def pin(request: Request) -> None:
    """Send, pin and keep up to date one message with the status; `off` ends that."""
    context, t, address, message = (
        request.context,
        request.t,
        request.address,
        request.update.effective_message,
    )
    if message is None:
        return
    bot = message.get_bot()
    before = await context.store.read(lambda db: pins.of(db, address))
    if before is not None:
        await context.store.write(lambda db: pins.forget(db, address, before.message_id))
        await _unpin(bot, before)
    if request.text.lower() == "off":
        await request.reply(t("I keep no pinned status here any more."))
        return
    text = _text(context, t)
    reply = await message.reply_text(text, parse_mode=ParseMode.HTML, link_preview_options=_NO_PREVIEW)

    def work(db: Database) -> None:
        remember_chat(db, request)
        pins.save(db, Pin(address, reply.message_id, _hash(text), context.clock()))

    await context.store.write(work)
    try:
        await bot.pin_chat_message(address.chat_id, reply.message_id, disable_notification=True)
    except TelegramError:
        await request.reply(t("I may not pin messages here; an admin can pin it, I keep it up to date."))


HANDLERS = (pin,)


async def refresh(bot: PacedBot, context: HandlerContext) -> int:
    """Edit every pinned status that shows something old; give how many. Called after each poll.

    A message is edited at most every ten minutes, unless the phase changed or a signal's state did, which is
    worth an edit at once: its hash covers those alone until the ten minutes have passed.
    """
    now, edited = context.clock(), 0
    for pinned in await context.store.read(pins.every):
        text = _text(context, translator_for(pinned.language))
        fresh = _hash(text)
        if fresh == pinned.text_hash:
            continue
        if now - pinned.edited_at < _EDIT_EVERY and _gist(fresh) == _gist(pinned.text_hash):
            continue
        if await _edit(bot, context, pinned, text, fresh, now):
            edited += 1
    return edited


async def _edit(
    bot: PacedBot, context: HandlerContext, pin: Pin, text: str, fresh: str, now: datetime
) -> bool:
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
        reason = str(error).lower()
        if isinstance(error, Forbidden) or any(words in reason for words in _GONE):
            await context.store.write(lambda db: pins.forget(db, pin.address, pin.message_id))
            return False
        if "not modified" not in reason:
            log.error(f"a pinned status could not be edited: {error}")
            return False
    except TelegramError as error:  # the next poll tries again
        log.info(f"a pinned status waits for the next poll: {error}")
        return False
    await context.store.write(lambda db: pins.save(db, Pin(pin.address, pin.message_id, fresh, now)))
    return True


async def _unpin(bot: Bot, pin: Pin) -> None:
    try:
        await bot.unpin_chat_message(pin.address.chat_id, pin.message_id)
    except TelegramError:  # unpinned or deleted by somebody already
        return


def _text(context: HandlerContext, t: LocaleTranslator) -> str:
    """The status without anything that changes by time alone: figures carry their moment, not their age."""
    return status.board(context.status(), t)


def _hash(text: str) -> str:
    """Two digests in one: of the gist, which is each line's words without figures, and of everything."""
    gist = "".join(char for char in text if not char.isdigit() and char not in ".,−+-")
    return f"{sha256(gist.encode()).hexdigest()[:16]}:{sha256(text.encode()).hexdigest()[:16]}"


def _gist(text_hash: str) -> str:
    return text_hash.partition(":")[0]
