"""/settings: everything a chat has set on one page, most of it a tap away."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n.language_names import languages_in
from bot.i18n.message import N_, sentences
from bot.i18n.timezones import zone_name
from bot.i18n.translator import LANGUAGES, LocaleTranslator, translator_for
from bot.mining.parsing.command_request import UNDO
from bot.mining.parsing.units import Currency
from bot.signals.rules import Severity
from handlers.commands import currency, digest, mute, quiet_hours
from handlers.commands.subscriptions import keyboard as subscriptions_keyboard
from handlers.commands.subscriptions import restore_subscriptions
from handlers.language import translator_for_update
from handlers.preferences import FormerSettings, load_preferences, read_former, update_preferences
from handlers.routing import Permission, Request, button, command
from handlers.views import alerts
from storage.chats import chats
from storage.chats.preferences import ChatSettings

_CHANGE, _LANGUAGE = "e1:", "l:"

_SOUND: Final = {
    Severity.INFO: N_("every message makes a sound"),
    Severity.WARNING: N_("warnings and critical alerts make a sound"),
    Severity.CRITICAL: N_("only critical alerts make a sound"),
}

_TOGGLES: Final[dict[str, Callable[[ChatSettings], ChatSettings]]] = {
    "sound": lambda before: replace(before, silent_below=(before.silent_below + 1) % len(Severity)),
    "critical": lambda before: replace(before, critical_passes=not before.critical_passes),
    "dark": lambda before: replace(before, dark=not before.dark),
    "pictures": lambda before: replace(before, alert_pictures=not before.alert_pictures),
    "outages": lambda before: replace(before, tell_outages=not before.tell_outages),
}


_THEMES = {"dark": True, "light": False}
"""How light charts are, as it stands behind /settings."""


async def _page(request: Request, settings: ChatSettings, t: LocaleTranslator) -> str:
    context = request.context
    subscribed = await context.store.read(lambda db: chats.subscriptions(db, request.address))
    sound = t(_SOUND[Severity(settings.silent_below)])
    lines = [
        f"<b>{t('Settings')}</b>",
        f"• {alerts.subscriptions(subscribed, t)}" + (" /subscribe" if subscribed else ""),
        f"• {t('Sound: {sound}.', sound=sound)}",
        f"• {quiet_hours.describe(settings, t)} /quiet",
        f"• {digest.describe(settings, t)} /digest",
        f"• {mute.describe(settings, context.clock(), t)} /mute",
        f"• {t('Language: {language}.', language=LANGUAGES[t.code])}",
        f"• {t('What I keep about you:')} /privacy",
    ]
    return "\n".join(lines)


def _keyboard(settings: ChatSettings, t: LocaleTranslator) -> InlineKeyboardMarkup:
    def toggle(label: str, name: str) -> InlineKeyboardButton:
        return InlineKeyboardButton(label, callback_data=f"{_CHANGE}{name}")

    languages = [
        InlineKeyboardButton(
            f"✓ {name}" if code == t.code else name, callback_data=f"{_CHANGE}{_LANGUAGE}{code}"
        )
        for code, name in LANGUAGES.items()
    ]
    passing = t("Critical: wait too") if settings.critical_passes else t("Critical: come through")
    charts = t("Charts: light") if settings.dark else t("Charts: dark")
    pictures = t("Alerts: text only") if settings.alert_pictures else t("Alerts: with pictures")
    outages = t("No fresh data: say nothing") if settings.tell_outages else t("No fresh data: tell me")
    return InlineKeyboardMarkup(
        [
            languages[:3],
            languages[3:],
            [toggle(t("Change sound"), "sound"), toggle(charts, "dark")],
            [toggle(passing, "critical"), toggle(outages, "outages")],
            [toggle(pictures, "pictures")],
        ]
    )


@command(
    "settings",
    N_("language, sound, quiet hours and the rest on one page"),
    Permission.ANYONE_TO_READ,
    aliases=("language", "lang", "timezone", "options"),
    is_for_asker_alone=True,
)
async def settings_page(request: Request) -> None:
    """Show everything a chat has set, with buttons; a language, a time zone, or how light charts are, behind
    it is set first.
    """
    words, t, answer = request.text.lower(), request.t, request.reply
    if words == UNDO:
        await _take_back(request)
        return
    codes = [words] if words in LANGUAGES else languages_in(words)
    if len(codes) == 1:
        settings = await update_preferences(request, lambda before: replace(before, language=codes[0]))
        t = translator_for(codes[0])
    elif words in _THEMES:
        settings = await update_preferences(request, lambda before: replace(before, dark=_THEMES[words]))
    elif words and (zone := zone_name(words)) is not None:
        settings = await update_preferences(request, lambda before: replace(before, time_zone=zone))
    else:
        settings, answer = await load_preferences(request), request.reply_to_asker
    await answer(await _page(request, settings, t), _keyboard(settings, t))


async def _take_back(request: Request) -> None:
    """Set what the last command or button changed as it was before, and say how that is."""
    done = await request.context.last_done(request.address)
    former = None if done is None or not done.former else read_former(done.former)
    if former is None:
        await request.reply_to_asker(request.t("There is nothing to take back."))
        return
    if former.subscriptions is not None:
        subscribed = await restore_subscriptions(request, former.subscriptions)
        text = alerts.subscriptions(subscribed, request.t)
        await request.reply(
            f"{request.t('Taken back.')} {text}", subscriptions_keyboard(subscribed, request.t)
        )
        return
    settings = await update_preferences(request, former.restored)
    t = await translator_for_update(request.context, request.update)
    await request.reply(sentences([t("Taken back."), _restored(request, former, settings, t)], t))


def _restored(request: Request, former: FormerSettings, settings: ChatSettings, t: LocaleTranslator) -> str:
    """How things stand that were set back; of what has no sentence of its own the page says it."""
    changed = former.settings.keys()
    if "currency" in changed:
        return currency.said(Currency(settings.currency or Currency.USD), t)
    if "language" in changed:
        return t("Language: {language}.", language=LANGUAGES[t.code])
    if changed & {"muted_at", "muted_until"}:
        return mute.describe(settings, request.context.clock(), t)
    if changed & {"digest_at", "digest_weekday"}:
        return digest.describe(settings, t)
    if changed & {"quiet_from", "quiet_to", "critical_passes", "time_zone"}:
        return quiet_hours.describe(settings, t)
    if "silent_below" in changed:
        return t("Sound: {sound}.", sound=t(_SOUND[Severity(settings.silent_below)]))
    return "/settings"


@button(_CHANGE, permission=Permission.ADMIN)
async def settings_button(request: Request) -> None:
    """Change one setting."""
    t = request.t
    code = request.data.removeprefix(_LANGUAGE)
    if request.data.startswith(_LANGUAGE) and code in LANGUAGES:
        settings = await update_preferences(request, lambda before: replace(before, language=code))
        t = translator_for(code)
    elif (toggle := _TOGGLES.get(request.data)) is not None:
        settings = await update_preferences(request, toggle)
    else:
        await request.answer_old_button("/settings")
        return
    await request.answer(t("Done"))
    await request.edit(await _page(request, settings, t), _keyboard(settings, t))


HANDLERS = (settings_page, settings_button)
