"""Objects to text: alerts, status and subscriptions as people read them (Telegram's HTML)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.i18n.message import N_, origin
from bot.i18n.translator import LocaleTranslator
from bot.signals.alert import Alert, AlertKind
from bot.signals.headlines import headline
from bot.signals.labels import PHASE_MEANINGS, PHASE_NAMES, SEVERITY_NAMES
from bot.signals.phase import Phase, SignalEvidence
from bot.signals.quantities import level, quantity
from bot.signals.rules import SUBSCRIPTIONS, Severity
from handlers.html import fold, html, moment
from handlers.views.situation import (
    Situation,
    capitulations_line,
    machine_line,
    past_line,
    record_lines,
    retarget_line,
    shutdowns_line,
)

MARKS = {Severity.INFO: "🔵", Severity.WARNING: "🟠", Severity.CRITICAL: "🔴"}

PHASE_MARKS = {
    Phase.CALM: "🟢",
    Phase.STRESS: "🟠",
    Phase.CAPITULATION: "🔴",
    Phase.RECOVERY: "🔵",
    Phase.UNKNOWN: "⚪",
}

FROM = {
    Severity.INFO: N_("all"),
    Severity.WARNING: N_("from warning"),
    Severity.CRITICAL: N_("critical only"),
}
"""A minimum severity, on buttons and in sentences."""


REPEAT = N_("Possible repeat: Telegram did not confirm the first try.")

MAX_LINES = 6
"""Lines of an alert that are seen before it is unfolded."""


def alert_group(
    alerts: Sequence[Alert],
    now: datetime,
    t: LocaleTranslator,
    situation: Situation | None = None,
    *,
    delayed: bool = False,
    repeat: bool = False,
) -> str:
    """The alerts of one poll as one message: at most six lines and the details folded.

    A critical firing says what its own warning would; `situation` gives what alerts of the past came to and
    what machines make now.
    """
    alerts_here = _without_own_warnings(alerts)
    notes = [REPEAT] if repeat else []
    notes += [N_("Late: the ages are counted to now.")] if delayed else []
    lines = [f"<i>{' '.join(t(note) for note in notes)}</i>"] if notes else []
    room = MAX_LINES - len(lines)
    if len(alerts_here) == 1:
        lines += [*_lines(alerts_here[0], now, t), *_meaning(alerts_here[0], now, situation, t)][:room]
    else:
        each = max(1, (room - 2) // len(alerts_here))
        for alert in alerts_here[: room - 1]:
            lines += _lines(alert, now, t)[:each]
        if (more := len(alerts_here) - (room - 1)) > 0:
            lines.append(t.plural("and {n} more", "and {n} more", more))
        lines += [line for line in _shared(now, situation, t) if len(lines) < MAX_LINES][
            : MAX_LINES - len(lines)
        ]
    details = [line for alert in alerts_here for line in _details(alert, now, t)]
    if situation is not None:
        details += [html(line) for alert in alerts_here for line in record_lines(alert, situation, t)]
    return "\n".join([*lines, fold(details)])


def _without_own_warnings(alerts: Sequence[Alert]) -> list[Alert]:
    """Without the firings of a warning whose critical rule fired in the same poll."""
    fired = {
        (alert.signal, _kind_of_rule(alert))
        for alert in alerts
        if alert.kind is AlertKind.FIRED and alert.severity is Severity.CRITICAL
    }
    return [
        alert
        for alert in alerts
        if alert.kind is not AlertKind.FIRED
        or alert.severity is not Severity.WARNING
        or (alert.signal, _kind_of_rule(alert)) not in fired
    ]


def _kind_of_rule(alert: Alert) -> str:
    """What a rule is about besides its severity: the zone, or the kind of outflow; "" when that is all."""
    return ".".join(alert.rule.split(".")[2:])


def _lines(alert: Alert, now: datetime, t: LocaleTranslator) -> list[str]:
    """What happened: the headline, then the figure and since when."""
    if alert.kind is AlertKind.PHASE:
        return _phase_lines(alert, t)
    if alert.kind is AlertKind.NO_DATA:
        return _no_data_lines(alert, t)
    mark = "✅" if alert.kind is AlertKind.CLEARED else MARKS[alert.severity]
    lines = [f"{mark} <b>{html(headline(alert, t))}</b>", html(alert.detail(t))]
    if alert.kind is AlertKind.CLEARED:
        length = t("an unknown time") if alert.lasted is None else t.span(alert.lasted)
        worst = html(quantity(alert.worst, alert.quantity, t))
        since = moment(alert.began, t)
        lines.append(
            t("It lasted {span}, since {moment}; worst {worst}", span=length, moment=since, worst=worst)
        )
    elif alert.kind is AlertKind.DATA_BACK:
        lines.append(t("There is data again; this has held since {moment}", moment=moment(alert.began, t)))
    else:
        lines.append(t("Since {moment}", moment=moment(alert.began, t)))
    return lines


def _meaning(alert: Alert, now: datetime, situation: Situation | None, t: LocaleTranslator) -> list[str]:
    """What it meant before, what a machine makes now, what comes next."""
    if situation is None or alert.kind is AlertKind.NO_DATA:
        return []
    if alert.kind is AlertKind.PHASE:
        after = alert.after or Phase.UNKNOWN
        past = capitulations_line(after, situation, t)
        means = shutdowns_line(situation, t) if after is Phase.CAPITULATION else None
    else:
        past = past_line(alert, situation, t) if alert.kind is not AlertKind.CLEARED else None
        means = None
    means = means or machine_line(situation, t)
    lines = [past, means, retarget_line(situation.market, now, t)]
    return [html(line) for line in lines if line is not None]


def _shared(now: datetime, situation: Situation | None, t: LocaleTranslator) -> list[str]:
    if situation is None:
        return []
    lines = [machine_line(situation, t), retarget_line(situation.market, now, t)]
    return [html(line) for line in lines if line is not None]


def _details(alert: Alert, now: datetime, t: LocaleTranslator) -> list[str]:
    """What stands in the fold: signal and severity, the levels, the source and its age."""
    name, severity = html(SUBSCRIPTIONS[alert.signal].title(t)), t(SEVERITY_NAMES[alert.severity])
    if alert.kind is AlertKind.PHASE:
        return [f"<b>{t('Evidence:')}</b>", *(_evidence(evidence, now, t) for evidence in alert.evidence)]
    lines = [f"<b>{name}</b> ({severity}): {html(alert.title(t))}"]
    value = html(quantity(alert.value, alert.quantity, t))
    threshold = html(level(alert.threshold, alert.quantity, t))
    if alert.kind is AlertKind.CLEARED:
        lines.append(t("Now {value}; it ends beyond {threshold}", value=value, threshold=threshold))
    elif alert.kind is not AlertKind.NO_DATA:
        lines.append(t("Now {value}; threshold {threshold}", value=value, threshold=threshold))
        if alert.clears is not None:
            lines[-1] += f"; {t('ends beyond {clears}', clears=html(level(alert.clears, alert.quantity, t)))}"
    lines.append(
        t(
            "Source: {source}, {age} (as of {moment})",
            source=html(origin(alert.source, t)),
            age=t.age(alert.as_of, now),
            moment=moment(alert.as_of, t),
        )
    )
    return lines


def _no_data_lines(alert: Alert, t: LocaleTranslator) -> list[str]:
    name = html(SUBSCRIPTIONS[alert.signal].title(t))
    fired = alert.severity is not Severity.INFO
    state_before = (
        t("firing since {moment}", moment=moment(alert.began, t)) if fired else t("it was about to fire")
    )
    return [
        f"⚪ <b>{t('No fresh data: {signal}', signal=name)}</b>",
        f"{html(alert.title(t))}; {state_before}",
        html(alert.detail(t)),
        t("Until there is data again this neither fires nor ends. I will say so then."),
    ]


_PHASE_HEADLINES = {
    Phase.CALM: N_("Calm again among miners"),
    Phase.STRESS: N_("Miners are under stress"),
    Phase.CAPITULATION: N_("Miners are capitulating"),
    Phase.RECOVERY: N_("Miners recover from the capitulation"),
    Phase.UNKNOWN: N_("How miners do can't be told: too little data"),
}


def _phase_lines(alert: Alert, t: LocaleTranslator) -> list[str]:
    after, before = alert.after or Phase.UNKNOWN, alert.before or Phase.UNKNOWN
    text = t(_PHASE_HEADLINES[after])
    if after is Phase.STRESS and before is Phase.CAPITULATION:
        text = t("The capitulation eases to stress")
    lines = [f"{PHASE_MARKS[after]} <b>{text}</b>", t(PHASE_MEANINGS[after])]
    if alert.lasted is not None and before is not Phase.UNKNOWN:
        lines.append(
            t(
                "{phase} lasted {span}, since {moment}",
                phase=t(PHASE_NAMES[before]).capitalize(),
                span=t.span(alert.lasted),
                moment=moment(alert.began, t),
            )
        )
    return lines


def _evidence(evidence: SignalEvidence, now: datetime, t: LocaleTranslator) -> str:
    if evidence.firing:
        severity = t(SEVERITY_NAMES[evidence.severity]) if evidence.severity is not None else ""
        word = t(
            "<b>fires</b> ({severity}) since {moment}", severity=severity, moment=moment(evidence.since, t)
        )
        word = f"{word}: {html(evidence.title(t))}"
    elif evidence.known:
        word = t("quiet")
    else:
        word = t("no data")
    name = html(SUBSCRIPTIONS[evidence.signal].title(t))
    return f"• {name}: {word}; {html(evidence.detail(t))} ({t.age(evidence.as_of, now)})"


def subscriptions(level_by_signal: Mapping[str, int], t: LocaleTranslator) -> str:
    """What a chat is subscribed to, and from which severity on, in a sentence."""
    if not level_by_signal:
        return t("You are not subscribed to anything. /subscribe takes everything, or tap what you want.")
    names = t.listed(
        [
            f"{SUBSCRIPTIONS[signal].title(t)} ({t(FROM[Severity(level_by_signal[signal])])})"
            for signal in SUBSCRIPTIONS
            if signal in level_by_signal
        ]
    )
    return t("You will hear of: <b>{signals}</b>.", signals=html(names))
