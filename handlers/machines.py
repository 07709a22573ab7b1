"""/machines: what the catalogue holds."""

from functools import partial

from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import CommandHandler, ContextTypes

from bot.mining.machines import Catalogue, short_name
from bot.mining.misunderstanding import Misunderstanding
from handlers import render_breakeven
from handlers.desk import App, Desk
from handlers.replies import reply
from handlers.words import html

COMMANDS = (BotCommand("machines", "the catalogue: /machines s19"),)

_MOST_ROWS = 40
_MOST_BUTTONS = 6


def register(application: App, desk: Desk) -> None:
    """Add the command."""
    application.add_handler(CommandHandler("machines", partial(_command, desk)))


async def _command(desk: Desk, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    text = " ".join(context.args or ())[:60]
    catalogue = desk.catalogue
    if not text:
        await reply(update, overview(catalogue))
        return
    found = catalogue.search(text)
    if not found:
        failure = catalogue.unknown(text)
        wanted = Misunderstanding(failure.sentence, "/machines s19", failure.suggestions)
        await reply(update, render_breakeven.refusal(wanted), render_breakeven.suggestions(wanted, catalogue))
        return
    await reply(update, listing(catalogue, found), _buttons(found))


def overview(catalogue: Catalogue) -> str:
    """How many models of each maker are held, and how to see them."""
    makers: dict[str, int] = {}
    for model in catalogue.models:
        maker = catalogue.bins(model)[0].maker
        makers[maker] = makers.get(maker, 0) + 1
    lines = [
        f"{maker:<12} {count:>3}"
        for maker, count in sorted(makers.items(), key=lambda item: (-item[1], item[0]))
    ]
    return (
        f"I know <b>{len(catalogue.models)} models</b> of SHA-256 machines, 2016 to 2024:\n"
        f"<pre>{html(chr(10).join(lines))}</pre>\n"
        "Search with <code>/machines s19</code>. For another machine give its figures: "
        "<code>/breakeven 270TH 3645W 0.06</code>"
    )


def listing(catalogue: Catalogue, models: tuple[str, ...]) -> str:
    """Every bin of some models: TH/s, W, J/TH, release."""
    bins = [
        machine for model in models for machine in sorted(catalogue.bins(model), key=lambda m: m.hashrate_ths)
    ]
    rows = [
        f"{short_name(machine.model)[:12]:<12} {machine.hashrate_ths:>5g} {machine.power_w:>4.0f} "
        f"{machine.efficiency_j_per_th:>5.1f} {machine.release[:4]}"
        for machine in bins[:_MOST_ROWS]
    ]
    table = "\n".join([f"{'model':<12} {'TH/s':>5} {'W':>4} {'J/TH':>5} year", *rows])
    more = f"\n… and {len(bins) - _MOST_ROWS} more; search more narrowly." if len(bins) > _MOST_ROWS else ""
    return f"<pre>{html(table)}</pre>{more}"


def _buttons(models: tuple[str, ...]) -> InlineKeyboardMarkup:
    buttons = [
        InlineKeyboardButton(short_name(model), callback_data=f"{render_breakeven.ASK}{short_name(model)}")
        for model in models[:_MOST_BUTTONS]
    ]
    return InlineKeyboardMarkup([buttons[start : start + 3] for start in range(0, len(buttons), 3)])
