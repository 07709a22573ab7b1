"""Outbox messages as text and buttons: alerts, watches, digests, notices and what a silence put off."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Final, TypedDict

from pydantic import TypeAdapter
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.charts.alert_chart import has_chart
from bot.delivery.outcomes import OutgoingMessage
from bot.i18n.translator import LocaleTranslator, translator_for
from bot.mining import fleet_alerts
from bot.mining.answer import USD
from bot.signals.alert import Alert, AlertKind
from bot.signals.digest import Digest
from bot.signals.incident import Incident
from bot.signals.rules import Severity
from handlers.commands import chart, mute
from handlers.events import alert_buttons, watch_buttons
from handlers.html import MAX_LINES, visible_units
from handlers.views import alerts as alerts_view
from handlers.views import digest as digest_view
from handlers.views import fleet, notices
from handlers.views import watches as watches_view
from handlers.views.situation import Situation
from storage.chats import watches
from storage.outbox import EditContent, MessageContent, MessageSubject, NoticeKind
from storage.outbox.silences import PUT_OFF
from storage.signals import alerts

_WATCH_LINES: Final = 2
"""Lines that a chat's own watches take below alerts."""

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
    known = situation().of_chat(content.currency, content.fleet) if situation else None
    body, keyboard = _body(content, now, known, t)
    are_alerts_whole = content.alert_group != PUT_OFF and bool(_alerts(content))  # these say so themselves
    says_repeat = content.repeat and not are_alerts_whole
    text = f"<i>{t(alerts_view.REPEAT)}</i>\n\n{body}" if says_repeat else body
    silent = _SEVERITIES[content.severity] < content.silent_below
    caption = _caption(content, now, known, t)
    return OutgoingMessage(text, None if keyboard is None else keyboard.to_json(), silent, caption)


def _caption(
    content: MessageContent, now: datetime, situation: Situation | None, t: LocaleTranslator
) -> str | None:
    """What stands under the picture of changes of phase and critical firings; None: they go without."""
    if not content.picture or not any(map(has_chart, _alerts(content))):
        return None
    text, _ = _body(content, now, situation, t, most=alerts_view.MAX_CAPTION)
    return text if visible_units(text) <= alerts_view.MAX_CAPTION else None


def render_edit(
    content: EditContent, now: datetime, situation: Callable[[], Situation] | None = None
) -> OutgoingMessage:
    """Render what a message about alerts has come to, in the language of its chat."""
    t = translator_for(content.language)
    background = situation().of_chat(content.currency, content.fleet) if situation else None
    incidents = [Incident(tuple(map(alerts.parse, bodies))) for bodies in content.incidents]
    most = alerts_view.MAX_CAPTION if content.has_picture else alerts_view.MAX_TEXT
    watch_list = [watches.parse(body) for _, body in content.watches]
    display = USD if background is None else background.display
    below = watches_view.fired(watch_list, now, t, display, most_lines=_WATCH_LINES) if watch_list else ""
    group_text = alerts_view.incident_group(incidents, now, t, background, **_room(below, most))
    text = "\n\n".join(block for block in (group_text, below) if block)
    if content.in_channel:
        keyboard = _channel_links(content.alert_group, background, t)
    else:
        current_alerts = [incident.current for incident in incidents]
        acknowledged_by = content.acknowledged_by
        if all(incident.is_over for incident in incidents):
            above = alert_buttons.keyboard(current_alerts, content.alert_group, t, can_acknowledge=False)
        else:
            above = alert_buttons.keyboard(
                current_alerts, content.alert_group, t, acknowledged_by=acknowledged_by
            )
        rows = [*above, *watch_buttons.keyboard(watch_list, t), mute.buttons(t)]
        keyboard = InlineKeyboardMarkup(rows)
    return OutgoingMessage(text, None if keyboard is None else keyboard.to_json())


def _body(
    content: MessageContent,
    now: datetime,
    situation: Situation | None,
    t: LocaleTranslator,
    most: int = alerts_view.MAX_TEXT,
) -> tuple[str, InlineKeyboardMarkup | None]:
    if content.alert_group == PUT_OFF:
        keyboard = None if content.in_channel else _chart_button(content, t)
        return _put_off(content, now, situation, t), keyboard
    alert_list = _alerts(content)
    watch_list = [
        watches.parse(subject.body) for subject in content.subjects if subject.kind == NoticeKind.WATCH
    ]
    if not alert_list and not watch_list:
        texts = [
            _notice(subject, content, now, t, situation, delayed=content.is_delayed(now))
            for subject in content.subjects
        ]
        return "\n\n".join(texts), None
    display = USD if situation is None else situation.display
    watch_lines = _WATCH_LINES if alert_list else MAX_LINES
    below = watches_view.fired(watch_list, now, t, display, most_lines=watch_lines) if watch_list else ""
    above_them = _alert_text(alert_list, content, now, situation, t, _room(below, most)) if alert_list else ""
    text = "\n\n".join(block for block in (above_them, below) if block)
    if content.in_channel:
        return text, _channel_links(content.alert_group, situation, t) if alert_list else None
    above = alert_buttons.keyboard(alert_list, content.alert_group, t) if alert_list else []
    keyboard = InlineKeyboardMarkup([*above, *watch_buttons.keyboard(watch_list, t), mute.buttons(t)])
    return text, keyboard


class _Room(TypedDict):
    """What alerts may take of a message: UTF-16 units, and lines that are seen."""

    most: int
    most_lines: int


def _room(below: str, most: int) -> _Room:
    """What is left above the watches of the same chat."""
    if not below:
        return _Room(most=most, most_lines=MAX_LINES)
    return _Room(most=most - visible_units(below) - 2, most_lines=MAX_LINES - _WATCH_LINES)


def _channel_links(
    alert_group: int, situation: Situation | None, t: LocaleTranslator
) -> InlineKeyboardMarkup | None:
    """Under a channel's post: links into each reader's own chat; a press would answer in the channel."""
    if situation is None:
        return None
    links = {t("Why?"): f"why-g{alert_group}", t("Status"): "status"}
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
    room: _Room,
) -> str:
    flags = {"delayed": content.is_delayed(now), "repeat": content.repeat}
    return alerts_view.alert_group(alert_list, now, t, situation, **room, **flags)


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
    content: MessageContent,
    now: datetime,
    t: LocaleTranslator,
    situation: Situation | None,
    *,
    delayed: bool,
) -> str:
    if subject.kind == NoticeKind.DIGEST:
        return digest_view.digest(_digest().validate_json(subject.body), now, t, situation, content.watches)
    if subject.kind == NoticeKind.FLEET:
        display = USD if situation is None else situation.display
        return fleet.notice(fleet_alerts.parse(subject.body), now, t, display)
    return notices.text(subject.kind, subject.body, now, t, delayed=delayed)


def _put_off(content: MessageContent, now: datetime, situation: Situation | None, t: LocaleTranslator) -> str:
    watch_list = [subject for subject in content.subjects if subject.kind == NoticeKind.WATCH]
    other_alerts = [
        _notice(subject, content, now, t, situation, delayed=False)
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
