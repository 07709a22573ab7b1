"""/test: alerts as this chat would get them, as samples."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.i18n.message import N_, NOTHING, message
from bot.signals.alert import Alert, AlertKind
from bot.signals.phase import Phase, SignalEvidence
from bot.signals.rules import COMPOSITE, Rule, Severity
from handlers.preferences import asker_of, load_preferences
from handlers.replies import reply
from handlers.routing import Permission, Request, command
from handlers.views import alerts
from handlers.views.situation import Situation

_SAMPLES: Final = (
    ("price_drawdown.warning", AlertKind.FIRED, -0.52),
    ("price_drawdown.critical", AlertKind.FIRED, -0.701),
    ("price_drawdown.critical", AlertKind.REMINDER, -0.72),
    ("price_drawdown.critical", AlertKind.CLEARED, -0.64),
    ("hashrate_decline.critical", AlertKind.NO_DATA, -0.12),
    ("hashrate_decline.critical", AlertKind.DATA_BACK, -0.12),
)
"""Rules, what happens to them, and their figures then."""

_WORST: Final = -0.72
"""The extreme of what has ended by then: the figure of the reminder."""

_EVIDENCE: Final = ("price_drawdown.critical", "hashrate_decline.critical")
_FIGURES: Final = message("the figures of an alert stand here")


@command("test", N_("a sample of each kind of alert"), Permission.ADMIN)
async def send_samples(request: Request) -> None:
    """Show every kind of alert in the chat's language, currency and sound; nothing of it is true."""
    t, context = request.t, request.context
    now = context.clock()
    settings = await load_preferences(request)
    asker = await asker_of(context, request.update, t)
    situation = Situation(
        context.catalogue, context.market(), context.history(), await context.rule_history()
    ).shown_in(None if asker.currency is None else asker.currency.value)
    await request.reply(f"<b>{t('Samples, not alerts: this is how they look here.')}</b>")
    for alert in _samples(context.status().rules, now):
        text = alerts.alert_group([alert], now, t, situation)
        await reply(request.update, text, silent=alert.severity < settings.silent_below)


def _samples(rules: Sequence[Rule], now: datetime) -> list[Alert]:
    began = now - timedelta(days=9)
    known = {rule.id: rule for rule in rules}
    samples = [
        _sample(known[name], kind, value, began, now) for name, kind, value in _SAMPLES if name in known
    ]
    phase = Alert(
        COMPOSITE, COMPOSITE, Severity.CRITICAL, AlertKind.PHASE, now, NOTHING,
        began=began, lasted=now - began, before=Phase.STRESS, after=Phase.CAPITULATION,
        evidence=tuple(_evidence(known[name], began, now) for name in _EVIDENCE if name in known),
    )  # fmt: skip
    return [*samples, phase]


def _sample(rule: Rule, kind: AlertKind, value: float, began: datetime, now: datetime) -> Alert:
    is_over = kind is AlertKind.CLEARED
    return Alert(
        rule.id, rule.signal, rule.severity, kind, now, rule.title,
        value, threshold=rule.clear if is_over else rule.fire, clears=rule.clear, quantity=rule.quantity,
        began=began, lasted=now - began if is_over else None, worst=_WORST if is_over else value,
        source="computed", as_of=now, detail=_FIGURES,
    )  # fmt: skip


def _evidence(rule: Rule, since: datetime, now: datetime) -> SignalEvidence:
    return SignalEvidence(rule.signal, True, True, rule.severity, since, now, rule.title, _FIGURES)


HANDLERS = (send_samples,)
