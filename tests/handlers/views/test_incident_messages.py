"""What a message about an incident reads like when it is edited, in every language."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.i18n.message import message
from bot.i18n.translator import LANGUAGES
from bot.signals.alert import Alert, AlertKind
from bot.signals.rules import Quantity, Severity
from handlers.html import visible_units
from handlers.views import alerts, notification
from storage.outbox import EditContent, MessageContent, MessageSubject
from storage.outbox.silences import PUT_OFF
from storage.signals.alerts import _alert

BEGAN = datetime(2022, 5, 8, tzinfo=UTC)


def an_alert(kind: AlertKind, severity: Severity, day: int, stands: Severity | None = None) -> str:
    at = BEGAN + timedelta(days=day)
    alert = Alert(
        f"price_drawdown.{severity.word}",
        "price_drawdown",
        severity,
        kind,
        at,
        message("price 50 % below its record"),
        value=-0.7,
        threshold=-0.7,
        clears=-0.65,
        quantity=Quantity.CHANGE,
        began=BEGAN if severity is Severity.WARNING else BEGAN + timedelta(days=39),
        lasted=timedelta(days=62),
        worst=-0.77,
        source="kraken",
        as_of=at,
        detail=message("a detail"),
        stands=stands,
    )
    return _alert().dump_json(alert).decode()


FIRED = an_alert(AlertKind.FIRED, Severity.WARNING, 1)
CRITICAL = an_alert(AlertKind.FIRED, Severity.CRITICAL, 39)
EASED = an_alert(AlertKind.CLEARED, Severity.CRITICAL, 50, Severity.WARNING)
OVER = an_alert(AlertKind.CLEARED, Severity.WARNING, 62)


def edited(*alerts: str, language: str = "en", acknowledged_by: str | None = None) -> tuple[str, list[str]]:
    content = EditContent(
        "alerts",
        (alerts,),
        alert_group=3,
        language=language,
        has_picture=True,
        acknowledged_by=acknowledged_by,
    )
    shown = notification.render_edit(content, BEGAN + timedelta(days=70))
    rows = json.loads(shown.keyboard or "{}")["inline_keyboard"]
    return shown.text, [button["text"] for row in rows for button in row]


def test_a_warning_that_became_critical_says_so_in_its_place() -> None:
    text, labels = edited(FIRED, CRITICAL)
    assert text.startswith("🔴 <b>Bitcoin is 70 % below its record</b>")
    assert "critical since" in text
    assert labels[0] == "Acknowledge"


def test_what_is_no_longer_critical_is_still_a_warning() -> None:
    text, _ = edited(FIRED, CRITICAL, EASED)
    assert text.startswith("🟠")
    assert "still a warning: critical for 62 days; at worst −77.0 %" in text


def test_what_is_over_says_how_long_and_how_bad_and_wants_no_acknowledging() -> None:
    text, labels = edited(FIRED, CRITICAL, EASED, OVER)
    assert text.startswith("✅")
    assert "It lasted 62 days" in text
    assert "Acknowledge" not in labels


def test_who_acknowledged_still_stands_there() -> None:
    assert edited(FIRED, CRITICAL, acknowledged_by="Ada")[1][0] == "✓ Ada"
    assert edited(FIRED, CRITICAL, acknowledged_by="")[1][0] == "✓ Acknowledged"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_fits_a_phone_and_a_caption(language: str) -> None:
    for state in ([FIRED], [FIRED, CRITICAL], [FIRED, CRITICAL, EASED], [FIRED, CRITICAL, EASED, OVER]):
        text, _ = edited(*state, language=language)
        before_fold = text.partition("<blockquote")[0].strip()
        assert len(before_fold.split("\n")) <= 6
        assert visible_units(before_fold) <= 600
        assert visible_units(text) <= 1024


@pytest.mark.parametrize("alert_group", [1, PUT_OFF], ids=["at once", "after a silence"])
def test_what_may_have_arrived_before_says_so_once(alert_group: int) -> None:
    at = BEGAN + timedelta(days=1)
    subject = MessageSubject("fired", "warning", at, FIRED, "price_drawdown.warning", "price_drawdown", -0.7)
    again = MessageContent((subject,), alert_group, "alert", "warning", at, repeat=True)
    assert notification.render(again, at).text.count(alerts.REPEAT) == 1
