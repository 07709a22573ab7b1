"""Plain words: questions for the calculator, suppositions, and what a command answers."""

import asyncio
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import partial

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, MessageEntity, Update
from telegram.constants import ChatType, InlineKeyboardButtonLimit
from telegram.ext import ApplicationHandlerStop, ContextTypes, MessageHandler, filters

from bot.i18n.translator import LocaleTranslator
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.command_request import (
    KEEP,
    NODDED,
    NOTHING_ASKED,
    OFF_TOPIC,
    READ_AS,
    RECKONED,
    SMALL_TALK,
    THANKS,
    CommandRequest,
)
from bot.mining.parsing.follow_up import Asked, CommandDone
from bot.mining.parsing.reader import is_prepared, likely, prepare, remembered, understand
from handlers.commands import breakeven
from handlers.commands.watches import TAKE
from handlers.context import App, HandlerContext
from handlers.language import translator_for_update
from handlers.permissions import address_of, in_private
from handlers.preferences import asker_of
from handlers.replies import edit_keyboard, ephemeral_id, reply, take_button_away
from handlers.routing import Button, Command, Permission, Request
from handlers.views import breakeven as breakeven_view
from handlers.views import near_misses

_LIKELY = "n1:"
"""Callback data of a command that may have been meant: this, its name and its arguments."""

_CHATTER = (OFF_TOPIC, NOTHING_ASKED, NODDED, SMALL_TALK)
"""What is answered only when the bot is spoken to."""
_CHANGING = ("watch", "fleet", "mute")
"""Commands whose change is not taken back by a reply, which may be to another message than the last."""
_ALIKE = 0.75
"""How much of a word is that of a command that it may be; difflib's ratio."""
_EXAMPLE = "<code>/breakeven s19 0.07</code>"

Commands = Mapping[str, Command]


def register(application: App, context: HandlerContext, commands: Sequence[Command] = ()) -> None:
    """Add the handlers; `commands` are those that plain words may lead to."""
    named = {name: command for command in commands for name in (command.name, *command.aliases)}
    words = (filters.TEXT | filters.CAPTION) & ~filters.COMMAND & filters.UpdateType.MESSAGE
    application.add_handler(MessageHandler(words, partial(_message, context, named)))
    likely_button = Button((_LIKELY,), Permission.ANYONE, partial(_run_likely, named))
    application.add_handler(likely_button.handler(context))


async def _message(
    context: HandlerContext,
    commands: Commands,
    update: Update,
    telegram_context: ContextTypes.DEFAULT_TYPE,
) -> None:
    username = telegram_context.bot.username
    text = addressed_text(update, username)
    message = update.effective_message
    if text is None or message is None:
        return
    if message.caption is not None and text.startswith("/"):
        await _run_caption(context, commands, update, text, username)
        return
    t = await translator_for_update(context, update)
    asker = await asker_of(context, update, t)
    await _prepare(asker.language)
    try:
        last = await context.follow_ups.last(address_of(update), context.clock())
        before = _question_before(context, message, last)
        unanswered = context.unanswered.last(update, context.clock())
        try:
            asked = understand(text, context.catalogue, asker, before=before, unanswered=unanswered)
            if isinstance(asked, CommandRequest) and asked.name == READ_AS:
                text, question = asked.arguments, before.question if isinstance(before, CommandDone) else None
                asked = understand(text, context.catalogue, asker, before=question)
        finally:
            if isinstance(last, CommandDone) and last.offered:  # an offer is open for one answer
                await context.note_offered(address_of(update))
        is_addressed = in_private(update) or _mentions(message, username) or _is_to_us_alone(message)
        context.unanswered.heard(update, text, asked, context.clock())
        if isinstance(asked, CommandRequest) and asked.name in _CHATTER and not is_addressed:
            return
        if isinstance(asked, CommandRequest) and asked.name == RECKONED:
            await breakeven.explain(context, update, before, asker, t)
        elif isinstance(asked, CommandRequest):
            await _run(context, commands, update, asked, t)
        elif asked is not None:
            told = remembered(text, context.catalogue, asker)
            note = _likely_button(told, t) if told is not None and _fits_a_button(told) else None
            await breakeven.tell(context, update, asked, asker, t, note)
        elif message.caption is None and is_addressed:
            await _offer_likely(context, commands, update, text, asker, t, before)
        else:
            return
    except InvalidQuestion as failure:
        context.unanswered.note(update, text, context.clock())
        await breakeven.refuse(context, update, failure, t)
    raise ApplicationHandlerStop


async def _prepare(language: str) -> None:
    """Load what reads a language beside the others' messages, with its first text."""
    if not is_prepared(language):
        await asyncio.to_thread(prepare, language)


async def _run(
    context: HandlerContext, commands: Commands, update: Update, asked: CommandRequest, t: LocaleTranslator
) -> None:
    command = commands.get(asked.name)
    if command is not None:
        await command.run(context, update, tuple(asked.arguments.split()))
    elif asked.name == THANKS and in_private(update):
        await reply(update, t("You're welcome."))
    elif asked.name in near_misses.SENTENCES:
        offered = near_misses.OFFERED.get(asked.name, ())
        await _reply_with(context, update, t(near_misses.SENTENCES[asked.name]), offered, t)


async def _run_caption(
    context: HandlerContext, commands: Commands, update: Update, text: str, username: str
) -> None:
    """Do what a command beside a picture says, as if it had been sent alone."""
    first, *arguments = text.split()
    name, _, addressee = first.removeprefix("/").partition("@")
    command = commands.get(name.lower())
    if command is None or (addressee and addressee.lower() != username.lower()):
        return
    await command.run(context, update, tuple(arguments))
    raise ApplicationHandlerStop


async def _offer_likely(
    context: HandlerContext,
    commands: Commands,
    update: Update,
    text: str,
    asker: Asker,
    t: LocaleTranslator,
    before: Asked | None,
) -> None:
    """Ask whether it is one of the commands the text came nearest to; without any, say how one asks."""
    requests = likely(text, context.catalogue, asker, before) or _named_nearly(text, commands)
    near = [
        request if _fits_a_button(request) else CommandRequest(request.name)
        for request in requests
        if request.name in commands
    ]
    if not near:
        hint = t("I did not understand that. Ask me for example {example}, or see /help.", example=_EXAMPLE)
        await context.asker_replies.reply(update, hint)
        return
    asked = t("I am not sure what you mean. Is it this? /help shows all I can do.")
    if len(near) > 1:
        asked = t("I am not sure what you mean. Is it one of these? /help shows all I can do.")
    await _reply_with(context, update, asked, near, t)
    await context.note_offered(address_of(update), *near)


async def _reply_with(
    context: HandlerContext,
    update: Update,
    text: str,
    requests: Sequence[CommandRequest],
    t: LocaleTranslator,
) -> None:
    """Answer the asker with a button for each command."""
    rows = [[_likely_button(request, t)] for request in requests]
    await context.asker_replies.reply(update, text, InlineKeyboardMarkup(rows) if rows else None)


def _likely_button(request: CommandRequest, t: LocaleTranslator) -> InlineKeyboardButton:
    return InlineKeyboardButton(near_misses.label(request, t), callback_data=_likely_data(request))


def _likely_data(request: CommandRequest) -> str:
    return f"{_LIKELY}{request.name} {request.arguments}".strip()


def _named_nearly(text: str, commands: Commands) -> list[CommandRequest]:
    """The command whose name a single word is, or is nearly: “machnes”, “network”."""
    word = text.strip(" ?!./").lower()
    names = [
        name
        for name, command in commands.items()
        if name == command.name and command.permission is not Permission.OPERATOR
    ]
    return [CommandRequest(name) for name in get_close_matches(word, names, 1, _ALIKE)]


def _fits_a_button(request: CommandRequest) -> bool:
    return len(_likely_data(request).encode()) <= InlineKeyboardButtonLimit.MAX_CALLBACK_DATA


async def _run_likely(commands: Commands, request: Request) -> None:
    """Run the command of the button, which goes away, and with it the others it stood beside as a choice."""
    name, *arguments = request.data.split()
    command = commands.get(name)
    if command is None:
        await request.answer_old_button("/help")
        return
    await command.run(request.context, request.update, tuple(arguments))
    await request.answer()
    message = request.query.message
    markup = message.reply_markup if isinstance(message, Message) else None
    buttons = [button for row in (markup.inline_keyboard if markup is not None else ()) for button in row]
    if all(str(button.callback_data).startswith(_LIKELY) for button in buttons):
        await edit_keyboard(request.query, None)
    else:  # beside the buttons of an answer
        await take_button_away(request.query)


def _question_before(context: HandlerContext, message: Message, last: Asked | None) -> Asked | None:
    """What a text may go on from: the question of the answer it replies to, else the last one here."""
    replied = message.reply_to_message
    if replied is None:
        return last
    markup = replied.reply_markup
    question = None if markup is None else breakeven_view.question_under(markup, context.catalogue)
    if question is not None:
        return question
    if not isinstance(last, CommandDone):
        return last
    if (offered := _offered_under(markup)) and offered != last.offered:
        return CommandDone(CommandRequest("offer"), last.question, offered=offered)
    if not offered and (last.offered or last.former or last.command.name in _CHANGING):
        return last.question  # the reply may be to another message than the last
    return last


def _offered_under(markup: InlineKeyboardMarkup | None) -> tuple[CommandRequest, ...]:
    """What the buttons under a message offer, as a yes to it takes that up."""
    data = [str(each.callback_data) for row in (markup.inline_keyboard if markup else ()) for each in row]
    if watch := next((each for each in data if each.startswith(TAKE)), None):
        return (CommandRequest("watch", f"{KEEP} {watch.removeprefix(TAKE).replace(':', ' ')}"),)
    likely_ones = [each.removeprefix(_LIKELY).partition(" ") for each in data if each.startswith(_LIKELY)]
    return tuple(CommandRequest(name, arguments) for name, _, arguments in likely_ones)


def addressed_text(update: Update, username: str) -> str | None:
    """What is said to the bot, also beside a picture: in private any words, in a group those that mention it,
    reply to it, or are for its eyes only."""
    message = update.effective_message
    text = (message.text or message.caption) if message is not None else None
    if message is None or text is None:
        return None
    if message.chat.type == ChatType.PRIVATE:
        return text
    if _mentions(message, username):
        mention = f"@{username}".lower()
        return " ".join(word for word in text.split() if word.lower().strip(",:;?!") != mention)
    replied = message.reply_to_message
    if replied is not None and replied.from_user is not None and replied.from_user.username == username:
        return text
    is_command_beside_picture = message.caption is not None and text.startswith("/")
    return text if is_command_beside_picture or _is_to_us_alone(message) else None


def _is_to_us_alone(message: Message) -> bool:
    """Whether nobody else in the group sees the message, such as a reply to what only its sender saw."""
    return ephemeral_id(message) is not None


def _mentions(message: Message, username: str) -> bool:
    entities = (
        message.parse_entities([MessageEntity.MENTION])
        if message.text is not None
        else message.parse_caption_entities([MessageEntity.MENTION])
    )
    return any(name.lower() == f"@{username}".lower() for name in entities.values())
