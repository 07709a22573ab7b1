"""/settings: everything a chat has set on one page, most of it a tap away."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler, ContextTypes

from bot.i18n.message import N_
from bot.i18n.translator import LANGUAGES, LocaleTranslator, translator_for
from bot.signals.rules import Severity
from handlers import preferences
from handlers.commands import digest, mute, quiet_hours
from handlers.commands.subscriptions import OLD_BUTTON
from handlers.context import App, HandlerContext
from handlers.language import translator_for_update
from handlers.menus import command
from handlers.permissions import address
from handlers.replies import edit, reply
from handlers.views import alerts
from storage.chats import chats
from storage.chats.preferences import ChatSettings

COMMANDS = (BotCommand("settings", "language, sound, quiet hours and the rest on one page"),)

_CHANGE, _LANGUAGE = "e1:", "e1:l:"

_SOUND: Final = {
    Severity.INFO: N_("every message makes a sound"),
    Severity.WARNING: N_("warnings and critical alerts make a sound"),
    Severity.CRITICAL: N_("only critical alerts make a sound"),
}

_TOGGLES: Final[dict[str, Callable[[ChatSettings], ChatSettings]]] = {
    "sound": lambda held: replace(held, silent_below=(held.silent_below + 1) % len(Severity)),
    "critical": lambda held: replace(held, critical_passes=not held.critical_passes),
    "dark": lambda held: replace(held, dark=not held.dark),
}


def register(application: App, desk: HandlerContext) -> None:
    """Add the command and its buttons."""
    application.add_handler(command("settings", partial(_command, desk)))
    application.add_handler(CallbackQueryHandler(partial(_button, desk), pattern=f"^{_CHANGE}"))


async def _page(desk: HandlerContext, update: Update, settings: ChatSettings, t: LocaleTranslator) -> str:
    place = address(update)
    held = await desk.store.read(lambda db: chats.subscriptions(db, place)) if place is not None else {}
    sound = t(_SOUND[Severity(settings.silent_below)])
    lines = [
        f"<b>{t('Settings')}</b>",
        f"• {alerts.subscriptions(held, t)}" + (" /subscribe" if held else ""),
        f"• {t('Sound: {sound}.', sound=sound)}",
        f"• {quiet_hours.said(settings, t)} /quiet",
        f"• {digest.said(settings, t)} /digest",
        f"• {mute.said(settings, desk.clock(), t)} /mute",
        f"• {t('Language: {language}.', language=LANGUAGES[t.code])}",
        f"• {t('What I keep about you:')} /privacy",
    ]
    return "\n".join(lines)


def _keyboard(settings: ChatSettings, t: LocaleTranslator) -> InlineKeyboardMarkup:
    def toggle(label: str, name: str) -> InlineKeyboardButton:
        return InlineKeyboardButton(label, callback_data=f"{_CHANGE}{name}")

    languages = [
        InlineKeyboardButton(f"✓ {name}" if code == t.code else name, callback_data=f"{_LANGUAGE}{code}")
        for code, name in LANGUAGES.items()
    ]
    passing = t("Critical: wait too") if settings.critical_passes else t("Critical: come through")
    charts = t("Charts: light") if settings.dark else t("Charts: dark")
    return InlineKeyboardMarkup(
        [
            languages[:3],
            languages[3:],
            [toggle(t("Change sound"), "sound"), toggle(charts, "dark")],
            [toggle(passing, "critical")],
        ]
    )


async def _command(desk: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    t, settings = await translator_for_update(desk, update), await preferences.load_preferences(desk, update)
    await reply(update, await _page(desk, update, settings, t), _keyboard(settings, t))


async def _button(desk: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    query = update.callback_query
    if query is None or query.data is None:
        return
    t = await translator_for_update(desk, update)
    if await preferences.require_admin(update, t):
        return
    code = query.data.removeprefix(_LANGUAGE)
    if query.data.startswith(_LANGUAGE) and code in LANGUAGES:
        settings = await preferences.update_preferences(
            desk, update, lambda held: replace(held, language=code)
        )
        t = translator_for(code)
    elif (toggle := _TOGGLES.get(query.data.removeprefix(_CHANGE))) is not None:
        settings = await preferences.update_preferences(desk, update, toggle)
    else:
        await query.answer(t(OLD_BUTTON, command="/settings"))
        return
    await query.answer(t("Done"))
    await edit(query, await _page(desk, update, settings, t), _keyboard(settings, t))
