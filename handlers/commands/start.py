"""First contact: /start, also from a link (`?start=drawdown`), and /help."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from telegram import BotCommand, Update
from telegram.ext import ContextTypes

from bot.i18n.translator import LocaleTranslator
from bot.signals.rules import SUBSCRIPTIONS, Severity
from handlers.commands import subscriptions
from handlers.context import App, HandlerContext
from handlers.html import html
from handlers.language import telegram_language, translator_for_update
from handlers.menus import OPERATING, command
from handlers.permissions import address, may_change
from handlers.replies import reply
from storage.chats import chats, preferences
from storage.database import Database

COMMANDS = (BotCommand("start", "what I watch, and buttons to subscribe"),)
HELP = (BotCommand("help", "this list"),)

LINKS: Final[dict[str, tuple[str, ...]]] = {
    **{signal.link: (name,) for name, signal in SUBSCRIPTIONS.items()},
    **{name: (name,) for name in SUBSCRIPTIONS},
    "all": tuple(SUBSCRIPTIONS),
}
"""What a link's payload subscribes to."""


def register(application: App, desk: HandlerContext, commands: Sequence[BotCommand]) -> None:
    """Add /start and /help; `commands` is the whole list that /help shows."""
    application.add_handler(command("start", partial(_start, desk)))
    application.add_handler(command("help", partial(_help, desk, commands)))


async def _start(desk: HandlerContext, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    place, chat, _user = address(update), update.effective_chat, update.effective_user
    if place is None or chat is None:
        return
    payload = "".join(context.args or ()).lower().replace("-", "_")
    signals = LINKS.get(payload, ())
    if signals and not await may_change(update):
        signals = ()
    now = desk.clock()
    spoken = telegram_language(update)

    def work(db: Database) -> dict[str, int]:
        chats.remember(db, place, chat.type, now)
        preferences.note_language(db, place, spoken)
        held = chats.subscriptions(db, place)
        chats.subscribe(db, place, [one for one in signals if one not in held], Severity.WARNING)
        return chats.subscriptions(db, place)

    held = await desk.store.write(work)
    t = await translator_for_update(desk, update)
    lines = [_welcome(desk, t)]
    if signals:
        names = t.listed([SUBSCRIPTIONS[signal].title(t) for signal in signals])
        lines.append(t("You now hear of: <b>{signals}</b>.", signals=html(names)))
    elif payload.startswith("watch_"):
        words = html(" ".join(payload.split("_")))
        lines.append(t("Send this to set the watch: {example}", example=f"<code>/{words}</code>"))
    elif payload.startswith("watch"):
        lines.append(t("A watch of your own is set with /watch; send it alone to see how."))
    await reply(update, "\n".join(lines), subscriptions.keyboard(held, t))


def _welcome(desk: HandlerContext, t: LocaleTranslator) -> str:
    polled_at = desk.view().polled_at
    looked = (
        t("I last looked {span} ago", span=t.span(desk.clock() - polled_at))
        if polled_at
        else t("I have yet to look for the first time")
    )
    return "\n".join(
        (
            t(
                "I watch Bitcoin miners for capitulation: their outflows, hashrate, the price and the power "
                "price."
            ),
            t(
                "I look by myself, every few minutes, and write only when something changes; {looked}.",
                looked=looked,
            ),
            t(
                "Tap what you want to hear of, or ask me: <code>/breakeven s19 0.07</code> · /status · /chart"
                " · /help"
            ),
        )
    )


async def _help(
    desk: HandlerContext, commands: Sequence[BotCommand], update: Update, _context: ContextTypes.DEFAULT_TYPE
) -> None:
    t = await translator_for_update(desk, update)
    operator = update.effective_chat is not None and update.effective_chat.id in desk.admins
    lines = [
        f"/{one.command} – {html(t(one.description))}"
        for one in commands
        if operator or one.command not in OPERATING
    ]
    await reply(update, f"<b>{t('What I can do')}</b>\n" + "\n".join(lines))
