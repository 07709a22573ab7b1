"""/history: the capitulations and alerts of the past, or one signal's episodes."""

from bot.i18n.message import N_
from bot.signals.rules import BY_WORD, SIGNALS, SUBSCRIPTIONS
from handlers.html import html
from handlers.routing import Permission, Request, command
from handlers.views import explanations
from storage.signals import alert_scores, alerts

_RECENT_ALERTS = 10


@command(
    "history",
    N_("past capitulations and alerts, or one signal's: /history energy_price"),
    Permission.ANYONE,
    in_group_menu=True,
)
async def history(request: Request) -> None:
    """List past capitulations and the last alerts, or the episodes of one signal."""
    context, t = request.context, request.t
    word = "_".join(request.arguments).lower().replace("-", "_")
    word = BY_WORD.get(word, word)
    if word and word not in SUBSCRIPTIONS:
        await request.reply_to_asker(
            t(
                "I know no signal “{word}”. There are {signals}; for example {example}.",
                word=html(word[:40]),
                signals=", ".join(SIGNALS),
                example="<code>/history hashrate_decline</code>",
            ),
        )
        return
    past = await context.rule_history()
    if word in SIGNALS:
        await request.reply(explanations.history_of(word, past, t))
        return
    recent = await context.store.read(lambda db: alerts.recent(db, _RECENT_ALERTS))
    record = await context.store.read(alert_scores.summaries)
    await request.reply(explanations.history(past, [alert for _, alert in recent], t, record))


HANDLERS = (history,)
