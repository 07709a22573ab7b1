"""What the command line prints: objects for programs, lines for people."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.backtest.replay import ReplayDay
from bot.signals.alert import alerts
from bot.signals.phase import Phase, PhaseChange
from bot.signals.rules import COMPOSITE, Severity
from bot.signals.series import SERIES, Reading
from bot.signals.state_machine import Transition
from bot.signals.status import has_any_data, signal_statuses

if TYPE_CHECKING:  # the poller brings the database and the sources along, which replay does without
    from bot.pipeline.poller import Poll

Report = dict[str, Any]


def poll_report(poll: "Poll") -> Report:
    """One poll in the contract's form, with what was refused and why."""
    gathered, statuses = poll.gathered, signal_statuses(poll.rules, poll.evaluation.states)
    return {
        "polled_at": poll.polled_at.isoformat(),
        "sources": [
            {
                "source": report.source,
                "ok": report.ok,
                "error": report.error,
                "as_of": _iso(report.as_of),
                "latency_ms": report.latency_ms,
            }
            for report in gathered.reports
            if report.asked
        ],
        "readings": [
            {
                "series": reading.series,
                "value": reading.value,
                "unit": SERIES[reading.series].unit,
                "as_of": _iso(reading.as_of),
                "source": reading.source,
            }
            for reading in poll.readings
        ],
        "refused": [
            {
                "series": refusal.series,
                "kind": refusal.kind,
                "source": refusal.source,
                "reason": refusal.reason,
            }
            for refusal in gathered.refused
        ],
        "signals": [
            {
                "signal": one.signal,
                "state": one.state.value,
                "value": one.value,
                "threshold": one.threshold,
                "severity": one.severity.word,
                "as_of": _iso(one.as_of),
                "reason": str(one.reason),
            }
            for one in statuses
        ],
        "phase": poll.evaluation.states.phase.phase.value,
        "phase_stale": not has_any_data(statuses),
        "alerts_queued": poll.queued,
    }


def poll_lines(report: Report) -> Iterator[str]:
    """The same for people."""
    yield f"polled at {report['polled_at']}"
    for source in report["sources"]:
        fate = "ok" if source["ok"] else f"FAILED: {source['error']}"
        yield f"  {source['source']:<16} {fate} ({source['latency_ms'] or 0} ms)"
    in_time = sorted(report["readings"], key=lambda reading: datetime.fromisoformat(reading["as_of"]))
    newest = {reading["series"]: reading for reading in in_time}
    for series in sorted(newest, key=list(SERIES).index):
        reading = newest[series]
        unit = f" {reading['unit']}" if reading["unit"] else ""
        value = f"{reading['value']:,.6g}{unit}"
        yield f"  {reading['series']:<22} {value}, {reading['source']}, {reading['as_of']}"
    for refusal in report["refused"]:
        yield f"  {refusal['series']:<22} {refusal['kind']} refused: {refusal['reason']}"
    for signal in report["signals"]:
        value = "–" if signal["value"] is None else f"{signal['value']:.4g}"
        figure = f"{signal['state']}: {value} (threshold {signal['threshold']:.4g})"
        yield f"  {signal['signal']:<18} {figure}; {signal['reason']}"
    stale = " (stale: no signal has data now)" if report["phase_stale"] else ""
    yield f"phase {report['phase']}{stale}, {report['alerts_queued']} messages queued"


def day_reports(day: ReplayDay) -> Iterator[Report]:
    """Every transition of one replayed day in the contract's form; the composite's are changes of phase."""
    at = day.day.isoformat()
    for transition in _changes(day):
        yield _transition(at, transition)
    if day.evaluation.phase_change is not None:
        yield _phase(at, day.evaluation.phase_change)


def day_lines(day: ReplayDay) -> Iterator[str]:
    """The same for people."""
    at = day.day.isoformat()
    for transition in _changes(day):
        value = "" if transition.value is None else f" {transition.value:.4g}"
        before, after = transition.before.value, transition.after.value
        yield f"{at}  {transition.rule.id:<30} {before} → {after}{value}  {transition.detail}"
    change = day.evaluation.phase_change
    if change is not None:
        firing = ", ".join(leg.signal for leg in change.evidence if leg.firing) or "none"
        yield f"{at}  {'phase':<30} {change.before.value} → {change.after.value}  firing: {firing}"


def _changes(day: ReplayDay) -> list[Transition]:
    """Without reminders, which tell people again but change nothing."""
    return [one for one in day.evaluation.transitions if one.before is not one.after]


def count_alerts(day: ReplayDay, by_signal: dict[str, int]) -> None:
    """Add the alerts a subscriber of everything would have got that day."""
    for alert in alerts(day.evaluation):
        by_signal[alert.signal] = by_signal.get(alert.signal, 0) + 1


def series_report(reading: Reading) -> Report:
    """One daily value in the contract's form."""
    return {
        "series": reading.series,
        "day": None if reading.day is None else reading.day.isoformat(),
        "value": reading.value,
        "unit": SERIES[reading.series].unit,
        "source": reading.source,
        "complete": reading.complete,
        "read_at": _iso(reading.read_at),
    }


def _transition(at: str, transition: Transition) -> Report:
    rule = transition.rule
    return {
        "at": at,
        "signal": rule.signal,
        "from": transition.before.value,
        "to": transition.after.value,
        "value": transition.value,
        "threshold": rule.fire if transition.after.value in ("pending", "firing") else rule.clear,
        "severity": rule.severity.word,
        "rule": rule.id,
        "detail": str(transition.detail),
    }


def _phase(at: str, change: PhaseChange) -> Report:
    loud = Phase.CAPITULATION in (change.before, change.after)
    return {
        "at": at,
        "signal": COMPOSITE,
        "from": change.before.value,
        "to": change.after.value,
        "value": sum(leg.firing for leg in change.evidence),
        "threshold": 3,
        "severity": (Severity.CRITICAL if loud else Severity.WARNING).word,
        "rule": COMPOSITE,
        "detail": "firing: " + (", ".join(leg.signal for leg in change.evidence if leg.firing) or "none"),
    }


def _iso(moment: Any) -> str | None:
    return None if moment is None else moment.isoformat()
