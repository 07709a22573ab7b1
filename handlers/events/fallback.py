"""Messages that no other handler takes: a hint in private, nothing in groups. Registered last."""

from collections.abc import Sequence
from difflib import get_close_matches
from functools import partial

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup, MessageOriginUser, Update
from telegram.error import TelegramError
from telegram.ext import (
    ApplicationHandlerStop,
    CallbackQueryHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.i18n.message import N_, sentences
from bot.i18n.translator import translator_for
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.reader import understand
from handlers.context import App, HandlerContext
from handlers.html import html
from handlers.language import telegram_language, translator_for_update
from handlers.permissions import in_private
from handlers.preferences import asker_of
from handlers.replies import reply, take_button_away
from handlers.routing import Command, Permission
from handlers.views import near_misses
from storage.errors import StorageError

_BEFORE, _AFTER = -1, 1  # groups of handlers: all of one group's get an update before the next one's
_EXAMPLE = "<code>/breakeven s19 0.07</code>"

_MOST_COPIED = 256  # characters, Telegram's limit

_ENDING = ("un", "no", "stop", "end", "cancel", "delete", "remove")
_ENDS = {
    "alert": "watches",
    "alerts": "unsubscribe",
    "digest": "digest off",
    "keyboard": "keyboard off",
    "mute": "unmute",
    "pin": "pin off",
    "quiet": "quiet off",
    "subscribe": "unsubscribe",
    "watch": "watches",
    "watches": "watches",
}
"""What ends a thing that people ask to end: “/unpin”, “/stopdigest”."""
_THINGS = (
    (filters.PHOTO | filters.Document.IMAGE, N_("I can't see pictures.")),
    (filters.VOICE | filters.AUDIO | filters.VIDEO_NOTE | filters.VIDEO, N_("I can't hear or watch that.")),
    (filters.Document.ALL, N_("I can't read files.")),
    (filters.Sticker.ALL | filters.ANIMATION | filters.Dice.ALL, N_("Nice! But I only understand words.")),
)
_ANYTHING = N_("I only understand words.")


def register(application: App, context: HandlerContext, commands: Sequence[Command]) -> None:
    """Add the last handlers; `commands` is the whole list, for guessing what a mistyped one meant."""
    names = tuple(command.name for command in commands if command.permission is not Permission.OPERATOR)
    edited = filters.UpdateType.EDITED
    application.add_handler(MessageHandler(edited, partial(_edited, context)), _BEFORE)
    forwarded = filters.FORWARDED & filters.UpdateType.MESSAGE
    application.add_handler(MessageHandler(forwarded, partial(_forwarded, context)), _BEFORE)
    new = filters.UpdateType.MESSAGE | filters.UpdateType.CHANNEL_POST
    application.add_handler(MessageHandler(new & filters.COMMAND, partial(_unknown, context, names)))
    wordless = new & ~filters.TEXT & ~filters.StatusUpdate.ALL
    application.add_handler(MessageHandler(wordless & ~filters.CAPTION, partial(_thing, context)))
    captioned = wordless & filters.CAPTION & ~filters.Document.FileExtension("csv")
    application.add_handler(MessageHandler(captioned, partial(_thing, context)), _AFTER)
    application.add_handler(CallbackQueryHandler(partial(_stale, context)))


async def apologise(context: HandlerContext, update: Update) -> None:
    """After an error of ours: say so where it disturbs nobody; a pressed button must never hang."""
    try:
        t = await translator_for_update(context, update)
    except StorageError:  # the error may well have been that the database can't be asked
        t = translator_for(telegram_language(update))
    text = t("Something went wrong on my side; it is noted. Please try again in a moment.")
    try:
        if update.callback_query is not None:
            await update.callback_query.answer(text, show_alert=True)
        elif in_private(update) and update.effective_message is not None:
            await reply(update, text)
    except TelegramError:  # the error may well have been that Telegram can't be reached
        return


async def _edited(context: HandlerContext, update: Update, _telegram: ContextTypes.DEFAULT_TYPE) -> None:
    """Nothing is done twice because its words were mended; in private the command is given back to copy."""
    message = update.effective_message
    if in_private(update) and message is not None and (message.text or "").startswith("/"):
        t = await translator_for_update(context, update)
        text, command = (
            t("I act on new messages only. To run the edited one, send it again:"),
            message.text or "",
        )
        # Translators: a button that copies a command.
        copy = InlineKeyboardButton(t("Copy"), copy_text=CopyTextButton(command[:_MOST_COPIED]))
        await reply(update, f"{text}\n<code>{html(command[:200])}</code>", InlineKeyboardMarkup([[copy]]))
    raise ApplicationHandlerStop


async def _forwarded(context: HandlerContext, update: Update, telegram: ContextTypes.DEFAULT_TYPE) -> None:
    """One of the bot's own messages comes back; anything else forwarded is read like any message."""
    message = update.effective_message
    origin = message.forward_origin if message is not None else None
    if not isinstance(origin, MessageOriginUser) or origin.sender_user.id != telegram.bot.id:
        return
    if in_private(update):
        t = await translator_for_update(context, update)
        text = t("That is one of my own messages. /status shows whether what it said still holds.")
        await reply(update, text)
    raise ApplicationHandlerStop


async def _unknown(
    context: HandlerContext, names: Sequence[str], update: Update, telegram: ContextTypes.DEFAULT_TYPE
) -> None:
    message = update.effective_message
    if message is None or message.text is None or not message.text.strip():
        return
    name, _, addressed = message.text.split(maxsplit=1)[0].removeprefix("/").partition("@")
    meant_for_us = addressed.lower() == telegram.bot.username.lower()
    if not in_private(update) and not meant_for_us:
        return
    if addressed and not meant_for_us:
        return
    t = await translator_for_update(context, update)
    asker = await asker_of(context, update, t)
    near = ending_of(name.lower()) or _in_words(context, message.text, names, asker)
    near = near or [f"/{command}" for command in nearest_commands(name.lower(), names)]
    guess = t("Did you mean {choices}?", choices=t.either(near)) if near else t("/help shows what there is.")
    unknown = t("I know no command /{command}.", command=html(name[:32]))
    await context.asker_replies.reply(update, sentences([unknown, guess], t))


def _in_words(context: HandlerContext, text: str, names: Sequence[str], asker: Asker) -> list[str]:
    """The command that an unknown one's words ask for: “/ath” is the price's."""
    name, *rest = text.removeprefix("/").split()
    words = " ".join((name.partition("@")[0].replace("_", " "), *rest))
    try:
        asked = understand(words, context.catalogue, asker)
    except InvalidQuestion:
        return []
    is_known = isinstance(asked, CommandRequest) and asked.name in names
    return [near_misses.typed(asked)] if isinstance(asked, CommandRequest) and is_known else []


def ending_of(name: str) -> list[str]:
    """The command that ends a thing: “unpin” is `/pin off`."""
    for prefix in _ENDING:
        if name.startswith(prefix) and name.removeprefix(prefix) in _ENDS:
            return [f"/{_ENDS[name.removeprefix(prefix)]}"]
    return []


def nearest_commands(name: str, names: Sequence[str]) -> list[str]:
    """The commands a mistyped one may have meant; one that would do the opposite never stands alone."""
    near = get_close_matches(name, names, 1, 0.6)
    opposite = near[0].removeprefix("un") if near and near[0].startswith("un") else f"un{''.join(near)}"
    return near + [each for each in names if each == opposite and not name.startswith("un")]


async def _thing(context: HandlerContext, update: Update, _telegram: ContextTypes.DEFAULT_TYPE) -> None:
    message = update.effective_message
    if not in_private(update) or message is None:
        return
    t = await translator_for_update(context, update)
    first = next((words for kind, words in _THINGS if kind.check_update(update)), _ANYTHING)
    await reply(update, sentences([t(first), t("Try {example}, or /help.", example=_EXAMPLE)], t))


async def _stale(context: HandlerContext, update: Update, _telegram: ContextTypes.DEFAULT_TYPE) -> None:
    query = update.callback_query
    if query is not None:
        t = await translator_for_update(context, update)
        await query.answer(t("This button is from an older version. /help shows what there is now."))
        await take_button_away(query)
