"""/help: what the bot can do, by topic."""

from collections.abc import Sequence
from typing import Final

from bot.i18n.message import N_
from handlers.html import html
from handlers.routing import Command, Permission, Request, command

GROUPS: Final = (
    (N_("Where things stand"), ("status", "chart", "history", "why")),
    (
        N_("Figures"),
        ("price", "hashrate", "hashprice", "difficulty", "retarget", "halving", "fees", "holdings"),
    ),
    (N_("Does mining pay?"), ("breakeven", "whatif", "network", "machines", "fleet")),
    (
        N_("What I write to you"),
        ("subscribe", "unsubscribe", "watch", "watches", "digest", "pin", "test", "share"),
    ),
    (N_("Quiet"), ("mute", "unmute", "quiet")),
    (
        N_("This chat"),
        ("start", "settings", "keyboard", "currency", "privacy", "export", "forget", "about", "help"),
    ),
    (N_("Operators"), ("sources", "stats", "broadcast", "hook")),
)
"""The headings of /help with their commands; what stands under none comes last."""


def help_command(commands: Sequence[Command]) -> Command:
    """/help over these commands and itself; the operators' stand in their own chats only."""

    @command(
        "help",
        N_("this list"),
        Permission.ANYONE,
        aliases=("commands", "menu"),
        in_group_menu=True,
        is_for_asker_alone=True,
    )
    async def show_help(request: Request) -> None:
        t = request.t
        is_operators = request.address.chat_id in request.context.admins
        named = {
            entry.name: entry
            for entry in (*commands, show_help)
            if is_operators or entry.permission is not Permission.OPERATOR
        }
        grouped = {name for _, names in GROUPS for name in names}
        rest = tuple(name for name in named if name not in grouped)
        blocks = []
        for heading, names in (*GROUPS, (N_("More"), rest)):
            lines = [f"/{name} – {html(t(named[name].description))}" for name in names if name in named]
            if lines:
                blocks.append("\n".join([f"<b>{t(heading)}</b>", *lines]))
        blocks.append(t("You can also ask in your own words."))
        await request.reply_to_asker("\n\n".join(blocks))

    return show_help
