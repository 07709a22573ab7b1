"""/quiet: hours in which nothing makes a sound, by the chat's own clock; and where that clock stands."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import time
from functools import partial

from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler, ContextTypes, MessageHandler, filters

from bot.i18n.message import N_
from bot.i18n.timezones import nearest_zones, zone, zone_name
from bot.i18n.translator import LocaleTranslator
from handlers import preferences
from handlers.commands.subscriptions import OLD_BUTTON
from handlers.context import App, HandlerContext
from handlers.html import html
from handlers.language import translator_for_update
from handlers.menus import command
from handlers.permissions import in_private
from handlers.replies import edit, reply
from storage.chats.preferences import ChatSettings

COMMANDS = (BotCommand("quiet", "quiet hours: /quiet 22-7 Europe/Berlin, /quiet off"),)

_HOUR = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?", re.IGNORECASE)
_SPAN = re.compile(r"([\d:.apm]+)\s*(?:-|–|—|to|bis)\s*([\d:.apm]+)", re.IGNORECASE)
_PRESETS = ("22-7", "23-8", "0-6")
_HOURS, _ZONE, _CRITICAL = "q1:h:", "q1:z:", "q1:c"

_NOT_UNDERSTOOD = N_("“{words}” is no quiet time I understand; for example {examples}.")
_EXAMPLES = "<code>/quiet 22-7</code>, <code>/quiet 22:30-6:30 Europe/Berlin</code>, <code>/quiet off</code>"


def register(application: App, desk: HandlerContext) -> None:
    """Add the command, its buttons, and locations sent in private."""
    application.add_handler(command("quiet", partial(_command, desk)))
    application.add_handler(CallbackQueryHandler(partial(_button, desk), pattern="^q1:"))
    here = filters.LOCATION & filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE
    application.add_handler(MessageHandler(here, partial(_location, desk)))


def hour_of(text: str) -> time | None:
    """“7”, “07:30”, “10pm” as a time of day; 24 is midnight; None for what is none."""
    found = _HOUR.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if (hour, minute) == (24, 0):
        hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None


def span_of(text: str) -> tuple[time, time] | None:
    """“22-7”, “22:30–06:30” as its two ends; None for what is no span, or one without length."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        return None
    start, end = hour_of(found[1]), hour_of(found[2])
    return None if start is None or end is None or start == end else (start, end)


def said(settings: ChatSettings, t: LocaleTranslator) -> str:
    """The quiet hours in a sentence or two."""
    if settings.quiet_from is None or settings.quiet_to is None:
        return t("No quiet hours. The clock here is {zone}.", zone=html(settings.time_zone))
    hours = t(
        "Quiet from <b>{start}</b> to <b>{end}</b> ({zone}); what I hold back comes then, in one message.",
        start=t.clock(settings.quiet_from),
        end=t.clock(settings.quiet_to),
        zone=html(settings.time_zone),
    )
    if settings.critical_passes:
        return f"{hours} {t('Critical alerts come through.')}"
    return f"{hours} {t('Critical alerts wait too.')}"


def _keyboard(settings: ChatSettings, t: LocaleTranslator) -> InlineKeyboardMarkup:
    presets = [
        InlineKeyboardButton(one.replace("-", "–"), callback_data=f"{_HOURS}{one}") for one in _PRESETS
    ]
    if settings.quiet_from is None:
        return InlineKeyboardMarkup([presets])
    passing = t("Critical: wait too") if settings.critical_passes else t("Critical: come through")
    return InlineKeyboardMarkup(
        [
            presets,
            [
                InlineKeyboardButton(passing, callback_data=_CRITICAL),
                InlineKeyboardButton(t("No quiet hours"), callback_data=f"{_HOURS}off"),
            ],
        ]
    )


async def _command(desk: HandlerContext, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    t = await translator_for_update(desk, update)
    words = list(context.args or ())
    if not words:
        settings = await preferences.load_preferences(desk, update)
        hint = t("Set them like {examples}, or send me your location for the time zone.", examples=_EXAMPLES)
        await reply(update, f"{said(settings, t)}\n{hint}", _keyboard(settings, t))
        return
    if await preferences.require_admin(update, t):
        return
    wish = _read(words)
    if wish is None:
        await reply(update, t(_NOT_UNDERSTOOD, words=html(" ".join(words)[:60]), examples=_EXAMPLES))
        return
    settings = await preferences.update_preferences(desk, update, lambda before: _with(before, wish))
    await reply(update, said(settings, t), _keyboard(settings, t))


_Wish = tuple[tuple[time, time] | None, str | None, bool]  # hours, zone, and whether hours are to be ended


def _read(words: Sequence[str]) -> _Wish | None:
    if words[0].lower() in ("off", "none", "never"):
        return (None, None, True) if len(words) == 1 else None
    for count in range(len(words), -1, -1):  # “22 - 7 Berlin”: the span first, the rest is the zone
        hours = span_of(" ".join(words[:count])) if count else None
        rest = " ".join(words[count:])
        if count and hours is None:
            continue
        name = zone_name(rest) if rest else None
        if (hours is None and name is None) or (rest and name is None):
            return None
        return hours, name, False
    return None


def _with(before: ChatSettings, wish: _Wish) -> ChatSettings:
    hours, name, off = wish
    after = replace(before, time_zone=name or before.time_zone)
    if off:
        return replace(after, quiet_from=None, quiet_to=None)
    return after if hours is None else replace(after, quiet_from=hours[0], quiet_to=hours[1])


async def _button(desk: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    query = update.callback_query
    if query is None or query.data is None:
        return
    t = await translator_for_update(desk, update)
    if await preferences.require_admin(update, t):
        return
    settings = None
    if query.data == _CRITICAL:
        settings = await preferences.update_preferences(
            desk, update, lambda before: replace(before, critical_passes=not before.critical_passes)
        )
    elif query.data.startswith(_ZONE):
        name = zone_name(query.data.removeprefix(_ZONE))
        if name is not None:
            settings = await preferences.update_preferences(
                desk, update, lambda before: replace(before, time_zone=name)
            )
    elif (wish := _read([query.data.removeprefix(_HOURS)])) is not None:
        settings = await preferences.update_preferences(desk, update, lambda before: _with(before, wish))
    if settings is None:
        await query.answer(t(OLD_BUTTON, command="/quiet"))
        return
    await query.answer(t("Done"))
    await edit(query, said(settings, t), _keyboard(settings, t))


async def _location(desk: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    """Offer the zones nearest to where somebody is; the place itself is not kept."""
    message = update.effective_message
    if message is None or message.location is None or not in_private(update):
        return
    t = await translator_for_update(desk, update)
    now = desk.clock()
    rows = [
        [
            InlineKeyboardButton(
                f"{name} · {t.clock(now.astimezone(zone(name)).time())}", callback_data=f"{_ZONE}{name}"
            )
        ]
        for name in nearest_zones(message.location.latitude, message.location.longitude)
    ]
    text = t("Which clock is yours? I keep the zone you choose, not where you are.")
    await reply(update, text, InlineKeyboardMarkup(rows))
