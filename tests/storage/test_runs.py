"""Runs: what tells a clean stop from any other."""

from datetime import UTC, datetime, timedelta

from storage import runs
from storage.database import Database
from storage.migrations import migrate

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _database() -> Database:
    db = Database(memory=True)
    db.conn.isolation_level = None
    migrate(db)
    return db


def test_the_first_run_has_none_before_it() -> None:
    db = _database()
    assert runs.begin(db, "1.0", NOW) == (1, None)
    db.close()


def test_a_clean_stop_leaves_nothing_to_say() -> None:
    db = _database()
    run, _ = runs.begin(db, "1.0", NOW)
    runs.end(db, run, NOW + timedelta(hours=1))
    assert runs.begin(db, "1.0", NOW + timedelta(hours=2)) == (2, None)
    db.close()


def test_a_run_that_just_ended_is_told_with_its_last_sign_of_life() -> None:
    db = _database()
    run, _ = runs.begin(db, "1.0", NOW)
    runs.note_alive(db, run, NOW + timedelta(hours=1))
    _, before = runs.begin(db, "1.1", NOW + timedelta(hours=5))
    assert before == runs.Run(1, "1.0", NOW, NOW + timedelta(hours=1), None)
    db.close()


def test_old_runs_are_forgotten() -> None:
    db = _database()
    for hour in range(150):
        run, _ = runs.begin(db, "1.0", NOW + timedelta(hours=hour))
        runs.end(db, run, NOW + timedelta(hours=hour))
    assert db.execute("SELECT count(*) FROM runs").fetchone()[0] == 100
    db.close()
