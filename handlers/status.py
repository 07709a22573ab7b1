"""/status: where every signal and the phase stand."""

from functools import partial

from telegram import BotCommand, Update
from telegram.ext import ContextTypes

from bot.signals.status import signal_statuses
from handlers import render
from handlers.commands import command
from handlers.desk import App, Desk
from handlers.replies import reply

COMMANDS = (BotCommand("status", "each signal with value, threshold, state, source and age"),)


def register(application: App, desk: Desk) -> None:
    """Add the command."""
    application.add_handler(command("status", partial(_status, desk)))


async def _status(desk: Desk, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    view = desk.view()
    phase = view.standing.phase
    statuses = signal_statuses(view.rules, view.standing)
    await reply(
        update,
        render.status(statuses, phase.phase, phase.since, view.polled_at, desk.clock(), view.notes),
    )
