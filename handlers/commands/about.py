"""/about: who the bot is, what it costs, where its figures come from; /about price: where one comes from."""

from typing import Final

from bot.i18n.message import N_
from bot.mining.errors import InvalidQuestion
from handlers.commands.breakeven import refuse
from handlers.html import html
from handlers.preferences import asker_of
from handlers.routing import Permission, Request, command
from handlers.views import market_figures

_LICENCE: Final = "MIT"


@command(
    "about",
    N_("who I am, what I cost, where my figures come from"),
    Permission.ANYONE,
    aliases=("info", "version"),
)
async def about(request: Request) -> None:
    """Say what the bot is, that it asks for no money, and whose figures it uses; or one figure's source."""
    t = request.t
    topic = "".join(request.arguments).lower()
    if topic in market_figures.TOPICS:
        await _of_figure(request, topic)
        return
    lines = (
        # Translators: {name} is the program's name, {licence} an open-source licence such as “MIT”.
        t(
            "I am a program, not a person: <b>{name}</b>, open source under the {licence} licence.",
            name="minerwatch",
            licence=html(_LICENCE),
        ),
        t("I cost nothing, show no advertising and never ask for money, keys or passwords."),
        t(
            "My figures come from exchanges, block explorers, central banks and power markets; each answer "
            "says from whom and how old they are. Alerts follow fixed rules; nobody picks them by hand."
        ),
        t("What I write is no advice to buy or sell. /privacy says what I keep, /help what I can do."),
    )
    await request.reply_to_asker("\n".join(lines))


async def _of_figure(request: Request, topic: str) -> None:
    """One figure with its source and age, and what to do where it is wrong."""
    context, t = request.context, request.t
    asker = await asker_of(context, request.update, t)
    try:
        text = market_figures.figure(topic, context.market(), asker.currency, t)
    except InvalidQuestion as failure:
        await refuse(context, request.update, failure, t)
        return
    doubt = t(
        "That is what my sources said, and when. Another site may ask another exchange, at another moment. "
        "If the figure is wrong all the same, please tell whoever runs me."
    )
    await request.reply_to_asker(f"{text}\n\n{doubt}")


HANDLERS = (about,)
