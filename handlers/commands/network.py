"""/network: the share of hashrate that loses money at a power price, and the cost of a bitcoin."""

from telegram import InlineKeyboardMarkup

from bot.i18n.message import N_
from bot.mining.answer import Input, display_in
from bot.mining.errors import InvalidQuestion
from bot.mining.hashrate_mix import mix_on, network_view
from bot.mining.network import Network
from bot.signals.odds_text import odds_line
from handlers.commands.breakeven import refuse
from handlers.html import html
from handlers.preferences import asker_of
from handlers.replies import reply
from handlers.routing import Permission, Request, command
from handlers.views import network as network_text
from handlers.views.watch_offer import watch_offer_button


@command(
    "network",
    N_("who is under water, and what a bitcoin costs to make"),
    Permission.ANYONE,
    in_group_menu=True,
)
async def network_command(request: Request) -> None:
    """Say which machines are unprofitable, and what a coin costs."""
    context, update, t = request.context, request.update, request.t
    asker = await asker_of(context, update, t)
    market = context.market()
    price, difficulty, fees = market.btc_price_usd, market.difficulty, market.fees_btc_per_block
    mix = mix_on(market.at.date())
    try:
        if price is None or difficulty is None:
            raise InvalidQuestion(
                lambda t: t("I have no bitcoin price or difficulty yet; ask after the next poll."), "/network"
            )
        if mix is None:
            raise InvalidQuestion(
                lambda t: t("I have no estimate of the machine mix for that time."), "/breakeven s19 0.07"
            )
        inputs = [Input("BTC price", price), Input("difficulty", difficulty)]
        display = display_in(asker.currency, market, inputs)
    except InvalidQuestion as failure:
        await refuse(context, update, failure, t)
        return
    network = Network(difficulty.value, market.subsidy_btc, fees.value if fees else 0.0)
    view = network_view(context.catalogue, mix, network, price.value)
    status = context.status()
    stopped = status.shutdowns
    text = network_text.view(view, stopped, inputs, display, market.at, t)
    odds = odds_line(status.odds, t)
    keyboard = None
    if stopped is not None and stopped.following_at_usd is not None:
        line = f"price below {float(f'{stopped.following_at_usd:.3g}'):.0f}"
        keyboard = InlineKeyboardMarkup([[watch_offer_button(line, t)]])
    await reply(update, text if odds is None else f"{text}\n{html(odds)}", keyboard)


HANDLERS = (network_command,)
