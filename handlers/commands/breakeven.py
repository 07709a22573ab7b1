"""Breakeven questions: /breakeven, and the buttons under an answer."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from telegram import BotCommand, CallbackQuery, Update
from telegram.constants import ParseMode
from telegram.ext import CallbackQueryHandler, ContextTypes

from bot.i18n.translator import LocaleTranslator
from bot.mining import formatting
from bot.mining.answer import Answer, answer
from bot.mining.errors import InvalidQuestion
from bot.mining.market import Market
from bot.mining.parsing.question_parser import parse_command
from bot.mining.question import Question
from bot.mining.whatif import WhatIfResult, parse_whatif, what_if
from handlers import preferences
from handlers.commands.chart import profit_picture
from handlers.context import App, HandlerContext
from handlers.html import html
from handlers.language import translator_for_update
from handlers.menus import command
from handlers.replies import edit, reply
from handlers.views import breakeven, refusals, whatif

COMMANDS = (BotCommand("breakeven", "does a machine pay? /breakeven s19 0.07"),)

_LONGEST_NOTICE = 190

_Result = TypeVar("_Result")


def register(application: App, desk: HandlerContext) -> None:
    """Add the command and the buttons."""
    application.add_handler(command("breakeven", partial(_command, desk)))
    application.add_handler(
        CallbackQueryHandler(partial(_ask, desk), pattern=f"^(?:{breakeven.ASK}|{refusals.ASK_AGAIN})")
    )
    application.add_handler(CallbackQueryHandler(partial(_chart, desk), pattern=f"^{breakeven.CHART}"))
    application.add_handler(CallbackQueryHandler(partial(_suppose, desk), pattern=f"^{breakeven.SUPPOSE}"))


async def _command(desk: HandlerContext, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    t = await translator_for_update(desk, update)
    try:
        asked = " ".join(context.args or ())
        question = parse_command(asked, desk.catalogue, decimal_comma=t.decimal_comma)
        await tell(desk, update, question, t)
    except InvalidQuestion as failure:
        await refuse(desk, update, failure, t)


async def refuse(desk: HandlerContext, update: Update, failure: InvalidQuestion, t: LocaleTranslator) -> None:
    """Say what was wrong with a question, with a button for each machine that may have been meant."""
    await reply(update, refusals.refusal(failure, t), refusals.choices(failure, t))


async def tell(desk: HandlerContext, update: Update, question: Question, t: LocaleTranslator) -> None:
    """Answer a question. Raises InvalidQuestion naming what is missing or impossible."""
    answered = answer(question, desk.market())
    await reply(
        update,
        breakeven.breakeven(answered, t),
        breakeven.keyboard(answered, desk.catalogue, t),
    )


async def _ask(desk: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    pressed = await _press(desk, update, (breakeven.ASK, refusals.ASK_AGAIN), partial(_asked, desk))
    if pressed is not None:
        query, answered, t = pressed
        keyboard = breakeven.keyboard(answered, desk.catalogue, t)
        await edit(query, breakeven.breakeven(answered, t), keyboard)


async def _chart(desk: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    message = update.effective_message
    pressed = await _press(desk, update, (breakeven.CHART,), partial(_asked, desk))
    if pressed is not None and message is not None:
        _, answered, t = pressed
        picture = await profit_picture(desk, update, answered, t)
        caption = f"{formatting.machine(answered.now, t)}\n{formatting.headline(answered, t)}"
        await message.reply_photo(
            picture, caption=html(caption), parse_mode=ParseMode.HTML, filename="profit.png"
        )


async def _suppose(desk: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    pressed = await _press(desk, update, (breakeven.SUPPOSE,), partial(_supposed, desk))
    if pressed is not None:
        _, outlook, t = pressed
        await reply(update, whatif.outlook(outlook, t))


def _asked(desk: HandlerContext, words: str, market: Market) -> Answer:
    return answer(parse_command(words, desk.catalogue), market)


def _supposed(desk: HandlerContext, words: str, market: Market) -> WhatIfResult:
    return what_if(parse_whatif(words, desk.catalogue), market)


async def _press(
    desk: HandlerContext, update: Update, prefixes: tuple[str, ...], reckon: Callable[[str, Market], _Result]
) -> tuple[CallbackQuery, _Result, LocaleTranslator] | None:
    """What comes of the question a button carries; None when nothing does, which is told in a notice."""
    query = update.callback_query
    if query is None or query.data is None:
        return None
    t = await translator_for_update(desk, update)
    if await preferences.require_admin_in_channel(update, t):
        return None
    try:
        result = reckon(_after(prefixes, query.data), desk.market())
    except InvalidQuestion as failure:
        await query.answer(failure.says(t)[:_LONGEST_NOTICE], show_alert=True)
        return None
    await query.answer()
    return query, result, t


def _after(prefixes: tuple[str, ...], data: str) -> str:
    return next((data.removeprefix(prefix) for prefix in prefixes if data.startswith(prefix)), data)
