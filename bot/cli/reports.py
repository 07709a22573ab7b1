"""What the command line prints: objects for programs, lines for people."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bot.backtest.replay import ReplayDay
from bot.signals.forecast import Forecast
from bot.signals.phase import Phase, PhaseChange
from bot.signals.rules import COMPOSITE, Severity
from bot.signals.series import SERIES, Reading
from bot.signals.state_machine import Transition

Report = dict[str, Any]


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


def forecast_report(forecast: Forecast) -> Report:
    """One day's odds of an event in the contract's form."""
    return {
        "at": (forecast.as_of.date() - timedelta(days=1)).isoformat(),
        "forecast": forecast.name,
        "probability": round(forecast.probability, 4),
    }


def forecast_line(forecast: Forecast) -> str:
    """The same for people."""
    report = forecast_report(forecast)
    return (
        f"{report['at']}  {forecast.name:<30} {forecast.probability:.0%} (base rate {forecast.base_rate:.0%})"
    )


def _changes(day: ReplayDay) -> list[Transition]:
    """Without reminders, which tell people again but change nothing."""
    return [each for each in day.evaluation.transitions if each.before is not each.after]


def count_alerts(day: ReplayDay, by_signal: dict[str, int]) -> None:
    """Add the alerts a subscriber of everything would have got that day."""
    for alert in day.evaluation.alerts:
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
        "read_at": iso_or_none(reading.read_at),
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
        "threshold": 2,  # price and hashrate
        "severity": (Severity.CRITICAL if loud else Severity.WARNING).word,
        "rule": COMPOSITE,
        "detail": "firing: " + (", ".join(leg.signal for leg in change.evidence if leg.firing) or "none"),
    }


def iso_or_none(moment: Any) -> str | None:
    """Return a moment in ISO 8601, or None."""
    return None if moment is None else moment.isoformat()
