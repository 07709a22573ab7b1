"""What `poll` prints: one poll as an object for programs, and as lines for people."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.cli.reports import Report, iso_or_none
from bot.pipeline.poller import Poll
from bot.signals.forecast import Forecast
from bot.signals.series import SERIES
from bot.signals.status import phase_is_stale, signal_statuses


def poll_report(poll: Poll, forecasts: Sequence[Forecast] = ()) -> Report:
    """One poll in the contract's form, with what was refused and why."""
    gathered, statuses = poll.gathered, signal_statuses(poll.rules, poll.evaluation.states)
    return {
        "polled_at": poll.polled_at.isoformat(),
        "sources": [
            {
                "source": report.source,
                "ok": report.ok,
                "error": None if report.error is None else str(report.error),
                "as_of": iso_or_none(report.as_of),
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
                "as_of": iso_or_none(reading.as_of),
                "source": reading.source,
            }
            for reading in poll.readings
        ],
        "refused": [
            {
                "series": refusal.series,
                "kind": refusal.kind,
                "source": refusal.source,
                "reason": str(refusal.reason),
            }
            for refusal in gathered.refused
        ],
        "signals": [
            {
                "signal": each.signal,
                "state": each.state.value,
                "value": each.value,
                "threshold": each.threshold,
                "severity": each.severity.word,
                "as_of": iso_or_none(each.as_of),
                "reason": str(each.reason),
            }
            for each in statuses
        ],
        "phase": poll.evaluation.states.phase.phase.value,
        "phase_stale": phase_is_stale(statuses),
        "forecasts": [
            {
                "name": each.name,
                "probability": round(each.probability, 4),
                "base_rate": each.base_rate,
                "as_of": each.as_of.isoformat(),
            }
            for each in forecasts
        ],
        "alerts_queued": poll.queued.rows,
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
