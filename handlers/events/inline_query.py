"""The bot in any chat: `@bot s19 7c` is the breakeven answer, `@bot status` where things stand.

“@bot what if the price falls 20%, s19 7c” is a supposition, “@bot price” and “@bot wann ist das Halving?” are
figures of the market. What is asked may be said in any language, and is answered in the asker's.
"""

import re
from functools import partial
from hashlib import sha256
from html import unescape

from telegram import InlineQueryResultArticle, InputTextMessageContent, LinkPreviewOptions, Update
from telegram.constants import ParseMode
from telegram.ext import ContextTypes, InlineQueryHandler

from bot.i18n.message import commas, named
from bot.i18n.translator import LocaleTranslator
from bot.mining import answer_lines, formatting, mining_time_lines, required_lines
from bot.mining.answer import answer
from bot.mining.conversion import ConversionRequest, converted
from bot.mining.economics import Economics
from bot.mining.errors import InvalidQuestion
from bot.mining.goal import GoalRequest, reached
from bot.mining.market import Market
from bot.mining.mining_time import MiningTimeRequest, mining_time
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.reader import understand
from bot.mining.past import PastRequest, past
from bot.mining.projection import ProjectionRequest
from bot.mining.question import MachineComparison, Question
from bot.mining.required_price import PriceRequest, required_price
from bot.mining.whatif import WhatIf, WhatIfResult, compared, what_if
from bot.signals.labels import PHASE_NAMES
from bot.snapshot import past_days
from handlers.commands.market_figures import currency_named
from handlers.context import App, HandlerContext
from handlers.language import translator_for_update
from handlers.preferences import asker_of
from handlers.views import (
    amount_in_unit,
    breakeven,
    days_gone_by,
    market_figures,
    months_ahead,
    refusals,
    status,
    whatif,
)

_FRESH_S = 60
_LONGEST = 200
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


def register(application: App, context: HandlerContext) -> None:
    """Add the handler."""
    application.add_handler(InlineQueryHandler(partial(_inline_query, context)))


async def _inline_query(context: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    query = update.inline_query
    if query is None:
        return
    t = await translator_for_update(context, update)
    asker = await asker_of(context, update, t)
    words = query.query.strip()[:_LONGEST]
    results = []
    if words and not "status".startswith(words.lower()):
        results.append(_answered(context, words, asker, t))
    else:
        results.append(_status(context, t))
        if not words:
            results.append(_answered(context, "s19 7c", asker, t))
    await query.answer(results, cache_time=_FRESH_S, is_personal=True)


def _answered(
    context: HandlerContext, words: str, asker: Asker, t: LocaleTranslator
) -> InlineQueryResultArticle:
    try:
        reading = understand(words, context.catalogue, asker)
        if isinstance(reading, CommandRequest) and reading.name == "status":
            return _status(context, t)
        if isinstance(reading, CommandRequest) and reading.name in market_figures.TOPICS:
            return _figure(reading, context.market(), asker, t)
        if reading is None or isinstance(reading, CommandRequest):
            reading = understand(words, context.catalogue, asker, strict=True)
        if isinstance(reading, WhatIf):
            return _supposed(what_if(reading, context.market(), asker.currency), t)
        if isinstance(reading, ProjectionRequest):
            text = months_ahead.projection(reading, context.market(), asker.currency, t)
            return _article(_plain(text.splitlines()[0]), _plain(text.splitlines()[1]), text)
        if isinstance(reading, MachineComparison):
            answers = compared(reading, context.market(), asker.currency)
            machines = commas([_machine(each.now, t) for each in answers[:5]], t)
            return _article(
                t("Comparison"),
                machines,
                breakeven.comparison(reading, answers, t),
            )
        if isinstance(reading, PastRequest) and reading.span.is_now(context.market().at.date()):
            reading = reading.question
        if isinstance(
            reading, ConversionRequest | PastRequest | GoalRequest | PriceRequest | MiningTimeRequest
        ):
            return _beyond_now(context, reading, asker, t)
        if not isinstance(reading, Question):
            raise InvalidQuestion(lambda t: t("Which machine? Name a model, or its hashrate and power."))
        answered = answer(reading, context.market(), asker.currency)
    except InvalidQuestion as failure:
        text = refusals.refusal(failure, t)
        return _article(t("Not understood: try s19 7c"), failure.says(t), text)
    text = breakeven.breakeven(answered, t)
    return _article(_machine(answered.now, t), answer_lines.headline(answered, t), text)


def _beyond_now(
    context: HandlerContext,
    reading: ConversionRequest | PastRequest | GoalRequest | PriceRequest | MiningTimeRequest,
    asker: Asker,
    t: LocaleTranslator,
) -> InlineQueryResultArticle:
    """An amount in another unit, a time gone by, a number of machines."""
    market = context.market()
    if isinstance(reading, GoalRequest):
        answered = reached(reading, market, asker.currency)
        text = breakeven.breakeven(answered, t, reading.goal)
        return _article(_machine(answered.now, t), answer_lines.headline(answered, t), text)
    if isinstance(reading, PriceRequest):
        required = required_price(reading, market, asker.currency)
        text = breakeven.required(required, t)
        return _article(_machine(required.now.now, t), required_lines.sentence(required, t), text)
    if isinstance(reading, MiningTimeRequest):
        result = mining_time(reading, market, asker.currency)
        text = breakeven.mining_time(result, t)
        return _article(_machine(result.now.now, t), mining_time_lines.sentence(result, t), text)
    if isinstance(reading, ConversionRequest):
        text = amount_in_unit.amount_in_unit(converted(reading, market), market.at, t)
    else:
        days_between = partial(past_days, context.history())
        text = days_gone_by.days_gone_by(past(reading, market, days_between, asker.currency), t)
    first, second, *_ = [*map(_plain, text.splitlines()), ""]
    return _article(first, second, text)


def _figure(
    request: CommandRequest, market: Market, asker: Asker, t: LocaleTranslator
) -> InlineQueryResultArticle:
    currency = currency_named(request.arguments) or asker.currency
    text = market_figures.figure(request.name, market, currency, t)
    first, second, *_ = [*map(_plain, text.splitlines()), ""]
    return _article(first, second, text)


def _plain(line: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", line))


def _supposed(result: WhatIfResult, t: LocaleTranslator) -> InlineQueryResultArticle:
    changes = whatif.changes(result.whatif.scenario, t)
    return _article(_machine(result.now, t), changes, whatif.outlook(result, t))


def _machine(reckoned: Economics, t: LocaleTranslator) -> str:
    return reckoned.machine or formatting.figures(reckoned, t)


def _status(context: HandlerContext, t: LocaleTranslator) -> InlineQueryResultArticle:
    view = context.status()
    text = status.status(view, context.clock(), t)
    title = named(t("Phase"), t(PHASE_NAMES[view.standing.phase.phase]), t)
    return _article(t("Status"), title, text)


def _article(title: str, description: str, text: str) -> InlineQueryResultArticle:
    """One result; what is sent says so much that it needs no buttons."""
    content = InputTextMessageContent(text, ParseMode.HTML, link_preview_options=_NO_PREVIEW)
    number = sha256(text.encode()).hexdigest()[:32]
    return InlineQueryResultArticle(number, title, content, description=description)
