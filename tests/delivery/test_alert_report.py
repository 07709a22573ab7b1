"""An alert as data, for the API, the feeds and webhooks."""

import json

import pytest

from bot.delivery.alert_report import alert_facts, alert_report, alert_uid
from bot.signals.alert import Alert
from tests.delivery.destinations.stories import ALERTS


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.kind.value)
def test_a_report_says_what_the_alert_says_under_the_number_that_it_is_asked_for(alert: Alert) -> None:
    report = alert_report(7, alert)
    facts = report.model_dump()
    assert facts == {"id": 7, **alert_facts(alert)} | {
        moment: alert_facts(alert)[moment] and alert_facts(alert)[moment].isoformat()
        for moment in ("at", "began", "as_of")
    }
    assert facts.keys() == json.loads(report.model_dump_json()).keys()
    for field in ("rule", "signal", "value", "threshold", "worst", "source"):
        assert facts[field] == getattr(alert, field)
    assert (facts["severity"], facts["kind"]) == (alert.severity.word, alert.kind.value)
    assert (facts["title"], facts["detail"]) == (str(alert.title), str(alert.detail))
    phases = [phase and phase.value for phase in (alert.before, alert.after)]
    assert [facts["before"], facts["after"]] == phases


def test_every_alert_has_an_identifier_of_its_own_that_never_changes() -> None:
    assert len({alert_uid(alert) for alert in ALERTS}) == len(ALERTS)
    assert alert_uid(ALERTS[0]) == alert_report(99, ALERTS[0]).uid
    known = "urn:uuid:508b89d8-5ec3-5b8c-a367-5bd7a57fb8b4"
    assert alert_uid(ALERTS[0]) == known, "receivers have stored it"
