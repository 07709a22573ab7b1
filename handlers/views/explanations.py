"""What was and why: an alert explained, and the episodes of the past, as people read them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from bot.backtest.episodes import Episode, PhaseSpan, RuleHistory, RuleRecord
from bot.i18n.message import N_, bracketed, commas, named, origin, semicolons, sentence, sentences
from bot.i18n.translator import LocaleTranslator
from bot.signals.alert import Alert, AlertKind
from bot.signals.episode_dates import episode_dates
from bot.signals.history import History
from bot.signals.labels import PHASE_NAMES, SEVERITY_NAMES, phase_change
from bot.signals.phase import Phase
from bot.signals.quantities import level, quantity
from bot.signals.rules import SIGNALS, SUBSCRIPTIONS, Rule
from bot.signals.series import SERIES, end_of_day
from bot.signals.state_machine import RuleState
from handlers.html import fold, html
from handlers.views.evidence import all_since_frozen, evidence_card, scores, since_frozen
from handlers.views.situation import ordinal
from storage.signals.alert_scores import ScoreSummary

_BARS = "▁▂▃▄▅▆▇█"
_SHOWN = 8

_KINDS = {
    AlertKind.FIRED: N_("fired"),
    AlertKind.CLEARED: N_("cleared"),
    AlertKind.REMINDER: N_("reminder"),
    AlertKind.NO_DATA: N_("silenced"),
    AlertKind.DATA_BACK: N_("back"),
}


def sparkline(values: Sequence[float | None]) -> str:
    """A bar a value, from the lowest to the highest; a dot where there was none."""
    numbers = [value for value in values if value is not None]
    if not numbers:
        return "·" * len(values)
    low, height = min(numbers), max(numbers) - min(numbers)
    return "".join(
        "·"
        if value is None
        else _BARS[round((value - low) / height * (len(_BARS) - 1))]
        if height > 0
        else _BARS[0]
        for value in values
    )


def why_rule(
    record: RuleRecord,
    state: RuleState,
    history: History,
    past: RuleHistory,
    now: datetime,
    t: LocaleTranslator,
    alert: Alert | None = None,
) -> str:
    """A rule explained: formula, levels, inputs with source and age, its last month, its past episodes."""
    rule = record.rule
    name, severity = html(SUBSCRIPTIONS[rule.signal].title(t)), t(SEVERITY_NAMES[rule.severity])
    lines = [t("<b>Why: {signal}</b> ({severity})", signal=name, severity=severity)]
    lines.append(html(sentence(rule.title(t))))
    if alert is not None:
        # Translators: {what} is “fired”, “cleared” and the like, {value} the rule's figure.
        alert_line = t(
            "Alert of {moment}: {what} at {value}",
            moment=t.day_or_moment(alert.at),
            what=t(_KINDS[alert.kind]),
            value=html(quantity(alert.value, rule.quantity, t)),
        )
        lines.append(alert_line)
    details = [t("Figure: {formula}", formula=html(rule.formula(t)))]
    if state.no_data is None:
        value = html(quantity(state.value, rule.quantity, t))
        lines.append(t("Now: <b>{value}</b>; {detail}", value=value, detail=html(state.detail(t))))
    else:
        lines.append(t("Now: no figure; {reason}", reason=html(state.reason(t))))
    fires, clears = html(rule.comparison), "&gt;" if rule.downward else "&lt;"
    # Translators: each level is like “≤ −50.0 % for 3 days”.
    levels = t(
        "Fires {firing}, clears {clearing}",
        firing=_level(fires, rule.fire, rule.fire_hold, rule, t),
        clearing=_level(clears, rule.clear, rule.clear_hold, rule, t),
    )
    details += [t("Inputs:"), *(input_line(name, history, now, t) for name in rule.inputs)]
    values = [value for _, value in record.recent]
    # Translators: {bars} is a small picture of the figure made of letters, {range} its lowest and highest.
    month = t.plural(
        "Last {n} day: {bars} {range}",
        "Last {n} days: {bars} {range}",
        len(values),
        bars=f"<code>{sparkline(values)}</code>",
        range=_range(values, rule, t),
    )
    tested = past.rules.get(rule.tested_as, record)
    words = _episodes_words(tested, past.last, t)
    if rule.intraday:
        # Translators: {past} says how often a rule over daily closing prices fired.
        words = t("Touches can't be tested, my history has closes. The rule over closes: {past}", past=words)
    lines += [levels, words]
    if rule.historical:
        lines.append(t("History only: no live source publishes this figure."))
    card = past.cards.get(rule.tested_as)
    evidence = [] if card is None else evidence_card(card, t)
    details += [month, *map(html, (*evidence, *since_frozen(rule.tested_as, past, t)))]
    return "\n".join([*lines, fold(details)])


def why_briefly(rule: Rule, state: RuleState, t: LocaleTranslator) -> str:
    """A rule in a line: what it watches for, and its figure or why there is none."""
    if state.no_data is None:
        now = quantity(state.value, rule.quantity, t)
    else:
        now = t("no figure; {reason}", reason=state.reason(t))
    title = bracketed(html(rule.title(t)), t(SEVERITY_NAMES[rule.severity]), t)
    return f"• {named(title, html(now), t)}"


def why_phase(
    alert: Alert | None,
    phase: Phase,
    since: datetime | None,
    past: RuleHistory,
    now: datetime,
    t: LocaleTranslator,
) -> str:
    """The composite explained: what the words mean, the evidence of the last change, the past."""
    title = t("<b>Why: phase {phase}</b>", phase=t(PHASE_NAMES[phase]))
    lines = [
        t("{phase} since {moment}", phase=title, moment=t.day_or_moment(since)) if since else title,
        t(
            "Capitulation: for three days price drawdown and a decline of hashrate that goes on; the other "
            "signals are evidence. Stress: hashrate with price, income or outflow, or one of these critical; "
            "power prices only inform. Recovery: the ribbon has crossed back and the price turns."
        ),
    ]
    if alert is not None and alert.kind is AlertKind.PHASE:
        after = t(PHASE_NAMES[alert.after or Phase.UNKNOWN])
        lines.append(
            t("Evidence of {moment}, when it became {phase}:", moment=t.day_or_moment(alert.at), phase=after)
        )
        for leg in alert.evidence:
            word = t("fires") if leg.firing else t("quiet") if leg.known else t("no data")
            name, detail = html(SUBSCRIPTIONS[leg.signal].title(t)), html(leg.detail(t))
            text = semicolons([word, bracketed(detail, t.age(leg.as_of, now), t)], t)
            lines.append(f"• {named(name, text, t)}")
    lines.append(_spans_words(past, t))
    card = past.cards.get(phase.value)
    evidence = [] if card is None else evidence_card(card, t)
    lines += [html(line) for line in (*evidence, *since_frozen(phase.value, past, t))]
    return "\n".join(lines)


def history(
    past: RuleHistory, recent: Iterable[Alert], t: LocaleTranslator, record: Sequence[ScoreSummary] = ()
) -> str:
    """The capitulations found in the history, the last alerts, and what came of the program's own."""
    lines = [f"<b>{t('Capitulations')}</b>", _spans_words(past, t)]
    lines += [f"• {_span_words(span, past.last, t)}" for span in _capitulations(past)[-_SHOWN:]]
    newest_first = sorted(recent, key=lambda alert: alert.at, reverse=True)  # told late, perhaps
    alert_lines = [
        f"• {named(t.day_or_moment(alert.at), html(_headline(alert, t)), t)}" for alert in newest_first
    ]
    lines += ["", f"<b>{t('Last alerts')}</b>", *(alert_lines or [t("None yet.")])]
    outcomes = [*scores(record, past, t), *all_since_frozen(past, t)]
    if outcomes:
        lines.append(fold(outcomes))
    lines.append(t("One signal's past: {example}", example="<code>/history hashrate_decline</code>"))
    return "\n".join(lines)


def history_of(signal: str, past: RuleHistory, t: LocaleTranslator) -> str:
    """Every rule of a signal with its last episodes."""
    lines = [t("<b>History of {signal}</b>", signal=html(SUBSCRIPTIONS[signal].title(t)))]
    for record in past.rules.values():
        rule = record.rule
        if rule.signal != signal:
            continue
        lines += ["", bracketed(f"<b>{html(rule.title(t))}</b>", t(SEVERITY_NAMES[rule.severity]), t)]
        lines.append(_episodes_words(record, past.last, t))
        lines += [f"• {_episode_words(episode, rule, past.last, t)}" for episode in record.episodes[-_SHOWN:]]
    return "\n".join(lines)


def _headline(alert: Alert, t: LocaleTranslator) -> str:
    if alert.kind is AlertKind.PHASE:
        return phase_change(alert.before, alert.after, t)
    name, severity = SUBSCRIPTIONS[alert.signal].title(t), t(SEVERITY_NAMES[alert.severity])
    return named(f"{bracketed(name, severity, t)} {t(_KINDS[alert.kind])}", alert.title(t), t)


def input_line(name: str, history: History, now: datetime, t: LocaleTranslator) -> str:
    """The newest value of a series with its source and age, as one of a list."""
    spec, newest = SERIES[name], history.newest(name)
    title = html(spec.title(t))
    if newest is None:
        return f"• {t('{series}: not known yet', series=title)}"
    value = f"{_six_digits(newest.value, t)} {html(t(spec.unit))}".strip()
    source, age = html(origin(newest.source, t)), t.age(newest.as_of, now)
    return f"• {named(title, t('{value}, {source}, {age}', value=value, source=source, age=age), t)}"


def _six_digits(value: float, t: LocaleTranslator) -> str:
    """A figure to six significant digits."""
    before = len(f"{abs(value):.0f}") if abs(value) >= 1 else 0
    return t.number(value, max(0, 6 - before)).replace("-", "−")


def _range(values: Sequence[float | None], rule: Rule, t: LocaleTranslator) -> str:
    numbers = [value for value in values if value is not None]
    if not numbers:
        return t("(no figures)")
    low, high = (html(level(value, rule.quantity, t)) for value in (min(numbers), max(numbers)))
    return t("{low} to {high}", low=low, high=high)


def _level(sign: str, value: float, hold: timedelta, rule: Rule, t: LocaleTranslator) -> str:
    text = f"{sign} {html(level(value, rule.quantity, t))}"
    return t.plural("{level} for {n} day", "{level} for {n} days", hold.days, level=text) if hold else text


def _episodes_words(record: RuleRecord, last: date, t: LocaleTranslator) -> str:
    if record.first is None:
        return t("No past: I never had enough data for it.")
    year = record.first.year
    median = record.median_days(last)
    if median is None:
        return t("Never fired since {year}.", year=year)
    newest = record.episodes[-1]
    if newest.cleared is None and len(record.episodes) == 1:
        # Translators: {dates} is such as “since 13 Jun 2022, alert on 14 Jun 2022”.
        return t("The first time since {year}; {dates}.", year=year, dates=_dates(newest, t))
    days = t.plural("median {n} day", "median {n} days", round(median))
    if newest.cleared is None:
        # Translators: {which} is “3rd” and the like, {median} is “median 12 days”.
        return t(
            "This is its {which} time since {year}, {median}; {dates}.",
            which=ordinal(len(record.episodes), t),
            year=year,
            median=days,
            dates=_dates(newest, t),
        )
    # Translators: {episode} is “since 13 Jun 2022, until 5 Jul 2022 (22 days, at worst −70.1 %)”.
    return t.plural(
        "Fired {n} time since {year}, {median}; the last: {episode}.",
        "Fired {n} times since {year}, {median}; the last: {episode}.",
        len(record.episodes),
        year=year,
        median=days,
        episode=_episode_words(newest, record.rule, last, t),
    )


def _episode_words(episode: Episode, rule: Rule, last: date, t: LocaleTranslator) -> str:
    if episode.cleared is None:
        return t.plural(
            "{dates}, still going on ({n} day, at worst {worst})",
            "{dates}, still going on ({n} days, at worst {worst})",
            episode.days(last),
            dates=_dates(episode, t),
            worst=html(quantity(episode.worst, rule.quantity, t)),
        )
    # Translators: {until} is a day.
    return t.plural(
        "{dates}, until {until} ({n} day, at worst {worst})",
        "{dates}, until {until} ({n} days, at worst {worst})",
        episode.days(last),
        dates=_dates(episode, t),
        until=_day(episode.cleared, t),
        worst=html(quantity(episode.worst, rule.quantity, t)),
    )


def _dates(episode: Episode, t: LocaleTranslator) -> str:
    return html(episode_dates(episode.began, end_of_day(episode.fired), t, t.day_or_moment))


def _capitulations(past: RuleHistory) -> list[PhaseSpan]:
    return [span for span in past.phases if span.phase is Phase.CAPITULATION]


def _spans_words(past: RuleHistory, t: LocaleTranslator) -> str:
    spans = _capitulations(past)
    if not spans:
        return t("No capitulation in the history I hold.")
    lengths = sorted(((span.end or past.last) - span.first).days for span in spans)
    text = t.plural(
        "{n} capitulation since {year}, {median}.",
        "{n} capitulations since {year}, {median}.",
        len(spans),
        year=past.phases[0].first.year,
        median=t.plural("median {n} day", "median {n} days", lengths[len(lengths) // 2]),
    )
    return sentences([text, t("It lasts now.")], t) if spans[-1].end is None else text


def _span_words(span: PhaseSpan, last: date, t: LocaleTranslator) -> str:
    # Translators: {signals} are those that fired, a list.
    return t.plural(
        "{first} to {until}, {n} day: {signals}",
        "{first} to {until}, {n} days: {signals}",
        ((span.end or last) - span.first).days,
        first=_day(span.first, t),
        until=_day(span.end, t),
        signals=html(commas([SUBSCRIPTIONS[name].title(t) for name in SIGNALS if name in span.firing], t)),
    )


def _day(at: date | None, t: LocaleTranslator) -> str:
    # Translators: the end of a span that lasts still, as in “13 Jun 2022 to now”.
    return t("now") if at is None else t.day(at, "yMMMd")
