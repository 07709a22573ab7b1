"""The bot in any chat: `@bot s19 7c` is the breakeven answer, `@bot status` where things stand.

“@bot what if the price falls 20%, s19 7c” is a supposition.
"""

from functools import partial
from hashlib import sha256

from telegram import InlineQueryResultArticle, InputTextMessageContent, LinkPreviewOptions, Update
from telegram.constants import ParseMode
from telegram.ext import ContextTypes, InlineQueryHandler

from bot.i18n.translator import LocaleTranslator
from bot.mining import formatting
from bot.mining.answer import answer
from bot.mining.economics import Economics
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.question_parser import parse_command
from bot.mining.whatif import WhatIfResult, parse_supposition, what_if
from bot.signals.labels import PHASE_NAMES
from bot.signals.status import signal_statuses
from handlers.context import App, HandlerContext
from handlers.language import translator_for_update
from handlers.views import alerts, breakeven, refusals, whatif

_FRESH_S = 60
_LONGEST = 200
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


def register(application: App, desk: HandlerContext) -> None:
    """Add the handler."""
    application.add_handler(InlineQueryHandler(partial(_asked, desk)))


async def _asked(desk: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    query = update.inline_query
    if query is None:
        return
    t = await translator_for_update(desk, update)
    words = query.query.strip()[:_LONGEST]
    results = []
    if words and not "status".startswith(words.lower()):
        results.append(await _breakeven(desk, words, t))
    else:
        results.append(_status(desk, t))
        if not words:
            results.append(await _breakeven(desk, "s19 7c", t))
    await query.answer(results, cache_time=_FRESH_S, is_personal=True)


async def _breakeven(desk: HandlerContext, words: str, t: LocaleTranslator) -> InlineQueryResultArticle:
    try:
        supposed = parse_supposition(words, desk.catalogue, decimal_comma=t.decimal_comma)
        if supposed is not None:
            return _supposed(what_if(supposed, desk.market()), t)
        question = parse_command(words, desk.catalogue, decimal_comma=t.decimal_comma)
        answered = answer(question, desk.market())
    except InvalidQuestion as failure:
        text = refusals.refusal(failure, t)
        return _article(t("Not understood: try s19 7c"), failure.says(t), text)
    text = breakeven.breakeven(answered, t)
    return _article(_machine(answered.now, t), formatting.headline(answered, t), text)


def _supposed(told: WhatIfResult, t: LocaleTranslator) -> InlineQueryResultArticle:
    changes = whatif.changes(told.whatif.scenario, t)
    return _article(_machine(told.now, t), changes, whatif.outlook(told, t))


def _machine(reckoned: Economics, t: LocaleTranslator) -> str:
    return reckoned.machine or formatting.figures(reckoned, t)


def _status(desk: HandlerContext, t: LocaleTranslator) -> InlineQueryResultArticle:
    view = desk.status()
    phase = view.standing.phase
    statuses = signal_statuses(view.rules, view.standing)
    text = alerts.status(statuses, phase.phase, phase.since, view.polled_at, desk.clock(), t)
    named = f"{t('Phase')}: {t(PHASE_NAMES[phase.phase])}"
    return _article(t("Status"), named, text)


def _article(title: str, description: str, text: str) -> InlineQueryResultArticle:
    """One result; what is sent says so much that it needs no buttons."""
    content = InputTextMessageContent(text, ParseMode.HTML, link_preview_options=_NO_PREVIEW)
    number = sha256(text.encode()).hexdigest()[:32]
    return InlineQueryResultArticle(number, title, content, description=description)
