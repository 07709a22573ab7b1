"""The operators' commands: /sources, /stats and /broadcast, in the chats named by ADMIN_CHAT_IDS only."""

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler, ContextTypes

from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator
from bot.ops.program_status import ProgramStatus, SourceState
from bot.signals.rules import Severity
from handlers.context import App, HandlerContext
from handlers.html import html
from handlers.language import translator_for_update
from handlers.menus import command
from handlers.permissions import may_change
from handlers.replies import edit, reply
from handlers.views import notices
from storage import outbox
from storage.chats import chat_stats
from storage.database import Database
from storage.outbox import Priority
from storage.outbox import notices as kept
from storage.outbox.notices import NoticeKind

COMMANDS = (
    BotCommand("sources", "operators: each provider with state, age and calls today"),
    BotCommand("stats", "operators: chats, subscriptions, messages, the machine"),
    BotCommand("broadcast", "operators: write to every chat, after a confirmation"),
)

_DRAFT_LASTS = timedelta(hours=1)
_LONGEST = 3_500
_NOT_YOURS = N_("This command is for the bot's operators.")
# Translators: how a provider of data stands.
_STATES = {
    "ok": ("🟢", N_("ok")),
    "off": ("⚪", N_("off")),
    "waiting": ("⚪", N_("waiting")),
    "failing": ("🔴", N_("failing")),
}
# Translators: what is counted, each before its number, as in “private 3, channel 1”, “sent 120, later 3”.
_COUNTED = {
    "private": N_("private"),
    "group": N_("group"),
    "supergroup": N_("supergroup"),
    "channel": N_("channel"),
    "good": N_("good"),
    "failed": N_("failed"),
    "sent": N_("sent"),
    "repeated": N_("repeated"),
    "later": N_("later"),
    "again": N_("again"),
    "moved": N_("moved"),
    "gone": N_("gone"),
    "dead": N_("dead"),
    "uncertain": N_("uncertain"),
    "halted": N_("halted"),
}
"""What is counted: chats by kind, polls, and messages by what became of them."""


class ProgramStatusSource(Protocol):
    """Who knows about the program itself."""

    def sources(self) -> list[SourceState]:
        """Every provider, in the contract's order."""

    async def machine(self) -> ProgramStatus:
        """The program at this moment."""

    def wake_relay(self) -> None:
        """Something new waits in the outbox."""


def register(application: App, desk: HandlerContext, office: ProgramStatusSource) -> None:
    """Add the commands and the broadcast's buttons."""
    for name, work in (
        ("sources", partial(_sources, desk, office)),
        ("stats", partial(_stats, desk, office)),
        ("broadcast", partial(_broadcast, desk)),
    ):
        application.add_handler(command(name, partial(_guarded, desk, work)))
    application.add_handler(CallbackQueryHandler(partial(_button, desk, office), pattern=r"^a1:"))


async def _guarded(
    desk: HandlerContext,
    work: Callable[[Update], Awaitable[None]],
    update: Update,
    _context: ContextTypes.DEFAULT_TYPE,
) -> None:
    if await _is_operator(desk, update):
        await work(update)
    else:
        await reply(update, (await translator_for_update(desk, update))(_NOT_YOURS))


async def _is_operator(desk: HandlerContext, update: Update) -> bool:
    """The chat is named in the settings, and its sender may change it (an admin, where it is a group)."""
    chat = update.effective_chat
    return chat is not None and chat.id in desk.admins and await may_change(update)


async def _sources(desk: HandlerContext, office: ProgramStatusSource, update: Update) -> None:
    t, now = await translator_for_update(desk, update), desk.clock()
    lines = [_source(one, now, t) for one in office.sources()] or [t("None has been asked yet.")]
    await reply(update, "\n".join([f"<b>{t('Sources')}</b>", *lines]))


def _source(one: SourceState, now: datetime, t: LocaleTranslator) -> str:
    sign, state = _STATES[one.state]
    parts = [f"{sign} <b>{html(one.name)}</b>: {t(state)}"]
    if one.as_of is not None:
        parts.append(t.age(one.as_of, now))
    if one.state != "off":
        parts.append(t.plural("{n} call today", "{n} calls today", one.calls))
    return ", ".join(parts) + (f"\n   {html(one.why(t))}" if one.why is not None else "")


async def _stats(desk: HandlerContext, office: ProgramStatusSource, update: Update) -> None:
    t, now = await translator_for_update(desk, update), desk.clock()
    held = await desk.store.read(lambda db: chat_stats.count(db, now))
    machine = await office.machine()
    polls = _listed(machine.polls, t)
    lines = [
        t(
            "<b>minerwatch {version}</b>, up {span}",
            version=html(machine.version),
            span=t.span(machine.uptime),
        ),
        # Translators: {kinds} is a list like “private 3, group 1”; gone are chats that left.
        t("Chats: {kinds}; {gone} gone", kinds=_listed(held.chats, t), gone=t.number(held.gone)),
        t("Subscriptions: {signals}", signals=_listed(held.subscriptions, t)),
        t("Alerts in the last week: {count}", count=t.number(held.alerts_week)),
        # Translators: {polls} is a list like “good 288, failed 1”.
        t("Polls: {polls}, blind now", polls=polls) if machine.blind else t("Polls: {polls}", polls=polls),
        # Translators: {outcomes} is a list like “sent 120, later 3”.
        t(
            "Messages since the start: {outcomes}; {waiting} waiting, the oldest for {span}",
            outcomes=_listed(machine.outcomes, t),
            waiting=t.number(machine.waiting),
            span=t.span(machine.oldest_waiting),
        ),
        t(
            "Updates: {updates}, over a limit {turned_away}",
            updates=t.number(machine.updates),
            turned_away=t.number(machine.turned_away),
        ),
        t(
            "Database {database} MB, memory {memory} MiB",
            database=t.number(machine.database_bytes / 1e6, 1, fixed=True),
            memory=t.number(machine.memory_bytes / 2**20),
        ),
    ]
    await reply(update, "\n".join(lines))


def _listed(counts: Mapping[str, int], t: LocaleTranslator) -> str:
    said = [f"{html(t(_COUNTED.get(name, name)))} {t.number(count)}" for name, count in counts.items()]
    return ", ".join(said) or t("none")


async def _broadcast(desk: HandlerContext, update: Update) -> None:
    """Keep the words as a draft and ask; what is sent is exactly what was shown."""
    t = await translator_for_update(desk, update)
    message = update.effective_message
    _command, *rest = ((message.text if message is not None else None) or "/").split(maxsplit=1)
    words = "".join(rest).strip()
    if not words:
        example = "<code>/broadcast Back at 18:00 UTC.</code>"
        await reply(update, t("What shall I write? For example: {example}", example=example))
        return
    if len(words.encode("utf-16-le")) // 2 > _LONGEST:
        longest = t.number(_LONGEST)
        await reply(update, t("That is too long: a broadcast has at most {count} characters.", count=longest))
        return
    now = desk.clock()

    def draft(db: Database) -> tuple[int, int]:
        body = json.dumps({"text": words}, ensure_ascii=False)
        notice = outbox.add_notice(db, NoticeKind.BROADCAST, Severity.WARNING, body, now)
        return notice, chat_stats.count_active(db)

    notice, chats = await desk.store.write(draft)
    shown = notices.text(NoticeKind.BROADCAST, json.dumps({"text": words}), now, t)
    keyboard = InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(
                    t.plural("Send to {n} chat", "Send to {n} chats", chats),
                    callback_data=f"a1:send:{notice}",
                ),
                InlineKeyboardButton(t("Cancel"), callback_data=f"a1:drop:{notice}"),
            ]
        ]
    )
    goes = t.plural("This goes to {n} chat:", "This goes to {n} chats:", chats)
    await reply(update, f"{goes}\n\n{shown}", keyboard)


async def _button(
    desk: HandlerContext, office: ProgramStatusSource, update: Update, _context: ContextTypes.DEFAULT_TYPE
) -> None:
    query = update.callback_query
    if query is None or query.data is None:
        return
    t = await translator_for_update(desk, update)
    if not await _is_operator(desk, update):
        await query.answer(t(_NOT_YOURS), show_alert=True)
        return
    _, choice, number = (*query.data.split(":"), "", "")[:3]
    known = number.isascii() and number.isdecimal() and len(number) < 19
    draft = await desk.store.read(lambda db: kept.of_id(db, int(number))) if known else None
    now = desk.clock()
    if draft is None or draft.kind != NoticeKind.BROADCAST or now - draft.at > _DRAFT_LASTS:
        await query.answer(t("This draft is too old; write /broadcast again."), show_alert=True)
        return
    shown = notices.text(draft.kind, draft.body, now, t)

    def send(db: Database) -> int:
        if kept.is_queued(db, draft.id):
            return -1
        if choice == "send":
            return outbox.enqueue_notice(db, draft.id, now, priority=Priority.DIGEST)
        kept.discard(db, draft.id)  # so that a second press, or a second admin's, can't send it any more
        return 0

    queued = await desk.store.write(send)
    office.wake_relay()
    if queued < 0:
        said, title = t("It was sent already"), t("Sent already:")
    elif choice == "send":
        said = t.plural("{n} message queued", "{n} messages queued", queued)
        title = t.plural("Sent to {n} chat:", "Sent to {n} chats:", queued)
    else:
        said, title = t("Nothing was sent"), t("Not sent:")
    await query.answer(said)
    await edit(query, f"{title}\n\n{shown}")
