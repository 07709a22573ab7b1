"""Personal watches: /watch offers one, a tap saves it; /watches lists them, to pause and delete."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import KeyboardButtonStyle

from bot.backtest.watch_backtest import NOISY, load_readings, watch_backtest
from bot.i18n.durations import compact
from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator
from bot.mining.answer import USD, Display, display_in
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.command_request import INSTEAD, KEEP, UNDO, USUAL, CommandRequest
from bot.mining.parsing.units import Currency
from bot.watches.formatter import format_watch
from bot.watches.parser import parse_watch
from bot.watches.watch import Watch, WatchFigure, figures_of
from handlers.context import HandlerContext
from handlers.html import html
from handlers.language import telegram_language
from handlers.replies import edit, reply
from handlers.routing import Permission, Request, button, command
from handlers.views import market_figures as market_view
from handlers.views import refusals
from handlers.views import watches as watches_view
from handlers.views.watch_offer import OFFER, watch_offer_button
from storage.chats import chats, preferences, watches
from storage.chats.chats import Address
from storage.chats.watches import SaveResult, StoredWatch
from storage.database import Database

TAKE = "w1:take:"
"""Callback data of the button that saves an offered watch: this, and the numbers of all that were offered."""
GONE = N_("This watch is gone.")
_LONGEST_DATA = 64
_PAGE = 10
_RESULTS: Mapping[SaveResult, str] = {
    "saved": N_("Saved."),
    "already": N_("You have this one already."),
    "gone": N_("This offer is over; send the line again."),
    "withdrawn": N_("Not saved."),
    "full": N_("This chat has as many watches as I keep. Delete one with /watches, then tap again."),
}


@command(
    "watch",
    N_("tell me when a figure crosses my level: /watch price below 60000"),
    Permission.ANYONE_TO_READ,
    aliases=("alert",),
)
async def watch_command(request: Request) -> None:
    """Offer the watch that is asked for; keep, take back or change the last one."""
    verb, _, rest = request.text.partition(" ")
    if verb == UNDO and not rest:
        await _take_back(request)
    elif verb == KEEP and (numbers := _numbers(rest.split())):
        await _keep_offered(request, numbers)
    elif verb == INSTEAD and rest:
        await _change(request, rest)
    elif verb == USUAL and (usual := market_view.watch_line(rest, request.context.market())) is not None:
        await offer_watch(request, usual)
    else:
        await offer_watch(request, request.text)


async def offer_watch(request: Request, line: str) -> None:
    """Backtest the watch and offer it; it is kept when its button is tapped."""
    context, update, t, address = request.context, request.update, request.t, request.address
    chat = update.effective_chat
    if chat is None:
        return
    if not line:
        await context.asker_replies.reply(update, watches_view.howto(t))
        return
    now = context.clock()
    try:
        watch = parse_watch(line, now.date(), decimal_comma=t.decimal_comma)
    except InvalidQuestion as error:
        await _refuse(request, error)
        return
    await context.note_command(address, CommandRequest("watch", format_watch(watch)))
    count = await context.store.read(lambda db: watches.count(db, address.chat_id))
    if count >= context.max_watches:
        await reply(update, watches_view.full(count, t))
        return
    yesterday = now.date() - timedelta(days=1)
    readings = await context.store.read(lambda db: load_readings(db, watch, yesterday))
    past = await asyncio.to_thread(watch_backtest, readings, watch, yesterday)
    fires = past.count(watch) if past.is_known else None
    calm = past.quieter_hold(watch) if fires is not None and fires > NOISY else None
    figures = _figures(context, watch.metrics)

    def save(db: Database) -> list[int]:
        chats.remember(db, address, chat.type, now)
        preferences.note_language(db, address, telegram_language(update))
        offers = [watch] if calm is None else [watch, calm[0]]
        ids = [
            watches.add(db, address, offer, format_watch(offer), figures, now, "draft") for offer in offers
        ]
        watches.prune_drafts(db, address)
        return ids

    ids = await context.store.write(save)
    display = await _display(context, address)
    await context.note_offered(address, CommandRequest("watch", " ".join((KEEP, *map(str, ids)))))
    text = watches_view.offer(watch, figures, fires, calm, t, noisy=NOISY, display=display)
    await reply(update, text, _offered(ids, calm, t))


async def _last(request: Request) -> StoredWatch | None:
    """The watch that was asked for last, where it was saved: what is offered only is none."""
    done = await request.context.last_command(request.address)
    if done is None or done.name != "watch" or not done.arguments:
        return None
    kept = await request.context.store.read(lambda db: watches.of_chat(db, request.address))
    return next((each for each in reversed(kept) if _is_of(each, done.arguments)), None)


def _is_of(stored: StoredWatch, line: str) -> bool:
    """Whether a watch is of these words, or of these with a time for which it must last."""
    return stored.text == line or stored.text.startswith(f"{line} for ")


async def _take_back(request: Request) -> None:
    """Delete the watch that was saved last; a button offers it again."""
    t, address, watch = request.t, request.address, await _last(request)
    if watch is None:
        await request.reply(f"{t(_RESULTS['withdrawn'])} {t('/watches lists what you have.')}")
        return
    removed = await request.context.store.write(lambda db: watches.remove(db, address, watch.id))
    await request.context.note_command(address, CommandRequest("watches"))
    done = t("Deleted") if removed else t("It was gone already.")
    again = watch_offer_button(watch.text, t)
    fits = len(f"{OFFER}{watch.text}".encode()) <= _LONGEST_DATA
    text = f"{done.rstrip('.')}: <code>{html(watches_view.words(watch.text, t))}</code>"
    await request.reply(text, InlineKeyboardMarkup([[again]]) if fits else None)


async def _change(request: Request, line: str) -> None:
    """Put a watch in the place of the one saved last; where none was saved, offer it."""
    context, t, address, before = request.context, request.t, request.address, await _last(request)
    now = context.clock()
    try:
        watch = parse_watch(line, now.date())
    except InvalidQuestion as error:
        await _refuse(request, error)
        return
    if before is None:
        await offer_watch(request, line)
        return
    figures = _figures(context, watch.metrics)

    def change(db: Database) -> StoredWatch | None:
        if not watches.remove(db, address, before.id):
            return None
        number = watches.add(db, address, watch, format_watch(watch), figures, now)
        return watches.load_watch(db, address, [number])

    stored = await context.store.write(change)
    if stored is None:
        await offer_watch(request, line)
        return
    await context.note_command(address, CommandRequest("watch", stored.text))
    display = await _display(context, address)
    text = watches_view.saved(stored, figures, t, display)
    await request.reply(text, InlineKeyboardMarkup([_row(stored, None, 0, t)]))


async def _refuse(request: Request, failure: InvalidQuestion) -> None:
    """Say what is wrong with a line; except in a channel the watch that may have been meant is a tap away."""
    t = request.t
    text = refusals.refusal(failure, t)
    if not failure.choices or request.update.channel_post is not None:
        await request.reply_to_asker(text)
        return
    buttons = [
        InlineKeyboardButton(choice.label(t), callback_data=f"{OFFER}{choice.text}")
        for choice in failure.choices
        if len(f"{OFFER}{choice.text}".encode()) <= _LONGEST_DATA
    ]
    await request.reply_to_asker(text, InlineKeyboardMarkup([buttons]) if buttons else None)


def _offered(ids: Sequence[int], calm: tuple[Watch, int] | None, t: LocaleTranslator) -> InlineKeyboardMarkup:
    """Save, the quieter setting where there is one, cancel. Each names all that the offer made."""
    every = ":".join(map(str, ids))
    save = InlineKeyboardButton(t("Save"), callback_data=f"{TAKE}{every}", style=KeyboardButtonStyle.SUCCESS)
    cancel = InlineKeyboardButton(t("Cancel"), callback_data=f"w1:gone:{every}")
    if calm is None:
        return InlineKeyboardMarkup([[save, cancel]])
    label = t("Quieter: for {hold} ({count}×)", hold=compact(calm[0].hold), count=t.number(calm[1]))
    quieter = InlineKeyboardButton(label, callback_data=f"{TAKE}{ids[1]}:{ids[0]}")
    return InlineKeyboardMarkup([[save, cancel], [quieter]])


@command(
    "watches",
    N_("my watches, with buttons to pause or delete"),
    Permission.ANYONE,
    aliases=("list", "alerts"),
    is_for_asker_alone=True,
)
async def watches_command(request: Request) -> None:
    """List the chat's watches."""
    await request.reply_to_asker(*await page(request.context, request.address, 0, request.t))


@button("w1:page", permission=Permission.ANYONE)
async def page_button(request: Request) -> None:
    """Turn a page of the list."""
    await _pressed(request)


@button("w1:", permission=Permission.ADMIN)
async def watches_button(request: Request) -> None:
    """Save, pause or delete a watch."""
    await _pressed(request)


async def _pressed(request: Request) -> None:
    context, query, address, t = request.context, request.query, request.address, request.t
    _, action, *words = (query.data or "").split(":")
    numbers = _numbers(words)
    if not numbers or action not in ("take", "gone", "on", "pause", "drop", "page"):
        await request.answer_old_button("/watches")
    elif action in ("take", "gone"):
        await _settle(context, query, address, numbers, t, save=action == "take")
    else:
        await query.answer(
            "" if action == "page" else await switch_watch(context, address, action, numbers[0], t)
        )
        await edit(query, *await page(context, address, numbers[-1], t))


async def _settle(
    context: HandlerContext,
    query: CallbackQuery,
    address: Address,
    numbers: Sequence[int],
    t: LocaleTranslator,
    *,
    save: bool,
) -> None:
    """An offer's end: the first of its watches is saved, or none. A second tap finds what the first did."""
    result, watch = await _settled(context, address, numbers, save=save)
    await query.answer(t(_RESULTS[result]), show_alert=result in ("gone", "full"))
    if watch is not None:
        await context.note_command(address, CommandRequest("watch", watch.text))
        display = await _display(context, address)
        text = watches_view.saved(watch, _figures(context, watch.watch.metrics), t, display)
        await edit(query, text, InlineKeyboardMarkup([_row(watch, None, 0, t)]))
    elif result != "full":
        await edit(query, f"{t(_RESULTS[result])} {t('/watches lists what you have.')}")


async def _settled(
    context: HandlerContext, address: Address, numbers: Sequence[int], *, save: bool
) -> tuple[SaveResult, StoredWatch | None]:
    """Save the first of these offers and forget the others, or forget all; give what is kept then."""
    number, *other_numbers = numbers

    def settle(db: Database) -> tuple[SaveResult, StoredWatch | None]:
        if save:
            result = watches.save_offer(db, address, number, other_numbers, context.max_watches)
        else:
            result = "withdrawn" if watches.withdraw(db, address, numbers) else "gone"
        return result, watches.load_watch(db, address, numbers)

    result, watch = await context.store.write(settle)
    return "already" if watch is not None and result == "gone" else result, watch


async def _keep_offered(request: Request, numbers: Sequence[int]) -> None:
    """Save the watch that was offered, as its button does."""
    context, t, address = request.context, request.t, request.address
    result, watch = await _settled(context, address, numbers, save=True)
    if watch is None:
        await request.reply(t(_RESULTS[result]))
        return
    await context.note_command(address, CommandRequest("watch", watch.text))
    display = await _display(context, address)
    text = watches_view.saved(watch, _figures(context, watch.watch.metrics), t, display)
    await request.reply(text, InlineKeyboardMarkup([_row(watch, None, 0, t)]))


def _numbers(words: Sequence[str]) -> list[int]:
    """The numbers of watches among the words of a button or a command."""
    return [int(word) for word in words if word.isdecimal() and len(word) < 19]


async def switch_watch(
    context: HandlerContext, address: Address, action: str, number: int, t: LocaleTranslator
) -> str:
    """Let a watch go on, pause it or delete it ("on", "pause", "drop"); give what became of it."""

    def work(db: Database) -> str:
        if action == "drop":
            return t("Deleted") if watches.remove(db, address, number) else t("It was gone already.")
        if not watches.switch(db, address, number, "on" if action == "on" else "paused"):
            return t(GONE)
        return t("On again") if action == "on" else t("Paused")

    return await context.store.write(work)


async def page(
    context: HandlerContext, address: Address, number: int, t: LocaleTranslator
) -> tuple[str, InlineKeyboardMarkup | None]:
    """A page of an address's watches with their buttons; pages count from 0, and the last is the last."""
    stored = await context.store.read(lambda db: watches.of_chat(db, address))
    last = max(0, (len(stored) - 1) // _PAGE)
    number = min(number, last)
    first = number * _PAGE + 1
    rows_here = stored[first - 1 : first - 1 + _PAGE]
    figures = _figures(context, tuple({key for each in rows_here for key in each.watch.metrics}))
    display = await _display(context, address)
    text = watches_view.listed(rows_here, figures, first, len(stored), t, display)
    rows = [_row(each, at, number, t) for at, each in enumerate(rows_here, start=first)]
    page_buttons = [("◀", number - 1)] * (number > 0) + [("▶", number + 1)] * (number < last)
    if page_buttons:
        rows.append(
            [InlineKeyboardButton(label, callback_data=f"w1:page:{to}") for label, to in page_buttons]
        )
    return text, InlineKeyboardMarkup(rows) if rows else None


def _row(
    watch: StoredWatch, number: int | None, page: int, t: LocaleTranslator
) -> list[InlineKeyboardButton]:
    """Pause, or go on, and delete; numbered in a list."""
    prefix = "" if number is None else f"{number} "
    paused = watch.switch == "paused"
    label, action = (f"▶ {prefix}{t('go on')}", "on") if paused else (f"⏸ {prefix}{t('pause')}", "pause")
    return [
        InlineKeyboardButton(label, callback_data=f"w1:{action}:{watch.id}:{page}"),
        InlineKeyboardButton(f"🗑 {prefix}{t('delete')}", callback_data=f"w1:drop:{watch.id}:{page}"),
    ]


async def _display(context: HandlerContext, address: Address) -> Display:
    """The currency an address has chosen; US dollars where its rate isn't known."""
    code = (await context.store.read(lambda db: preferences.load(db, address))).currency
    try:
        return display_in(None if code is None else Currency(code), context.market(), [])
    except InvalidQuestion:
        return USD


def _figures(context: HandlerContext, metrics: tuple[str, ...]) -> Mapping[str, WatchFigure]:
    return figures_of(context.history(), metrics, context.clock(), {})


HANDLERS = (watch_command, watches_command, page_button, watches_button)
