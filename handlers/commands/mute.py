"""/mute and the buttons that silence a chat for a while. What is held back comes as one message."""

from dataclasses import replace
from datetime import datetime, timedelta

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n.durations import parse_duration
from bot.i18n.message import N_, commas
from bot.i18n.moments import parse_moment
from bot.i18n.timezones import zone
from bot.i18n.translator import LocaleTranslator
from handlers.html import html
from handlers.preferences import load_preferences, update_preferences
from handlers.routing import Permission, Request, button, command
from storage.chats.preferences import ChatSettings

LENGTHS = (timedelta(hours=1), timedelta(hours=8), timedelta(days=1), timedelta(weeks=1))
LONGEST = timedelta(days=365)
_MUTE = "m1:"
_LABELS = (N_("🔕 1 h"), N_("8 h"), N_("1 day"), N_("1 week"))


def buttons(t: LocaleTranslator) -> list[InlineKeyboardButton]:
    """A row that mutes for an hour, eight, a day, a week."""
    return [
        InlineKeyboardButton(t(label), callback_data=f"{_MUTE}{length.total_seconds():.0f}")
        for label, length in zip(_LABELS, LENGTHS, strict=True)
    ]


def local(at: datetime, settings: ChatSettings, t: LocaleTranslator) -> str:
    """A moment by the chat's own clock, with its zone."""
    return f"{t.moment(at.astimezone(zone(settings.time_zone)))} ({settings.time_zone})"


@command(
    "mute", N_("no messages for a while: /mute 8h, /mute until monday, /mute off"), Permission.ANYONE_TO_READ
)
async def mute(request: Request) -> None:
    """Show whether the chat is muted, mute it for a length of time, or end that."""
    t, words = request.t, request.text
    length = await _length(request)
    if words and length is None:
        # Translators: typed behind /mute, which has to understand it.
        moment = t("until monday")
        await request.reply_to_asker(
            t(
                "“{words}” is no length of time; for example {examples}.",
                words=html(words[:40]),
                examples=commas([f"<code>/mute {each}</code>" for each in ("8h", moment, "off")], t),
            ),
        )
        return
    settings = await load_preferences(request)
    if length is not None:
        settings = await _mute(request, length)
    now = request.context.clock()
    answer = request.reply_to_asker if length is None else request.reply
    await answer(_menu(settings, now, t), _keyboard(settings, now, t))


@command("unmute", N_("write to this chat again"), Permission.ADMIN)
async def unmute(request: Request) -> None:
    """End a mute; what was held back goes out."""
    settings = await _mute(request, timedelta(0))
    now = request.context.clock()
    await request.reply(describe(settings, now, request.t), _keyboard(settings, now, request.t))


async def _length(request: Request) -> timedelta | None:
    """How long to mute: “8h”, “off”, “until monday 9” by the chat's clock, “forever” (a year)."""
    words = request.text.lower()
    if words in ("off", "0"):
        return timedelta(0)
    if words in ("forever", "always"):
        return LONGEST
    if (length := parse_duration(words.removeprefix("for "))) is not None:
        return length
    here = zone((await load_preferences(request)).time_zone)
    now = request.context.clock()
    until = parse_moment(words, now.astimezone(here))
    return None if until is None else until.replace(tzinfo=here) - now


async def _mute(request: Request, length: timedelta) -> ChatSettings:
    """Mute for a length, at most a year, or with none let everything through again."""
    since = request.context.clock() if length else None
    until = since + min(length, LONGEST) if since else None
    return await update_preferences(
        request, lambda settings: replace(settings, muted_at=since, muted_until=until)
    )


def describe(settings: ChatSettings, now: datetime, t: LocaleTranslator) -> str:
    """Whether the chat is muted, and until when."""
    if settings.muted_until is None or settings.muted_until <= now:
        return t("Not muted.")
    until = html(local(settings.muted_until, settings, t))
    return t("Muted until <b>{moment}</b>. What I hold back comes then, in one message.", moment=until)


def _menu(settings: ChatSettings, now: datetime, t: LocaleTranslator) -> str:
    """What stands over the buttons: for a chat that isn't muted, what they ask."""
    if settings.muted_until is not None and settings.muted_until > now:
        return describe(settings, now, t)
    question = t("How long shall I write nothing? What I hold back comes afterwards, in one message.")
    return f"{describe(settings, now, t)}\n{question}"


def _keyboard(settings: ChatSettings, now: datetime, t: LocaleTranslator) -> InlineKeyboardMarkup:
    rows = [buttons(t)]
    if settings.muted_until is not None and settings.muted_until > now:
        rows.append([InlineKeyboardButton(t("Unmute"), callback_data=f"{_MUTE}0")])
    return InlineKeyboardMarkup(rows)


@button(_MUTE, permission=Permission.ADMIN)
async def mute_button(request: Request) -> None:
    """Mute or unmute; the buttons of the message stay, with one that undoes it."""
    t, seconds = request.t, request.data
    if not seconds.isdecimal() or int(seconds) > LONGEST.total_seconds():
        await request.answer_old_button("/mute")
        return
    settings = await _mute(request, timedelta(seconds=int(seconds)))
    muted = settings.muted_until is not None
    until = local(settings.muted_until, settings, t) if settings.muted_until else ""
    await request.answer(t("Muted until {moment}", moment=until) if muted else t("Not muted any more"))
    message = request.update.effective_message
    markup = message.reply_markup if message is not None else None
    rows = [list(row) for row in markup.inline_keyboard] if markup is not None else []
    rows = [row for row in rows if not any(button.callback_data == f"{_MUTE}0" for button in row)]
    if muted:
        label = t("Unmute (quiet until {moment})", moment=until)
        rows.append([InlineKeyboardButton(label[:60], callback_data=f"{_MUTE}0")])
    await request.edit_keyboard(rows)


HANDLERS = (mute, unmute, mute_button)
