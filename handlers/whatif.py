"""/whatif: another price, hashrate, power price, fees, difficulty, or the halving."""

from functools import partial

from telegram import BotCommand, Update
from telegram.ext import CommandHandler, ContextTypes

from bot.mining.misunderstanding import Misunderstanding
from bot.mining.whatif import parse_whatif, what_if
from handlers import render_breakeven, render_whatif
from handlers.desk import App, Desk
from handlers.replies import reply

COMMANDS = (BotCommand("whatif", "suppose: /whatif s19 price=40000 hashrate=-10% halving=yes"),)


def register(application: App, desk: Desk) -> None:
    """Add the command."""
    application.add_handler(CommandHandler("whatif", partial(_command, desk)))


async def _command(desk: Desk, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    try:
        outlook = what_if(parse_whatif(" ".join(context.args or ()), desk.catalogue), await desk.market())
    except Misunderstanding as failure:
        await reply(
            update,
            render_breakeven.refusal(failure),
            render_breakeven.suggestions(failure, desk.catalogue),
        )
        return
    await reply(update, render_whatif.outlook(outlook))
