"""Watches in the database: the SQL does what the pure step does, and costs by what crossed."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.watches.formatter import format_watch
from bot.watches.parser import parse_watch
from bot.watches.watch import GAP, Watch, WatchFigure, WatchState, begin, step
from storage import outbox
from storage.chats import chat_migration, chats, watch_evaluation, watches
from storage.chats.chats import Address
from storage.database import Database
from storage.sqlite.file_engine import SqliteConnection
from tests.fakes.engines import new_database

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOME = Address(1)
TODAY = NOW.date()


def fresh() -> SqliteConnection:
    db = new_database()
    chats.remember(db, HOME, "private", NOW)
    return db


@pytest.fixture
def db(db: Database) -> Database:
    chats.remember(db, HOME, "private", NOW)
    return db


@pytest.fixture
def sqlite_db() -> Iterator[SqliteConnection]:
    with closing(fresh()) as opened:
        yield opened


def price(value: float, at: datetime) -> WatchFigure:
    return WatchFigure("price", value, at, "test")


def keep(db: Database, text: str, *figures: WatchFigure, address: Address = HOME) -> int:
    watch = parse_watch(text, TODAY)
    return watches.add(db, address, watch, format_watch(watch), {each.metric: each for each in figures}, NOW)


def look(db: Database, hours: float, *figures: tuple[str, float]) -> list[str]:
    """One look at these figures; the words of every watch that told."""
    now = NOW + timedelta(hours=hours)
    queued = watch_evaluation.evaluate(
        db, [WatchFigure(key, value, now, "test") for key, value in figures], now
    )
    messages = outbox.claim(db, now, 1000)
    outbox.record(db, [outbox.SendResult(each.ids, "sent", now) for each in messages])
    lines = [watches.parse(subject.body).text for each in messages for subject in each.content.subjects]
    assert len(lines) == queued
    return lines


LINES = (
    *("price below 60000", "price above 60000 for 2d", "price crosses 60000", "price leaves 58000-62000"),
    *("price enters 58000-62000 for 1d", "price below 60000 once", "price above 59000 every 12h"),
    *("price below 60000 and hashprice below 50", "hashprice above 50 and price above 60000 for 1d every 1d"),
    *("price leaves 58000-62000 for 1d", "price below 61000 until 2026-01-04"),
)
prices = st.sampled_from([56_000.0, 58_500.0, 59_900.0, 60_100.0, 60_700.0, 61_900.0, 63_000.0])
hashprices = st.sampled_from([45.0, 49.7, 50.2, 51.0])
looks = st.lists(
    st.tuples(
        st.sampled_from([0.1, 3.0, 7.0, 25.0, 80.0]),
        st.one_of(st.none(), prices),
        st.one_of(st.none(), hashprices),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(looks)
def test_a_million_watches_in_sql_are_one_watch_in_python(
    looks: list[tuple[float, float | None, float | None]],
) -> None:
    db = fresh()
    first = {"price": price(60_100.0, NOW)}
    values: dict[int, Watch] = {}
    states: dict[int, WatchState] = {}
    for line in LINES:
        watch = parse_watch(line, TODAY)
        number = watches.add(db, HOME, watch, format_watch(watch), first, NOW)
        values[number], states[number] = watch, begin(watch, first)
    now, result = NOW, {"price": NOW}
    for wait, price_usd, hashprice in looks:
        now += timedelta(hours=wait)
        now = now.replace(microsecond=0)
        figures = {}
        for key, value in (("price", price_usd), ("hashprice", hashprice)):
            if value is not None:
                gap = key in result and now - result[key] > GAP
                figures[key] = WatchFigure(key, value, now, "test", gap)
                result[key] = now
        expected = []
        for number, watch in list(values.items()):
            if watch.ends_at is not None and watch.ends_at <= now:
                del values[number]
                continue
            states[number], tells = step(watch, states[number], figures, now)
            if tells:
                expected.append(format_watch(watch))
        watch_evaluation.evaluate(db, list(figures.values()), now)
        messages = outbox.claim(db, now, 1000)
        lines = [watches.parse(subject.body).text for each in messages for subject in each.content.subjects]
        outbox.record(db, [outbox.SendResult(each.ids, "sent", now) for each in messages])
        assert sorted(lines) == sorted(expected)
        for each in watches.of_chat(db, HOME):
            assert each.watch == values[each.id]
            assert each.state == states[each.id]
    db.close()


def test_it_tells_on_crossing_and_is_armed_again_only_by_crossing_back(db: Database) -> None:
    keep(db, "price below 60000", price(61_000, NOW))
    assert look(db, 1, ("price", 60_500)) == []
    assert look(db, 2, ("price", 59_900)) == ["price below 60,000 USD"]
    assert look(db, 20, ("price", 60_100)) == []  # not yet past 60,600
    assert look(db, 21, ("price", 59_000)) == []
    assert look(db, 22, ("price", 60_700)) == []
    assert look(db, 23, ("price", 59_900)) == ["price below 60,000 USD"]


def test_what_is_true_already_is_told_the_next_time(db: Database) -> None:
    keep(db, "price below 60000", price(50_000, NOW))
    assert look(db, 1, ("price", 49_000)) == []
    look(db, 2, ("price", 61_000))
    assert look(db, 3, ("price", 59_000)) != []


def test_it_waits_for_its_hold_in_the_datas_time(db: Database) -> None:
    keep(db, "price below 60000 for 2d", price(61_000, NOW))
    assert look(db, 1, ("price", 59_000)) == []
    assert look(db, 48, ("price", 59_500)) == []
    assert look(db, 49, ("price", 59_500)) == ["price below 60,000 USD for 2d"]


def test_missing_data_neither_tells_nor_arms(db: Database) -> None:
    keep(db, "price below 60000 and hashprice below 50", price(61_000, NOW))
    assert look(db, 1, ("price", 61_000), ("hashprice", 45)) == []
    assert look(db, 2, ("price", 59_000)) == []  # the hashprice is not known now
    assert look(db, 3, ("price", 59_000), ("hashprice", 46)) != []
    assert look(db, 100) == []


def test_a_figure_first_known_may_tell_at_once(db: Database) -> None:
    keep(db, "hashprice below 50")
    assert look(db, 1, ("hashprice", 45.0)) == ["hashprice below 50 USD/PH/day"]


def test_it_tells_at_most_once_in_six_hours_but_does_not_forget(db: Database) -> None:
    keep(db, "price below 60000", price(61_000, NOW))
    assert look(db, 1, ("price", 59_000)) != []
    look(db, 2, ("price", 61_000))
    assert look(db, 3, ("price", 59_000)) == []
    assert look(db, 6.5, ("price", 59_000)) == []
    assert look(db, 7, ("price", 59_100)) == ["price below 60,000 USD"]


def test_once_is_once_and_every_is_as_often_as_asked(db: Database) -> None:
    keep(db, "price below 60000 once", price(61_000, NOW))
    keep(db, "price below 60000 every 1d", price(61_000, NOW))
    assert len(look(db, 1, ("price", 59_000))) == 2
    assert look(db, 24, ("price", 59_000)) == []
    assert look(db, 25, ("price", 59_000)) == ["price below 60,000 USD every 1d"]
    assert [each.text for each in watches.of_chat(db, HOME)] == ["price below 60,000 USD every 1d"]


def test_a_paused_watch_is_silent_and_waits_for_the_next_crossing_when_it_goes_on(db: Database) -> None:
    number = keep(db, "price below 60000", price(61_000, NOW))
    assert watches.switch(db, HOME, number, "paused")
    assert look(db, 1, ("price", 59_000)) == []
    assert watches.switch(db, HOME, number, "on")
    assert look(db, 2, ("price", 58_000)) == []
    look(db, 3, ("price", 61_000))
    assert look(db, 4, ("price", 59_000)) != []


def test_only_its_own_chat_can_touch_a_watch(db: Database) -> None:
    number = keep(db, "price below 60000")
    other = Address(2)
    assert not watches.switch(db, other, number, "paused")
    assert not watches.remove(db, other, number)
    assert watches.count(db, 1) == 1
    assert watches.remove(db, HOME, number)
    assert watches.count(db, 1) == 0


def test_all_that_one_chat_hears_in_one_look_is_one_message(db: Database) -> None:
    chats.remember(db, Address(2), "private", NOW)
    for address in (HOME, Address(2)):
        for line in ("price below 60000", "price below 59500", "hashprice below 50"):
            keep(db, line, price(61_000, NOW), WatchFigure("hashprice", 55.0, NOW, "test"), address=address)
    now = NOW + timedelta(hours=1)
    figures = [price(59_000, now), WatchFigure("hashprice", 45.0, now, "test")]
    assert watch_evaluation.evaluate(db, figures, now) == 6
    messages = outbox.claim(db, now, 2)
    assert [(each.chat_id, each.content.kind, len(each.content.subjects)) for each in messages] == [
        (1, "watch", 3),
        (2, "watch", 3),
    ] or [(each.chat_id, len(each.content.subjects)) for each in messages] == [(1, 3)]


def test_a_watch_moves_with_its_chat(db: Database) -> None:
    keep(db, "price below 60000", price(61_000, NOW))
    chat_migration.move_address(db, (1, None), (-1001, None))
    assert len(watches.of_chat(db, Address(-1001))) == 1


def test_a_metric_no_watch_is_left_for_is_no_longer_looked_at(db: Database) -> None:
    number = keep(db, "hashprice below 50")
    assert list(watches.last_seen(db)) == ["hashprice"]
    watches.remove(db, HOME, number)
    watches.delete_unused_metrics(db)
    assert watches.last_seen(db) == {}


@pytest.mark.parametrize("level", ["fire", "clear"])
@pytest.mark.parametrize("side", ["a", "b"])
def test_what_crossed_is_found_through_an_index(sqlite_db: SqliteConnection, side: str, level: str) -> None:
    plan = sqlite_db.execute(
        f"EXPLAIN QUERY PLAN SELECT id FROM watches INDEXED BY watches_{side}_{level} "
        f"WHERE {side}_metric = 'price' AND {side}_above = 1 AND {side}_{level} BETWEEN 1 AND 2 ORDER BY id"
    ).fetchall()
    assert "SEARCH watches USING COVERING INDEX" in plan[0][3]


def test_a_look_that_crosses_nothing_reads_no_watch(sqlite_db: SqliteConnection) -> None:
    for level in range(1_000, 1_400):
        keep(sqlite_db, f"price below {level}", price(61_000, NOW))
    statements: list[str] = []
    sqlite_db.conn.set_trace_callback(statements.append)
    look(sqlite_db, 1, ("price", 60_000))
    sqlite_db.conn.set_trace_callback(None)
    assert not any("UPDATE watches SET a_met" in each for each in statements)


def test_a_watch_ends_with_its_last_day(db: Database) -> None:
    keep(db, "price below 60000 until 2026-01-02", price(61_000, NOW))
    assert watches.of_chat(db, HOME)[0].watch.until == date(2026, 1, 2)
    assert look(db, 48, ("price", 59_000)) == []
    assert watches.of_chat(db, HOME) == []


def test_a_watch_whose_day_is_not_over_is_not_read_at_every_look(sqlite_db: SqliteConnection) -> None:
    """A daily figure's watches wait for its next day, however often the price is looked at meanwhile."""
    for _ in range(50):
        keep(sqlite_db, "power de-lu above 150 for 2d")
    look(sqlite_db, 0, ("power.DE-LU", 160.0))
    now = NOW + timedelta(hours=47)
    figures = [price(60_000, now), WatchFigure("power.DE-LU", 160.0, NOW + timedelta(hours=24), "test")]
    watch_evaluation.evaluate(sqlite_db, figures, now)
    later = now + timedelta(hours=2)
    figures[0] = price(60_000, later)
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    def work(watched: bool) -> int:
        nonlocal steps
        steps = 0
        watch_evaluation.evaluate(sqlite_db, figures if watched else figures[:1], later)
        return steps

    sqlite_db.conn.set_progress_handler(count, 1)
    alone, both = work(False), work(True)
    sqlite_db.conn.set_progress_handler(None, 0)
    assert both < alone + 400  # of SQLite's instructions; reading each of the fifty would take more
    later = NOW + timedelta(hours=50)
    figures[1] = WatchFigure("power.DE-LU", 160.0, NOW + timedelta(hours=48), "test")
    assert watch_evaluation.evaluate(sqlite_db, figures, later) == 50
