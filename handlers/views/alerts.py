"""Objects to text: alerts, status and subscriptions as people read them (Telegram's HTML)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.i18n.message import N_, origin
from bot.i18n.translator import LocaleTranslator
from bot.signals.alert import Alert, AlertKind
from bot.signals.labels import OUTFLOW_NOTE, PHASE_MEANINGS, PHASE_NAMES, SEVERITY_NAMES, STATE_NAMES
from bot.signals.phase import Phase, PhaseState, SignalEvidence
from bot.signals.quantities import level, quantity
from bot.signals.rules import SUBSCRIPTIONS, Severity
from bot.signals.state_machine import State
from bot.signals.status import SignalStatus, phase_is_stale
from handlers.html import html

_MARKS = {Severity.INFO: "🔵", Severity.WARNING: "🟠", Severity.CRITICAL: "🔴"}

_PHASE_MARKS = {
    Phase.CALM: "🟢",
    Phase.STRESS: "🟠",
    Phase.CAPITULATION: "🔴",
    Phase.RECOVERY: "🔵",
    Phase.UNKNOWN: "⚪",
}

_STATE_MARKS = {
    State.OK: "🟢",
    State.PENDING: "🟡",
    State.FIRING: "🔴",
    State.RECOVERING: "🟡",
    State.STALE: "⚪",
    State.WARMING_UP: "⚪",
}

FROM = {
    Severity.INFO: N_("all"),
    Severity.WARNING: N_("from warning"),
    Severity.CRITICAL: N_("critical only"),
}
"""A minimum severity, on buttons and in sentences."""


def alert_group(
    alerts: Sequence[Alert],
    now: datetime,
    t: LocaleTranslator,
    *,
    delayed: bool = False,
) -> str:
    """The alerts of one poll as one message; each with value, threshold, since when, source and age."""
    notes = []
    if delayed:
        notes.append(f"<i>{t('Delayed: this is late; the ages below are counted to now.')}</i>")
    return "\n\n".join([*notes, *(_alert(alert, now, t) for alert in alerts)])


def _alert(alert: Alert, now: datetime, t: LocaleTranslator) -> str:
    if alert.kind is AlertKind.PHASE:
        return _phase_alert(alert, now, t)
    if alert.kind is AlertKind.NO_DATA:
        return _no_data(alert, now, t)
    name, severity = html(SUBSCRIPTIONS[alert.signal].title(t)), t(SEVERITY_NAMES[alert.severity])
    value = html(quantity(alert.value, alert.quantity, t))
    threshold = html(level(alert.threshold, alert.quantity, t))
    lines: list[str] = []
    if alert.kind is AlertKind.CLEARED:
        lines.append(f"✅ <b>{t('Over')} · {name}</b> ({severity})")
        lines.append(html(alert.title(t)))
        lines.append(
            t(
                "Lasted {span}, since {moment}; worst {worst}",
                span=t("an unknown time") if alert.lasted is None else t.span(alert.lasted),
                moment=t.utc(alert.began),
                worst=html(quantity(alert.worst, alert.quantity, t)),
            )
        )
        lines.append(t("Now: <b>{value}</b> (clears past {threshold})", value=value, threshold=threshold))
    else:
        word = {AlertKind.REMINDER: f"{t('Still')} · ", AlertKind.DATA_BACK: f"{t('Data is back')} · "}.get(
            alert.kind, ""
        )
        lines.append(f"{_MARKS[alert.severity]} <b>{severity.capitalize()} · {word}{name}</b>")
        lines.append(html(alert.title(t)))
        if alert.kind is AlertKind.FIRED or alert.clears is None:
            lines.append(t("Now: <b>{value}</b> (threshold {threshold})", value=value, threshold=threshold))
        else:  # what stands may by now be short of the level it fired at
            clears = html(level(alert.clears, alert.quantity, t))
            levels = {"threshold": threshold, "clears": clears}
            lines.append(
                t("Now: <b>{value}</b> (threshold {threshold}, clears past {clears})", value=value, **levels)
            )
        lines.append(t("Since {moment}", moment=t.utc(alert.began)))
    lines.append(html(alert.detail(t)))
    lines.append(
        t(
            "Source: {source}, {age} (as of {moment})",
            source=html(origin(alert.source, t)),
            age=t.age(alert.as_of, now),
            moment=t.utc(alert.as_of),
        )
    )
    return "\n".join(lines)


def _no_data(alert: Alert, now: datetime, t: LocaleTranslator) -> str:
    fired = alert.severity is not Severity.INFO
    stood = t("fired, since {moment}", moment=t.utc(alert.began)) if fired else t("was about to fire")
    lines = [
        f"⚪ <b>{t('No data')} · {html(SUBSCRIPTIONS[alert.signal].title(t))}</b>",
        f"{html(alert.title(t))} ({stood})",
        f"{html(alert.detail(t))}. "
        + t("Until there is data again this neither fires nor ends; I say so then."),
        t(
            "Last source: {source}, {age} (as of {moment})",
            source=html(origin(alert.source, t)),
            age=t.age(alert.as_of, now),
            moment=t.utc(alert.as_of),
        ),
    ]
    return "\n".join(lines)


def _phase_alert(alert: Alert, now: datetime, t: LocaleTranslator) -> str:
    after, before = alert.after or Phase.UNKNOWN, alert.before or Phase.UNKNOWN
    change = f"{t(PHASE_NAMES[before])} → {t(PHASE_NAMES[after])}"
    lines = [f"{_MARKS[alert.severity]} <b>{t('Phase')}: {change}</b>", t(PHASE_MEANINGS[after])]
    if alert.lasted is not None and before is not Phase.UNKNOWN:
        lines.append(
            t(
                "{phase} lasted {span}, since {moment}",
                phase=t(PHASE_NAMES[before]).capitalize(),
                span=t.span(alert.lasted),
                moment=t.utc(alert.began),
            )
        )
    lines.append(t("Evidence:"))
    lines += [_leg(leg, now, t) for leg in alert.evidence]
    return "\n".join(lines)


def _leg(leg: SignalEvidence, now: datetime, t: LocaleTranslator) -> str:
    if leg.firing:
        severity = t(SEVERITY_NAMES[leg.severity]) if leg.severity is not None else ""
        word = t("<b>fires</b> ({severity}) since {moment}", severity=severity, moment=t.utc(leg.since))
        word = f"{word}: {html(leg.title(t))}"
    elif leg.known:
        word = t("quiet")
    else:
        word = t("no data")
    name = html(SUBSCRIPTIONS[leg.signal].title(t))
    return f"• {name}: {word}; {html(leg.detail(t))} ({t.age(leg.as_of, now)})"


def status(
    statuses: Sequence[SignalStatus],
    phase: Phase,
    phase_since: datetime | None,
    polled_at: datetime | None,
    now: datetime,
    t: LocaleTranslator,
    notes: Sequence[str] = (),
) -> str:
    """The whole picture: the phase, then each signal with value, threshold, state, source and age."""
    blocks = ["\n".join(_phase(phase, phase_since, statuses, t))]
    blocks += [_status(one, now, t) for one in statuses]
    blocks += [html(note) for note in notes]
    looked = (
        t("Last looked: {span} ago.", span=t.span(now - polled_at))
        if polled_at
        else t("Last looked: not yet.")
    )
    blocks.append(f"{looked} {t(OUTFLOW_NOTE)}")
    return "\n\n".join(blocks)


def _phase(
    phase: Phase, since: datetime | None, statuses: Sequence[SignalStatus], t: LocaleTranslator
) -> tuple[str, str]:
    """The phase and what it means; without price or hashrate it is only the last one known."""
    sign, name, meaning = _PHASE_MARKS[phase], t(PHASE_NAMES[phase]), PHASE_MEANINGS[phase]
    if phase is not Phase.UNKNOWN and phase_is_stale(statuses):
        sign, meaning = _PHASE_MARKS[Phase.UNKNOWN], PHASE_MEANINGS[Phase.UNKNOWN]
        name = f"{name} ({t(STATE_NAMES[State.STALE])})"
    named = f"<b>{t('Phase')}: {sign} {name}</b>"
    if since is not None and phase is not Phase.UNKNOWN:
        named = t("{phase} since {moment}", phase=named, moment=t.utc(since))
    return named, t(meaning)


def _status(one: SignalStatus, now: datetime, t: LocaleTranslator) -> str:
    state = f"{_sign(one)} {t(STATE_NAMES[one.state])}"
    if one.state is State.FIRING:
        state = f"{state} ({t(SEVERITY_NAMES[one.severity])})"
    if one.active and one.state in (State.STALE, State.WARMING_UP):
        state = t("{state}, had fired", state=state)
    if one.since is not None and one.state in (State.PENDING, State.FIRING, State.RECOVERING):
        state = t("{phase} since {moment}", phase=state, moment=t.utc(one.since))
    title = html(one.title(t))
    if not one.active:
        title = t("watches for: {title}", title=title)
    lines = [f"<b>{html(SUBSCRIPTIONS[one.signal].title(t))}</b>: {state}", title]
    if one.value is None:
        lines.append(t("No figure: {reason}", reason=html(one.reason(t))))
    else:
        levels = {"threshold": one.threshold, "clears": one.clears}
        shown = {name: html(level(value, one.quantity, t)) for name, value in levels.items()}
        shown["value"] = html(quantity(one.value, one.quantity, t))
        if one.active:
            lines.append(t("{value} (threshold {threshold}, clears past {clears})", **shown))
        else:
            lines.append(t("{value} (threshold {threshold})", **shown))
        lines.append(html(one.reason(t)))
        lines.append(
            t("Source: {source}, {age}", source=html(origin(one.source, t)), age=t.age(one.as_of, now))
        )
    return "\n".join(lines)


def _sign(one: SignalStatus) -> str:
    """What fires has its severity's colour, as in its alert."""
    return _MARKS[one.severity] if one.state is State.FIRING else _STATE_MARKS[one.state]


def board(statuses: Sequence[SignalStatus], phase: PhaseState, t: LocaleTranslator) -> str:
    """The whole picture in few lines for a message that stays: moments, no ages."""
    lines = [*_phase(phase.phase, phase.since, statuses, t), ""]
    for one in statuses:
        word = t(STATE_NAMES[one.state])
        name = html(SUBSCRIPTIONS[one.signal].title(t))
        value = "" if one.value is None else f": {html(quantity(one.value, one.quantity, t))}"
        lines.append(f"{_sign(one)} <b>{name}</b> – {word}{value}")
        if one.as_of is not None:
            lines.append(f"   <i>{html(origin(one.source, t))}, {t.utc(one.as_of)}</i>")
    return "\n".join([*lines, "", t("I keep this message up to date. /status tells more.")])


def subscriptions(held: Mapping[str, int], t: LocaleTranslator) -> str:
    """What a chat is subscribed to, and from which severity on, in a sentence."""
    if not held:
        return t("You are not subscribed to anything. /subscribe takes everything, or tap what you want.")
    names = t.listed(
        [
            f"{SUBSCRIPTIONS[signal].title(t)} ({t(FROM[Severity(held[signal])])})"
            for signal in SUBSCRIPTIONS
            if signal in held
        ]
    )
    return t("You will hear of: <b>{signals}</b>.", signals=html(names))
