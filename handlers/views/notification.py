"""Outbox messages as text and buttons: alerts, watches, digests, notices and what a silence put off."""

from collections.abc import Callable
from datetime import datetime
from functools import cache

from pydantic import TypeAdapter
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.delivery.outcomes import OutgoingMessage
from bot.i18n.translator import LocaleTranslator, translator_for
from bot.mining import fleet_alerts
from bot.mining.answer import USD
from bot.signals.alert import Alert, AlertKind
from bot.signals.digest import Digest
from bot.signals.rules import Severity
from handlers.commands import chart, mute
from handlers.events import alert_buttons, watch_buttons
from handlers.views import alerts as alerts_view
from handlers.views import digest as digest_view
from handlers.views import fleet, notices
from handlers.views import watches as watches_view
from handlers.views.situation import Situation
from storage.chats import watches
from storage.outbox import MessageContent, MessageEdit, MessageSubject, NoticeKind
from storage.outbox.silences import PUT_OFF
from storage.signals import alerts

_SEVERITIES = {severity.word: severity for severity in Severity}


def render(
    content: MessageContent,
    now: datetime,
    situation: Callable[[], Situation] | None = None,
) -> OutgoingMessage:
    """Render an outbox message in the language of its chat.

    `situation` gives what alerts say beside themselves: what came of such alerts before, what machines make.
    """
    t = translator_for(content.language)
    known = situation().shown_in(content.currency) if situation else None
    body, keyboard = _body(content, now, known, t)
    says_repeat = content.repeat and not _alerts(content)  # alerts say so themselves
    text = f"<i>{t(alerts_view.REPEAT)}</i>\n\n{body}" if says_repeat else body
    silent = _SEVERITIES[content.severity] < content.silent_below
    return OutgoingMessage(text, None if keyboard is None else keyboard.to_json(), silent)


def render_edit(edit: MessageEdit, now: datetime) -> OutgoingMessage:
    """Render what a message about alerts has come to: ends in the place of their beginnings."""
    t = translator_for(edit.language)
    alert_list = [alerts.parse(subject.body) for subject in edit.subjects]
    keyboard = InlineKeyboardMarkup(alert_buttons.keyboard(alert_list, edit.alert_group, t))
    return OutgoingMessage(alerts_view.alert_group(alert_list, now, t), keyboard.to_json())


def _body(
    content: MessageContent,
    now: datetime,
    situation: Situation | None,
    t: LocaleTranslator,
) -> tuple[str, InlineKeyboardMarkup | None]:
    if content.alert_group == PUT_OFF:
        keyboard = None if content.in_channel else _chart_button(content, t)
        return _put_off(content, now, situation, t), keyboard
    alert_list = _alerts(content)
    watch_list = [
        watches.parse(subject.body) for subject in content.subjects if subject.kind == NoticeKind.WATCH
    ]
    if not alert_list and not watch_list:
        texts = [_notice(subject, now, t, situation, delayed=content.delayed) for subject in content.subjects]
        return "\n\n".join(texts), None
    blocks = []
    if alert_list:
        blocks.append(_alert_text(alert_list, content, now, situation, t))
    if alert_list and watch_list:
        blocks.append(f"<b>{t('Your watches')}</b>")
    if watch_list:
        display = USD if situation is None else situation.display
        blocks.append(watches_view.fired(watch_list, now, t, display))
    text = "\n\n".join(block for block in blocks if block)
    if content.in_channel:
        return text, _channel_links(content, situation, t)
    above = alert_buttons.keyboard(alert_list, content.alert_group, t) if alert_list else []
    keyboard = InlineKeyboardMarkup([*above, *watch_buttons.keyboard(watch_list, t), mute.buttons(t)])
    return text, keyboard


def _channel_links(
    content: MessageContent, situation: Situation | None, t: LocaleTranslator
) -> InlineKeyboardMarkup | None:
    """Under a channel's post: links into each reader's own chat; a press would answer in the channel."""
    if situation is None or not _alerts(content):
        return None
    links = {t("Why?"): f"why-g{content.alert_group}", t("Status"): "status"}
    buttons = [
        InlineKeyboardButton(label, url=link)
        for label, payload in links.items()
        if (link := situation.link(payload)) is not None
    ]
    return InlineKeyboardMarkup([buttons]) if buttons else None


def _alert_text(
    alert_list: list[Alert],
    content: MessageContent,
    now: datetime,
    situation: Situation | None,
    t: LocaleTranslator,
) -> str:
    flags = {"delayed": content.delayed, "repeat": content.repeat}
    return alerts_view.alert_group(alert_list, now, t, situation, **flags)


def _alerts(content: MessageContent) -> list[Alert]:
    return [alerts.parse(subject.body) for subject in content.subjects if subject.rule]


def dump(digest: Digest) -> str:
    """Serialise a digest to the JSON it is stored as."""
    return _digest().dump_json(digest).decode()


@cache
def _digest() -> TypeAdapter[Digest]:
    return TypeAdapter(Digest)


def _notice(
    subject: MessageSubject,
    now: datetime,
    t: LocaleTranslator,
    situation: Situation | None,
    *,
    delayed: bool,
) -> str:
    if subject.kind == NoticeKind.DIGEST:
        return digest_view.digest(_digest().validate_json(subject.body), now, t, situation)
    if subject.kind == NoticeKind.FLEET:
        display = USD if situation is None else situation.display
        return fleet.notice(fleet_alerts.parse(subject.body), now, t, display)
    return notices.text(subject.kind, subject.body, now, t, delayed=delayed)


def _put_off(content: MessageContent, now: datetime, situation: Situation | None, t: LocaleTranslator) -> str:
    watch_list = [subject for subject in content.subjects if subject.kind == NoticeKind.WATCH]
    other_alerts = [
        _notice(subject, now, t, situation, delayed=False)
        for subject in content.subjects
        if not subject.rule and subject.kind != NoticeKind.WATCH
    ]
    if watch_list:
        matches = [(watches.parse(subject.body), subject.at) for subject in watch_list]
        other_alerts.insert(
            0, watches_view.put_off(matches, t, USD if situation is None else situation.display)
        )
    return "\n\n".join([digest_view.put_off(_alerts(content), content.queued_at, t), *other_alerts])


def _chart_button(content: MessageContent, t: LocaleTranslator) -> InlineKeyboardMarkup | None:
    alert_list = _alerts(content)
    if not alert_list:
        return None
    newest = next(
        (alert for alert in reversed(alert_list) if alert.kind is not AlertKind.PHASE), alert_list[-1]
    )
    button = InlineKeyboardButton(t("Chart"), callback_data=chart.button_data(newest))
    return InlineKeyboardMarkup([[button]])
