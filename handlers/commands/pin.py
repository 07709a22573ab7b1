"""/pin: one message that always shows where things stand, pinned and edited in place."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Final

from telegram import Bot, LinkPreviewOptions, Message
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.delivery.outcomes import OutgoingMessage
from bot.delivery.rendering import text_digest
from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator, translator_for
from handlers.context import HandlerContext, Widgets
from handlers.preferences import remember_chat
from handlers.replies import quoting
from handlers.routing import Permission, Request, command
from handlers.views import status
from handlers.widgets.status_widget import status_data, status_document
from handlers.widgets.widget_document import digest_of
from storage.chats import pins, shared_widgets
from storage.chats.pins import Pin
from storage.chats.shared_widgets import SharedWidget
from storage.database import Database

log = logging.getLogger(__name__)

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_EDIT_EVERY: Final = timedelta(seconds=1)
"""Telegram takes one edit a second of one shared widget."""
_EDIT_S: Final = 10.0  # for all of them after a poll; what isn't done by then, the next poll does


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
    widgets = context.widgets_for("status", address)
    if widgets is None or (message_id := await _send_widget(request, widgets)) is None:
        message_id = await _send_text(request, message)
    try:
        await bot.pin_chat_message(address.chat_id, message_id, disable_notification=True)
    except TelegramError:
        await request.reply_to_asker(
            t("I may not pin messages here; an admin can pin it, I keep it up to date.")
        )


HANDLERS = (pin,)


async def _send_text(request: Request, message: Message) -> int:
    """Send the status as a text that is edited in place; returns the message's id."""
    context, address = request.context, request.address
    display = board(context, request.t)
    reply = await message.reply_text(
        display.text,
        parse_mode=ParseMode.HTML,
        link_preview_options=_NO_PREVIEW,
        do_quote=quoting(message),
    )

    def work(db: Database) -> None:
        remember_chat(db, request)
        pins.save(db, Pin(address, reply.message_id, text_digest(display), context.clock()))

    await context.store.write(work)
    return reply.message_id


async def _send_widget(request: Request, widgets: Widgets) -> int | None:
    """Send the shared widget of the chat's language, made when there is none; None when it is refused."""
    context, address, t, now = request.context, request.address, request.t, request.context.clock()
    document = status_document(t)
    digest = digest_of(document)
    caption = t("I keep this message up to date. /status tells more.")
    shared = await context.store.read(shared_widgets.every)
    widget = next(
        (each for each in shared if each.language == t.code and each.document_digest == digest), None
    )
    if widget is None:
        data = status_data(context.status(), now, t)
        sent = await widgets.create_shared(
            address.chat_id, document, data, caption, topic_id=address.topic_id
        )
        if sent is not None and sent.widget_id is not None:
            widget = SharedWidget(sent.widget_id, t.code, digest, now)
    else:
        sent = await widgets.send_shared(
            address.chat_id, widget.widget_id, caption, topic_id=address.topic_id
        )
    if sent is None or widget is None:
        return None
    new = Pin(address, sent.message_id, "", now, widget_id=widget.widget_id)

    def work(db: Database) -> None:
        remember_chat(db, request)
        shared_widgets.save(db, widget)
        pins.save(db, new)

    await context.store.write(work)
    return sent.message_id


async def refresh(context: HandlerContext) -> int:
    """Have every pinned status edited that shows something old; returns how many. Called after each poll.

    Those that show a shared widget are renewed at once, by one call a language.
    """
    await _renew_widgets(context)
    languages = await context.store.read(pins.languages)
    if not languages:
        return 0
    digests = {code: text_digest(board(context, translator_for(code))) for code in languages}
    return await context.store.write(lambda db: pins.mark_changed(db, digests, context.clock()))


def board(context: HandlerContext, t: LocaleTranslator) -> OutgoingMessage:
    """The status without anything that changes by time alone: figures carry their moment, not their age."""
    return OutgoingMessage(status.board(context.status(), t))


async def _renew_widgets(context: HandlerContext) -> None:
    """Set the newest status as the data of every shared widget; on a refusal all go on as texts."""
    shared = await context.store.read(shared_widgets.every)
    if not shared:
        return
    widgets, now = context.widgets, context.clock()
    if widgets is not None and widgets.offers("status"):
        due = [widget for widget in shared if now - widget.edited_at >= _EDIT_EVERY]
        try:
            async with asyncio.timeout(_EDIT_S):
                await asyncio.gather(*(_renew(context, widgets, widget) for widget in due))
        except (TelegramError, TimeoutError) as error:
            log.warning(f"the status widgets wait for the next poll: {type(error).__name__} {error}")
    if widgets is None or not widgets.offers("status"):
        count = await context.store.write(shared_widgets.give_up)
        log.warning(f"{count} pinned statuses go on as texts, since there are no widgets any more")
        return
    await context.store.write(shared_widgets.prune)


async def _renew(context: HandlerContext, widgets: Widgets, widget: SharedWidget) -> None:
    now = context.clock()
    data = status_data(context.status(), now, translator_for(widget.language))
    if await widgets.edit_shared(widget.widget_id, data):
        await context.store.write(lambda db: shared_widgets.save(db, replace(widget, edited_at=now)))


async def _unpin(bot: Bot, pin: Pin) -> None:
    try:
        await bot.unpin_chat_message(pin.address.chat_id, pin.message_id)
    except TelegramError:  # unpinned or deleted by somebody already
        return
