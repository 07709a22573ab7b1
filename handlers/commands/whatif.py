"""/whatif: another price, hashrate, power price, fees, difficulty, or the halving."""

from telegram import Update

from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator
from bot.mining.errors import InvalidQuestion
from bot.mining.fleet_whatif import fleet_what_if
from bot.mining.whatif import WhatIf, parse_whatif, what_if
from handlers.commands.breakeven import refuse
from handlers.context import HandlerContext
from handlers.permissions import address
from handlers.replies import reply
from handlers.routing import Permission, Request, command
from handlers.views import fleet_whatif, whatif
from storage.chats import fleets


@command(
    "whatif",
    N_("suppose: /whatif s19 price=40000 hashrate=-10% halving=yes"),
    Permission.ANYONE,
    in_group_menu=True,
)
async def whatif_command(request: Request) -> None:
    """Answer a supposition."""
    desk, update, t = request.context, request.update, request.t
    try:
        asked = " ".join(request.arguments)
        supposed = parse_whatif(asked, desk.catalogue, decimal_comma=t.decimal_comma)
        await tell(desk, update, supposed, t)
    except InvalidQuestion as failure:
        await refuse(desk, update, failure, t)


async def tell(desk: HandlerContext, update: Update, supposed: WhatIf, t: LocaleTranslator) -> None:
    """Answer a supposition; one that names no machine is about the chat's fleet, where it has one.

    Raises InvalidQuestion naming what is missing or impossible.
    """
    place, market = address(update), desk.market()
    if supposed.bare and place is not None:
        fleet = await desk.store.read(lambda db: fleets.load(db, place))
        if fleet.kinds:
            told = fleet_what_if(fleet, supposed.scenario, market)
            await reply(update, fleet_whatif.outlook(told, fleet, t))
            return
    await reply(update, whatif.outlook(what_if(supposed, market), t))


HANDLERS = (whatif_command,)
