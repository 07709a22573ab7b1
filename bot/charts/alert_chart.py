"""The chart that goes out with an alert: of changes of phase and of critical beginnings."""

from collections.abc import Sequence
from dataclasses import replace

from bot.charts.chart_data import ChartData, ChartEpisode, ChartSource, NoDataError, take_chart
from bot.charts.spec import A_YEAR, CHART_OF_SIGNAL, ChartKind, ChartSpec
from bot.signals.alert import Alert, AlertKind
from bot.signals.phase import Phase
from bot.signals.rules import Severity

_OF_PHASE = {Phase.STRESS: Severity.WARNING, Phase.CAPITULATION: Severity.CRITICAL}


def alert_chart(alerts: Sequence[Alert], source: ChartSource, *, dark: bool = False) -> ChartData | None:
    """The chart of the gravest of some alerts, what began marked; None when none of them has one."""
    alert = next((alert for alert in alerts if has_chart(alert)), None)
    if alert is None:
        return None
    try:
        chart = take_chart(spec_of(alert, dark=dark), source)
    except NoDataError:
        return None
    severity = alert.severity if alert.after is None else _OF_PHASE.get(alert.after)
    day = alert.at.date()
    if severity is None or any(
        episode.severity is severity and episode.last is None for episode in chart.episodes
    ):
        return chart
    return replace(chart, episodes=(*chart.episodes, ChartEpisode(day, None, severity)))


def has_chart(alert: Alert) -> bool:
    """True for a change of phase and for a critical rule that has fired."""
    if alert.kind is AlertKind.PHASE:
        return True
    return alert.kind is AlertKind.FIRED and alert.severity is Severity.CRITICAL


def spec_of(alert: Alert, *, dark: bool = False) -> ChartSpec:
    """The chart that shows what an alert is about, over a year."""
    kind = CHART_OF_SIGNAL.get(alert.signal, ChartKind.PRICE)
    zone = alert.rule.rsplit(".", 1)[-1] if kind is ChartKind.ENERGY else ""
    return ChartSpec(kind, A_YEAR, zone, dark)
