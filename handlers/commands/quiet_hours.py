"""/quiet: the quiet hours of a chat, and its time zone."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import time
from functools import partial

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import ContextTypes, MessageHandler, filters

from bot.i18n.message import N_, sentences
from bot.i18n.moments import hour_of
from bot.i18n.timezones import nearest_zones, zone, zone_name
from bot.i18n.translator import LocaleTranslator
from handlers.context import App, HandlerContext
from handlers.html import html
from handlers.language import translator_for_update
from handlers.permissions import in_private
from handlers.preferences import load_preferences, update_preferences
from handlers.replies import reply
from handlers.routing import Permission, Request, button, command
from storage.chats.preferences import ChatSettings

_SPAN = re.compile(r"([\d:.apm]+)\s*(?:-|–|—|to|bis)\s*([\d:.apm]+)", re.IGNORECASE)
_PRESETS = ("22-7", "23-8", "0-6")
_HOURS, _ZONE, _CRITICAL = "q1:h:", "q1:z:", "q1:c"

_NOT_UNDERSTOOD = N_("“{words}” is no quiet time I understand; for example {examples}.")
_EXAMPLES = "<code>/quiet 22-7</code>, <code>/quiet 22:30-6:30 Europe/Berlin</code>, <code>/quiet off</code>"


def register(application: App, context: HandlerContext) -> None:
    """Add the handler of locations sent in private."""
    here = filters.LOCATION & filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE
    application.add_handler(MessageHandler(here, partial(_location, context)))


def span_of(text: str) -> tuple[time, time] | None:
    """“22-7”, “22:30–06:30” as its two ends; None for what is no span, or one without length."""
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        return None
    start, end = hour_of(match[1]), hour_of(match[2])
    return None if start is None or end is None or start == end else (start, end)


def describe(settings: ChatSettings, t: LocaleTranslator) -> str:
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
        return sentences([hours, t("Critical alerts come through.")], t)
    return sentences([hours, t("Critical alerts wait too.")], t)


def _keyboard(settings: ChatSettings, t: LocaleTranslator) -> InlineKeyboardMarkup:
    presets = [
        InlineKeyboardButton(hours.replace("-", "–"), callback_data=f"{_HOURS}{hours}") for hours in _PRESETS
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


@command("quiet", N_("quiet hours: /quiet 22-7 Europe/Berlin, /quiet off"), Permission.ANYONE_TO_READ)
async def quiet(request: Request) -> None:
    """Show the quiet hours and the chat's clock, or set them."""
    t, words = request.t, request.arguments
    if not words:
        settings = await load_preferences(request)
        hint = t("Set them like {examples}, or send me your location for the time zone.", examples=_EXAMPLES)
        await request.reply_to_asker(f"{describe(settings, t)}\n{hint}", _keyboard(settings, t))
        return
    change = _parse(words)
    if change is None:
        await request.reply_to_asker(t(_NOT_UNDERSTOOD, words=html(request.text[:60]), examples=_EXAMPLES))
        return
    settings = await update_preferences(request, lambda before: _changed(before, change))
    await request.reply(describe(settings, t), _keyboard(settings, t))


_Change = tuple[tuple[time, time] | None, str | None, bool]  # hours, zone, and whether hours are to be ended


def _parse(words: Sequence[str]) -> _Change | None:
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


def _changed(before: ChatSettings, change: _Change) -> ChatSettings:
    hours, name, off = change
    after = replace(before, time_zone=name or before.time_zone)
    if off:
        return replace(after, quiet_from=None, quiet_to=None)
    return after if hours is None else replace(after, quiet_from=hours[0], quiet_to=hours[1])


@button("q1:", permission=Permission.ADMIN)
async def quiet_button(request: Request) -> None:
    """Set hours or zone, or whether critical alerts wait too."""
    t, data = request.t, request.query.data or ""
    settings = None
    if data == _CRITICAL:
        settings = await update_preferences(
            request, lambda before: replace(before, critical_passes=not before.critical_passes)
        )
    elif data.startswith(_ZONE):
        name = zone_name(data.removeprefix(_ZONE))
        if name is not None:
            settings = await update_preferences(request, lambda before: replace(before, time_zone=name))
    elif (change := _parse([data.removeprefix(_HOURS)])) is not None:
        settings = await update_preferences(request, lambda before: _changed(before, change))
    if settings is None:
        await request.answer_old_button("/quiet")
        return
    await request.answer(t("Done"))
    await request.edit(describe(settings, t), _keyboard(settings, t))


HANDLERS = (quiet, quiet_button)


async def _location(context: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    """Offer the zones nearest to where somebody is; the place itself is not kept."""
    message = update.effective_message
    if message is None or message.location is None or not in_private(update):
        return
    t = await translator_for_update(context, update)
    now = context.clock()
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
