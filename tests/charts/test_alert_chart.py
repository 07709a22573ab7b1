"""The chart that goes out with an alert."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.charts.alert_chart import alert_chart
from bot.charts.spec import ChartKind
from bot.i18n.message import message
from bot.signals.alert import Alert, AlertKind
from bot.signals.phase import Phase
from bot.signals.rules import COMPOSITE, SIGNALS, Severity
from tests.charts.history import NOW, source

FIRED = Alert(
    "hashrate_decline.critical",
    "hashrate_decline",
    Severity.CRITICAL,
    AlertKind.FIRED,
    NOW,
    message("hashrate down a tenth"),
)
PHASE = Alert(
    COMPOSITE,
    COMPOSITE,
    Severity.CRITICAL,
    AlertKind.PHASE,
    NOW,
    message("phase"),
    before=Phase.STRESS,
    after=Phase.CAPITULATION,
)


def test_a_critical_firing_has_its_signals_chart_with_the_firing_marked_today() -> None:
    chart = alert_chart([FIRED], source())
    assert chart is not None
    assert chart.spec.kind is ChartKind.HASHRATE
    assert (chart.episodes[-1].first, chart.episodes[-1].last) == (NOW.date(), None)
    assert chart.episodes[-1].severity is Severity.CRITICAL


def test_a_change_of_phase_has_the_price_with_the_phases_and_todays_value() -> None:
    chart = alert_chart([PHASE], source(), dark=True)
    assert chart is not None
    assert (chart.spec.kind, chart.spec.dark) == (ChartKind.PRICE, True)
    assert chart.live["btc.price"] == 19_900.0
    assert chart.episodes[-1].severity is Severity.CRITICAL
    assert chart.episodes[-1].last is None


def test_of_several_alerts_the_first_that_has_a_chart_counts() -> None:
    warning = replace(FIRED, severity=Severity.WARNING)
    chart = alert_chart([warning, FIRED, PHASE], source())
    assert chart is not None
    assert chart.spec.kind is ChartKind.HASHRATE


@pytest.mark.parametrize(
    "kind", [kind for kind in AlertKind if kind not in (AlertKind.FIRED, AlertKind.PHASE)]
)
def test_other_alerts_have_none(kind: AlertKind) -> None:
    assert alert_chart([replace(FIRED, kind=kind)], source()) is None
    assert alert_chart([replace(FIRED, severity=Severity.WARNING)], source()) is None


def test_every_signal_has_a_chart_and_an_energy_rule_its_zones() -> None:
    for signal in SIGNALS.values():
        zone = ".DE-LU" if signal.name == "energy_price" else ""
        alert = replace(FIRED, signal=signal.name, rule=f"{signal.name}.critical{zone}")
        chart = alert_chart([alert], source())
        assert chart is not None
        assert chart.spec.kind is ChartKind(signal.chart)


def test_without_data_there_is_no_chart() -> None:
    later = replace(source(), at=NOW + timedelta(days=3650))
    assert alert_chart([FIRED], later) is None
