"""What was and why: an alert explained, and the episodes of the past, as people read them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from bot.chronicle import Chronicle, Episode, PhaseSpan, RuleRecord
from bot.signals.alert import Alert, AlertKind
from bot.signals.history import History
from bot.signals.machine import RuleState
from bot.signals.phase import Phase
from bot.signals.rules import SIGNALS, Rule
from bot.signals.series import SERIES
from handlers.words import SIGNAL_NAMES, age, html, moment, quantity

_BARS = "▁▂▃▄▅▆▇█"
_SHOWN = 8


def sparkline(values: Sequence[float | None]) -> str:
    """A bar a value, from the lowest to the highest; a dot where there was none."""
    held = [value for value in values if value is not None]
    if not held:
        return "·" * len(values)
    low, height = min(held), max(held) - min(held)
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
    past: Chronicle,
    now: datetime,
    alert: Alert | None = None,
) -> str:
    """A rule explained: formula, levels, inputs with source and age, its last month, its past episodes."""
    rule = record.rule
    lines = [f"<b>Why: {html(SIGNAL_NAMES[rule.signal])}</b> ({rule.severity.word})", html(rule.title)]
    if alert is not None:
        value = quantity(alert.value, rule.quantity)
        lines.append(f"Alert of {moment(alert.at)}: {alert.kind.value} at {value}")
    is_known = state.lack is None
    lines.append(f"Figure: {html(rule.formula)}")
    lines.append(
        f"Now: <b>{quantity(state.value, rule.quantity)}</b>; {html(state.detail)}"
        if is_known
        else f"Now: no figure; {html(state.reason)}"
    )
    fires, clears = ("≤", "&gt;") if rule.downward else ("≥", "&lt;")
    lines.append(
        f"Fires {fires} {quantity(rule.fire, rule.quantity)}{_held(rule.fire_hold)}, "
        f"clears {clears} {quantity(rule.clear, rule.quantity)}{_held(rule.clear_hold)}"
    )
    lines.append("Inputs:")
    lines += [_input(name, history, now) for name in rule.inputs]
    values = [value for _, value in record.recent]
    lines.append(f"Last {len(values)} days: <code>{sparkline(values)}</code> {_range(values, rule)}")
    lines.append(_episodes_words(record, past.last))
    return "\n".join(lines)


def why_phase(
    alert: Alert | None, phase: Phase, since: datetime | None, past: Chronicle, now: datetime
) -> str:
    """The composite explained: what the words mean, the evidence of the last change, the past."""
    lines = [
        f"<b>Why: phase {phase.value}</b>" + (f" since {moment(since)}" if since else ""),
        "Stress: two signals fire. Capitulation: for three days three or more, the hashrate among them "
        "(or price drawdown and hashrate while another has no data). "
        "Recovery: the ribbon has crossed back and the price turns.",
    ]
    if alert is not None and alert.kind is AlertKind.PHASE:
        lines.append(f"Evidence of {moment(alert.at)}, when it became {alert.after}:")
        for leg in alert.legs:
            word = "fires" if leg.firing else "quiet" if leg.known else "no data"
            lines.append(
                f"• {html(SIGNAL_NAMES[leg.signal])}: {word}; {html(leg.detail)} ({age(leg.as_of, now)})"
            )
    lines.append(_spans_words(past))
    return "\n".join(lines)


def history(past: Chronicle, recent: Iterable[Alert]) -> str:
    """The capitulations found in the history held, and the last alerts."""
    lines = ["<b>Capitulations</b>", _spans_words(past)]
    lines += [f"• {_span_words(span, past.last)}" for span in _capitulations(past)[-_SHOWN:]]
    told = [f"• {moment(one.at)}: {html(_headline(one))}" for one in recent]
    lines += ["", "<b>Last alerts</b>", *(told or ["None yet."])]
    lines.append("One signal's past: <code>/history hashrate_decline</code>")
    return "\n".join(lines)


def history_of(signal: str, past: Chronicle) -> str:
    """Every rule of a signal with its last episodes."""
    lines = [f"<b>History of {html(SIGNAL_NAMES[signal])}</b>"]
    for record in past.rules.values():
        if record.rule.signal != signal:
            continue
        lines += ["", f"<b>{html(record.rule.title)}</b> ({record.rule.severity.word})"]
        lines.append(_episodes_words(record, past.last))
        lines += [f"• {_episode_words(one, record.rule, past.last)}" for one in record.episodes[-_SHOWN:]]
    return "\n".join(lines)


def _headline(alert: Alert) -> str:
    if alert.kind is AlertKind.PHASE:
        return f"phase {alert.before} → {alert.after}"
    return f"{SIGNAL_NAMES[alert.signal]} ({alert.severity.word}) {alert.kind.value}: {alert.title}"


def _input(name: str, history: History, now: datetime) -> str:
    spec, newest = SERIES[name], history.newest(name)
    if newest is None:
        return f"• {html(spec.title)}: not known yet"
    return (
        f"• {html(spec.title)}: {newest.value:,.6g} {html(spec.unit)}, {html(newest.source)}, "
        f"{age(newest.as_of, now)}"
    )


def _range(values: Sequence[float | None], rule: Rule) -> str:
    held = [value for value in values if value is not None]
    if not held:
        return "(no figures)"
    return f"{quantity(min(held), rule.quantity)} to {quantity(max(held), rule.quantity)}"


def _held(hold: timedelta) -> str:
    return f" for {hold.days} day{'s' if hold.days != 1 else ''}" if hold else ""


def _episodes_words(record: RuleRecord, last: date) -> str:
    if record.first is None:
        return "No past: I never had enough data for it."
    median = record.median_days(last)
    if median is None:
        return f"Never fired since {record.first.year}."
    newest = record.episodes[-1]
    which = _ordinal(len(record.episodes))
    days = f"median {median:.0f} days"
    if newest.cleared is None:
        return f"This is its {which} time since {record.first.year}, {days}; on since {newest.fired}."
    return (
        f"Fired {len(record.episodes)} times since {record.first.year}, {days}; "
        f"last {_episode_words(newest, record.rule, last)}."
    )


def _episode_words(one: Episode, rule: Rule, last: date) -> str:
    until = str(one.cleared) if one.cleared else "now"
    return f"{one.fired} to {until}, {one.days(last)} days, worst {quantity(one.worst, rule.quantity)}"


def _capitulations(past: Chronicle) -> list[PhaseSpan]:
    return [span for span in past.phases if span.phase is Phase.CAPITULATION]


def _spans_words(past: Chronicle) -> str:
    spans = _capitulations(past)
    if not spans:
        return "No capitulation in the history I hold."
    lengths = sorted(((span.end or past.last) - span.first).days for span in spans)
    median = lengths[len(lengths) // 2]
    now = " It lasts now." if spans[-1].end is None else ""
    return f"{len(spans)} capitulations since {past.phases[0].first.year}, median {median} days.{now}"


def _span_words(span: PhaseSpan, last: date) -> str:
    end = span.end or last
    names = ", ".join(SIGNAL_NAMES[name] for name in SIGNALS if name in span.firing)
    until = str(span.end) if span.end else "now"
    return f"{span.first} to {until}, {(end - span.first).days} days: {html(names)}"


def _ordinal(number: int) -> str:
    endings = {1: "st", 2: "nd", 3: "rd"}
    ending = "th" if number % 100 in (11, 12, 13) else endings.get(number % 10, "th")
    return f"{number}{ending}"
