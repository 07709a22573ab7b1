"""/help: what the bot can do."""

from collections.abc import Sequence

from bot.i18n.message import N_
from handlers.html import html
from handlers.routing import Command, Permission, Request, command


def help_command(commands: Sequence[Command]) -> Command:
    """/help over these commands and itself; the operators' stand in their own chats only."""

    @command("help", N_("this list"), Permission.ANYONE, in_group_menu=True)
    async def show_help(request: Request) -> None:
        t = request.t
        is_operators = request.address.chat_id in request.context.admins
        lines = [
            f"/{shown.name} – {html(t(shown.description))}"
            for shown in (*commands, show_help)
            if is_operators or shown.permission is not Permission.OPERATOR
        ]
        await request.reply(f"<b>{t('What I can do')}</b>\n" + "\n".join(lines))

    return show_help
