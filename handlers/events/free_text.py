"""Plain words: “what's breakeven for an S19 at 7 cents?”, “what if a tenth of the hashrate leaves?”."""

from functools import partial

from telegram import MessageEntity, Update
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop, ContextTypes, MessageHandler, filters

from bot.mining.errors import InvalidQuestion
from bot.mining.whatif import WhatIf, understand
from handlers.commands import breakeven, whatif
from handlers.context import App, HandlerContext
from handlers.language import translator_for_update


def register(application: App, desk: HandlerContext) -> None:
    """Add the handler. What it answers no later group of handlers gets."""
    words = filters.TEXT & ~filters.COMMAND & filters.UpdateType.MESSAGE
    application.add_handler(MessageHandler(words, partial(_message, desk)))


async def _message(desk: HandlerContext, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    text = addressed_text(update, context.bot.username)
    if text is None:
        return
    t = await translator_for_update(desk, update)
    try:
        asked = understand(text, desk.catalogue, decimal_comma=t.decimal_comma)
        if asked is None:
            return
        if isinstance(asked, WhatIf):
            await whatif.tell(desk, update, asked, t)
        else:
            await breakeven.tell(desk, update, asked, t)
    except InvalidQuestion as failure:
        await breakeven.refuse(desk, update, failure, t)
    raise ApplicationHandlerStop


def addressed_text(update: Update, username: str) -> str | None:
    """What is said to the bot: any message in private, in a group one that mentions it or replies to it."""
    message = update.effective_message
    if message is None or message.text is None:
        return None
    if message.chat.type == ChatType.PRIVATE:
        return message.text
    mention = f"@{username}".lower()
    mentions = message.parse_entities([MessageEntity.MENTION]).values()
    if any(name.lower() == mention for name in mentions):
        return " ".join(word for word in message.text.split() if word.lower().strip(",:;?!") != mention)
    replied = message.reply_to_message
    if replied is not None and replied.from_user is not None and replied.from_user.username == username:
        return message.text
    return None
