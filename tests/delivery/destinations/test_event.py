"""What destinations are sent."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema_rs
import pytest
from pydantic import TypeAdapter

from bot.delivery.alert_report import alert_uid
from bot.delivery.destinations import event
from bot.signals.alert import Alert
from storage.outbox import MessageContent, MessageSubject, NoticeKind
from tests.delivery.destinations.stories import ALERTS

SCHEMA = Path("docs/webhook.schema.json")
AT = datetime(2022, 6, 18, 12, tzinfo=UTC)


def content(*alerts: Alert, language: str | None = None) -> MessageContent:
    subjects = tuple(
        MessageSubject(
            alert.kind.value,
            alert.severity.word,
            alert.at,
            TypeAdapter(Alert).dump_json(alert).decode(),
            alert.rule,
            alert.signal,
            alert.value,
        )
        for alert in alerts
    )
    return MessageContent(subjects, 1, "alert", "warning", AT, language)


@pytest.mark.parametrize("language", ["en", "de", "es", "ru", "zh"])
@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.kind.value)
def test_every_event_is_as_the_schema_says(alert: Alert, language: str) -> None:
    (line,) = event.render(content(alert, language=language), AT).text.splitlines()
    body = json.loads(line)
    jsonschema_rs.validate(json.loads(SCHEMA.read_text()), body)
    assert body["type"] == f"alert.{alert.kind.value}"
    assert body["version"] == event.VERSION
    assert body["data"]["uid"] == alert_uid(alert)
    assert body["data"]["language"] == language
    assert body["data"]["headline"]


def test_a_test_event_is_as_the_schema_says() -> None:
    subject = MessageSubject(NoticeKind.DESTINATION_TEST.value, "warning", AT, "{}")
    (line,) = event.render(MessageContent((subject,), -1, subject.kind, "warning", AT), AT).text.splitlines()
    body = json.loads(line)
    jsonschema_rs.validate(json.loads(SCHEMA.read_text()), body)
    assert body["type"] == "test"


def test_the_schema_in_the_documentation_is_that_of_the_code() -> None:
    assert json.loads(SCHEMA.read_text()) == event.schema(), "run: make docs"


def test_the_same_alerts_read_the_same_at_every_try() -> None:
    first = content(*ALERTS)
    later = replace(first, repeat=True, queued_at=AT + timedelta(hours=3))
    assert event.render(first, AT).text == event.render(later, AT + timedelta(hours=4)).text
    assert len(event.render(first, AT).text.splitlines()) == len(ALERTS)
