"""/pin: one message that always shows where things stand, pinned and edited in place."""

from telegram import Bot, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.delivery.outcomes import OutgoingMessage
from bot.delivery.rendering import text_digest
from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator, translator_for
from handlers.context import HandlerContext
from handlers.preferences import remember_chat
from handlers.routing import Permission, Request, command
from handlers.views import status
from storage.chats import pins
from storage.chats.pins import Pin
from storage.database import Database

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


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
    display = board(context, t)
    reply = await message.reply_text(
        display.text, parse_mode=ParseMode.HTML, link_preview_options=_NO_PREVIEW
    )

    def work(db: Database) -> None:
        remember_chat(db, request)
        pins.save(db, Pin(address, reply.message_id, text_digest(display), context.clock()))

    await context.store.write(work)
    try:
        await bot.pin_chat_message(address.chat_id, reply.message_id, disable_notification=True)
    except TelegramError:
        await request.reply_to_asker(
            t("I may not pin messages here; an admin can pin it, I keep it up to date.")
        )


HANDLERS = (pin,)


async def refresh(context: HandlerContext) -> int:
    """Have every pinned status edited that shows something old; returns how many. Called after each poll."""
    languages = await context.store.read(pins.languages)
    if not languages:
        return 0
    digests = {code: text_digest(board(context, translator_for(code))) for code in languages}
    return await context.store.write(lambda db: pins.mark_changed(db, digests, context.clock()))


def board(context: HandlerContext, t: LocaleTranslator) -> OutgoingMessage:
    """The status without anything that changes by time alone: figures carry their moment, not their age."""
    return OutgoingMessage(status.board(context.status(), t))


async def _unpin(bot: Bot, pin: Pin) -> None:
    try:
        await bot.unpin_chat_message(pin.address.chat_id, pin.message_id)
    except TelegramError:  # unpinned or deleted by somebody already
        return
