"""How much a person has asked for: the same in memory and in the database of both engines."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.chats.flood_counts import LIMITS, Bucket, Kind, take
from storage.database import Database

ADA = 7
STEPS = st.lists(st.tuples(st.floats(0, 90), st.sampled_from([1.0, 5.0])), max_size=80)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_the_statement_counts_as_the_bucket_does(db: Database, steps: list[tuple[float, float]]) -> None:
    db.execute("DELETE FROM flood_counts")
    limit = LIMITS[Kind.ANSWERS]
    bucket = Bucket(limit.size, limit.per_second, limit.size, 0.0)
    now = 0.0
    for gap, cost in steps:
        now += round(4 * gap) / 4  # so that sums of floats are exact
        assert take(db, ADA, Kind.ANSWERS, cost, now) == bucket.take(now, cost)


def test_a_clock_that_was_set_back_locks_nobody_out(db: Database) -> None:
    for _ in range(round(LIMITS[Kind.ANSWERS].size)):
        assert take(db, ADA, Kind.ANSWERS, 1.0, 7_200.0)
    assert take(db, ADA, Kind.ANSWERS, 1.0, 7_200.0) is None
    assert take(db, ADA, Kind.ANSWERS, 1.0, 3_600.0)


def test_each_person_and_kind_has_a_count_of_its_own(db: Database) -> None:
    for _ in range(round(LIMITS[Kind.SETTINGS].size)):
        assert take(db, ADA, Kind.SETTINGS, 1.0, 0.0)
    assert take(db, ADA, Kind.SETTINGS, 1.0, 0.0) is None
    assert take(db, ADA, Kind.ANSWERS, 1.0, 0.0)
    assert take(db, ADA + 1, Kind.SETTINGS, 1.0, 0.0)
