"""The history against plain recomputation, under readings in any order."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import isclose, isnan, nan

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.signals.columns import SeriesColumn
from bot.signals.history import History
from bot.signals.series import Reading, end_of_day
from tests.signals.builders import START, daily, spot

values = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3))
puts = st.lists(st.tuples(st.integers(100, 160), values), max_size=60)


def same(left: float, right: float) -> bool:
    return (isnan(left) and isnan(right)) or isclose(left, right, rel_tol=1e-9, abs_tol=1e-6)


def naive_means(column: dict[int, float], days: int, without_highest: bool) -> list[float]:
    if not column:
        return []
    means = []
    for last in range(min(column), max(column) + 1):
        window = [column[day] for day in range(last - days + 1, last + 1) if day in column]
        if len(window) < 0.7 * days:
            means.append(nan)
            continue
        if without_highest:
            window.remove(max(window))
        means.append(sum(window) / len(window))
    return means


@settings(max_examples=150, deadline=None)
@given(puts, st.integers(2, 9), st.booleans(), st.data())
def test_means_and_peaks_are_those_of_a_plain_recomputation_whatever_the_order_of_puts(
    puts: list[tuple[int, float]], days: int, without_highest: bool, data: st.DataObject
) -> None:
    column, plain = SeriesColumn(), dict[int, float]()
    for ordinal, value in puts:
        column.put(ordinal, value)
        plain[ordinal] = value
        if data.draw(st.booleans(), label="look in between"):
            column.peaks(days, without_highest=without_highest)
    expected = naive_means(plain, days, without_highest)
    got = column.means(days, without_highest=without_highest)
    assert len(got) == len(expected)
    assert all(map(same, got, expected))
    peak = nan
    for mean, each in zip(expected, column.peaks(days, without_highest=without_highest), strict=True):
        peak = mean if isnan(peak) else peak if isnan(mean) else max(peak, mean)
        assert same(each, peak)


@settings(max_examples=150, deadline=None)
@given(puts, st.integers(2, 4), st.integers(3, 20), st.data())
def test_ranks_are_those_of_a_plain_recomputation(
    puts: list[tuple[int, float]], days: int, among: int, data: st.DataObject
) -> None:
    column, plain = SeriesColumn(), dict[int, float]()
    for ordinal, value in puts:
        column.put(ordinal, value)
        plain[ordinal] = value
        if data.draw(st.booleans(), label="look in between"):
            column.ranks(days, among)
    means = column.means(days)
    for index, rank in enumerate(column.ranks(days, among)):
        before = [mean for mean in means[max(0, index - among) : index] if not isnan(mean)]
        if isnan(means[index]) or len(before) < 0.6 * among:
            assert isnan(rank)
        else:
            below = sum(mean < means[index] for mean in before)
            equal = sum(mean == means[index] for mean in before)
            assert same(rank, (below + equal / 2) / len(before))


@given(st.sets(st.integers(0, 40)), st.integers(-5, 45))
def test_days_held_are_told_from_a_day_on(held: set[int], first: int) -> None:
    column = SeriesColumn()
    for ordinal in held:
        column.put(START.toordinal() + ordinal, 1.0)
    messages = [(day - START).days for day in column.held_since(START + timedelta(days=first))]
    assert messages == sorted(day for day in held if day >= first)


def test_a_missing_day_is_a_gap_and_not_a_zero() -> None:
    history = History(daily("btc.price", [10.0, None, 30.0]))
    column = history.column("btc.price")
    assert isnan(column.at(START.toordinal() + 1))
    assert column.window(column.last, 3) == [10.0, 30.0]
    assert list(history.days("btc.price")) == [(START, 10.0), (date(2020, 1, 3), 30.0)]


def test_an_incomplete_day_is_a_spot_value_and_no_day() -> None:
    moment = datetime(2020, 1, 1, 12, tzinfo=UTC)
    history = History([Reading("btc.price", 5.0, moment, "test", moment, START, complete=False)])
    assert history.column("btc.price").values.tolist() == []
    newest = history.newest("btc.price")
    assert newest is not None
    assert newest.value == 5.0


def test_what_is_not_known_is_an_empty_column_and_no_newest() -> None:
    history = History()
    assert history.column("btc.price").values.tolist() == []
    assert history.newest("btc.price") is None
    assert history.newest_readings() == {}


readings_of_few_days = st.lists(
    st.builds(
        lambda day, learnt, value, source: Reading(
            "btc.price",
            value,
            end_of_day(START + timedelta(days=day)),
            source,
            end_of_day(START + timedelta(days=day)) + timedelta(hours=learnt),
            START + timedelta(days=day),
        ),
        st.integers(0, 4),
        st.integers(0, 2),
        values,
        st.sampled_from(["one", "two"]),
    ),
    max_size=12,
).map(lambda readings: sorted(readings, key=lambda reading: reading.read_at))


@settings(max_examples=300, deadline=None)
@given(readings_of_few_days, st.data())
def test_what_was_learnt_before_changes_nothing_when_it_comes_again(
    readings: list[Reading], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(readings), max_size=9)) if readings else []
    each, other = History(readings), History([*readings, *again])
    assert list(each.days("btc.price")) == list(other.days("btc.price"))
    assert each.newest("btc.price") == other.newest("btc.price")


def test_a_revision_replaces_the_day_it_revises_only_when_it_is_younger() -> None:
    day = daily("btc.price", [10.0])[0]
    later = Reading("btc.price", 11.0, day.as_of, "test", day.read_at + timedelta(hours=1), day.day)
    for order in ([day, later], [later, day]):
        assert History(order).column("btc.price").values.tolist() == [11.0]


def test_a_complete_day_is_not_replaced_by_another_source_nor_by_an_incomplete_reading() -> None:
    day = daily("btc.price", [10.0])[0]
    later = day.read_at + timedelta(hours=1)
    other = replace(day, value=11.0, source="other", read_at=later)
    history = History([day, other, replace(day, value=12.0, complete=False, read_at=later)])
    assert history.column("btc.price").values.tolist() == [10.0]
    assert history.newest("btc.price") == day


def test_an_older_spot_value_does_not_hide_a_newer_one() -> None:
    noon = datetime(2020, 1, 1, 12, tzinfo=UTC)
    history = History([spot("btc.price", 2.0, noon), spot("btc.price", 1.0, noon - timedelta(hours=1))])
    newest = history.newest("btc.price")
    assert newest is not None
    assert newest.value == 2.0
