"""First contact: /start, also from a link (`?start=drawdown`), and /help."""

from typing import Final

from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator
from bot.mining import formatting
from bot.signals.rules import BY_WORD, SUBSCRIPTIONS, Severity
from handlers.commands import status, subscriptions, watches, why
from handlers.context import HandlerContext
from handlers.html import html
from handlers.permissions import may_change
from handlers.preferences import remember_chat
from handlers.routing import Permission, Request, command
from storage.chats import chats
from storage.database import Database

LINKS: Final[dict[str, tuple[str, ...]]] = {
    **{word: (name,) for word, name in BY_WORD.items()},
    "all": tuple(SUBSCRIPTIONS),
}
"""What a link's payload subscribes to."""


@command("start", N_("what I watch, and buttons to subscribe"), Permission.ANYONE)
async def start(request: Request) -> None:
    """Say what the bot does; a link's payload subscribes."""
    context, t, address = request.context, request.t, request.address
    payload = "".join(request.arguments).lower().replace("-", "_")
    signals = LINKS.get(payload, ())
    if signals and not await may_change(request.update):
        signals = ()

    def work(db: Database) -> dict[str, int]:
        remember_chat(db, request)
        before = chats.subscriptions(db, address)
        chats.subscribe(db, address, [name for name in signals if name not in before], Severity.WARNING)
        return chats.subscriptions(db, address)

    subscribed = await context.store.write(work)
    if await _follow(request, payload):
        return
    lines = [_welcome(context, t)]
    if signals:
        names = t.listed([SUBSCRIPTIONS[signal].title(t) for signal in signals])
        lines.append(t("You will now hear about: <b>{signals}</b>.", signals=html(names)))
    elif payload.startswith("watch"):
        lines.append(t("A watch of your own is set with /watch; send it alone to see how."))
    await request.reply("\n".join(lines), subscriptions.keyboard(subscribed, t))


async def _follow(request: Request, payload: str) -> bool:
    """Answer a link such as `?start=why-123` or `?start=watch-price-below-60000` as its command would."""
    name, _, words = payload.partition("_")
    followed = {"watch": watches.watch_command, "why": why.why, "status": status.status}.get(name)
    if followed is None or (name == "watch" and not words):
        return False
    if name == "why" and words.startswith("g"):
        await why.explain_group(request, words[1:])
    else:
        await followed.run(request.context, request.update, tuple(words.split("_")) if words else ())
    return True


def _welcome(context: HandlerContext, t: LocaleTranslator) -> str:
    polled_at = context.status().polled_at
    looked = (
        t("I last looked {span} ago", span=formatting.ago(context.clock(), polled_at, t))
        if polled_at
        else t("I have yet to look for the first time")
    )
    return "\n".join(
        (
            t(
                "I watch Bitcoin miners for capitulation: their income, outflows and hashrate, the price and "
                "the power price."
            ),
            t(
                "I look by myself, every few minutes, and write only when something changes; {looked}.",
                looked=looked,
            ),
            t(
                "Tap what you want to hear about, or ask me: <code>/breakeven s19 0.07</code> · /status · "
                "/chart · /help"
            ),
        )
    )


HANDLERS = (start,)
