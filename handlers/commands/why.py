"""/why, and the button under an alert: what a figure is made of, and what came of it in the past."""

from collections.abc import Sequence
from datetime import date

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.backtest.index_record import record_line
from bot.charts.spec import ChartKind, ChartSpec
from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator
from bot.mining.cost_text import cost_line
from bot.signals.alert import Alert
from bot.signals.odds_text import index_line, odds_line
from bot.signals.rules import BY_WORD, COMPOSITE, SIGNALS, SUBSCRIPTIONS
from bot.signals.state_machine import RuleState
from bot.snapshot import StatusView
from handlers.context import HandlerContext
from handlers.html import html
from handlers.routing import Permission, Request, button, command
from handlers.views import chart as chart_view
from handlers.views import explanations, miner_figures, outflow
from handlers.views.status import meanings
from storage.signals import alerts

_OUTFLOW = "miner_outflow"
_STATES = ("states", "state", "phases")
_MAX_EXPLAINED = 4  # alerts of one message
_MOST_RULES = 2  # of a signal, explained in full
PREFIX = "y1:"


def data(alert_group: int) -> str:
    """Callback data of the button under the message of an alert group."""
    return f"{PREFIX}{alert_group}"


@command(
    "why",
    N_("what an alert's figure is made of, and its past: /why price_drawdown"),
    Permission.ANYONE,
    in_group_menu=True,
)
async def why(request: Request) -> None:
    """Explain the last alert, one by its number, or a signal."""
    context, t = request.context, request.t
    word = "_".join(request.arguments).lower().replace("-", "_").lstrip("#")
    word = BY_WORD.get(word, word)
    if not word:
        recent = await context.store.read(lambda db: alerts.recent(db, 1))
        if not recent:
            await request.reply_to_asker(
                t("There was no alert yet. Ask about a signal: {examples}", examples=_ways())
            )
            return
        await _explain(request, [recent[0][1]])
    elif word.isdecimal() and len(word) < 18:
        rows = await context.store.read(lambda db: alerts.of_ids(db, [int(word)]))
        if not rows:
            await request.reply_to_asker(
                t(
                    "I know no alert number {number}. Ask about a signal: {examples}",
                    number=html(word),
                    examples=_ways(),
                ),
            )
            return
        await _explain(request, [rows[0][1]])
    elif word in _STATES:
        await request.reply(meanings(t))
    elif (figure := miner_figures.figure_of(word)) is not None:
        view = context.status()
        beside = _beside("hashrate_decline", view, t) if figure.chart is ChartKind.STRESS else []
        text = miner_figures.why_figure(figure, context.history(), context.clock(), t, *beside)
        await request.reply(text, _chart_button(figure, t))
    elif word in SUBSCRIPTIONS:
        await request.reply(await _of_signal(context, word, t))
        if word == _OUTFLOW:
            await _show_pools(request)
    else:
        await request.reply_to_asker(
            t(
                "I know no signal “{word}”. Ask for example: {examples}",
                word=html(word[:40]),
                examples=_ways(),
            ),
        )


@button(PREFIX, permission=Permission.ANYONE)
async def why_button(request: Request) -> None:
    """Explain the alerts of the message above the button."""
    if not await explain_group(request, request.data):
        await request.answer(request.t("I no longer know this alert."))
        return
    await request.answer()


async def explain_group(request: Request, number: str) -> bool:
    """Explain the alerts of a group by its number; False when it is not known."""
    is_number = number.isdecimal() and len(number) < 18
    group = await request.context.store.read(lambda db: alerts.of_group(db, int(number))) if is_number else []
    if not group:
        return False
    await _explain(request, group[:_MAX_EXPLAINED])
    return True


async def _explain(request: Request, group: Sequence[Alert]) -> None:
    context, t = request.context, request.t
    await request.reply("\n\n".join([await _of_alert(context, alert, t) for alert in group]))
    if any(alert.signal == _OUTFLOW for alert in group):
        await _show_pools(request)


async def _of_alert(context: HandlerContext, alert: Alert, t: LocaleTranslator) -> str:
    past, now, view = await context.rule_history(), context.clock(), context.status()
    record = past.rules.get(alert.rule)
    if record is None:
        phase = view.standing.phase
        return explanations.why_phase(alert, phase.phase, phase.since, past, now, t)
    state = view.standing.rules.get(alert.rule, RuleState())
    parts = [explanations.why_rule(record, state, context.history(), past, now, t, alert)]
    return "\n\n".join([*parts, *_beside(alert.signal, view, t)])


async def _of_signal(context: HandlerContext, signal: str, t: LocaleTranslator) -> str:
    past, now, view = await context.rule_history(), context.clock(), context.status()
    if signal not in SIGNALS:
        recent = await context.store.read(lambda db: alerts.newest_of(db, COMPOSITE))
        phase = view.standing.phase
        return explanations.why_phase(recent, phase.phase, phase.since, past, now, t)
    records = [record for record in past.rules.values() if record.rule.signal == signal]
    states = {record.rule.id: view.standing.rules.get(record.rule.id, RuleState()) for record in records}
    whole = [record for record in records if states[record.rule.id].no_data is None][:_MOST_RULES]
    whole = whole or records[:1]
    parts = [
        explanations.why_rule(record, states[record.rule.id], context.history(), past, now, t)
        for record in whole
    ]
    others = [
        explanations.why_briefly(record.rule, states[record.rule.id], t)
        for record in records
        if record not in whole
    ]
    return "\n\n".join([*parts, *filter(None, ["\n".join(others)]), *_beside(signal, view, t)])


def _beside(signal: str, view: StatusView, t: LocaleTranslator) -> list[str]:
    """What belongs to a signal and is no rule: odds and stress index, or what a coin costs to make (HTML)."""
    lines: list[str | None] = []
    if signal == "hashrate_decline":
        lines.append(odds_line(view.odds, t))
        lines.append(None if view.stress is None else index_line(view.stress, t))
        lines.append(None if view.index_record is None else record_line(view.index_record, t))
    elif signal == "miner_income" and view.network is not None:
        lines.append(cost_line(view.network, t))
    return [html(line) for line in lines if line is not None]


async def _show_pools(request: Request) -> None:
    """The week of the pool wallets, pool by pool; nothing while the ledger has no complete day."""
    context, t = request.context, request.t
    history = context.history()
    days = history.column("btc.miner_outflow")
    if not days.values:
        return
    last = date.fromordinal(days.last)
    evidence = await context.store.read(lambda db: outflow.outflow_evidence(db, last))
    gross = history.newest("btc.miner_outflow_gross")
    await request.reply(outflow.outflow_text(evidence, t, [gross] if gross else []))


def _chart_button(figure: miner_figures.MinerFigure, t: LocaleTranslator) -> InlineKeyboardMarkup:
    button = InlineKeyboardButton(t("Chart"), callback_data=chart_view.data(ChartSpec(figure.chart)))
    return InlineKeyboardMarkup([[button]])


def _ways() -> str:
    words = [*SUBSCRIPTIONS, *(figure.words[0] for figure in miner_figures.FIGURES)]
    return " · ".join(f"<code>/why {word}</code>" for word in words)


HANDLERS = (why, why_button)
