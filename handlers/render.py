"""Objects to text: alerts, status and subscriptions as people read them (Telegram's HTML)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.signals.alert import Alert, AlertKind
from bot.signals.machine import State
from bot.signals.phase import Leg, Phase
from bot.signals.rules import COMPOSITE, SIGNALS, Severity
from bot.signals.status import SignalStatus
from handlers.language import Tongue, mark
from handlers.words import SIGNAL_NAMES, age, html, moment, quantity, span

_MARKS = {Severity.INFO: "🔵", Severity.WARNING: "🟠", Severity.CRITICAL: "🔴"}

_PHASES = {
    Phase.CALM: "🟢 calm",
    Phase.STRESS: "🟠 stress",
    Phase.CAPITULATION: "🔴 capitulation",
    Phase.RECOVERY: "🔵 recovery",
    Phase.UNKNOWN: "⚪ unknown",
}

_PHASE_MEANING = {
    Phase.CALM: "Fewer than two signals fire.",
    Phase.STRESS: "At least two signals fire together.",
    Phase.CAPITULATION: "Hashrate is falling together with other signals, for three days or more.",
    Phase.RECOVERY: "After capitulation: the hash ribbon has crossed back and the price turns up.",
    Phase.UNKNOWN: "Too few signals have data that can be trusted.",
}

_STATES = {
    State.OK: "🟢 ok",
    State.PENDING: "🟡 pending",
    State.FIRING: "🔴 firing",
    State.RECOVERING: "🟡 recovering",
    State.STALE: "⚪ stale",
    State.WARMING_UP: "⚪ warming up",
}

FROM = {
    Severity.INFO: mark("all"),
    Severity.WARNING: mark("from warning"),
    Severity.CRITICAL: mark("critical only"),
}
"""A minimum severity, on buttons and in sentences."""

PROXY = "Miner outflow is a proxy for selling: it shows the miners that can be seen, not all of them."


def bulletin(alerts: Sequence[Alert], now: datetime, *, repeat: bool = False, delayed: bool = False) -> str:
    """The alerts of one poll as one message; each with value, threshold, since when, source and age."""
    notes = []
    if repeat:
        notes.append("<i>Possible repeat: Telegram did not confirm the first try.</i>")
    if delayed:
        notes.append("<i>Delayed: this is late; the ages below are counted to now.</i>")
    return "\n\n".join([*notes, *(_alert(alert, now) for alert in alerts)])


def _alert(alert: Alert, now: datetime) -> str:
    if alert.kind is AlertKind.PHASE:
        return _phase_alert(alert, now)
    if alert.kind is AlertKind.SILENCED:
        return _silenced(alert, now)
    name = SIGNAL_NAMES[alert.signal]
    value, threshold = quantity(alert.value, alert.quantity), quantity(alert.threshold, alert.quantity)
    lines: list[str] = []
    if alert.kind is AlertKind.CLEARED:
        lines.append(f"✅ <b>Over · {html(name)}</b> ({alert.severity.word})")
        lines.append(html(alert.title))
        lasted = span(alert.lasted) if alert.lasted is not None else "an unknown time"
        lines.append(
            f"Lasted {lasted}, since {moment(alert.began)}; worst {quantity(alert.worst, alert.quantity)}"
        )
        lines.append(f"Now: <b>{value}</b> (clears past {threshold})")
    else:
        word = {AlertKind.REMINDER: "Still · ", AlertKind.BACK: "Data is back · "}.get(alert.kind, "")
        lines.append(
            f"{_MARKS[alert.severity]} <b>{alert.severity.word.capitalize()} · {word}{html(name)}</b>"
        )
        lines.append(html(alert.title))
        lines.append(f"Now: <b>{value}</b> (threshold {threshold})")
        lines.append(f"Since {moment(alert.began)}")
    lines.append(html(alert.detail))
    lines.append(f"Source: {html(alert.source)}, {age(alert.as_of, now)} (as of {moment(alert.as_of)})")
    return "\n".join(lines)


def _silenced(alert: Alert, now: datetime) -> str:
    fired = alert.severity is not Severity.INFO
    lines = [
        f"⚪ <b>No data · {html(SIGNAL_NAMES[alert.signal])}</b>",
        html(alert.title) + (f" (fired, since {moment(alert.began)})" if fired else " (was about to fire)"),
        f"{html(alert.detail)}. Until there is data again this neither fires nor ends; I say so then.",
        f"Last source: {html(alert.source)}, {age(alert.as_of, now)} (as of {moment(alert.as_of)})",
    ]
    return "\n".join(lines)


def _phase_alert(alert: Alert, now: datetime) -> str:
    after, before = alert.after or Phase.UNKNOWN, alert.before or Phase.UNKNOWN
    lines = [f"{_MARKS[alert.severity]} <b>Phase: {before.value} → {after.value}</b>", _PHASE_MEANING[after]]
    if alert.lasted is not None and before is not Phase.UNKNOWN:
        lines.append(f"{before.value.capitalize()} lasted {span(alert.lasted)}, since {moment(alert.began)}")
    lines.append("Evidence:")
    lines += [_leg(leg, now) for leg in alert.legs]
    return "\n".join(lines)


def _leg(leg: Leg, now: datetime) -> str:
    name = html(SIGNAL_NAMES[leg.signal])
    if leg.firing:
        word = f"<b>fires</b> ({leg.severity.word if leg.severity else ''}) since {moment(leg.since)}"
    elif leg.known:
        word = "quiet"
    else:
        word = "no data"
    return f"• {name}: {word}; {html(leg.detail)} ({age(leg.as_of, now)})"


def status(
    statuses: Sequence[SignalStatus],
    phase: Phase,
    phase_since: datetime | None,
    polled_at: datetime | None,
    now: datetime,
    notes: Sequence[str] = (),
) -> str:
    """The whole picture: the phase, then each signal with value, threshold, state, source and age."""
    since = f" since {moment(phase_since)}" if phase_since and phase is not Phase.UNKNOWN else ""
    blocks = [f"<b>Phase: {_PHASES[phase]}</b>{since}\n{_PHASE_MEANING[phase]}"]
    blocks += [_status(one, now) for one in statuses]
    blocks += [html(note) for note in notes]
    looked = f"{span(now - polled_at)} ago" if polled_at else "not yet"
    blocks.append(f"Last looked: {looked}. {PROXY}")
    return "\n\n".join(blocks)


def _status(one: SignalStatus, now: datetime) -> str:
    state = _STATES[one.state]
    if one.active and one.state in (State.STALE, State.WARMING_UP):
        state += ", had fired"
    watching = "" if one.active else "watches for: "
    lines = [f"<b>{html(SIGNAL_NAMES[one.signal])}</b>: {state}", watching + html(one.title)]
    if one.value is None:
        lines.append(f"No figure: {html(one.reason)}")
    else:
        lines.append(
            f"{quantity(one.value, one.quantity)} (threshold {quantity(one.threshold, one.quantity)})"
        )
        lines.append(html(one.reason))
        lines.append(f"Source: {html(one.source)}, {age(one.as_of, now)}")
    return "\n".join(lines)


def subscriptions(held: Mapping[str, int], t: Tongue) -> str:
    """What a chat is subscribed to, and from which severity on, in a sentence."""
    if not held:
        return t("You are not subscribed to anything. /subscribe takes everything, or tap what you want.")
    names = t.listed(
        [
            f"{t(SIGNAL_NAMES[signal])} ({t(FROM[Severity(held[signal])])})"
            for signal in (*SIGNALS, COMPOSITE)
            if signal in held
        ]
    )
    return t("You will hear of: <b>{signals}</b>.", signals=html(names))
