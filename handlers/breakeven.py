"""Breakeven questions: /breakeven, plain words, and the buttons under an answer."""

from functools import partial

from telegram import BotCommand, MessageEntity, Update
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest
from telegram.ext import CallbackQueryHandler, ContextTypes, MessageHandler, filters

from bot.mining import wording
from bot.mining.answer import answer
from bot.mining.grammar import parse_command, parse_message
from bot.mining.misunderstanding import Misunderstanding
from bot.mining.question import Question
from bot.mining.whatif import parse_whatif, what_if
from handlers import render_breakeven, render_whatif, wishes
from handlers.chart import profit_picture
from handlers.commands import command
from handlers.desk import App, Desk
from handlers.language import tongue
from handlers.replies import reply
from handlers.tongue import Tongue
from handlers.words import html

COMMANDS = (BotCommand("breakeven", "does a machine pay? /breakeven s19 0.07"),)

_LONGEST_NOTICE = 190


def register(application: App, desk: Desk) -> None:
    """Add the command, the question in plain words, and the buttons."""
    application.add_handler(command("breakeven", partial(_command, desk)))
    application.add_handler(CallbackQueryHandler(partial(_ask, desk), pattern=f"^{render_breakeven.ASK}"))
    application.add_handler(CallbackQueryHandler(partial(_chart, desk), pattern=f"^{render_breakeven.CHART}"))
    application.add_handler(
        CallbackQueryHandler(partial(_suppose, desk), pattern=f"^{render_breakeven.SUPPOSE}")
    )
    words = filters.TEXT & ~filters.COMMAND & filters.UpdateType.MESSAGE
    application.add_handler(MessageHandler(words, partial(_message, desk)))


async def _command(desk: Desk, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    t = await tongue(desk, update)
    try:
        asked = " ".join(context.args or ())
        question = parse_command(asked, desk.catalogue, decimal_comma=t.decimal_comma)
        await _answer(desk, update, question, t)
    except Misunderstanding as failure:
        await refuse(desk, update, failure, t)


async def _message(desk: Desk, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    text = addressed_text(update, context.bot.username)
    if text is None:
        return
    t = await tongue(desk, update)
    try:
        question = parse_message(text, desk.catalogue, decimal_comma=t.decimal_comma)
        if question is not None:
            await _answer(desk, update, question, t)
    except Misunderstanding as failure:
        await refuse(desk, update, failure, t)


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


async def refuse(desk: Desk, update: Update, failure: Misunderstanding, t: Tongue) -> None:
    """Say what was wrong with a question, with a button for each machine that may have been meant."""
    await reply(
        update, render_breakeven.refusal(failure, t), render_breakeven.suggestions(failure, desk.catalogue)
    )


async def _answer(desk: Desk, update: Update, question: Question, t: Tongue) -> None:
    answered = answer(question, await desk.market())
    await reply(
        update,
        render_breakeven.breakeven(answered, t),
        render_breakeven.keyboard(answered, desk.catalogue, t),
    )


async def _ask(desk: Desk, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    query = update.callback_query
    if query is None or query.data is None:
        return
    t = await tongue(desk, update)
    if await wishes.unheard(update, t):
        return
    try:
        question = parse_command(query.data.removeprefix(render_breakeven.ASK), desk.catalogue)
        answered = answer(question, await desk.market())
    except Misunderstanding as failure:
        await query.answer(failure.says(t)[:_LONGEST_NOTICE], show_alert=True)
        return
    await query.answer()
    try:
        await query.edit_message_text(
            render_breakeven.breakeven(answered, t),
            parse_mode=ParseMode.HTML,
            reply_markup=render_breakeven.keyboard(answered, desk.catalogue, t),
        )
    except BadRequest as error:
        if "not modified" not in str(error).lower():  # two quick taps may ask for the same answer
            raise


async def _chart(desk: Desk, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    query, message = update.callback_query, update.effective_message
    if query is None or query.data is None or message is None:
        return
    t = await tongue(desk, update)
    if await wishes.unheard(update, t):
        return
    try:
        question = parse_command(query.data.removeprefix(render_breakeven.CHART), desk.catalogue)
        answered = answer(question, await desk.market())
    except Misunderstanding as failure:
        await query.answer(failure.says(t)[:_LONGEST_NOTICE], show_alert=True)
        return
    await query.answer()
    picture = await profit_picture(desk, update, answered, t)
    caption = f"{wording.machine(answered.now, t)}\n{wording.headline(answered, t)}"
    await message.reply_photo(
        picture, caption=html(caption), parse_mode=ParseMode.HTML, filename="profit.png"
    )


async def _suppose(desk: Desk, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    query = update.callback_query
    if query is None or query.data is None:
        return
    t = await tongue(desk, update)
    if await wishes.unheard(update, t):
        return
    try:
        supposed = parse_whatif(query.data.removeprefix(render_breakeven.SUPPOSE), desk.catalogue)
        outlook = what_if(supposed, await desk.market())
    except Misunderstanding as failure:
        await query.answer(failure.says(t)[:_LONGEST_NOTICE], show_alert=True)
        return
    await query.answer()
    await reply(update, render_whatif.outlook(outlook, t))
