"""/history: past capitulations and alerts, one signal's episodes, or what a month or a year was like."""

from datetime import date, timedelta
from typing import Final

from bot.charts.spec import parse_span
from bot.i18n.message import N_
from bot.mining.named_spans import SEASONS
from bot.signals.rules import BY_WORD, SIGNALS, SUBSCRIPTIONS
from handlers.html import html
from handlers.routing import Permission, Request, command
from handlers.views import explanations, time_gone_by
from storage.signals import alert_scores, alerts

_RECENT_ALERTS = 10
_FIRST_DAY: Final = date(2009, 1, 3)
"""Of Bitcoin's chain."""


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
    if (days := days_named(request.arguments, context.clock().date())) is not None:
        text = time_gone_by.time_gone_by(*days, context.history(), await context.rule_history(), t)
        await request.reply(text)
        return
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


def days_named(words: tuple[str, ...], today: date) -> tuple[date, date] | None:
    """The first and last day of “2022”, “2022-06”, “june” or “summer 2021”, up to today; else None."""
    text = " ".join(words).lower()
    season, _, year = text.partition(" ")
    if season in SEASONS and len(year) == len("2021") and year.isdecimal():
        first = date(int(year), SEASONS[season], 1)
        third_month = (first + timedelta(days=70)).replace(day=1)
        last = (third_month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return first, min(last, today)
    if (day := _day_named(text)) is not None:
        return day, min(day, today)
    span = parse_span(text)
    if span is None or not (span.named or span.year):
        return None
    first_number, last_number = span.bounds(_FIRST_DAY.toordinal(), today.toordinal())
    return date.fromordinal(first_number), date.fromordinal(last_number)


def _day_named(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


HANDLERS = (history,)
