"""An alert as data: what the API and the feeds show of it, and what webhooks are sent."""

from datetime import datetime
from typing import Annotated, Any
from uuid import NAMESPACE_URL, uuid5

from pydantic import BaseModel, ConfigDict, PlainSerializer, WithJsonSchema

from bot.signals.alert import Alert

Moment = Annotated[
    datetime,
    PlainSerializer(datetime.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment as every program's output of minerwatch writes it: `2026-11-20T12:00:00+00:00`."""


class ApiModel(BaseModel):
    """A part of an answer: it is never changed."""

    model_config = ConfigDict(frozen=True)


class AlertFacts(ApiModel):
    """An alert. `before` and `after` are phases, of a change of phase only."""

    uid: str
    rule: str
    signal: str
    severity: str
    kind: str
    at: Moment
    title: str
    value: float | None
    threshold: float | None
    worst: float | None
    began: Moment | None
    source: str
    as_of: Moment | None
    detail: str
    before: str | None
    after: str | None


class AlertReport(AlertFacts):
    """One alert as subscribers got it. `before` and `after` are phases, of a change of phase only."""

    id: int


def alert_uid(alert: Alert) -> str:
    """The alert's stable identifier: the same after a restart, and in a copy of the database."""
    name = f"{alert.rule}|{alert.kind.value}|{alert.at.isoformat()}"
    return uuid5(NAMESPACE_URL, f"urn:minerwatch:alert:{name}").urn


def alert_report(id_: int, alert: Alert) -> AlertReport:
    """Report one alert."""
    return AlertReport(id=id_, **alert_facts(alert))


def alert_facts(alert: Alert) -> dict[str, Any]:
    """The fields of AlertFacts."""
    return {
        "uid": alert_uid(alert),
        "rule": alert.rule,
        "signal": alert.signal,
        "severity": alert.severity.word,
        "kind": alert.kind.value,
        "at": alert.at,
        "title": str(alert.title),
        "value": alert.value,
        "threshold": alert.threshold,
        "worst": alert.worst,
        "began": alert.began,
        "source": alert.source,
        "as_of": alert.as_of,
        "detail": str(alert.detail),
        "before": None if alert.before is None else alert.before.value,
        "after": None if alert.after is None else alert.after.value,
    }
