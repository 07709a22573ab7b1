"""What goes out unasked, as text and buttons: alerts, digests, what was put off, and notices."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from pydantic import TypeAdapter
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n.translator import LocaleTranslator, translator_for
from bot.mining import fleet_alerts
from bot.mining.hashrate_mix import Shutdowns
from bot.mining.shutdown_text import shutdown_line
from bot.signals.alert import Alert, AlertKind
from bot.signals.digest import Digest
from bot.signals.phase import Phase
from bot.signals.rules import Severity
from handlers.commands import chart, mute
from handlers.events import alert_buttons, watch_buttons
from handlers.html import html
from handlers.views import alerts as alerts_view
from handlers.views import digest as digest_view
from handlers.views import fleet, notices
from handlers.views import watches as watches_view
from storage.chats import digests, fleets, watches
from storage.outbox.silences import HELD
from storage.outbox.types import MessageSubject, OutboxMessage
from storage.signals import alerts

_SEVERITIES = {severity.word: severity for severity in Severity}


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to be sent: Telegram's HTML, buttons, and whether it comes without a sound."""

    text: str
    keyboard: InlineKeyboardMarkup | None = None
    silent: bool = False


def letter(
    parcel: OutboxMessage,
    now: datetime,
    shutdowns: Callable[[], Shutdowns | None] = lambda: None,
) -> Letter:
    """The message of a parcel in its chat's language.

    `shutdowns` gives the machine that stopped paying last, for an alert of capitulation.
    """
    t = translator_for(parcel.language)
    silent = _SEVERITIES[parcel.severity] < parcel.silent_below
    if parcel.bulletin == HELD:
        return Letter(_put_off(parcel, now, t), _chart_button(parcel, t), silent)
    told = [alerts.parse(one.body) for one in parcel.subjects if one.rule]
    seen = [watches.parse(one.body) for one in parcel.subjects if one.kind == watches.KIND]
    if not told and not seen:
        texts = [_notice(one, now, t, delayed=parcel.delayed) for one in parcel.subjects]
        return Letter("\n\n".join(texts), silent=silent)
    blocks = [alerts_view.bulletin(told, now, t, repeat=parcel.repeat, delayed=parcel.delayed)]
    if any(alert.after is Phase.CAPITULATION for alert in told) and (last := shutdowns()):
        blocks.append(html(shutdown_line(last, t)))
    if told and seen:
        blocks.append(f"<b>{t('Your watches')}</b>")
    if seen:
        blocks.append(watches_view.told(seen, now, t))
    above = alert_buttons.keyboard(told, parcel.bulletin, t) if told else []
    keyboard = InlineKeyboardMarkup([*above, *watch_buttons.keyboard(seen, t), mute.buttons(t)])
    return Letter("\n\n".join(block for block in blocks if block), keyboard, silent)


def dump(digest: Digest) -> str:
    """A digest as the JSON it is kept with."""
    return _digest().dump_json(digest).decode()


@cache
def _digest() -> TypeAdapter[Digest]:
    return TypeAdapter(Digest)


def _notice(subject: MessageSubject, now: datetime, t: LocaleTranslator, *, delayed: bool) -> str:
    if subject.kind == digests.KIND:
        return digest_view.digest(_digest().validate_json(subject.body), now, t)
    if subject.kind == fleets.NOTICE:
        return fleet.notice(fleet_alerts.parse(subject.body), now, t)
    return notices.text(subject.kind, subject.body, now, t, delayed=delayed)


def _put_off(parcel: OutboxMessage, now: datetime, t: LocaleTranslator) -> str:
    told = [alerts.parse(one.body) for one in parcel.subjects if one.rule]
    seen = [one for one in parcel.subjects if one.kind == watches.KIND]
    others = [
        _notice(one, now, t, delayed=False)
        for one in parcel.subjects
        if not one.rule and one.kind != watches.KIND
    ]
    if seen:
        others.insert(0, watches_view.put_off([(watches.parse(one.body), one.at) for one in seen], t))
    return "\n\n".join([digest_view.put_off(told, parcel.queued_at, t), *others])


def _chart_button(parcel: OutboxMessage, t: LocaleTranslator) -> InlineKeyboardMarkup | None:
    told: list[Alert] = [alerts.parse(one.body) for one in parcel.subjects if one.rule]
    if not told:
        return None
    newest = next((one for one in reversed(told) if one.kind is not AlertKind.PHASE), told[-1])
    subject = chart.of_signal(newest.signal, newest.rule)
    return InlineKeyboardMarkup([[InlineKeyboardButton(t("Chart"), callback_data=chart.data(subject))]])
