"""Breakeven questions: /breakeven, and the buttons under an answer."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot.charts.job import DrawingError
from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator
from bot.mining import answer_lines, formatting
from bot.mining.answer import Answer, answer, network_of
from bot.mining.conversion import ConversionRequest, converted
from bot.mining.errors import InvalidQuestion
from bot.mining.fleet_whatif import fleet_what_if
from bot.mining.goal import Goal, GoalRequest, reached
from bot.mining.market import Market
from bot.mining.mining_time import MiningTimeRequest, mining_time
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.command_request import READ_AS, CommandRequest
from bot.mining.parsing.follow_up import Answerable, Asked, CommandDone
from bot.mining.parsing.reader import parse_command, parse_whatif, understand
from bot.mining.past import PastRequest, past
from bot.mining.projection import ProjectionRequest
from bot.mining.question import MachineComparison, Question
from bot.mining.required_price import PriceRequest, required_price
from bot.mining.whatif import WhatIf, WhatIfResult, compared, what_if
from bot.snapshot import past_days
from handlers.commands.chart import profit_picture
from handlers.context import HandlerContext
from handlers.html import html
from handlers.permissions import address_of
from handlers.preferences import asker_of
from handlers.replies import reply
from handlers.routing import Permission, Request, button, command
from handlers.views import amount_in_unit, breakeven, days_gone_by, fleet_whatif, refusals, whatif
from handlers.views import chart as chart_view
from handlers.views import months_ahead as months_view
from handlers.views.reckoning import reckoning
from handlers.widgets.breakeven_steppers import breakeven_steppers
from storage.chats import fleets

_LONGEST_NOTICE = 190

_Result = TypeVar("_Result")


@command("breakeven", N_("does a machine pay? /breakeven s19 0.07"), Permission.ANYONE, in_group_menu=True)
async def breakeven_command(request: Request) -> None:
    """Answer a break-even question."""
    context, update, t = request.context, request.update, request.t
    asker = await asker_of(context, update, t)
    try:
        question = understand(request.text, context.catalogue, asker, strict=True)
        if question is None or isinstance(question, CommandRequest):
            raise InvalidQuestion(lambda t: t("Which machine? Name a model, or its hashrate and power."))
        await tell(context, update, question, asker, t)
        context.unanswered.answered(update)
    except InvalidQuestion as failure:
        context.unanswered.note(update, request.text, context.clock())
        await refuse(context, update, failure, t)


async def refuse(
    context: HandlerContext, update: Update, failure: InvalidQuestion, t: LocaleTranslator
) -> None:
    """Say what was wrong with a question, with a button for each reading that may have been meant."""
    await context.asker_replies.reply(update, refusals.refusal(failure, t), refusals.choices(failure, t))
    offered = (CommandRequest(READ_AS, choice.text) for choice in failure.choices)
    await context.note_offered(address_of(update), *offered)


async def tell(
    context: HandlerContext,
    update: Update,
    question: Answerable,
    asker: Asker,
    t: LocaleTranslator,
    offered: InlineKeyboardButton | None = None,
) -> None:
    """Answer a question. Raises InvalidQuestion naming what is missing or impossible.

    `offered` is a button beside those of a break-even, or under a comparison.
    """
    market = context.market()
    if isinstance(question, PastRequest) and question.span.is_now(market.at.date()):
        question = question.question
    if isinstance(question, MachineComparison):
        answers = compared(question, market, asker.currency)
        buttons = None if offered is None else InlineKeyboardMarkup([[offered]])
        await reply(update, breakeven.comparison(question, answers, t), buttons)
        await context.follow_ups.note(address_of(update), question, context.clock())
    elif isinstance(question, ProjectionRequest):
        await reply(update, months_view.projection(question, market, asker.currency, t))
        await _note_aim(context, update, question.question)
    elif isinstance(question, ConversionRequest):
        await reply(update, amount_in_unit.amount_in_unit(converted(question, market), market.at, t))
    elif isinstance(question, PastRequest):
        result = past(question, market, partial(past_days, context.history()), asker.currency)
        await reply(update, days_gone_by.days_gone_by(result, t))
        await _note_aim(context, update, question.question)
    elif isinstance(question, WhatIf):
        await reply(update, *await _whatif(context, update, question, market, asker, t))
        await context.follow_ups.note(address_of(update), question, context.clock())
    elif isinstance(question, PriceRequest):
        required = required_price(question, market, asker.currency)
        text, keyboard = breakeven.required(required, t), _keyboard(context, update, required.now, t)
        await reply(update, text, keyboard)
        await _note_aim(context, update, question.question)
    elif isinstance(question, MiningTimeRequest):
        duration = mining_time(question, market, asker.currency)
        text, keyboard = breakeven.mining_time(duration, t), _keyboard(context, update, duration.now, t)
        await reply(update, text, keyboard)
        await _note_aim(context, update, question.question)
    else:
        goal = question.goal if isinstance(question, GoalRequest) else None
        if isinstance(question, GoalRequest):
            answered = reached(question, market, asker.currency)
        else:
            answered = answer(question, market, asker.currency)
        text, keyboard = breakeven.breakeven(answered, t, goal), _keyboard(context, update, answered, t)
        if offered is not None:
            keyboard = InlineKeyboardMarkup([[offered], *keyboard.inline_keyboard])
        await reply(update, text, keyboard)
        await _note_aim(context, update, answered.question, is_aim=goal is not None, goal=goal)


async def _note_aim(
    context: HandlerContext,
    update: Update,
    question: Question | WhatIf,
    *,
    is_aim: bool = True,
    goal: Goal | None = None,
) -> None:
    """Remember the question within one for more: what goes on from it may be of either, a number of both."""
    done = CommandDone(CommandRequest("breakeven"), question, goal=goal) if is_aim else question
    await context.follow_ups.note(address_of(update), done, context.clock())


async def explain(
    context: HandlerContext, update: Update, before: Asked | None, asker: Asker, t: LocaleTranslator
) -> None:
    """Say step by step how the question before was reckoned, at the prices of now."""
    if isinstance(before, Question):
        answered = answer(before, context.market(), asker.currency)
        readings = breakeven.readings(answered.inputs, answered.at, t)
        await reply(update, f"{reckoning(answered, t)}\n{readings}")


def _keyboard(
    context: HandlerContext,
    update: Update,
    answered: Answer,
    t: LocaleTranslator,
    before: Question | None = None,
) -> InlineKeyboardMarkup:
    """The buttons under an answer; those of the widget only where one can be sent."""
    has_steppers = context.widgets_for("breakeven", address_of(update)) is not None
    return breakeven.keyboard(answered, context.catalogue, t, before, has_steppers=has_steppers)


async def _whatif(
    context: HandlerContext,
    update: Update,
    question: WhatIf,
    market: Market,
    asker: Asker,
    t: LocaleTranslator,
) -> tuple[str, None]:
    """A supposition; one that names no machine is about the chat's fleet, where it has one."""
    address = address_of(update)
    if question.is_bare_scenario and address is not None:
        fleet = await context.store.read(lambda db: fleets.load(db, address))
        if fleet.kinds:
            supposed = fleet_what_if(fleet, question.scenario, market, asker.currency)
            return fleet_whatif.outlook(supposed, fleet, t), None
    return whatif.outlook(what_if(question, market, asker.currency), t), None


@button(breakeven.ASK, permission=Permission.ANYONE)
async def ask_button(request: Request) -> None:
    """Answer the question the button carries: in place, or for who pressed."""
    context, t = request.context, request.t
    answered = await _press(request, _asked)
    if answered is not None:
        await context.follow_ups.note(request.address, answered.question, context.clock())
        message = request.update.effective_message
        before = breakeven.question_under(message.reply_markup if message else None, context.catalogue)
        keyboard = _keyboard(context, request.update, answered, t, before)
        await request.step(breakeven.breakeven(answered, t), keyboard)


@button(refusals.ASK_AGAIN, permission=Permission.ANYONE)
async def ask_again_button(request: Request) -> None:
    """Answer a choice under a refusal, the question as it was meant, in place of the refusal."""
    context, update, t = request.context, request.update, request.t
    asker = await asker_of(context, update, t)
    before = await context.follow_ups.last(request.address, context.clock())
    context.unanswered.answered(update)
    await request.answer()
    try:
        question = understand(request.data, context.catalogue, asker, before=before)
        if question is None:
            question = understand(request.data, context.catalogue, asker, strict=True, before=before)
        if isinstance(question, Question):
            answered = answer(question, context.market(), asker.currency)
            await context.follow_ups.note(request.address, question, context.clock())
            keyboard = _keyboard(context, update, answered, t)
            await request.edit(breakeven.breakeven(answered, t), keyboard)
        elif question is not None and not isinstance(question, CommandRequest):
            await tell(context, update, question, asker, t)
    except InvalidQuestion as failure:
        await request.edit(refusals.refusal(failure, t), refusals.choices(failure, t))


@button(breakeven.CHART, permission=Permission.ANYONE, is_slow=True)
async def chart_button(request: Request) -> None:
    """Send a picture of the machine's profit."""
    context, update, t = request.context, request.update, request.t
    answered = await _press(request, _asked)
    if answered is not None:
        try:
            picture = await profit_picture(context, update, answered, t)
        except DrawingError as error:
            await request.reply(chart_view.not_drawn(error, t))
            return
        caption = f"{formatting.machine(answered.now, t)}\n{answer_lines.headline(answered, t)}"
        await context.asker_replies.reply_photo(update, picture, html(caption), filename="profit.png")


@button(breakeven.SUPPOSE, permission=Permission.ANYONE)
async def suppose_button(request: Request) -> None:
    """Answer the supposition the button carries."""
    result = await _press(request, _supposed)
    if result is not None:
        await request.reply(whatif.outlook(result, request.t))


@button(breakeven.STEP, permission=Permission.ANYONE)
async def step_button(request: Request) -> None:
    """Send the widget in which the answer can be stepped through; a refusal is told in a notice."""
    context, t, query = request.context, request.t, request.query
    widgets = context.widgets_for("breakeven", request.address)
    asker = await asker_of(context, request.update, t)
    market = context.market()
    try:
        answered = _asked(context, request.data, market, asker)
        document = breakeven_steppers(answered, network_of(answered.question, market, []), t)
    except InvalidQuestion as failure:
        await request.answer(failure.says(t)[:_LONGEST_NOTICE], alert=True)
        return
    reply_to = query.message.message_id if query.message is not None else None
    address = request.address
    sent = None
    if widgets is not None:
        sent = await widgets.send(address.chat_id, document, topic_id=address.topic_id, reply_to=reply_to)
    if sent is None:
        await request.answer(
            t("Telegram takes no such message here; the other buttons do the same, step by step."), alert=True
        )
        return
    await request.answer()


def _asked(context: HandlerContext, words: str, market: Market, asker: Asker) -> Answer:
    return answer(parse_command(words, context.catalogue), market, asker.currency)


def _supposed(context: HandlerContext, words: str, market: Market, asker: Asker) -> WhatIfResult:
    return what_if(parse_whatif(words, context.catalogue), market, asker.currency)


async def _press(
    request: Request, reckon: Callable[[HandlerContext, str, Market, Asker], _Result]
) -> _Result | None:
    """What comes of the question a button carries; None when nothing does, which is told in a notice."""
    context = request.context
    asker = await asker_of(context, request.update, request.t)
    try:
        result = reckon(context, request.data, context.market(), asker)
    except InvalidQuestion as failure:
        await request.answer(failure.says(request.t)[:_LONGEST_NOTICE], alert=True)
        return None
    await request.answer()
    return result


HANDLERS = (breakeven_command, ask_button, ask_again_button, chart_button, suppose_button, step_button)
