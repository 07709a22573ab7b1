"""/digest: what happened and where things stand, daily or weekly at a time of one's own."""

from dataclasses import replace
from datetime import time
from functools import partial

from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler, ContextTypes

from bot.i18n.timezones import zone_name
from bot.i18n.translator import LocaleTranslator, translator_for
from handlers import preferences
from handlers.commands.mute import local
from handlers.commands.quiet_hours import hour_of
from handlers.commands.subscriptions import OLD_BUTTON
from handlers.context import App, HandlerContext
from handlers.html import html
from handlers.language import translator_for_update
from handlers.menus import command
from handlers.replies import edit, reply
from storage.chats.preferences import ChatSettings

COMMANDS = (BotCommand("digest", "a summary daily or weekly: /digest 8:00, /digest monday 9"),)

_EXAMPLES = "<code>/digest 8:00</code>, <code>/digest monday 9 Europe/Berlin</code>, <code>/digest off</code>"
_PRESETS = ("8:00", "18:00", "monday 8:00")
_SET = "d1:"
_USUAL = time(8)


def register(application: App, desk: HandlerContext) -> None:
    """Add the command and its buttons."""
    application.add_handler(command("digest", partial(_command, desk)))
    application.add_handler(CallbackQueryHandler(partial(_button, desk), pattern=f"^{_SET}"))


def parse_digest(text: str, before: ChatSettings, t: LocaleTranslator) -> ChatSettings | None:
    """The settings with the digest asked for: “8:00”, “weekly”, “mon 9 Berlin”, “off”; else None."""
    words = text.lower().replace(",", " ").split()
    if words in (["off"], ["never"], ["none"]):
        return replace(before, digest_at=None, digest_weekday=None)
    at, day, place, weekly = None, None, [], False
    for word in words:
        if at is None and (hour := hour_of(word)) is not None:
            at = hour
        elif day is None and (found := _weekday(word, t)) is not None:
            day = found
        elif word in ("weekly", "daily", "at"):
            weekly = weekly or word == "weekly"
        else:
            place.append(word)
    name = zone_name(" ".join(place)) if place else before.time_zone
    if name is None or not words or (place and at is None and day is None and not weekly):
        return None
    if day is None and weekly:
        day = 0
    return replace(before, digest_at=at or before.digest_at or _USUAL, digest_weekday=day, time_zone=name)


def _weekday(word: str, t: LocaleTranslator) -> int | None:
    """A day's name or its first three letters or more, in English or the chat's language."""
    for language in (translator_for("en"), t):
        for day in range(7):
            name = language.weekday(day).lower()
            if len(word) >= min(3, len(name)) and name.startswith(word):
                return day
    return None


def said(settings: ChatSettings, t: LocaleTranslator) -> str:
    """When digests come, in a sentence."""
    if settings.digest_at is None or settings.digest_next is None:
        return t("No digest. It tells what changed and where every signal stands.")
    at, following = t.clock(settings.digest_at), html(local(settings.digest_next, settings, t))
    if settings.digest_weekday is None:
        return t("Digest <b>daily at {time}</b>; the next one comes {moment}.", time=at, moment=following)
    return t(
        "Digest <b>weekly, {weekday} at {time}</b>; the next one comes {moment}.",
        weekday=html(t.weekday(settings.digest_weekday)),
        time=at,
        moment=following,
    )


def _keyboard(settings: ChatSettings, t: LocaleTranslator) -> InlineKeyboardMarkup:
    labels = (
        t("Daily {time}", time="08:00"),
        t("Daily {time}", time="18:00"),
        t("{weekday} {time}", weekday=t.weekday(0), time="08:00"),
    )
    presets = [
        InlineKeyboardButton(label, callback_data=f"{_SET}{one}")
        for label, one in zip(labels, _PRESETS, strict=True)
    ]
    rows = [presets[:2], presets[2:]]
    if settings.digest_at is not None:
        rows[1].append(InlineKeyboardButton(t("No digest"), callback_data=f"{_SET}off"))
    return InlineKeyboardMarkup(rows)


async def _command(desk: HandlerContext, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    t = await translator_for_update(desk, update)
    words = " ".join(context.args or ())
    before = await preferences.load_preferences(desk, update)
    if not words:
        hint = t("Set it like {examples}.", examples=_EXAMPLES)
        await reply(update, f"{said(before, t)}\n{hint}", _keyboard(before, t))
        return
    if await preferences.require_admin(update, t):
        return
    if parse_digest(words, before, t) is None:
        text = t(
            "“{words}” is no time for a digest; for example {examples}.",
            words=html(words[:60]),
            examples=_EXAMPLES,
        )
        await reply(update, text)
        return
    settings = await preferences.update_preferences(
        desk, update, lambda held: parse_digest(words, held, t) or held
    )
    await reply(update, said(settings, t), _keyboard(settings, t))


async def _button(desk: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    query = update.callback_query
    if query is None or query.data is None:
        return
    t = await translator_for_update(desk, update)
    if await preferences.require_admin(update, t):
        return
    words = query.data.removeprefix(_SET)
    if parse_digest(words, ChatSettings(), t) is None:
        await query.answer(t(OLD_BUTTON, command="/digest"))
        return
    settings = await preferences.update_preferences(
        desk, update, lambda held: parse_digest(words, held, t) or held
    )
    await query.answer(t("Done"))
    await edit(query, said(settings, t), _keyboard(settings, t))
