"""The buttons under watches that told: pause or delete each, and why it told."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from bot.backtest.watch_backtest import load_readings, watch_backtest
from bot.i18n.translator import LocaleTranslator
from handlers.commands import watches
from handlers.context import HandlerContext
from handlers.replies import edit_keyboard
from handlers.routing import Permission, Request, button
from handlers.views import watches as watches_view
from storage.chats import watches as rows
from storage.chats.chats import Address
from storage.chats.watches import FiredWatch, StoredWatch, WatchStatus

_MOST = 4  # watches with a row of buttons each; more have the list
_PREFIX = "w2:"


def keyboard(messages: Sequence[FiredWatch], t: LocaleTranslator) -> list[list[InlineKeyboardButton]]:
    """A row for each watch, numbered as in the message; for many one button that lists them all."""
    if len(messages) > _MOST:
        return [[_watch_button(t("My watches ({count})", count=t.number(len(messages))), "list", 0)]]
    several = len(messages) > 1
    return [
        _row(message.id, number if several else 0, "done" if message.ended else "on", t)
        for number, message in enumerate(messages, start=1)
    ]


def _row(watch: int, number: int, state: WatchStatus, t: LocaleTranslator) -> list[InlineKeyboardButton]:
    prefix = f"{number} " if number else ""
    why = _watch_button(f"{prefix}{t('Why?')}", "why", watch, number)
    if state == "done":
        return [why]
    label, action = (
        (f"▶ {prefix}{t('go on')}", "on") if state == "paused" else (f"⏸ {prefix}{t('pause')}", "pause")
    )
    return [
        _watch_button(label, action, watch, number),
        _watch_button(f"🗑 {prefix}{t('delete')}", "drop", watch, number),
        why,
    ]


def _watch_button(label: str, action: str, *numbers: int) -> InlineKeyboardButton:
    return InlineKeyboardButton(label, callback_data=f"{_PREFIX}{action}:{':'.join(map(str, numbers))}")


@button(f"{_PREFIX}why", f"{_PREFIX}list", permission=Permission.ANYONE)
async def why_button(request: Request) -> None:
    """Explain a watch, or list the chat's."""
    await _pressed(request)


@button(_PREFIX, permission=Permission.ADMIN)
async def watch_button(request: Request) -> None:
    """Pause or delete a watch."""
    await _pressed(request)


async def _pressed(request: Request) -> None:
    context, t = request.context, request.t
    query, address = request.query, request.address
    action, *words = (query.data or "").removeprefix(_PREFIX).split(":")
    numbers = [int(word) for word in words if word.isdecimal() and len(word) < 19]
    asks = action in ("why", "list")
    if not numbers or not (asks or action in ("on", "pause", "drop")):
        await request.answer_old_button("/watches")
    elif action == "list":
        await query.answer()
        await request.reply(*await watches.page(context, address, 0, t))
    elif action == "why":
        text = await _why(context, address, numbers[0], t)
        await query.answer("" if text else t(watches.GONE))
        if text:
            await request.reply(text)
    else:
        answer = await watches.switch_watch(context, address, action, numbers[0], t)
        await query.answer(answer)
        await _show(
            query, numbers[0], await context.store.read(lambda db: rows.find(db, address, numbers[0])), t
        )


async def _show(query: CallbackQuery, watch: int, stored: StoredWatch | None, t: LocaleTranslator) -> None:
    """Under the message itself, the watch's buttons as they are now; none when it is gone."""
    message = query.message
    markup = message.reply_markup if isinstance(message, Message) else None
    if markup is None:
        return
    keyboard = []
    for row in markup.inline_keyboard:
        _, _, data = str(row[0].callback_data).partition(_PREFIX)
        _, *words = data.split(":")
        if words[:1] != [str(watch)]:
            keyboard.append(list(row))
        elif stored is not None:
            keyboard.append(_row(watch, int(words[1]), stored.switch, t))
    await edit_keyboard(query, InlineKeyboardMarkup(keyboard))


async def _why(context: HandlerContext, address: Address, number: int, t: LocaleTranslator) -> str | None:
    """What a watch's figures are made of and how often it would have told; None when it is gone."""
    watch = await context.store.read(lambda db: rows.find(db, address, number))
    if watch is None:
        return None
    now = context.clock()
    yesterday = now.date() - timedelta(days=1)
    readings = await context.store.read(lambda db: load_readings(db, watch.watch, yesterday))
    past = await asyncio.to_thread(watch_backtest, readings, watch.watch, yesterday)
    return watches_view.why(watch, past, context.history(), now, t)


HANDLERS = (why_button, watch_button)
