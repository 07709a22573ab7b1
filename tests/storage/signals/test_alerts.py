"""Alerts are stored once, and whatever a rule says after it said something else is one more."""

from datetime import UTC, datetime, timedelta

from bot.i18n.message import message
from bot.signals.alert import Alert, AlertKind
from bot.signals.rules import Severity
from storage.engine import Database
from storage.signals import alerts

FIRST = datetime(2026, 2, 28, tzinfo=UTC)
SECOND = FIRST + timedelta(days=1)


def tell(db: Database, kind: AlertKind, at: datetime) -> bool:
    """Whether this was news."""
    alert = Alert("price_drawdown.critical", "price_drawdown", Severity.CRITICAL, kind, at, message("title"))
    return alerts.add(db, [alert]) is not None


def test_what_fires_again_on_the_same_data_after_a_clock_was_set_back_is_told(db: Database) -> None:
    assert tell(db, AlertKind.FIRED, SECOND)
    assert tell(db, AlertKind.CLEARED, FIRST), "set back, it saw the day before"
    assert tell(db, AlertKind.FIRED, SECOND), "it would stand firing, and have told that it ended"
    newest = alerts.newest_of(db, "price_drawdown.critical")
    assert newest is not None
    assert (newest.kind, newest.at - SECOND) == (AlertKind.FIRED, timedelta(microseconds=1))


def test_what_is_said_again_is_not_told_again(db: Database) -> None:
    assert tell(db, AlertKind.FIRED, FIRST)
    assert not tell(db, AlertKind.FIRED, FIRST)
    assert tell(db, AlertKind.REMINDER, SECOND)
    assert not tell(db, AlertKind.REMINDER, SECOND)
    assert not tell(db, AlertKind.FIRED, FIRST)
