"""/test: alerts as this chat would get them, as samples."""

from datetime import timedelta

from bot.i18n.message import N_, NOTHING, message
from bot.signals.alert import Alert, AlertKind
from bot.signals.phase import Phase
from bot.signals.rules import COMPOSITE, Severity
from handlers.routing import Permission, Request, command
from handlers.views import alerts
from handlers.views.situation import Situation

_RULE = "price_drawdown.critical"
_FIGURES = {AlertKind.FIRED: -0.701, AlertKind.REMINDER: -0.72, AlertKind.CLEARED: -0.64}


@command("test", N_("a sample of each kind of alert"), Permission.ADMIN)
async def send_samples(request: Request) -> None:
    """Show a firing, a reminder, an end and a change of phase; nothing of it is true."""
    t, context = request.t, request.context
    now = context.clock()
    situation = Situation(context.catalogue, context.market(), context.history())
    texts = [alerts.alert_group([alert], now, t, situation) for alert in _samples(request)]
    await request.reply(f"<b>{t('Samples, not alerts: this is how they look here.')}</b>")
    for text in texts:
        await request.reply(text)


def _samples(request: Request) -> list[Alert]:
    now = request.context.clock()
    began = now - timedelta(days=9)
    rules = {rule.id: rule for rule in request.context.status().rules}
    samples = []
    if (rule := rules.get(_RULE)) is not None:
        samples = [
            Alert(
                rule.id, rule.signal, rule.severity, kind, now, rule.title,
                value, threshold=rule.fire, clears=rule.clear, quantity=rule.quantity, began=began,
                lasted=now - began if kind is AlertKind.CLEARED else None, worst=-0.77, source="computed",
                as_of=now, detail=message("the figures of an alert stand here"),
            )
            for kind, value in _FIGURES.items()
        ]  # fmt: skip
    phase = Alert(
        COMPOSITE, COMPOSITE, Severity.CRITICAL, AlertKind.PHASE, now, NOTHING,
        began=began, lasted=now - began, before=Phase.STRESS, after=Phase.CAPITULATION,
    )  # fmt: skip
    return [*samples, phase]


HANDLERS = (send_samples,)
