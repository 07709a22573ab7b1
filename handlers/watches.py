"""Personal watches: /watch makes one, /watches lists them with buttons to pause and delete."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from sqlite_utils import Database
from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler, ContextTypes

from bot.rehearsal import NOISY, held_for, rehearsal
from bot.signals.watch_amounts import WatchError
from bot.signals.watch_grammar import parse_watch
from bot.signals.watch_words import duration, watch_words
from bot.signals.watches import Figure, figures_of
from handlers import render_watch
from handlers.access import address, may_change
from handlers.commands import command
from handlers.desk import App, Desk
from handlers.replies import edit, reply
from storage import chats, watches
from storage.chats import Address
from storage.watches import Held

COMMANDS = (
    BotCommand("watch", "tell me when a figure crosses my level: /watch price below 60000"),
    BotCommand("watches", "my watches, with buttons to pause or delete"),
)

_ONLY_ADMINS = "Only this chat's admins can change its watches."
_PAGE = 10


def register(application: App, desk: Desk) -> None:
    """Add the commands and their buttons."""
    application.add_handler(command("watch", partial(_watch, desk)))
    application.add_handler(command("watches", partial(_watches, desk)))
    application.add_handler(CallbackQueryHandler(partial(_button, desk), pattern=r"^w1:"))


async def _watch(desk: Desk, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    place, chat = address(update), update.effective_chat
    if place is None or chat is None:
        return
    line = " ".join(context.args or ())
    if not line:
        await reply(update, render_watch.HOWTO)
        return
    if not await may_change(update):
        await reply(update, _ONLY_ADMINS)
        return
    now = desk.clock()
    try:
        watch = parse_watch(line, now.date())
    except WatchError as error:
        await reply(update, render_watch.refusal(error))
        return
    held = await desk.store.read(lambda db: watches.count(db, place.chat_id))
    if held >= desk.most_watches:
        await reply(
            update, f"This chat has {held} watches, which is as many as I keep. /watches lets you delete one."
        )
        return
    yesterday = now.date() - timedelta(days=1)
    readings = await desk.store.read(lambda db: held_for(db, watch, yesterday))
    rehearsed = await asyncio.to_thread(rehearsal, readings, watch, yesterday)
    fires = rehearsed.fires(watch)
    figures = _figures(desk, watch.metrics)
    is_noisy = rehearsed.known and fires > NOISY
    calm = rehearsed.quieter(watch) if is_noisy else None
    switch: watches.Switch = "draft" if is_noisy else "on"

    def save(db: Database) -> list[int]:
        chats.remember(db, place, chat.type, now)
        watches.forget_offers(db, place)
        wanted = [watch] if calm is None else [watch, calm[0]]
        return [watches.add(db, place, one, watch_words(one), figures, now, switch) for one in wanted]

    ids = await desk.store.write(save)
    past = render_watch.past(fires, is_known=rehearsed.known)
    if not is_noisy:
        text = render_watch.offer(watch, figures, past, "Saved. /watches lists what you have.")
        await reply(update, text, _keyboard([("Delete", f"gone:{ids[0]}")]))
        return
    buttons = [("Save it anyway", f"take:{ids[0]}:{ids[-1]}")]
    end = "That is more than once a month. Save it?"
    if calm is not None:
        hold = duration(calm[0].hold)
        end = f"That is more than once a month; waiting until it has lasted {hold} makes it {calm[1]}."
        buttons.insert(0, (f"Quieter: for {hold} ({calm[1]}×)", f"take:{ids[1]}:{ids[0]}"))
    buttons.append(("Cancel", f"gone:{':'.join(map(str, ids))}"))
    await reply(update, render_watch.offer(watch, figures, past, end), _keyboard(buttons))


async def _watches(desk: Desk, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    place = address(update)
    if place is not None:
        text, keyboard = await _page(desk, place, 0)
        await reply(update, text, keyboard)


async def _button(desk: Desk, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    query, place = update.callback_query, address(update)
    if query is None or query.data is None or place is None:
        return
    _, action, *words = query.data.split(":")
    numbers = [int(word) for word in words if word.isdecimal()]
    if action != "page" and not await may_change(update):
        await query.answer(_ONLY_ADMINS, show_alert=True)
        return
    if not numbers:
        await query.answer("This button is from an older version; /watches has new ones.")
        return
    if action == "take":
        await query.answer(await _take(desk, place, numbers[0], numbers[-1]))
        await edit(query, *await _page(desk, place, 0))
    elif action == "gone":
        await desk.store.write(lambda db: _remove(db, place, numbers))
        await query.answer("Deleted")
        await edit(query, "Deleted. /watches lists what you have.")
    elif action in ("on", "pause", "drop", "page"):
        await query.answer(await _turn(desk, place, action, numbers[0]))
        await edit(query, *await _page(desk, place, numbers[-1] if action != "page" else numbers[0]))
    else:
        await query.answer("This button is from an older version; /watches has new ones.")


async def _take(desk: Desk, place: Address, wanted: int, other: int) -> str:
    def take(db: Database) -> str:
        if watches.count(db, place.chat_id) >= desk.most_watches:
            return "This chat has as many watches as I keep."
        if other != wanted:
            watches.remove(db, place, other)
        return "Saved" if watches.switch(db, place, wanted, "on") else "This watch is gone; write it again."

    return await desk.store.write(take)


async def _turn(desk: Desk, place: Address, action: str, number: int) -> str:
    def turn(db: Database) -> str:
        if action == "drop":
            return "Deleted" if _remove(db, place, [number]) else "It was gone already."
        if action == "page":
            return ""
        found = watches.switch(db, place, number, "on" if action == "on" else "paused")
        if not found:
            return "This watch is gone."
        return "It tells again" if action == "on" else "Paused"

    return await desk.store.write(turn)


def _remove(db: Database, place: Address, numbers: list[int]) -> bool:
    removed = [watches.remove(db, place, number) for number in numbers]
    watches.forget_metrics(db)
    return any(removed)


async def _page(desk: Desk, place: Address, page: int) -> tuple[str, InlineKeyboardMarkup | None]:
    held = await desk.store.read(lambda db: watches.of_chat(db, place))
    last = max(0, (len(held) - 1) // _PAGE)
    page = min(page, last)
    shown = held[page * _PAGE : (page + 1) * _PAGE]
    figures = _figures(desk, tuple({key for one in shown for key in one.watch.metrics}))
    text = render_watch.listed(shown, figures, page * _PAGE + 1, len(held))
    rows = [_row(one, page * _PAGE + number, page) for number, one in enumerate(shown, start=1)]
    turns = [("◀", page - 1)] * (page > 0) + [("▶", page + 1)] * (page < last)
    if turns:
        rows.append([InlineKeyboardButton(label, callback_data=f"w1:page:{to}") for label, to in turns])
    return text, InlineKeyboardMarkup(rows) if rows else None


def _row(one: Held, number: int, page: int) -> list[InlineKeyboardButton]:
    paused = one.switch == "paused"
    label, action = (f"▶ {number} go on", "on") if paused else (f"⏸ {number} pause", "pause")
    return [
        InlineKeyboardButton(label, callback_data=f"w1:{action}:{one.id}:{page}"),
        InlineKeyboardButton(f"🗑 {number} delete", callback_data=f"w1:drop:{one.id}:{page}"),
    ]


def _keyboard(buttons: list[tuple[str, str]]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=f"w1:{data}")] for label, data in buttons]
    )


def _figures(desk: Desk, metrics: tuple[str, ...]) -> Mapping[str, Figure]:
    return figures_of(desk.history(), metrics, desk.clock(), {})
