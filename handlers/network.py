"""/network: whom the power price has put under water, and what a coin costs to make."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from sqlite_utils import Database
from telegram import BotCommand, Update
from telegram.ext import CommandHandler, ContextTypes

from bot.mining.answer import Input
from bot.mining.misunderstanding import Misunderstanding
from bot.mining.mix import DayState, day_states, mix_on, network_view, shutdowns
from bot.mining.network import Network
from handlers import render_breakeven, render_network
from handlers.desk import App, Desk
from handlers.replies import reply
from storage import readings

COMMANDS = (BotCommand("network", "who is under water, and what a bitcoin costs to make"),)

_LOOK_BACK = timedelta(days=400)


def register(application: App, desk: Desk) -> None:
    """Add the command."""
    application.add_handler(CommandHandler("network", partial(_command, desk)))


async def _command(desk: Desk, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    market = await desk.market()
    price, difficulty, fees = market.btc_price_usd, market.difficulty, market.fees_btc_per_block
    today = market.at.date()
    mix = mix_on(today)
    try:
        if price is None or difficulty is None:
            raise Misunderstanding(
                "I have no bitcoin price or difficulty yet; ask after the next poll.", "/network"
            )
        if mix is None:
            raise Misunderstanding(
                "I have no estimate of the machine mix for that time.", "/breakeven s19 0.07"
            )
    except Misunderstanding as failure:
        await reply(update, render_breakeven.refusal(failure))
        return
    network = Network(difficulty.value, market.subsidy_btc, fees.value if fees else 0.0)
    view = network_view(desk.catalogue, mix, network, price.value)
    past = await desk.store.read(lambda db: _history(db, today - _LOOK_BACK, today - timedelta(days=1)))
    now = DayState(today, price.value, difficulty.value, fees.value if fees else 0.0, market.subsidy_btc)
    stopped = shutdowns(desk.catalogue, (*past, now), market.power_price_usd_per_kwh)
    await reply(
        update,
        render_network.view(
            view, stopped, (Input("BTC price", price), Input("difficulty", difficulty)), market.at
        ),
    )


def _history(db: Database, first: date, last: date) -> tuple[DayState, ...]:
    def days(series: str) -> Iterator[tuple[date, float]]:
        return ((r.day, r.value) for r in readings.of_series(db, series, first, last) if r.day is not None)

    return day_states(days("btc.price"), days("btc.difficulty"), days("btc.fees"))
