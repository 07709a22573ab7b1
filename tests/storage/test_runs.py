"""Runs: what tells a clean stop from any other."""

from datetime import UTC, datetime, timedelta

from storage import runs
from storage.database import Database

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_the_first_run_has_none_before_it(db: Database) -> None:
    assert runs.begin(db, "1.0", NOW) == (1, None)


def test_a_clean_stop_leaves_nothing_to_say(db: Database) -> None:
    run, _ = runs.begin(db, "1.0", NOW)
    runs.end(db, run, NOW + timedelta(hours=1))
    assert runs.begin(db, "1.0", NOW + timedelta(hours=2)) == (2, None)


def test_a_run_that_just_ended_is_told_with_its_last_sign_of_life(db: Database) -> None:
    run, _ = runs.begin(db, "1.0", NOW)
    runs.note_alive(db, run, NOW + timedelta(hours=1))
    _, before = runs.begin(db, "1.1", NOW + timedelta(hours=5))
    assert before == runs.Run(1, "1.0", NOW, NOW + timedelta(hours=1), None)


def test_old_runs_are_forgotten(db: Database) -> None:
    for hour in range(150):
        run, _ = runs.begin(db, "1.0", NOW + timedelta(hours=hour))
        runs.end(db, run, NOW + timedelta(hours=hour))
    assert db.execute("SELECT count(*) FROM runs").fetchone()[0] == 100
