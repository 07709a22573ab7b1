"""Alerts and subscriptions as text (Telegram's HTML)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from bot.i18n.message import N_, bracketed, named, origin, semicolons, sentence, sentences
from bot.i18n.translator import LocaleTranslator, closed_day
from bot.signals.alert import Alert, AlertKind, subject_of
from bot.signals.episode_dates import episode_dates
from bot.signals.headlines import headline
from bot.signals.incident import Incident
from bot.signals.labels import PHASE_MEANINGS, PHASE_NAMES, SEVERITY_NAMES
from bot.signals.phase import Phase, SignalEvidence
from bot.signals.quantities import level, quantity
from bot.signals.rules import SUBSCRIPTIONS, Severity
from handlers.html import MAX_LINES, MAX_SEEN_UNITS, fold, html, moment, visible_units
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

MAX_TEXT, MAX_CAPTION = 4096, 1024
"""UTF-16 units that Telegram takes in a text and under a picture."""


def alert_group(
    alerts: Sequence[Alert],
    now: datetime,
    t: LocaleTranslator,
    situation: Situation | None = None,
    *,
    delayed: bool = False,
    repeat: bool = False,
    most: int = MAX_TEXT,
    most_lines: int = MAX_LINES,
) -> str:
    """The alerts of one poll as one message: at most so many lines, and the details folded.

    A critical firing says what its own warning would; `situation` gives what alerts of the past came to and
    what machines make now.
    """
    notes = [REPEAT] if repeat else []
    notes += [N_("Delivered late; ages are as of now.")] if delayed else []
    above = [f"<i>{sentences([t(note) for note in notes], t)}</i>"] if notes else []
    incidents = [Incident((alert,)) for alert in _without_own_warnings(alerts)]
    return _message(incidents, above, now, t, situation, most, most_lines)


def incident_group(
    incidents: Sequence[Incident],
    now: datetime,
    t: LocaleTranslator,
    situation: Situation | None = None,
    *,
    most: int = MAX_TEXT,
    most_lines: int = MAX_LINES,
) -> str:
    """What incidents have come to, in the place of the message that told their beginnings."""
    return _message(incidents, [], now, t, situation, most, most_lines)


def _message(
    incidents: Sequence[Incident],
    above: list[str],
    now: datetime,
    t: LocaleTranslator,
    situation: Situation | None,
    most: int,
    most_lines: int,
) -> str:
    lines, room = list(above), most_lines - len(above)
    if len(incidents) == 1:
        lines += [*_lines(incidents[0], t), *_meaning(incidents[0].current, now, situation, t)][:room]
    else:
        each = max(1, (room - 2) // len(incidents))
        for incident in incidents[: room - 1]:
            lines += _lines(incident, t)[:each]
        if (more := len(incidents) - (room - 1)) > 0:
            lines.append(t.plural("and {n} more", "and {n} more", more))
        lines += _shared(now, situation, t)[: max(0, most_lines - len(lines))]
    too_long: list[str] = []
    while visible_units("\n".join(lines)) > MAX_SEEN_UNITS and len(lines) > len(above) + 1:
        too_long.insert(0, lines.pop())
    details = [*too_long, *(line for incident in incidents for line in _details(incident, now, t))]
    if situation is not None:
        for incident in incidents:
            details += [html(line) for line in record_lines(incident.current, situation, t)]
    return _folded(lines, details, most)


def _folded(lines: Sequence[str], details: Sequence[str], most: int) -> str:
    """The lines, and below them as many of the details as fit, folded."""
    for count in range(len(details), 0, -1):
        text = "\n".join([*lines, fold(details[:count])])
        if visible_units(text) <= most:
            return text
    return "\n".join(lines)


def _without_own_warnings(alerts: Sequence[Alert]) -> list[Alert]:
    """Without the firings of a warning whose critical rule fired in the same poll."""
    fired = {
        subject_of(alert.rule)
        for alert in alerts
        if alert.kind is AlertKind.FIRED and alert.severity is Severity.CRITICAL
    }
    return [
        alert
        for alert in alerts
        if alert.kind is not AlertKind.FIRED
        or alert.severity is not Severity.WARNING
        or subject_of(alert.rule) not in fired
    ]


def _lines(incident: Incident, t: LocaleTranslator) -> list[str]:
    """What happened: the headline, then the figure and since when."""
    alert = incident.current
    if alert.kind is AlertKind.PHASE:
        return _phase_lines(alert, t)
    if alert.kind is AlertKind.NO_DATA:
        return _no_data_lines(alert, t)
    lines = [f"{_mark(alert)} <b>{html(headline(alert, t))}</b>", html(sentence(alert.detail(t)))]
    since = moment(incident.began, t)
    if alert.kind is AlertKind.CLEARED:
        lines.append(_end_line(alert, t))
    elif alert.kind is AlertKind.DATA_BACK:
        lines.append(t("There is data again; it has been so since {moment}", moment=since))
    elif incident.critical_since is not None:
        critical = moment(incident.critical_since, t)
        # Translators: {dates} is “Since 10 Jun 2022, alert on 14 Jun 2022”, {critical} a day.
        lines.append(t("{dates}; critical since {critical}", dates=_dates(incident, t), critical=critical))
    else:
        lines.append(_dates(incident, t))
    return lines


def _dates(incident: Incident, t: LocaleTranslator) -> str:
    fired = next((alert.at for alert in incident.alerts if alert.kind is AlertKind.FIRED), None)
    return sentence(episode_dates(incident.began, fired, t, partial(moment, t=t)))


def _mark(alert: Alert) -> str:
    if alert.kind is AlertKind.CLEARED:
        return "✅" if alert.stands is None else MARKS[alert.stands]
    return MARKS[alert.severity]


def _end_line(alert: Alert, t: LocaleTranslator) -> str:
    """How long it lasted and how bad it was; of a critical end that leaves a warning, that it does."""
    values = {
        "span": t("an unknown time") if alert.lasted is None else t.span(alert.lasted),
        "moment": moment(alert.began, t),
        "worst": html(quantity(alert.worst, alert.quantity, t)),
    }
    if alert.stands is None:
        return t("It lasted {span}, since {moment}; at worst {worst}", **values)
    return t("No longer critical, still a warning: critical for {span}; at worst {worst}", **values)


def _meaning(alert: Alert, now: datetime, situation: Situation | None, t: LocaleTranslator) -> list[str]:
    """What it meant before, what machines make now, what comes next."""
    if situation is None or alert.kind is AlertKind.NO_DATA:
        return []
    means = None
    if alert.kind is AlertKind.PHASE:
        after = alert.after or Phase.UNKNOWN
        past = capitulations_line(after, situation, t)
        if after is Phase.CAPITULATION and situation.fleet is None:
            means = shutdowns_line(situation, t)
    else:
        past = past_line(alert, situation, t) if alert.kind is not AlertKind.CLEARED else None
    means = means or machine_line(situation, t)
    lines = [past, means, retarget_line(situation.market, now, t)]
    return [html(line) for line in lines if line is not None]


def _shared(now: datetime, situation: Situation | None, t: LocaleTranslator) -> list[str]:
    if situation is None:
        return []
    machines = machine_line(situation, t)
    lines = [machines, retarget_line(situation.market, now, t)]
    return [html(line) for line in lines if line is not None]


def _details(incident: Incident, now: datetime, t: LocaleTranslator) -> list[str]:
    """What stands in the fold: signal and severity, the levels, the source and its age."""
    alert = incident.current
    name, severity = html(SUBSCRIPTIONS[alert.signal].title(t)), t(SEVERITY_NAMES[alert.severity])
    if alert.kind is AlertKind.PHASE:
        earlier = [line for each in incident.alerts[1:-1] if (line := _phase_span_line(each, t)) is not None]
        heading = t("Evidence on {day}:", day=t.calendar_day(closed_day(alert.at) or alert.at.date()))
        return [*earlier, f"<b>{heading}</b>", *(_evidence(each, alert.at, t) for each in alert.evidence)]
    lines = [named(bracketed(f"<b>{name}</b>", severity, t), html(alert.title(t)), t)]
    value = html(quantity(alert.value, alert.quantity, t))
    threshold = html(level(alert.threshold, alert.quantity, t))
    if alert.kind is AlertKind.CLEARED:
        lines.append(t("Now {value}; it ends beyond {threshold}", value=value, threshold=threshold))
    elif alert.kind is not AlertKind.NO_DATA:
        lines.append(t("Now {value}; threshold {threshold}", value=value, threshold=threshold))
        if alert.clears is not None:
            clears = t("ends beyond {clears}", clears=html(level(alert.clears, alert.quantity, t)))
            lines[-1] = semicolons([lines[-1], clears], t)
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
        semicolons([html(sentence(alert.title(t))), state_before], t),
        html(sentence(alert.detail(t))),
        t("Until there is data again this neither fires nor ends. I will say so then."),
    ]


_PHASE_HEADLINES = {
    Phase.CALM: N_("Calm again among miners"),
    Phase.STRESS: N_("Miners are under stress"),
    Phase.CAPITULATION: N_("Miners are capitulating"),
    Phase.RECOVERY: N_("Miners are recovering from the capitulation"),
    Phase.UNKNOWN: N_("Too little data to tell how miners are doing"),
}


def _phase_lines(alert: Alert, t: LocaleTranslator) -> list[str]:
    after, before = alert.after or Phase.UNKNOWN, alert.before or Phase.UNKNOWN
    text = t(_PHASE_HEADLINES[after])
    if after is Phase.STRESS and before is Phase.CAPITULATION:
        text = t("The capitulation eases to stress")
    lines = [f"{PHASE_MARKS[after]} <b>{text}</b>", t(PHASE_MEANINGS[after])]
    lasted = _phase_span_line(alert, t)
    return lines if lasted is None else [*lines, lasted]


def _phase_span_line(alert: Alert, t: LocaleTranslator) -> str | None:
    """How long the phase before a change lasted; None where that is not known."""
    before = alert.before or Phase.UNKNOWN
    if alert.lasted is None or before is Phase.UNKNOWN:
        return None
    return t(
        "{phase} lasted {span}, since {moment}",
        phase=t(PHASE_NAMES[before]).capitalize(),
        span=t.span(alert.lasted),
        moment=moment(alert.began, t),
    )


def _evidence(evidence: SignalEvidence, now: datetime, t: LocaleTranslator) -> str:
    if evidence.firing:
        severity = t(SEVERITY_NAMES[evidence.severity]) if evidence.severity is not None else ""
        word = t("<b>{severity}</b> since {moment}", severity=severity, moment=moment(evidence.since, t))
        word = named(word, html(evidence.title(t)), t)
    elif evidence.known:
        word = t("quiet")
    else:
        word = t("no data")
    name = html(SUBSCRIPTIONS[evidence.signal].title(t))
    detail = bracketed(html(evidence.detail(t)), t.age(evidence.as_of, now), t)
    return f"• {named(name, semicolons([word, detail], t), t)}"


def subscriptions(level_by_signal: Mapping[str, int], t: LocaleTranslator) -> str:
    """What a chat is subscribed to, and from which severity on, in a sentence."""
    if not level_by_signal:
        return t("You are not subscribed to anything. /subscribe takes everything, or tap what you want.")
    names = t.listed(
        [
            bracketed(SUBSCRIPTIONS[signal].title(t), t(FROM[Severity(level_by_signal[signal])]), t)
            for signal in SUBSCRIPTIONS
            if signal in level_by_signal
        ]
    )
    return t("You will hear about: <b>{signals}</b>.", signals=html(names))
