"""Plain words: questions for the calculator, suppositions, and what a command answers."""

from collections.abc import Sequence
from functools import partial

from telegram import MessageEntity, Update
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop, ContextTypes, MessageHandler, filters

from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.intents import CommandRequest
from bot.mining.parsing.understanding import understand
from handlers.commands import breakeven
from handlers.context import App, HandlerContext
from handlers.language import translator_for_update
from handlers.permissions import address_of
from handlers.preferences import asker_of
from handlers.routing import Command


def register(application: App, context: HandlerContext, commands: Sequence[Command] = ()) -> None:
    """Add the handler; `commands` are those that plain words may lead to."""
    words = filters.TEXT & ~filters.COMMAND & filters.UpdateType.MESSAGE
    application.add_handler(MessageHandler(words, partial(_message, context, _by_name(commands))))


def _by_name(commands: Sequence[Command]) -> dict[str, Command]:
    return {name: command for command in commands for name in (command.name, *command.aliases)}


async def _message(
    context: HandlerContext,
    commands: dict[str, Command],
    update: Update,
    telegram_context: ContextTypes.DEFAULT_TYPE,
) -> None:
    text = addressed_text(update, telegram_context.bot.username)
    if text is None:
        return
    t = await translator_for_update(context, update)
    asker = await asker_of(context, update, t)
    before = context.follow_ups.last(address_of(update), context.clock())
    try:
        asked = understand(text, context.catalogue, asker, before=before)
        if asked is None:
            return
        if isinstance(asked, CommandRequest):
            command = commands.get(asked.name)
            if command is None:
                return
            await command.run(context, update, tuple(asked.arguments.split()))
        else:
            await breakeven.tell(context, update, asked, asker, t)
    except InvalidQuestion as failure:
        await breakeven.refuse(context, update, failure, t)
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
