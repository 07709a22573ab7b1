"""/mute and the buttons that silence a chat for a while. What is held back comes as one message."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest
from telegram.ext import CallbackQueryHandler, ContextTypes

from bot.i18n.message import N_
from bot.i18n.timezones import zone
from bot.i18n.translator import LocaleTranslator
from handlers import preferences
from handlers.commands.subscriptions import OLD_BUTTON
from handlers.context import App, HandlerContext
from handlers.html import html
from handlers.language import translator_for_update
from handlers.menus import command
from handlers.replies import reply
from storage.chats.preferences import ChatSettings

COMMANDS = (BotCommand("mute", "no messages for a while: /mute 8h, /mute off"),)

LENGTHS = (timedelta(hours=1), timedelta(hours=8), timedelta(days=1), timedelta(weeks=1))
LONGEST = timedelta(days=365)
_LENGTH = re.compile(r"(\d{1,4})\s*(m|min|h|d|w)[a-z]*", re.IGNORECASE)
_SECONDS = {"m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_MUTE = "m1:"
_LABELS = (N_("🔕 1 h"), N_("8 h"), N_("1 day"), N_("1 week"))


def register(application: App, desk: HandlerContext) -> None:
    """Add the command and the buttons."""
    application.add_handler(command("mute", partial(_command, desk)))
    application.add_handler(CallbackQueryHandler(partial(_button, desk), pattern=f"^{_MUTE}"))


def buttons(t: LocaleTranslator) -> list[InlineKeyboardButton]:
    """A row that mutes for an hour, eight, a day, a week."""
    return [
        InlineKeyboardButton(t(label), callback_data=f"{_MUTE}{length.total_seconds():.0f}")
        for label, length in zip(_LABELS, LENGTHS, strict=True)
    ]


def length_of(text: str) -> timedelta | None:
    """“90m”, “8h”, “2 days” as a length, at most a year; None for what is none."""
    found = _LENGTH.fullmatch(text.strip())
    if found is None or int(found[1]) == 0:
        return None
    return min(LONGEST, timedelta(seconds=int(found[1]) * _SECONDS[found[2].lower()]))


def local(at: datetime, settings: ChatSettings, t: LocaleTranslator) -> str:
    """A moment by the chat's own clock, with its zone."""
    return f"{t.moment(at.astimezone(zone(settings.time_zone)))} ({settings.time_zone})"


async def _command(desk: HandlerContext, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    t = await translator_for_update(desk, update)
    words = " ".join(context.args or ())
    if words and await preferences.require_admin(update, t):
        return
    length = timedelta(0) if words.lower() in ("off", "0") else length_of(words)
    if words and length is None:
        await reply(
            update,
            t(
                "“{words}” is no length of time; for example {examples}.",
                words=html(words[:40]),
                examples="<code>/mute 8h</code>, <code>/mute 2d</code>, <code>/mute off</code>",
            ),
        )
        return
    settings = await preferences.load_preferences(desk, update)
    if length is not None:
        settings = await _mute(desk, update, length)
    await reply(update, said(settings, desk.clock(), t), _keyboard(settings, desk.clock(), t))


async def _mute(desk: HandlerContext, update: Update, length: timedelta) -> ChatSettings:
    """Mute for a length, or with none let everything through again, what was held back first."""
    until = desk.clock() + length if length else None
    return await preferences.update_preferences(desk, update, lambda held: replace(held, muted_until=until))


def said(settings: ChatSettings, now: datetime, t: LocaleTranslator) -> str:
    """Whether the chat is muted, and until when."""
    if settings.muted_until is None or settings.muted_until <= now:
        return t(
            "Not muted. How long shall I write nothing? What I hold back comes afterwards, in one message."
        )
    until = html(local(settings.muted_until, settings, t))
    return t("Muted until <b>{moment}</b>. What I hold back comes then, in one message.", moment=until)


def _keyboard(settings: ChatSettings, now: datetime, t: LocaleTranslator) -> InlineKeyboardMarkup:
    rows = [buttons(t)]
    if settings.muted_until is not None and settings.muted_until > now:
        rows.append([InlineKeyboardButton(t("Unmute"), callback_data=f"{_MUTE}0")])
    return InlineKeyboardMarkup(rows)


async def _button(desk: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    """Mute or unmute; the buttons of the message stay, with one that undoes it."""
    query = update.callback_query
    if query is None or query.data is None:
        return
    t = await translator_for_update(desk, update)
    seconds = query.data.removeprefix(_MUTE)
    if not seconds.isdecimal() or int(seconds) > LONGEST.total_seconds():
        await query.answer(t(OLD_BUTTON, command="/mute"))
        return
    if await preferences.require_admin(update, t):
        return
    settings = await _mute(desk, update, timedelta(seconds=int(seconds)))
    muted = settings.muted_until is not None
    until = local(settings.muted_until, settings, t) if settings.muted_until else ""
    await query.answer(t("Muted until {moment}", moment=until) if muted else t("Not muted any more"))
    message = update.effective_message
    held = message.reply_markup if message is not None else None
    rows = [list(row) for row in held.inline_keyboard] if held is not None else []
    rows = [row for row in rows if not any(one.callback_data == f"{_MUTE}0" for one in row)]
    if muted:
        label = t("Unmute (quiet until {moment})", moment=until)
        rows.append([InlineKeyboardButton(label[:60], callback_data=f"{_MUTE}0")])
    try:
        await query.edit_message_reply_markup(InlineKeyboardMarkup(rows))
    except BadRequest as error:
        if "not modified" not in str(error).lower():
            raise
