"""The operators' commands: /sources, /stats and /broadcast, in the chats named by ADMIN_CHAT_IDS only."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n.message import N_, commas, named
from bot.i18n.translator import LocaleTranslator
from bot.ops.program_status import SourceState
from bot.signals.rules import Severity
from handlers.html import html
from handlers.routing import Permission, Request, button, command
from handlers.views import notices
from storage import outbox
from storage.chats import chat_stats
from storage.database import Database
from storage.outbox import Priority
from storage.outbox import notices as stored_notices
from storage.outbox.notices import NoticeKind

_DRAFT_LASTS = timedelta(hours=1)
_LONGEST = 3_500
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
    "webhook": N_("webhook"),
    "service": N_("service"),
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


@command("sources", N_("operators: each provider with state, age and calls today"), Permission.OPERATOR)
async def sources(request: Request) -> None:
    """List every provider with its state."""
    t, now = request.t, request.context.clock()
    states = request.context.program.sources()
    lines = [_source(state, now, t) for state in states] or [t("None has been asked yet.")]
    await request.reply("\n".join([f"<b>{t('Sources')}</b>", *lines]))


def _source(source: SourceState, now: datetime, t: LocaleTranslator) -> str:
    sign, state = _STATES[source.state]
    parts = [f"{sign} {named(f'<b>{html(source.name)}</b>', t(state), t)}"]
    if source.as_of is not None:
        parts.append(t.age(source.as_of, now))
    if source.state != "off":
        parts.append(t.plural("{n} call today", "{n} calls today", source.calls))
    return commas(parts, t) + (f"\n   {html(source.why(t))}" if source.why is not None else "")


@command("stats", N_("operators: chats, subscriptions, messages, the machine"), Permission.OPERATOR)
async def show_stats(request: Request) -> None:
    """Say how many chats there are and how the program does."""
    t, context = request.t, request.context
    now = context.clock()
    stats = await context.store.read(lambda db: chat_stats.count(db, now))
    program = await context.program.program_status()
    polls = _listed(program.polls, t)
    lines = [
        t(
            "<b>minerwatch {version}</b>, up {span}",
            version=html(program.version),
            span=t.span(program.uptime),
        ),
        # Translators: {kinds} is a list like “private 3, group 1”; gone are chats that left.
        t("Chats: {kinds}; {gone} gone", kinds=_listed(stats.chats, t), gone=t.number(stats.gone)),
        t("Subscriptions: {signals}", signals=_listed(stats.subscriptions, t)),
        t("Alerts in the last week: {count}", count=t.number(stats.alerts_week)),
        # Translators: {polls} is a list like “good 288, failed 1”.
        t("Polls: {polls}, blind now", polls=polls) if program.blind else t("Polls: {polls}", polls=polls),
        # Translators: {outcomes} is a list like “sent 120, later 3”.
        t(
            "Messages since the start: {outcomes}; {waiting} waiting, the oldest for {span}",
            outcomes=_listed(program.outcomes, t),
            waiting=t.number(program.waiting),
            span=t.span(program.oldest_waiting),
        ),
        t(
            "Updates: {updates}, over a limit {turned_away}",
            updates=t.number(program.updates),
            turned_away=t.number(program.turned_away),
        ),
        t(
            "Database {database} MB, memory {memory} MiB",
            database=t.number(program.database_bytes / 1e6, 1, fixed=True),
            memory=t.number(program.memory_bytes / 2**20),
        ),
    ]
    await request.reply("\n".join(lines))


def _listed(counts: Mapping[str, int], t: LocaleTranslator) -> str:
    parts = [f"{html(t(_COUNTED.get(name, name)))} {t.number(count)}" for name, count in counts.items()]
    return commas(parts, t) or t("none")


@command("broadcast", N_("operators: write to every chat, after a confirmation"), Permission.OPERATOR)
async def broadcast(request: Request) -> None:
    """Keep the words as a draft and ask; what is sent is exactly what was shown."""
    t, context = request.t, request.context
    message = request.update.effective_message
    _command, *rest = ((message.text if message is not None else None) or "/").split(maxsplit=1)
    words = "".join(rest).strip()
    if not words:
        example = "<code>/broadcast Back at 18:00 UTC.</code>"
        await request.reply(t("What shall I write? For example: {example}", example=example))
        return
    if len(words.encode("utf-16-le")) // 2 > _LONGEST:
        longest = t.number(_LONGEST)
        await request.reply(t("That is too long: a broadcast has at most {count} characters.", count=longest))
        return
    now = context.clock()

    def draft(db: Database) -> tuple[int, int]:
        body = json.dumps({"text": words}, ensure_ascii=False)
        notice = outbox.add_notice(db, NoticeKind.BROADCAST, Severity.WARNING, body, now)
        return notice, chat_stats.count_active(db)

    notice, chats = await context.store.write(draft)
    text = notices.text(NoticeKind.BROADCAST, json.dumps({"text": words}), now, t)
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
    await request.reply(f"{goes}\n\n{text}", keyboard)


@button("a1:", permission=Permission.OPERATOR)
async def broadcast_button(request: Request) -> None:
    """Send the draft to every chat, or drop it."""
    t, context = request.t, request.context
    choice, _, number = request.data.partition(":")
    is_number = number.isascii() and number.isdecimal() and len(number) < 19
    draft = await context.store.read(lambda db: stored_notices.of_id(db, int(number))) if is_number else None
    now = context.clock()
    if draft is None or draft.kind != NoticeKind.BROADCAST or now - draft.at > _DRAFT_LASTS:
        await request.answer(t("This draft is too old; write /broadcast again."), alert=True)
        return
    text = notices.text(draft.kind, draft.body, now, t)

    def send(db: Database) -> int:
        if stored_notices.is_queued(db, draft.id):
            return -1
        if choice == "send":
            return outbox.enqueue_notice(db, draft.id, now, priority=Priority.DIGEST)
        stored_notices.discard(
            db, draft.id
        )  # so that a second press, or a second admin's, can't send it any more
        return 0

    queued = await context.store.write(send)
    context.wake_relay()
    if queued < 0:
        answer, title = t("It was sent already"), t("Sent already:")
    elif choice == "send":
        answer = t.plural("{n} message queued", "{n} messages queued", queued)
        title = t.plural("Sent to {n} chat:", "Sent to {n} chats:", queued)
    else:
        answer, title = t("Nothing was sent"), t("Not sent:")
    await request.answer(answer)
    await request.edit(f"{title}\n\n{text}")


HANDLERS = (sources, show_stats, broadcast, broadcast_button)
