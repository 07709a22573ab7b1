"""/whatif: another price, hashrate, power price, fees, difficulty, or the halving."""

from functools import partial

from telegram import BotCommand, Update
from telegram.ext import ContextTypes

from bot.mining.misunderstanding import Misunderstanding
from bot.mining.whatif import parse_whatif, what_if
from handlers import render_whatif
from handlers.breakeven import refuse
from handlers.commands import command
from handlers.desk import App, Desk
from handlers.language import tongue
from handlers.replies import reply

COMMANDS = (BotCommand("whatif", "suppose: /whatif s19 price=40000 hashrate=-10% halving=yes"),)


def register(application: App, desk: Desk) -> None:
    """Add the command."""
    application.add_handler(command("whatif", partial(_command, desk)))


async def _command(desk: Desk, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    t = await tongue(desk, update)
    try:
        asked = " ".join(context.args or ())
        supposed = parse_whatif(asked, desk.catalogue, decimal_comma=t.decimal_comma)
        outlook = what_if(supposed, await desk.market())
    except Misunderstanding as failure:
        await refuse(desk, update, failure, t)
        return
    await reply(update, render_whatif.outlook(outlook, t))
