"""What a destination is sent: one JSON event for each alert, the same at every try.

`python -m bot.delivery.destinations.event` prints the JSON Schema that stands in docs/webhook.schema.json.
"""

import json
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field, TypeAdapter

from bot.delivery import alert_text
from bot.delivery.alert_report import AlertFacts, ApiModel, Moment, alert_facts
from bot.delivery.outcomes import OutgoingMessage
from bot.i18n.translator import LocaleTranslator, translator_for
from bot.signals.alert import Alert
from storage.outbox import MessageContent, NoticeKind
from storage.signals import alerts

VERSION: Final = 1
"""Goes up when a field changes its meaning or goes; new fields and types may come without."""


class AlertData(AlertFacts):
    """An alert, as `/api/v1/alerts` shows it, and in words: `headline` in a line, `text` in several."""

    language: str = Field(description="of headline and text: en, de, es, ru or zh")
    headline: str
    text: str


class AlertEvent(ApiModel):
    """An alert was made. `timestamp` is the moment of the data that caused it."""

    type: Literal[
        "alert.fired", "alert.cleared", "alert.reminder", "alert.no_data", "alert.data_back", "alert.phase"
    ]
    version: Literal[1] = VERSION
    timestamp: Moment
    data: AlertData


class TestData(ApiModel):
    """What a test says."""

    language: str
    headline: str
    text: str


class TestEvent(ApiModel):
    """An operator has asked for a test."""

    type: Literal["test"] = "test"
    version: Literal[1] = VERSION
    timestamp: Moment
    data: TestData


Event = Annotated[AlertEvent | TestEvent, Field(discriminator="type")]


def render(content: MessageContent, _now: datetime) -> OutgoingMessage:
    """The events of a message, one a line. They depend on nothing that changes between two tries."""
    t = translator_for(content.language)
    events = [
        _alert_event(alerts.parse(subject.body), t)
        if subject.rule
        else TestEvent(timestamp=subject.at, data=_test_data(t))
        for subject in content.subjects
        if subject.rule or subject.kind == NoticeKind.DESTINATION_TEST
    ]
    return OutgoingMessage("\n".join(event.model_dump_json() for event in events))


def _alert_event(alert: Alert, t: LocaleTranslator) -> AlertEvent:
    headline, text = alert_text.title(alert, t), "\n".join(alert_text.lines(alert, t))
    data = {**alert_facts(alert), "language": t.code, "headline": headline, "text": text}
    event = {"type": f"alert.{alert.kind.value}", "timestamp": alert.at, "data": data}
    return AlertEvent.model_validate(event)


def _test_data(t: LocaleTranslator) -> TestData:
    return TestData(
        language=t.code,
        headline=t("minerwatch: a test"),
        text=t("This is a test. Alerts will come the same way."),
    )


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of an event."""
    about = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "minerwatch webhook event",
    }
    return {**about, **TypeAdapter(Event).json_schema(mode="serialization")}


if __name__ == "__main__":
    print(json.dumps(schema(), ensure_ascii=False, indent=2))  # noqa: T201 - it's what the module is run for
