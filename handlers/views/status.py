"""Where everything stands, in one wording for /status, inline answers, pinned messages and digests (HTML)."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from bot.backtest.index_record import record_line
from bot.i18n.message import N_, bracketed, commas, named, origin, sentence
from bot.i18n.translator import LocaleTranslator
from bot.mining import formatting
from bot.mining.cost_text import cost_line
from bot.mining.shutdown_text import shutdown_line
from bot.signals.episode_dates import episode_dates
from bot.signals.labels import OUTFLOW_NOTE, PHASE_MEANINGS, PHASE_NAMES, STATE_NAMES, state_text
from bot.signals.odds_text import index_line, odds_line
from bot.signals.phase import Phase
from bot.signals.quantities import level, quantity
from bot.signals.rules import SUBSCRIPTIONS
from bot.signals.state_machine import State
from bot.signals.status import SignalStatus, phase_is_stale, signal_statuses
from bot.snapshot import StatusView
from bot.sources.types import RejectedSeries
from handlers.html import fold, html, moment
from handlers.views.alerts import MARKS, PHASE_MARKS

_STATE_MARKS = {
    State.OK: "🟢",
    State.PENDING: "🟡",
    State.FIRING: "🔴",
    State.RECOVERING: "🟡",
    State.STALE: "⚪",
    State.WARMING_UP: "⚪",
}


_STATE_MEANINGS = {
    State.OK: N_("within its level"),
    State.PENDING: N_("past its level, not yet for as long as its rule asks"),
    State.FIRING: N_("past its level for as long as its rule asks: an alert was sent"),
    State.RECOVERING: N_("back within its level, not yet for long enough to end the alert"),
    State.STALE: N_("the newest figure is too old; nothing is decided until there is a new one"),
    State.WARMING_UP: N_("too little history to judge yet"),
}


def meanings(t: LocaleTranslator) -> str:
    """What the states of signals and the phases mean, as /why explains the words of /status (HTML)."""
    states = [
        f"{_STATE_MARKS[state]} {named(t(STATE_NAMES[state]), t(_STATE_MEANINGS[state]), t)}"
        for state in State
    ]
    firing = t("🟠 is a warning, 🔴 is critical. The rule and its level: /why and a signal's name.")
    phases = [
        f"{mark} {named(t(PHASE_NAMES[phase]), t(PHASE_MEANINGS[phase]), t)}"
        for phase, mark in PHASE_MARKS.items()
    ]
    return "\n".join(
        [f"<b>{t('A signal is')}</b>", *states, html(firing), "", f"<b>{t('The phase is')}</b>", *phases]
    )


def status(view: StatusView, now: datetime, t: LocaleTranslator, *, for_operators: bool = False) -> str:
    """At most ten lines: the phase, a line a signal, what stopped paying, how fresh; the rest folded.

    Which providers can't be trusted, and why, stands in the fold; providers' own words are for operators.
    """
    statuses = signal_statuses(view.rules, view.standing)
    phase = view.standing.phase
    lines = [*outage_lines(view, t), *phase_lines(phase.phase, phase.since, statuses, t)]
    lines += [signal_line(each, t) for each in statuses]
    if (odds := odds_line(view.odds, t)) is not None:
        lines.append(html(odds))
    if view.shutdowns is not None:
        lines.append(html(shutdown_line(view.shutdowns, t)))
    if view.outage_since is None:
        lines.append(_freshness(view, now, t))
    details = [_details(each, now, t) for each in statuses]
    if view.network is not None:
        income = [each.signal for each in statuses].index("miner_income")
        details[income] = f"{details[income]}\n{html(cost_line(view.network, t))}"
    details += [html(note) for note in _notes(view, t, for_operators=for_operators)]
    return "\n".join([*lines, fold(["\n\n".join(details)])])


def board(view: StatusView, t: LocaleTranslator) -> str:
    """The same for a message that stays: moments instead of ages, nothing that changes by time alone."""
    statuses, phase = signal_statuses(view.rules, view.standing), view.standing.phase
    lines = [*outage_lines(view, t), *phase_lines(phase.phase, phase.since, statuses, t), ""]
    for each in statuses:
        lines.append(signal_line(each, t))
        if each.as_of is not None:
            read = commas([html(origin(each.source, t)), moment(each.as_of, t)], t)
            lines.append(f"   <i>{read}</i>")
    return "\n".join([*lines, "", t("I keep this message up to date. /status tells more.")])


def phase_lines(
    phase: Phase, since: datetime | None, statuses: Sequence[SignalStatus], t: LocaleTranslator
) -> tuple[str, str]:
    """The phase and what it means; without price or hashrate it is only the last one known."""
    sign, name, meaning = PHASE_MARKS[phase], t(PHASE_NAMES[phase]), PHASE_MEANINGS[phase]
    if phase is not Phase.UNKNOWN and phase_is_stale(statuses):
        sign, meaning = PHASE_MARKS[Phase.UNKNOWN], PHASE_MEANINGS[Phase.UNKNOWN]
        name = bracketed(name, t(STATE_NAMES[State.STALE]), t)
    text = f"<b>{named(t('Phase'), f'{sign} {name}', t)}</b>"
    if since is not None and phase is not Phase.UNKNOWN:
        text = t("{phase} since {moment}", phase=text, moment=moment(since, t))
    return text, t(meaning)


def signal_line(signal: SignalStatus, t: LocaleTranslator) -> str:
    """A signal in one line: its mark, name, state and figure."""
    name, text = html(SUBSCRIPTIONS[signal.signal].title(t)), state_text(signal, t)
    if signal.value is not None:
        text = named(text, html(quantity(signal.value, signal.quantity, t)), t)
    return f"{_mark(signal)} <b>{name}</b> – {text}"


def _mark(signal: SignalStatus) -> str:
    """What fires has its severity's colour, as in its alert."""
    return MARKS[signal.severity] if signal.state is State.FIRING else _STATE_MARKS[signal.state]


def _details(signal: SignalStatus, now: datetime, t: LocaleTranslator) -> str:
    """What a signal watches for, its levels, what its figure is made of, its source and age."""
    title = html(signal.title(t))
    if not signal.active:
        title = t("watches for: {title}", title=title)
    lines = [named(f"<b>{html(SUBSCRIPTIONS[signal.signal].title(t))}</b>", title, t)]
    if signal.since is not None and signal.state in (State.PENDING, State.FIRING, State.RECOVERING):
        dates = episode_dates(signal.since, signal.fired, t, partial(moment, t=t))
        # Translators: {state} is such as “firing”, {dates} “since 10 Jun 2022, alert on 14 Jun 2022”.
        lines.append(t("{state}: {dates}", state=state_text(signal, t), dates=dates))
    if signal.value is None:
        reason = signal.reason(t)  # none is known before the first look
        return "\n".join([*lines, *([t("No figure: {reason}", reason=html(reason))] if reason else [])])
    values = {
        "value": html(quantity(signal.value, signal.quantity, t)),
        "threshold": html(level(signal.threshold, signal.quantity, t)),
        "clears": html(level(signal.clears, signal.quantity, t)),
    }
    if signal.active:
        lines.append(t("{value} (threshold {threshold}, clears past {clears})", **values))
    else:
        lines.append(t("{value} (threshold {threshold})", **values))
    lines.append(html(sentence(signal.reason(t))))
    source = html(origin(signal.source, t))
    lines.append(t("Source: {source}, {age}", source=source, age=t.age(signal.as_of, now)))
    return "\n".join(lines)


def outage_lines(view: StatusView, t: LocaleTranslator) -> list[str]:
    """Since when there is no fresh data, first of all; nothing when there is."""
    if view.outage_since is None:
        return []
    return [f"👓 <b>{t('No fresh data since {moment}.', moment=moment(view.outage_since, t))}</b>"]


def _freshness(view: StatusView, now: datetime, t: LocaleTranslator) -> str:
    if view.polled_at is None:
        return t("Last looked: not yet.")
    return t("Last looked: {span} ago.", span=formatting.ago(now, view.polled_at, t))


def _notes(view: StatusView, t: LocaleTranslator, *, for_operators: bool) -> list[str]:
    record = None if view.index_record is None else record_line(view.index_record, t)
    index = [] if view.stress is None else [index_line(view.stress, t), record]
    notes = ["\n".join(line for line in index if line is not None)] if index else []
    notes += [] if view.ledger_progress is None else [view.ledger_progress(t)]
    if for_operators:
        notes += [_rejected(rejected, t) for rejected in view.refused]
    elif view.refused:
        series = commas(list(dict.fromkeys(rejected.series for rejected in view.refused)), t)
        notes.append(t("No value of {series} can be trusted right now.", series=series))
    return [*notes, t(OUTFLOW_NOTE)]


def _rejected(rejected: RejectedSeries, t: LocaleTranslator) -> str:
    # Translators: {series} is a name like btc.price, {reason} what is wrong with the providers' answers.
    return t("{series} has no trustworthy value: {reason}", series=rejected.series, reason=rejected.reason(t))
