"""/price, /hashprice, /difficulty, /retarget, /halving, /hashrate and /fees."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.charts.spec import ChartKind, ChartSpec
from bot.i18n.message import N_
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.reader import currency_of
from bot.mining.parsing.units import SATS, Currency
from handlers.commands.breakeven import refuse
from handlers.commands.watches import offer_watch
from handlers.preferences import asker_of
from handlers.routing import Command, Permission, Request, button, command
from handlers.views import chart as chart_view
from handlers.views import market_figures as market_view
from handlers.views.watch_offer import OFFER, watch_offer_button

_CHARTS = {
    "price": ChartKind.PRICE,
    "hashprice": ChartKind.HASHPRICE,
    "difficulty": ChartKind.DIFFICULTY,
    "retarget": ChartKind.DIFFICULTY,
    "hashrate": ChartKind.HASHRATE,
    "fees": ChartKind.FEES,
}
"""The chart of a figure."""
_BITCOIN = ("btc", "bitcoin", "xbt")
_ALIASES = {
    "price": ("p", "btc"),
    "difficulty": ("diff",),
    "retarget": ("adjustment",),
    "hashrate": ("hash",),
    "fees": ("fee", "mempool"),
}
"""What popular bots call these."""


async def _answer(request: Request, topic: str) -> None:
    context, t = request.context, request.t
    asker = await asker_of(context, request.update, t)
    market = context.market()
    try:
        words = [word for word in request.arguments if word.lower() not in _BITCOIN]  # “/p btc”
        named = currency_named(" ".join(words))
        text = market_view.figure(topic, market, named or asker.currency, t)
    except InvalidQuestion as failure:
        await refuse(context, request.update, failure, t)
        return
    buttons = []
    if (kind := _CHARTS.get(topic)) is not None:
        buttons.append(InlineKeyboardButton(t("Chart"), callback_data=chart_view.data(ChartSpec(kind))))
    if (line := market_view.watch_line(topic, market)) is not None:
        buttons.append(watch_offer_button(line, t))
    await request.reply(text, InlineKeyboardMarkup([buttons]) if buttons else None)


def currency_named(text: str) -> Currency | None:
    """The currency named behind a command; None without one. Raises InvalidQuestion for anything else."""
    if not text.strip():
        return None
    code = currency_of(text.strip().lower().removeprefix("in "))
    if code is None and text.strip().lower() in SATS:
        code = Currency.BTC
    if code is None:
        raise InvalidQuestion(
            lambda t: t("I don't know the currency “{name}”.", name=text.strip()[:20]), "/price EUR"
        )
    return code


def _topic(name: str, description: str) -> Command:
    async def work(request: Request) -> None:
        await _answer(request, name)

    aliases = _ALIASES.get(name, ())
    return command(name, description, Permission.ANYONE, aliases=aliases, in_group_menu=name == "price")(work)


@button(OFFER, permission=Permission.ADMIN)
async def watch_button(request: Request) -> None:
    """Offer a watch of a figure."""
    await request.answer()
    await offer_watch(request, request.data)


HANDLERS = (
    _topic("price", N_("bitcoin's price and how far it is from its record")),
    _topic("hashprice", N_("what a PH/s earns a day")),
    _topic("difficulty", N_("the difficulty")),
    _topic("retarget", N_("the next difficulty adjustment")),
    _topic("halving", N_("the next halving")),
    _topic("hashrate", N_("the network's hashrate")),
    _topic("fees", N_("what the fees add to a block")),
    watch_button,
)
