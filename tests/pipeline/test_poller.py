"""The poller: live is replay, a poll is all or nothing, and a gap is caught up with."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from bot.backtest.replay import known_at, replay
from bot.data.bundle import bundled_readings
from bot.pipeline.poller import Poll, Poller
from bot.pipeline.startup import SeedData
from bot.signals.alert import AlertKind
from bot.signals.evaluation import Evaluation
from bot.signals.phase import Phase
from bot.signals.rules import default_rules
from bot.signals.series import Reading, end_of_day
from bot.signals.state_machine import TransitionKind
from bot.sources.types import (
    CurrencyRates,
    DayAheadPrices,
    PriceSlot,
    Retarget,
    RoundResult,
)
from bot.watches.parser import parse_watch
from storage import outbox, runs
from storage.chats import chats, watches
from storage.chats.chats import Address
from storage.database import Database, Store
from storage.errors import StorageError
from storage.signals import alerts, rule_states
from storage.signals import readings as rows
from tests.fakes.connections import read_now, write_now

RULES = default_rules(("DE-LU",))
OPENING = end_of_day(date(2022, 5, 31))
LAST = date(2022, 6, 30)


class Bundle:
    """A feed that knows at each moment what was known then, and can leave days out."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self.readings = list(readings)
        self.sent: set[int] = set()

    async def gather(self, now: datetime, _held: Mapping[str, Reading]) -> RoundResult:
        fresh = []
        for index, reading in enumerate(self.readings):
            if index not in self.sent and reading.read_at <= now:
                self.sent.add(index)
                fresh.append(reading)
        return RoundResult(tuple(fresh), (), (), None, ())

    async def backfill(self, _series: str, _first: date, _last: date, _now: datetime) -> list[Reading]:
        return []


@pytest.fixture(scope="module")
def readings() -> list[Reading]:
    first = date(2021, 1, 1)
    return sorted((r for r in bundled_readings() if r.day is not None and r.day >= first), key=known_at)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store in a file: a poll asks and writes the same on both engines."""
    with _subscribed(str(tmp_path / "minerwatch.db")) as opened:
        yield opened


@pytest.fixture
def any_store(address: str) -> Iterator[Store]:
    """A store on each engine, for transactions that fail and statements that no other test runs."""
    with _subscribed(address) as opened:
        yield opened


@contextmanager
def _subscribed(address: str) -> Iterator[Store]:
    with Store(address) as opened:
        write_now(opened, lambda db: chats.remember(db, Address(1), "private", OPENING))
        write_now(opened, lambda db: chats.subscribe(db, Address(1), ("price_drawdown", "capitulation"), 0))
        yield opened


def poller_and_feed(store: Store, readings: Sequence[Reading]) -> tuple[Poller, Bundle]:
    known = [r for r in readings if r.read_at <= OPENING]
    feed = Bundle([r for r in readings if r.read_at > OPENING])
    return Poller(store, feed, RULES, SeedData(lambda: known, ())), feed


def poller_of(store: Store, readings: Sequence[Reading]) -> Poller:
    return poller_and_feed(store, readings)[0]


def changes_of(evaluation: Evaluation) -> list[tuple[object, ...]]:
    """What an evaluation changed, without the moment at which it looked."""
    changes: list[tuple[object, ...]] = [
        (t.rule.id, t.kind, t.before, t.after, t.value, t.as_of, t.began, t.worst)
        for t in evaluation.transitions
    ]
    change = evaluation.phase_change
    return (
        changes if change is None else [*changes, (change.before, change.after, change.at, change.evidence)]
    )


async def play(poller: Poller, last: date = LAST, per_day: int = 1) -> list[Poll]:
    await poller.start(OPENING)
    polls = []
    day = OPENING.date()
    while day <= last:
        for part in range(1, per_day + 1):
            polls.append(await poller.poll(end_of_day(day) - timedelta(hours=24) * (1 - part / per_day)))
        day += timedelta(days=1)
    return polls


def loud(changes: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Without what tells of the feed or is only recorded, and without the state before."""
    return [
        (*each[:2], *each[3:])
        for each in changes
        if each[1] not in (TransitionKind.INTERNAL, TransitionKind.NO_DATA, TransitionKind.DATA_BACK)
    ]


@pytest.mark.parametrize("per_day", [1, 3])
async def test_live_finds_what_replay_finds(store: Store, readings: list[Reading], per_day: int) -> None:
    polls = await play(poller_of(store, readings), per_day=per_day)
    live = [change for poll in polls for change in changes_of(poll.evaluation)]
    again = [
        change
        for day in replay(readings, RULES, LAST)
        if day.day >= OPENING.date()
        for change in changes_of(day.evaluation)
    ]
    assert any(each[1] is Phase.CAPITULATION for each in again)
    if per_day == 1:
        assert live == again
    # between two days' ends the price is stale, which changes nothing of what fires and clears
    assert loud(live) == loud(again)


async def test_a_restart_before_every_poll_repeats_and_loses_nothing(
    store: Store, readings: list[Reading]
) -> None:
    last = date(2022, 6, 19)
    whole = [
        (day.day, change)
        for day in replay(readings, RULES, last)
        if day.day >= OPENING.date()
        for change in changes_of(day.evaluation)
    ]
    values = []
    day = OPENING.date()
    while day <= last:
        poller = poller_of(store, readings)  # everything in memory is new; the database stays
        await poller.start(end_of_day(day) - timedelta(hours=1))
        poll = await poller.poll(end_of_day(day))
        values += [(day, change) for change in changes_of(poll.evaluation)]
        day += timedelta(days=1)
    assert values == whole
    stored = await store.read(lambda db: alerts.recent(db, 1000))
    assert len(stored) == len({(a.rule, a.kind, a.at) for _, a in stored})


async def test_after_a_gap_what_still_stands_is_told_once_and_what_came_and_went_is_not(
    store: Store, readings: list[Reading]
) -> None:
    first = poller_of(store, readings)
    await first.start(OPENING)
    await first.poll(OPENING + timedelta(minutes=5))
    before = len(await store.read(lambda db: alerts.recent(db, 1000)))
    missed = [r for r in readings if OPENING < r.read_at <= end_of_day(LAST)]
    await store.write(lambda db: rows.save(db, missed))
    second = poller_of(store, readings)
    await second.start(end_of_day(LAST) + timedelta(minutes=5))
    everything = await store.read(lambda db: alerts.recent(db, 1000))
    news = everything[: len(everything) - before]
    kinds = {(alert.rule, alert.kind) for _, alert in news}
    assert ("price_drawdown.critical", AlertKind.FIRED) in kinds
    assert ("capitulation", AlertKind.PHASE) in kinds
    assert len(kinds) == len(news)
    again = poller_of(store, readings)
    await again.start(end_of_day(LAST) + timedelta(minutes=10))
    assert await store.read(lambda db: alerts.recent(db, 1000)) == everything


async def test_a_first_start_tells_nobody_what_is_long_known(store: Store, readings: list[Reading]) -> None:
    poller = poller_of(store, readings)
    await poller.start(OPENING)
    assert poller.standing.rules["price_drawdown.warning"].active
    assert await store.read(lambda db: alerts.recent(db, 10)) == []
    assert await store.read(outbox.waiting) == 0


async def test_a_start_by_a_clock_that_is_behind_gets_the_bundle_when_the_clock_is_right(
    store: Store, readings: list[Reading]
) -> None:
    poller = poller_of(store, readings)
    behind = OPENING - timedelta(days=365)
    await poller.start(behind, urgent_only=True)
    await poller.poll(behind)
    await poller.complete(behind)
    bundled = {
        reading.day for reading in readings if reading.series == "btc.price" and reading.read_at <= OPENING
    }
    assert not bundled <= set(days_of(poller))
    await poller.poll(behind + timedelta(minutes=1))
    await poller.poll(OPENING)
    assert bundled <= set(days_of(poller))
    assert bundled <= set(await store.read(lambda db: rows.complete_days(db, "btc.price", date.min)))


async def test_what_of_the_bundle_could_not_be_stored_is_stored_by_the_next_poll(
    store: Store, readings: list[Reading]
) -> None:
    poller = poller_of(store, readings)
    await poller.start(OPENING - timedelta(days=365))
    full = StorageError("the disk is full", "free some space", passing=True)
    with patch.object(rows, "fill", side_effect=full), pytest.raises(StorageError):
        await poller.complete(OPENING)
    before = set(days_of(poller))
    await poller.poll(OPENING)
    assert before < set(days_of(poller))


async def test_a_price_dated_by_a_clock_that_was_ahead_is_not_the_newest_when_it_is_right(
    store: Store, readings: list[Reading]
) -> None:
    """Not in memory, not for a program that starts then, and nothing keeps its rule from firing."""
    usd = 40_000.0

    class Spot(Bundle):
        async def gather(self, now: datetime, _held: Mapping[str, Reading]) -> RoundResult:
            before = now - timedelta(seconds=1)
            today = Reading("btc.price", usd, before, "kraken", now, now.date(), complete=False)
            return RoundResult((today, Reading("btc.price", usd, now, "kraken", now)), (), (), None, ())

    known = [r for r in readings if r.read_at <= OPENING]
    poller = Poller(store, Spot([]), RULES, SeedData(lambda: known, ()))
    await poller.start(OPENING)
    await poller.poll(OPENING + timedelta(hours=2))
    usd = 15_000.0
    for minute in (1, 2):
        poll = await poller.poll(OPENING + timedelta(minutes=minute))
        newest = poller.history.newest("btc.price")
        assert newest is not None
        assert newest.value == usd
        started = Poller(store, Spot([]), RULES, SeedData(lambda: known, ()))
        await started.start(OPENING + timedelta(minutes=minute))
        assert started.history.newest("btc.price") == newest
    state = poll.evaluation.states.rules["price_drawdown.critical.intraday"]
    assert state.value is not None
    assert state.value < -0.7


def days_of(poller: Poller) -> Iterator[date]:
    return (day for day, _ in poller.history.days("btc.price"))


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_no_price_read_before_the_clock_was_set_back_passes_for_the_present(
    store: Store, readings: list[Reading], *, is_restarted: bool
) -> None:
    """One dated half a minute before the new time is hours old; a rule that it fired again told nobody."""
    usd: float | None = 15_000.0

    class Spot(Bundle):
        async def gather(self, now: datetime, _held: Mapping[str, Reading]) -> RoundResult:
            price = [] if usd is None else [Reading("btc.price", usd, now, "kraken", now)]
            return RoundResult(tuple(price), (), (), None, ())

    known = [r for r in readings if r.read_at <= OPENING]
    seed = SeedData(lambda: known, ())
    rules = [replace(rule, clear_hold=timedelta(0)) for rule in RULES]
    poller = Poller(store, Spot([]), rules, seed)
    await poller.start(OPENING)
    first = await poller.poll(OPENING + timedelta(minutes=1))
    usd = 40_000.0
    await poller.poll(OPENING + timedelta(hours=1))
    usd = None
    if is_restarted:
        poller = Poller(store, Spot([]), rules, seed)
        await poller.start(OPENING + timedelta(minutes=1.5))
    silent = await poller.poll(OPENING + timedelta(minutes=1.5))
    usd = 15_000.0
    again = await poller.poll(OPENING + timedelta(minutes=2.5))
    touch = "price_drawdown.critical.intraday"
    told = [[a.kind for a in poll.evaluation.alerts if a.rule == touch] for poll in (first, silent, again)]
    assert told == [[AlertKind.FIRED], [], [AlertKind.FIRED]]
    assert again.queued.group is not None  # stored, not taken for the one of before
    record = poller.history.newest("btc.price_high")
    assert record is not None
    assert record.value > 40_000


async def test_a_poll_whose_writing_fails_has_not_happened(
    any_store: Store, readings: list[Reading], monkeypatch: pytest.MonkeyPatch
) -> None:
    poller, feed = poller_and_feed(any_store, readings)
    await play(poller, date(2022, 6, 15))
    crash = end_of_day(date(2022, 6, 16))
    before = poller.standing
    indexes = set(feed.sent)
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "queue_alerts", _full)
        with pytest.raises(StorageError):
            await poller.poll(crash)
    assert poller.standing == before == await any_store.read(rule_states.load)
    feed.sent = indexes
    poll = await poller.poll(crash)
    assert [alert.rule for alert in poll.evaluation.alerts] == ["price_drawdown.critical"]
    assert poll.queued.rows == 1


async def test_work_added_to_a_poll_is_written_with_it_or_not_at_all(
    any_store: Store, readings: list[Reading]
) -> None:
    poller, feed = poller_and_feed(any_store, readings)
    await play(poller, date(2022, 6, 15))
    crash = end_of_day(date(2022, 6, 16))
    before, newest = poller.standing, poller.history.newest("btc.price")
    works = False

    def step(now: datetime) -> Callable[[Database], None]:
        assert now == crash
        price = poller.history.newest("btc.price")
        assert price is not None
        assert price.as_of == crash, "it sees what the poll has brought"

        def write(db: Database) -> None:
            runs.begin(db, "step", now)
            if not works:
                _full()

        return write

    poller.add_step(step)
    indexes = set(feed.sent)
    with pytest.raises(StorageError):
        await poller.poll(crash)
    counted = "SELECT count(*) FROM runs WHERE version = 'step'"
    assert read_now(any_store, lambda db: db.execute(counted).fetchone()) == (0,)
    assert (poller.standing, poller.history.newest("btc.price")) == (before, newest)
    feed.sent, works = indexes, True
    poll = await poller.poll(crash)
    assert read_now(any_store, lambda db: db.execute(counted).fetchone()) == (1,)
    assert [alert.rule for alert in poll.evaluation.alerts] == ["price_drawdown.critical"]
    assert poll.queued.group is not None
    assert len(poll.queued.group.alerts) == 1


def _full(*_: object) -> int:
    raise StorageError("the disk is full", "free some space", passing=True)


async def test_what_a_poll_says_is_queued_for_its_subscribers(
    any_store: Store, readings: list[Reading]
) -> None:
    polls = await play(poller_of(any_store, readings), date(2022, 6, 16))
    assert [alert.rule for alert in polls[-1].evaluation.alerts] == ["price_drawdown.critical"]
    now = datetime(2022, 6, 17, 0, 1, tzinfo=UTC)
    messages = await any_store.write(lambda db: outbox.claim(db, now, 100))
    assert messages[-1].content.subjects[0].rule == "price_drawdown.critical"


async def test_a_feed_that_falls_silent_is_told_once_and_so_is_its_return(
    store: Store, readings: list[Reading]
) -> None:
    poller, feed = poller_and_feed(store, readings)
    await play(poller, date(2022, 6, 1))
    quiet = end_of_day(date(2022, 6, 1))
    waiting, feed.readings = feed.readings, []
    changes = []
    for hours in range(1, 60):
        poll = await poller.poll(quiet + timedelta(hours=hours))
        changes += [(hours, alert.kind, alert.rule) for alert in poll.evaluation.alerts]
    # a close may be 36 hours old, and is missed aloud six hours after that
    assert [each for each in changes if each[2].startswith("price")] == [
        (43, AlertKind.NO_DATA, "price_drawdown.warning")
    ]
    assert poller.standing.phase.stale
    feed.readings = waiting
    back = await poller.poll(quiet + timedelta(hours=60))
    assert ("price_drawdown.warning", AlertKind.DATA_BACK) in [
        (each.rule, each.kind) for each in back.evaluation.alerts
    ]
    assert not poller.standing.phase.stale


async def test_a_watch_is_evaluated_with_the_poll_and_told_once(
    store: Store, readings: list[Reading]
) -> None:
    watch = parse_watch("price below 25000", OPENING.date())
    await store.write(lambda db: watches.add(db, Address(1), watch, "price below 25,000 USD", {}, OPENING))
    polls = await play(poller_of(store, readings), date(2022, 6, 20))
    assert sum(poll.watched for poll in polls) == 1
    (stored,) = await store.read(lambda db: watches.of_chat(db, Address(1)))
    assert stored.state.met == (True,)
    assert stored.fires == 1


async def test_a_restart_knows_the_rates_the_prices_of_power_and_the_retarget(
    any_store: Store, readings: list[Reading]
) -> None:
    now = OPENING + timedelta(minutes=5)
    slot = PriceSlot(now, now + timedelta(hours=1), 85.0)
    answers = RoundResult(
        (),
        (),
        (),
        Retarget(-0.03, 700, 0.65, now + timedelta(days=5), "mempool", now),
        (DayAheadPrices("DE-LU", (slot,), "energy_charts", now),),
        rates=CurrencyRates({"GBP": 1.25, "CNY": 0.15}, OPENING, "European Central Bank"),
    )
    poller = poller_of(any_store, readings)
    await poller.start(OPENING)
    await poller._process(now, answers)
    again = poller_of(any_store, readings)
    await again.start(now)
    assert again.answers == poller.answers
    assert again.answers.rates == answers.rates
    assert again.history.newest("btc.retarget_estimate") == poller.history.newest("btc.retarget_estimate")
