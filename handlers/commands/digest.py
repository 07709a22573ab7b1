"""/digest: what happened and where things stand, daily or weekly at a time of one's own."""

from dataclasses import replace
from datetime import time

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n.message import N_, commas
from bot.i18n.moments import hour_of, weekday_of
from bot.i18n.timezones import zone_name
from bot.i18n.translator import LocaleTranslator, translator_for
from handlers.commands.mute import local
from handlers.html import html
from handlers.preferences import load_preferences, update_preferences
from handlers.routing import Permission, Request, button, command
from storage.chats.preferences import ChatSettings

_PRESETS = ("8:00", "18:00", "monday 8:00")
_SET = "d1:"
_USUAL = time(8)


def parse_digest(text: str, before: ChatSettings, t: LocaleTranslator) -> ChatSettings | None:
    """The settings with the digest asked for: “8:00”, “weekly”, “mon 9 Berlin”, “off”; else None."""
    words = text.lower().replace(",", " ").split()
    if words in (["off"], ["never"], ["none"]):
        return replace(before, digest_at=None, digest_weekday=None)
    at, day, zone_words, weekly = None, None, [], False
    for word in words:
        if at is None and (hour := hour_of(word)) is not None:
            at = hour
        elif day is None and (weekday := _weekday(word, t)) is not None:
            day = weekday
        elif word in ("weekly", "daily", "at"):
            weekly = weekly or word == "weekly"
        else:
            zone_words.append(word)
    name = zone_name(" ".join(zone_words)) if zone_words else before.time_zone
    if name is None or not words or (zone_words and at is None and day is None and not weekly):
        return None
    if day is None and weekly:
        day = 0
    return replace(before, digest_at=at or before.digest_at or _USUAL, digest_weekday=day, time_zone=name)


def _weekday(word: str, t: LocaleTranslator) -> int | None:
    """A day's name or its first letters, as any language writes it short, in English or the chat's."""
    if (named := weekday_of(word)) is not None:
        return named
    for language in (translator_for("en"), t):
        for day in range(7):
            name = language.weekday(day).lower()
            if len(word) >= min(3, len(name)) and name.startswith(word):
                return day
    return None


def _examples(t: LocaleTranslator) -> str:
    """What can be typed, with the day in the reader's words."""
    weekly = f"/digest {t.weekday(0).lower()} 9 Europe/Berlin"
    return commas([f"<code>{each}</code>" for each in ("/digest 8:00", weekly, "/digest off")], t)


def describe(settings: ChatSettings, t: LocaleTranslator) -> str:
    """When digests come, in a sentence."""
    if settings.digest_at is None or settings.digest_next is None:
        return t("No digest. A digest tells what changed and where every signal stands.")
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
        InlineKeyboardButton(label, callback_data=f"{_SET}{preset}")
        for label, preset in zip(labels, _PRESETS, strict=True)
    ]
    rows = [presets[:2], presets[2:]]
    if settings.digest_at is not None:
        rows[1].append(InlineKeyboardButton(t("No digest"), callback_data=f"{_SET}off"))
    return InlineKeyboardMarkup(rows)


@command("digest", N_("a summary daily or weekly: /digest 8:00, /digest monday 9"), Permission.ANYONE_TO_READ)
async def digest(request: Request) -> None:
    """Show when digests come, or set it."""
    t, words = request.t, request.text
    before = await load_preferences(request)
    if not words:
        hint = t("Set it like {examples}.", examples=_examples(t))
        await request.reply_to_asker(f"{describe(before, t)}\n{hint}", _keyboard(before, t))
        return
    if parse_digest(words, before, t) is None:
        text = t(
            "“{words}” is no time for a digest; for example {examples}.",
            words=html(words[:60]),
            examples=_examples(t),
        )
        await request.reply_to_asker(text)
        return
    settings = await update_preferences(request, lambda before: parse_digest(words, before, t) or before)
    await request.reply(describe(settings, t), _keyboard(settings, t))


@button(_SET, permission=Permission.ADMIN)
async def digest_button(request: Request) -> None:
    """Set the digest to what the button says."""
    t, words = request.t, request.data
    if parse_digest(words, ChatSettings(), t) is None:
        await request.answer_old_button("/digest")
        return
    settings = await update_preferences(request, lambda before: parse_digest(words, before, t) or before)
    await request.answer(t("Done"))
    await request.edit(describe(settings, t), _keyboard(settings, t))


HANDLERS = (digest, digest_button)
