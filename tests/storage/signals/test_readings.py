"""Memory and database hold the same at every moment, whatever was learnt, when and from whom."""

from datetime import date, datetime, time, timedelta
from math import isnan

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.signals.history import History
from bot.signals.series import Reading, end_of_day
from storage.database import Database
from storage.signals import readings
from tests.signals.builders import START

SERIES = ("btc.price", "btc.hashrate")
BEGIN = end_of_day(START)


def of_day(series: str, value: float, source: str, read_at: datetime, back: int, *, whole: bool) -> Reading:
    """A day as providers give it: today's is under way, an earlier one may lack a part."""
    day = read_at.date() - timedelta(days=back)
    complete = whole and end_of_day(day) <= read_at
    return Reading(series, value, min(end_of_day(day), read_at), source, read_at, day, complete)


hours = st.integers(0, 96).map(lambda n: BEGIN + timedelta(hours=n))
figures = st.sampled_from([1.0, 1.0 + 1e-12, 2.0, 3.5, 0.0])
sources = st.sampled_from(["mempool", "bitview"])
learnt = st.one_of(
    st.builds(
        of_day, st.sampled_from(SERIES), figures, sources, hours, st.integers(0, 3), whole=st.booleans()
    ),
    st.builds(
        lambda series, value, source, read_at, age: Reading(
            series, value, read_at - timedelta(hours=age), source, read_at
        ),
        st.sampled_from(SERIES),
        figures,
        sources,
        hours,
        st.sampled_from([0, 1, 24]),
    ),
)


def same_columns(one: History, other: History, series: str) -> bool:
    left, right = one.column(series), other.column(series)
    pairs = zip(left.values, right.values, strict=True)
    return left.first == right.first and all(a == b or (isnan(a) and isnan(b)) for a, b in pairs)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(polls=st.lists(st.lists(learnt, max_size=6), max_size=6))
def test_a_restart_finds_what_was_known_before_it(polls: list[list[Reading]], db: Database) -> None:
    for table in ("days", "spots", "revisions"):
        db.execute(f"DELETE FROM {table}")
    living = History()
    for poll in polls:
        for reading in poll:
            living.add(reading)
        readings.save(db, poll)
        replayed = History(readings.everything(db))
        assert replayed.newest_readings() == living.newest_readings()
        for series in SERIES:
            assert list(replayed.days(series)) == list(living.days(series))
            assert same_columns(replayed, living, series)


@given(st.lists(learnt, max_size=12))
def test_a_complete_day_keeps_its_source_and_only_that_revises_it(given_in_turn: list[Reading]) -> None:
    history, first = History(), dict[tuple[str, date], Reading]()
    for reading in given_in_turn:
        history.add(reading)
        if reading.day is None or not reading.complete:
            continue
        key = (reading.series, reading.day)
        known = dict(history.days(reading.series))
        if reading.day in known and key not in first:
            first[key] = reading
        if key in first and reading.source != first[key].source:
            of_it = {each.value for each in given_in_turn if each.source == first[key].source}
            assert known[reading.day] in of_it


def test_a_spot_value_of_the_same_moment_is_revised_by_its_own_source_alone(db: Database) -> None:
    moment = datetime.combine(START, time(12), BEGIN.tzinfo)
    first = Reading("btc.hashprice", 50.0, moment, "computed", moment)
    other = Reading("btc.hashprice", 60.0, moment, "elsewhere", moment + timedelta(minutes=5))
    again = Reading("btc.hashprice", 51.0, moment, "computed", moment + timedelta(minutes=10))
    history = History([first, other, again])
    readings.save(db, [first, other, again])
    assert history.newest("btc.hashprice") == again
    assert again in list(readings.everything(db))
