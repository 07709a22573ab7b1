"""A complete day stands; when its own source revises it, what it said before is kept."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.signals.series import Reading, end_of_day
from storage.database import Database
from storage.signals import readings
from tests.storage.signals import revisions

DAY = date(2026, 11, 17)
READ = datetime(2026, 11, 18, 0, 10, tzinfo=UTC)
FIRST = Reading("btc.hashrate", 900.0, end_of_day(DAY), "mempool", READ, DAY)


def stored(db: Database) -> Reading:
    (reading,) = readings.of_series(db, "btc.hashrate", DAY, DAY)
    return reading


def test_a_revision_keeps_what_was_said_before(db: Database) -> None:
    later = replace(FIRST, value=905.0, read_at=READ + timedelta(hours=1))
    latest = replace(FIRST, value=907.0, read_at=READ + timedelta(hours=2))
    for reading in (FIRST, later, latest):
        readings.save(db, [reading])
    assert stored(db) == latest
    result = revisions.of_series(db, "btc.hashrate")
    assert [(each.value, each.read_at, each.replaced_at) for each in result] == [
        (900.0, READ, later.read_at),
        (905.0, later.read_at, latest.read_at),
    ]
    assert result[0].source == "mempool"


@pytest.mark.parametrize(
    "other",
    [
        replace(FIRST, value=905.0, source="coinmetrics", read_at=READ + timedelta(hours=1)),
        replace(FIRST, value=905.0, complete=False, read_at=READ + timedelta(hours=1)),
        replace(FIRST, value=905.0, read_at=READ - timedelta(hours=1)),
        replace(FIRST, value=900.0000000001, read_at=READ + timedelta(hours=1)),
    ],
    ids=["another source", "an incomplete reading", "an older reading", "the last digit"],
)
def test_a_complete_day_is_not_replaced_by(other: Reading, db: Database) -> None:
    readings.save(db, [FIRST, other])
    assert stored(db) == FIRST
    assert revisions.of_series(db, "btc.hashrate") == []


def test_an_incomplete_day_is_replaced_without_a_trace(db: Database) -> None:
    half = replace(FIRST, value=450.0, complete=False, source="bitview", read_at=READ - timedelta(hours=9))
    readings.save(db, [half, FIRST])
    assert stored(db) == FIRST
    assert revisions.of_series(db, "btc.hashrate") == []


def test_the_same_figure_can_become_complete(db: Database) -> None:
    running = replace(FIRST, complete=False, read_at=READ - timedelta(hours=9))
    readings.save(db, [running, FIRST])
    assert stored(db).complete
