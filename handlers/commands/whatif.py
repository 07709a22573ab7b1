"""/whatif: another price, hashrate, power price, fees, difficulty, or the halving."""

from bot.i18n.message import N_
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.reader import parse_whatif
from handlers.commands.breakeven import refuse, tell
from handlers.preferences import asker_of
from handlers.routing import Permission, Request, command


@command(
    "whatif",
    N_("suppose: /whatif s19 price=40000 hashrate=-10% halving=yes"),
    Permission.ANYONE,
    in_group_menu=True,
)
async def whatif_command(request: Request) -> None:
    """Answer a supposition."""
    context, update, t = request.context, request.update, request.t
    asker = await asker_of(context, update, t)
    try:
        question = parse_whatif(request.text, context.catalogue, asker)
        await tell(context, update, question, asker, t)
    except InvalidQuestion as failure:
        await refuse(context, update, failure, t)


HANDLERS = (whatif_command,)
