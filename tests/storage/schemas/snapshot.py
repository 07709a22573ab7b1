"""A small database as this release writes it, as SQL, for the upgrade tests of all releases to come.

At a release: `python -m tests.storage.schemas.snapshot v0.1.0 > tests/storage/schemas/v0.1.0.sql`
"""

import sys
from datetime import UTC, date, datetime

from bot.i18n.message import DayValue, NumberValue, message
from bot.signals.alert import Alert, AlertKind
from bot.signals.evaluation import RuleStates
from bot.signals.phase import Phase, PhaseState
from bot.signals.rules import Quantity, Severity
from bot.signals.state_machine import RuleState, State
from storage.signals import alerts, rule_states
from tests.fakes.engines import new_database

_AT = datetime(2026, 2, 1, 9, 0, 5, tzinfo=UTC)
_DETAIL = message(
    "{price} USD against the record of {record} USD on {day}",
    price=NumberValue(61_838.0),
    record=NumberValue(126_200.0),
    day=DayValue(date(2025, 10, 6)),
)
_ALERT = Alert(
    "price_drawdown.warning",
    "price_drawdown",
    Severity.WARNING,
    AlertKind.FIRED,
    _AT,
    message("price half below its record"),
    value=-0.51,
    threshold=-0.5,
    clears=-0.45,
    quantity=Quantity.CHANGE,
    began=_AT,
    source="kraken",
    as_of=_AT,
    detail=_DETAIL,
)
_STATE = RuleState(
    State.FIRING,
    _AT,
    _AT,
    _AT,
    _AT,
    _AT,
    value=-0.51,
    worst=-0.51,
    source="kraken",
    detail=_DETAIL,
    no_data=None,
)

_ROWS = """
INSERT INTO days VALUES ('btc.price', '2026-01-30', 80123.0, '2026-01-31T00:00:00+00:00', 'kraken', 1,
                         '2026-01-31T00:10:00+00:00', 2);
INSERT INTO days VALUES ('btc.price', '2026-01-31', 80321.0, '2026-02-01T00:00:00+00:00', 'kraken', 1,
                         '2026-02-01T00:10:00+00:00', 0);
INSERT INTO spots VALUES ('btc.price', '2026-02-01T09:00:00+00:00', 80400.0, 'mempool',
                          '2026-02-01T09:00:05+00:00', 1);
INSERT INTO chats VALUES (101, 0, 'private', 1, NULL, '2026-01-01T00:00:00+00:00');
INSERT INTO chats VALUES (-1002, 7, 'supergroup', 0, 'bot was kicked', '2026-01-02T00:00:00+00:00');
INSERT INTO subscriptions VALUES (101, 0, 'price_drawdown', 1);
INSERT INTO subscriptions VALUES (-1002, 7, 'capitulation', 2);
INSERT INTO notices VALUES (1, 'broadcast', 'info', '2026-02-01T10:00:00+00:00', '{}');
INSERT INTO outbox (id, bulletin, chat_id, alert_id, severity, priority, queued_at, next_try_at, expires_at)
    VALUES (1, 1, 101, 1, 'warning', 2, '2026-02-01T09:00:05+00:00', '2026-02-01T09:00:05+00:00',
            '2026-02-02T09:00:05+00:00');
"""


def snapshot() -> str:
    """The SQL that makes the database again."""
    db = new_database()
    alerts.add(db, [_ALERT])
    rule_states.save(db, RuleStates(), RuleStates({_ALERT.rule: _STATE}, PhaseState(Phase.STRESS, _AT)))
    db.conn.executescript(_ROWS)
    try:
        return "\n".join(db.conn.iterdump()) + "\n"
    finally:
        db.close()


if __name__ == "__main__":
    sys.stdout.write(f"-- minerwatch {sys.argv[1]}, written by tests.storage.schemas.snapshot\n{snapshot()}")
