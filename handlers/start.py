"""First contact: /start and /help."""

from collections.abc import Sequence
from functools import partial

from telegram import BotCommand, Update
from telegram.ext import CommandHandler, ContextTypes

from handlers import subscriptions
from handlers.access import address
from handlers.desk import App, Desk
from handlers.replies import reply
from handlers.words import html, span
from storage import chats


def register(application: App, desk: Desk, commands: Sequence[BotCommand]) -> None:
    """Add /start and /help; `commands` is the whole list that /help shows."""
    application.add_handler(CommandHandler("start", partial(_start, desk)))
    application.add_handler(CommandHandler("help", partial(_help, commands)))


async def _start(desk: Desk, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    place = address(update)
    if place is None or update.effective_chat is None:
        return
    now = desk.clock()
    kind = update.effective_chat.type
    await desk.store.write(lambda db: chats.remember(db, place, kind, now))
    held = await desk.store.read(lambda db: chats.subscriptions(db, place))
    polled_at = desk.view().polled_at
    looked = (
        f"I last looked {span(now - polled_at)} ago" if polled_at else "I have yet to look for the first time"
    )
    await reply(
        update,
        "I watch Bitcoin miners for capitulation: their outflows, hashrate, the price and the power price.\n"
        f"I look by myself, every few minutes, and write only when something changes; {looked}.\n"
        "Tap what you want to hear of, or ask me: <code>/breakeven s19 0.07</code> · /status · /help",
        subscriptions.keyboard(held),
    )


async def _help(commands: Sequence[BotCommand], update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    lines = [f"/{command.command} – {html(command.description)}" for command in commands]
    await reply(update, "<b>What I can do</b>\n" + "\n".join(lines))
