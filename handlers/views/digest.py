"""Digests and what was put off: many alerts in few lines (Telegram's HTML)."""

from collections.abc import Sequence
from datetime import datetime

from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator
from bot.signals.alert import Alert, AlertKind
from bot.signals.digest import Digest
from bot.signals.labels import PHASE_NAMES, SEVERITY_NAMES
from bot.signals.phase import Phase
from bot.signals.quantities import quantity
from bot.signals.rules import SUBSCRIPTIONS
from handlers.html import html
from handlers.views import alerts

_MOST = 30  # lines; a message holds about twice as many

_WHAT = {
    AlertKind.FIRED: N_("fired"),
    AlertKind.CLEARED: N_("over"),
    AlertKind.REMINDER: N_("still fires"),
    AlertKind.NO_DATA: N_("has no data"),
    AlertKind.DATA_BACK: N_("still fires, data is back"),
}


def digest(told: Digest, now: datetime, t: LocaleTranslator) -> str:
    """What changed since the last digest, then where everything stands."""
    title = t("Digest since {moment} UTC", moment=html(t.moment(told.since)))
    lines = _lines(told.alerts, t) or [t("Nothing changed.")]
    state = alerts.status(told.statuses, told.phase, told.phase_since, told.polled_at, now, t)
    return "\n".join([f"📰 <b>{title}</b>", *lines]) + "\n\n" + state


def put_off(told: Sequence[Alert], since: datetime, t: LocaleTranslator) -> str:
    """What was held back while the chat was muted or quiet, oldest first."""
    if not told:
        return f"🌙 <b>{t('Held back while you wanted quiet:')}</b>"
    title = t.plural(
        "{n} alert was held back while you wanted quiet, since {moment} UTC",
        "{n} alerts were held back while you wanted quiet, since {moment} UTC",
        len(told),
        moment=html(t.moment(since)),
    )
    return "\n".join([f"🌙 <b>{title}</b>", *_lines(told, t), t("/status shows where it stands now.")])


def _lines(told: Sequence[Alert], t: LocaleTranslator) -> list[str]:
    shown = [_line(alert, t) for alert in told[-_MOST:]]
    left = len(told) - len(shown)
    if left:
        more = t.plural("and {n} earlier alert", "and {n} earlier alerts", left)
        shown.insert(0, f"… {more}")
    return shown


def _line(alert: Alert, t: LocaleTranslator) -> str:
    at = html(t.moment(alert.at))
    if alert.kind is AlertKind.PHASE:
        before, after = alert.before or Phase.UNKNOWN, alert.after or Phase.UNKNOWN
        change = f"{t(PHASE_NAMES[before])} → {t(PHASE_NAMES[after])}"
        return f"• {at}: <b>{t('Phase')}</b> {html(change)}"
    name, severity = SUBSCRIPTIONS[alert.signal].title(t), t(SEVERITY_NAMES[alert.severity])
    value = quantity(alert.value, alert.quantity, t)
    return f"• {at}: <b>{html(name)}</b> {t(_WHAT[alert.kind])} ({html(severity)}), {html(value)}"
