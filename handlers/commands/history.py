"""/history: the capitulations and alerts of the past, or one signal's episodes."""

from functools import partial

from telegram import BotCommand, Update
from telegram.ext import ContextTypes

from bot.signals.rules import SIGNALS, SUBSCRIPTIONS
from handlers.context import App, HandlerContext
from handlers.html import html
from handlers.language import translator_for_update
from handlers.menus import command
from handlers.replies import reply
from handlers.views import explanations
from storage.signals import alerts

COMMANDS = (BotCommand("history", "past capitulations and alerts, or one signal's: /history energy_price"),)

_ALERTS = 10


def register(application: App, desk: HandlerContext) -> None:
    """Add the command."""
    application.add_handler(command("history", partial(_history, desk)))


async def _history(desk: HandlerContext, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    t = await translator_for_update(desk, update)
    word = "_".join(context.args or ()).lower().replace("-", "_")
    if word and word not in SUBSCRIPTIONS:
        await reply(
            update,
            t(
                "I know no signal “{word}”. There are {signals}; for example {example}.",
                word=html(word[:40]),
                signals=", ".join(SIGNALS),
                example="<code>/history hashrate_decline</code>",
            ),
        )
        return
    past = await desk.chronicle()
    if word in SIGNALS:
        await reply(update, explanations.history_of(word, past, t))
        return
    recent = await desk.store.read(lambda db: alerts.recent(db, _ALERTS))
    await reply(update, explanations.history(past, [alert for _, alert in recent], t))
