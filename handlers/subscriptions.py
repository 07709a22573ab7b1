"""Who hears of what: /subscribe and /unsubscribe, by words or buttons."""

from collections.abc import Mapping
from functools import partial

from sqlite_utils import Database
from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest
from telegram.ext import CallbackQueryHandler, CommandHandler, ContextTypes

from bot.signals.rules import COMPOSITE, SIGNALS, Severity
from handlers import render
from handlers.access import address, may_change
from handlers.desk import App, Desk
from handlers.replies import reply
from handlers.words import SIGNAL_NAMES, html
from storage import chats
from storage.chats import Address

COMMANDS = (
    BotCommand("subscribe", "hear of a signal, or of all: /subscribe price_drawdown"),
    BotCommand("unsubscribe", "hear no more of a signal, or of any"),
)

EVERYTHING = (*SIGNALS, COMPOSITE)
_ONLY_ADMINS = "Only this group's admins can change what I write here."


def register(application: App, desk: Desk) -> None:
    """Add the commands and their buttons."""
    application.add_handler(CommandHandler("subscribe", partial(_command, desk, True)))
    application.add_handler(CommandHandler("unsubscribe", partial(_command, desk, False)))
    application.add_handler(CallbackQueryHandler(partial(_button, desk), pattern=r"^s1:"))


def keyboard(held: Mapping[str, int]) -> InlineKeyboardMarkup:
    """One button a signal that takes or gives it up, and one for all."""
    rows = [
        [
            InlineKeyboardButton(
                f"{'✓ ' if signal in held else ''}{SIGNAL_NAMES[signal]}", callback_data=f"s1:{signal}"
            )
        ]
        for signal in EVERYTHING
    ]
    all_held = all(signal in held for signal in EVERYTHING)
    last = InlineKeyboardButton("Stop everything" if all_held else "Everything", callback_data="s1:all")
    return InlineKeyboardMarkup([*rows, [last]])


async def _command(desk: Desk, wanted: bool, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    place = address(update)
    if place is None or update.effective_chat is None:
        return
    if not await may_change(update):
        await reply(update, _ONLY_ADMINS)
        return
    named = [word.strip(",").lower().replace("-", "_") for word in context.args or ()]
    unknown = [word for word in named if word not in (*EVERYTHING, "all")]
    if unknown:
        verb = "subscribe" if wanted else "unsubscribe"
        await reply(
            update,
            f"I know no signal “{html(unknown[0][:40])}”. There are {', '.join(EVERYTHING)}; "
            f"for example <code>/{verb} price_drawdown</code>.",
        )
        return
    signals = EVERYTHING if not named or "all" in named else tuple(named)
    taken, dropped = (signals, ()) if wanted else ((), signals)
    held = await _change(desk, place, update.effective_chat.type, taken, dropped)
    await reply(update, render.subscriptions(held), keyboard(held))


async def _button(desk: Desk, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    query, place = update.callback_query, address(update)
    if query is None or query.data is None or place is None or update.effective_chat is None:
        return
    if not await may_change(update):
        await query.answer(_ONLY_ADMINS, show_alert=True)
        return
    name = query.data.removeprefix("s1:")
    held = await desk.store.read(lambda db: chats.subscriptions(db, place))
    signals = EVERYTHING if name == "all" else (name,)
    if name != "all" and name not in EVERYTHING:
        await query.answer("This button is from an older version; /subscribe has new ones.")
        return
    taken = all(signal in held for signal in signals)
    held = await _change(
        desk, place, update.effective_chat.type, () if taken else signals, signals if taken else ()
    )
    await query.answer("Unsubscribed" if taken else "Subscribed")
    try:
        await query.edit_message_text(
            render.subscriptions(held), parse_mode=ParseMode.HTML, reply_markup=keyboard(held)
        )
    except BadRequest as error:
        if "not modified" not in str(error).lower():  # two quick taps may ask for the same picture
            raise


async def _change(
    desk: Desk, place: Address, kind: str, taken: tuple[str, ...], dropped: tuple[str, ...]
) -> dict[str, int]:
    def work(db: Database) -> dict[str, int]:
        chats.remember(db, place, kind, now)
        chats.subscribe(db, place, taken, Severity.WARNING)
        chats.unsubscribe(db, place, dropped)
        return chats.subscriptions(db, place)

    now = desk.clock()
    return await desk.store.write(work)
