"""The operators' commands: /sources, /stats and /broadcast, in the chats named by ADMIN_CHAT_IDS only."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from sqlite_utils import Database
from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler, ContextTypes

from handlers import notices
from handlers.access import may_change
from handlers.commands import command
from handlers.desk import App, Desk
from handlers.replies import edit, reply
from handlers.words import age, html, span
from storage import census, outbox
from storage import notices as kept
from storage.outbox import Priority

COMMANDS = (
    BotCommand("sources", "operators: each provider with state, age and calls today"),
    BotCommand("stats", "operators: chats, subscriptions, messages, the machine"),
    BotCommand("broadcast", "operators: write to every chat, after a confirmation"),
)

_DRAFT_LASTS = timedelta(hours=1)
_LONGEST = 3_500
_NOT_YOURS = "This command is for the bot's operators."


@dataclass(frozen=True, slots=True)
class SourceState:
    """One provider: its state in a word, why when not well, its newest value's time, calls this UTC day."""

    name: str
    state: str
    why: str
    as_of: datetime | None
    calls: int


@dataclass(frozen=True, slots=True)
class Machine:
    """How the program itself does. Sizes in bytes; `outcomes` counts messages since the start."""

    version: str
    uptime: timedelta
    polls: Mapping[str, int]
    blind: bool
    outcomes: Mapping[str, int]
    waiting: int
    oldest_waiting: timedelta
    updates: int
    turned_away: int
    database_bytes: int
    memory_bytes: int


class Office(Protocol):
    """Who knows about the program itself."""

    def sources(self) -> list[SourceState]:
        """Every provider, in the contract's order."""

    async def machine(self) -> Machine:
        """The program at this moment."""

    def wake(self) -> None:
        """Something new waits in the outbox."""


def register(application: App, desk: Desk, office: Office) -> None:
    """Add the commands and the broadcast's buttons."""
    for name, work in (
        ("sources", partial(_sources, desk, office)),
        ("stats", partial(_stats, desk, office)),
        ("broadcast", partial(_broadcast, desk)),
    ):
        application.add_handler(command(name, partial(_guarded, desk, work)))
    application.add_handler(CallbackQueryHandler(partial(_button, desk, office), pattern=r"^a1:"))


async def _guarded(
    desk: Desk, work: Callable[[Update], Awaitable[None]], update: Update, _context: ContextTypes.DEFAULT_TYPE
) -> None:
    if await _is_operator(desk, update):
        await work(update)
    else:
        await reply(update, _NOT_YOURS)


async def _is_operator(desk: Desk, update: Update) -> bool:
    """The chat is named in the settings, and its sender may change it (an admin, where it is a group)."""
    chat = update.effective_chat
    return chat is not None and chat.id in desk.admins and await may_change(update)


async def _sources(desk: Desk, office: Office, update: Update) -> None:
    now = desk.clock()
    lines = [_source(one, now) for one in office.sources()] or ["None has been asked yet."]
    await reply(update, "<b>Sources</b>\n" + "\n".join(lines))


def _source(one: SourceState, now: datetime) -> str:
    mark = {"ok": "🟢", "off": "⚪", "waiting": "⚪"}.get(one.state, "🔴")
    parts = [f"{mark} <b>{html(one.name)}</b>: {html(one.state)}"]
    if one.as_of is not None:
        parts.append(age(one.as_of, now))
    if one.state != "off":
        parts.append(f"{one.calls} calls today")
    return ", ".join(parts) + (f"\n   {html(one.why)}" if one.why else "")


async def _stats(desk: Desk, office: Office, update: Update) -> None:
    now = desk.clock()
    held = await desk.store.read(lambda db: census.count(db, now))
    machine = await office.machine()
    lines = [
        f"<b>minerwatch {html(machine.version)}</b>, up {span(machine.uptime)}",
        f"Chats: {_listed(held.chats)}; {held.gone} gone",
        f"Subscriptions: {_listed(held.subscriptions)}",
        f"Alerts in the last week: {held.alerts_week}",
        f"Polls: {_listed(machine.polls)}{', blind now' if machine.blind else ''}",
        f"Messages since the start: {_listed(machine.outcomes)}; {machine.waiting} waiting, "
        f"the oldest for {span(machine.oldest_waiting)}",
        f"Updates: {machine.updates:,}, over a limit {machine.turned_away:,}",
        f"Database {machine.database_bytes / 1e6:.1f} MB, memory {machine.memory_bytes / 2**20:.0f} MiB",
    ]
    await reply(update, "\n".join(lines))


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{html(name)} {count:,}" for name, count in counts.items()) or "none"


async def _broadcast(desk: Desk, update: Update) -> None:
    """Keep the words as a draft and ask; what is sent is exactly what was shown."""
    message = update.effective_message
    _command, *rest = ((message.text if message is not None else None) or "/").split(maxsplit=1)
    words = "".join(rest).strip()
    if not words:
        await reply(update, "What shall I write? For example: <code>/broadcast Back at 18:00 UTC.</code>")
        return
    if len(words.encode("utf-16-le")) // 2 > _LONGEST:
        await reply(update, f"That is too long: a broadcast has at most {_LONGEST:,} characters.")
        return
    now = desk.clock()

    def draft(db: Database) -> tuple[int, int]:
        body = json.dumps({"text": words}, ensure_ascii=False)
        return outbox.add_notice(db, notices.BROADCAST, "warning", body, now), census.listeners(db)

    notice, chats = await desk.store.write(draft)
    shown = notices.text(notices.BROADCAST, json.dumps({"text": words}), now)
    keyboard = InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(f"Send to {chats:,} chats", callback_data=f"a1:send:{notice}"),
                InlineKeyboardButton("Cancel", callback_data=f"a1:drop:{notice}"),
            ]
        ]
    )
    await reply(update, f"This goes to {chats:,} chats:\n\n{shown}", keyboard)


async def _button(desk: Desk, office: Office, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    query = update.callback_query
    if query is None or query.data is None:
        return
    if not await _is_operator(desk, update):
        await query.answer(_NOT_YOURS, show_alert=True)
        return
    _, choice, number = (*query.data.split(":"), "", "")[:3]
    known = number.isascii() and number.isdecimal() and len(number) < 19
    draft = await desk.store.read(lambda db: kept.of_id(db, int(number))) if known else None
    now = desk.clock()
    if draft is None or draft.kind != notices.BROADCAST or now - draft.at > _DRAFT_LASTS:
        await query.answer("This draft is too old; write /broadcast again.", show_alert=True)
        return
    shown = notices.text(draft.kind, draft.body, now)

    def send(db: Database) -> int:
        if kept.is_queued(db, draft.id):
            return -1
        return outbox.queue_notice(db, draft.id, now, priority=Priority.DIGEST) if choice == "send" else 0

    queued = await desk.store.write(send)
    office.wake()
    if queued < 0:
        said, title = "It was sent already", "Sent already"
    elif choice == "send":
        said, title = f"{queued:,} messages queued", f"Sent to {queued:,} chats"
    else:
        said, title = "Nothing was sent", "Not sent"
    await query.answer(said)
    await edit(query, f"{title}:\n\n{shown}")
