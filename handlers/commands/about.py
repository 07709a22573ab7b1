"""/about: who the bot is, what it costs, where its figures come from."""

from typing import Final

from bot.i18n.message import N_
from handlers.html import html
from handlers.routing import Permission, Request, command

_LICENCE: Final = "MIT"


@command(
    "about",
    N_("who I am, what I cost, where my figures come from"),
    Permission.ANYONE,
    aliases=("info", "version"),
)
async def about(request: Request) -> None:
    """Say what the bot is, that it asks for no money, and whose figures it uses."""
    t = request.t
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


HANDLERS = (about,)
