"""Breakeven questions: /breakeven, and the buttons under an answer."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from telegram import CallbackQuery, Update
from telegram.constants import ParseMode

from bot.charts.picture_cache import DrawingBusyError
from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator
from bot.mining import formatting
from bot.mining.answer import Answer, answer
from bot.mining.errors import InvalidQuestion
from bot.mining.market import Market
from bot.mining.parsing.question_parser import parse_command
from bot.mining.question import Question
from bot.mining.whatif import WhatIfResult, parse_whatif, what_if
from handlers.commands.chart import BUSY, profit_picture
from handlers.context import HandlerContext
from handlers.html import html
from handlers.replies import edit, reply
from handlers.routing import Permission, Request, button, command
from handlers.views import breakeven, refusals, whatif

_LONGEST_NOTICE = 190

_Result = TypeVar("_Result")


@command("breakeven", N_("does a machine pay? /breakeven s19 0.07"), Permission.ANYONE, in_group_menu=True)
async def breakeven_command(request: Request) -> None:
    """Answer a break-even question."""
    desk, update, t = request.context, request.update, request.t
    try:
        asked = " ".join(request.arguments)
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


@button(breakeven.ASK, refusals.ASK_AGAIN, permission=Permission.ANYONE)
async def ask_button(request: Request) -> None:
    """Answer the question the button carries, in place."""
    desk = request.context
    pressed = await _press(request, partial(_asked, desk))
    if pressed is not None:
        query, answered, t = pressed
        keyboard = breakeven.keyboard(answered, desk.catalogue, t)
        await edit(query, breakeven.breakeven(answered, t), keyboard)


@button(breakeven.CHART, permission=Permission.ANYONE, is_slow=True)
async def chart_button(request: Request) -> None:
    """Send a picture of the machine's profit."""
    desk, update = request.context, request.update
    message = update.effective_message
    pressed = await _press(request, partial(_asked, desk))
    if pressed is not None and message is not None:
        _, answered, t = pressed
        try:
            picture = await profit_picture(desk, update, answered, t)
        except DrawingBusyError:
            await request.reply(t(BUSY))
            return
        caption = f"{formatting.machine(answered.now, t)}\n{formatting.headline(answered, t)}"
        await message.reply_photo(
            picture, caption=html(caption), parse_mode=ParseMode.HTML, filename="profit.png"
        )


@button(breakeven.SUPPOSE, permission=Permission.ANYONE)
async def suppose_button(request: Request) -> None:
    """Answer the supposition the button carries."""
    desk, update = request.context, request.update
    pressed = await _press(request, partial(_supposed, desk))
    if pressed is not None:
        _, outlook, t = pressed
        await reply(update, whatif.outlook(outlook, t))


def _asked(desk: HandlerContext, words: str, market: Market) -> Answer:
    return answer(parse_command(words, desk.catalogue), market)


def _supposed(desk: HandlerContext, words: str, market: Market) -> WhatIfResult:
    return what_if(parse_whatif(words, desk.catalogue), market)


async def _press(
    request: Request, reckon: Callable[[str, Market], _Result]
) -> tuple[CallbackQuery, _Result, LocaleTranslator] | None:
    """What comes of the question a button carries; None when nothing does, which is told in a notice."""
    desk, query, t = request.context, request.query, request.t
    try:
        result = reckon(request.data, desk.market())
    except InvalidQuestion as failure:
        await query.answer(failure.says(t)[:_LONGEST_NOTICE], show_alert=True)
        return None
    await query.answer()
    return query, result, t


HANDLERS = (breakeven_command, ask_button, chart_button, suppose_button)
