"""History from whoever gives it, in the order of the plan."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.pipeline.poller import Poller
from bot.pipeline.startup import SeedData
from bot.signals.rules import default_rules
from bot.signals.series import Reading, end_of_day
from bot.sources.collector import Collector
from bot.sources.series_config import PROVIDERS
from bot.sources.types import RoundResult
from storage.database import Store
from storage.signals import readings as rows
from tests.fakes.connections import read_now, write_now
from tests.fakes.faults import Fault
from tests.fakes.providers import Providers
from tests.sources.conftest import NOW, Build
from tests.sources.truth import untrue
from tests.storage.signals import revisions

FIRST, LAST = date(2026, 2, 1), date(2026, 11, 17)

GIVERS = {
    "btc.price": ("kraken", "coinbase", "coinmetrics", "blockchain_info", "coingecko"),
    "btc.hashrate": ("mempool", "bitview", "coinmetrics", "blockchain_info"),
    "btc.difficulty": ("mempool", "bitview", "blockchain_info"),
    "btc.fees": ("coinmetrics", "mempool", "bitview"),
    "btc.miner_outflow_gross": ("cryptoquant", "glassnode", "bgeometrics"),
    "gas.henry_hub": ("fred", "eia", "eia_web"),
    "power.us_industrial": ("eia",),
    "fx.eur_usd": ("frankfurter", "ecb"),
    "power.DE-LU": ("energy_charts", "awattar", "smard"),
    "power.PL": ("energy_charts", "smard"),
}


@pytest.mark.parametrize(("series", "giver"), [(s, g) for s, givers in GIVERS.items() for g in givers])
async def test_each_provider_gives_its_history(
    series: str, giver: str, fakes: Providers, build: Build
) -> None:
    past_days = await build(giver).backfill(series, FIRST, LAST, NOW)
    days = [reading.day for reading in past_days]
    assert days == sorted(set(days), key=lambda day: day or FIRST)
    assert all(reading.complete and reading.series == series for reading in past_days)
    assert [reason for reading in past_days if (reason := untrue(fakes.world, reading))] == []
    expected = {"gas.henry_hub": 195, "fx.eur_usd": 195, "power.us_industrial": 7}.get(series, 270)
    assert len(past_days) >= expected
    assert all(FIRST <= reading.day <= LAST for reading in past_days if reading.day)


@pytest.mark.parametrize("minutes", [0, 3, 9, 11])
async def test_the_price_of_now_is_no_close_just_after_midnight(
    minutes: int, fakes: Providers, build: Build
) -> None:
    now = datetime(2026, 11, 18, 0, minutes, 20, tzinfo=UTC)
    fakes.world.now = now
    (newest,) = (
        reading
        for reading in await build("coingecko").backfill("btc.price", FIRST, LAST, now)
        if reading.day == LAST
    )
    assert newest.value == pytest.approx(fakes.world.close(LAST) * 1.001)


async def test_the_first_in_the_plan_is_preferred_and_the_next_fill_its_holes(
    fakes: Providers, build: Build
) -> None:
    past_days = await build("kraken", "coinmetrics").backfill("btc.price", date(2024, 1, 1), LAST, NOW)
    sources = {reading.day: reading.source for reading in past_days}
    assert sources[LAST] == "kraken"
    assert sources[date(2024, 6, 1)] == "coinmetrics", "older than the 720 days Kraken keeps"
    assert len(past_days) == (LAST - date(2024, 1, 1)).days + 1


async def test_a_failing_provider_leaves_the_work_to_the_next(fakes: Providers, build: Build) -> None:
    fakes.faults["mempool"] = Fault.HTML
    past_days = await build("mempool", "bitview").backfill("btc.hashrate", FIRST, LAST, NOW)
    assert {reading.source for reading in past_days} == {"bitview"}


async def test_a_provider_that_asks_for_patience_gets_it(fakes: Providers, build: Build) -> None:
    fakes.faults["mempool"], fakes.retry_after = Fault.TOO_MANY, "600"
    feeds = build("mempool")
    assert await feeds.backfill("btc.hashrate", FIRST, LAST, NOW) == []
    assert await feeds.backfill("btc.difficulty", FIRST, LAST, NOW) == []
    assert fakes.calls["mempool"] == 1


async def test_nothing_to_give_is_an_empty_list(fakes: Providers, build: Build) -> None:
    feeds = build("kraken")
    assert await feeds.backfill("btc.hashrate", FIRST, LAST, NOW) == []
    assert await feeds.backfill("btc.hashprice", FIRST, LAST, NOW) == []
    assert await feeds.backfill("no.such", FIRST, LAST, NOW) == []
    assert await feeds.backfill("btc.price", LAST, FIRST, NOW) == []
    assert fakes.calls == {}


async def test_the_running_day_is_never_history(fakes: Providers, build: Build) -> None:
    past_days = await build().backfill("btc.price", LAST, NOW.date() + timedelta(days=30), NOW)
    assert [reading.day for reading in past_days] == [LAST]


async def test_a_long_span_is_asked_in_pieces(fakes: Providers, build: Build) -> None:
    await build("coinbase").backfill("btc.price", date(2024, 1, 1), LAST, NOW)
    assert fakes.calls["coinbase"] == 4


async def test_history_may_lie_far_from_todays_bounds(fakes: Providers, build: Build) -> None:
    true = fakes.world.price
    fakes.world.price = lambda at: true(at) / 80_000
    past_days = await build("coinmetrics").backfill("btc.price", date(2011, 2, 1), date(2011, 3, 1), NOW)
    assert len(past_days) == 29
    assert all(0.9 < reading.value < 1.1 for reading in past_days)


def lying(fakes: Providers, name: str, factor: float, days: int = 2) -> None:
    """Let a provider lie about the newest days."""
    true, since = fakes.world.price, NOW - timedelta(days=days)
    fakes.spoil[name] = lambda world: replace(
        world, price=lambda at: true(at) * (factor if at > since else 1)
    )


@pytest.mark.parametrize(
    ("liar", "others", "factor", "known"),
    [
        ("kraken", (), 0.4, None),
        ("kraken", ("coinbase",), 0.4, None),
        ("kraken", ("coinbase", "coinmetrics"), 0.4, "confirmed"),
        ("coinbase", ("kraken",), 0.4, None),
        ("coinbase", ("kraken", "coinmetrics"), 0.4, "confirmed"),
        ("kraken", (), 40.0, None),
        ("kraken", ("coinbase",), 40.0, "by one"),  # what can't be is no word against anybody
        ("coinbase", ("kraken", "coinmetrics"), 40.0, "confirmed"),
    ],
)
@pytest.mark.parametrize("age", [1, 30])
async def test_days_of_the_past_are_decided_like_the_newest(
    liar: str,
    others: tuple[str, ...],
    factor: float,
    known: str | None,
    age: int,
    fakes: Providers,
    build: Build,
) -> None:
    lie = LAST - timedelta(days=age)
    true = fakes.world.price
    fakes.spoil[liar] = lambda world: replace(
        world, price=lambda at: true(at) * (factor if at.date() == lie or at == end_of_day(lie) else 1)
    )
    past_days = await build(liar, *others).backfill("btc.price", LAST - timedelta(days=60), LAST, NOW)
    assert [reason for reading in past_days if (reason := untrue(fakes.world, reading))] == []
    days = {reading.day: reading.confirmed for reading in past_days}
    assert days.get(lie) is {None: None, "confirmed": True, "by one": False}[known]
    assert days[LAST - timedelta(days=50)] is bool(others)


async def test_a_second_provider_is_asked_for_every_day(fakes: Providers, build: Build) -> None:
    past_days = await build("energy_charts", "smard", zones=("FR",)).backfill("power.FR", FIRST, LAST, NOW)
    assert all(reading.confirmed for reading in past_days)
    past_days = await build("energy_charts", zones=("FR",)).backfill("power.FR", FIRST, LAST, NOW)
    assert not any(reading.confirmed for reading in past_days)


async def test_a_start_after_a_gap_tells_nothing_that_only_one_has_said(
    fakes: Providers, build: Build, tmp_path: Path
) -> None:
    others = tuple(name for name in PROVIDERS if name != "kraken")
    with Store(tmp_path / "bot.db") as store:
        poller = Poller(store, build(), default_rules(("DE-LU",)), SeedData(list, ("btc.price",)))
        await poller.start(NOW)
        calm = (await poller.poll(NOW)).evaluation.states
        fakes.world.now = later = NOW + timedelta(days=3)
        true = fakes.world.price
        fakes.spoil["kraken"] = lambda world: replace(
            world, price=lambda at: true(at) * (0.3 if at > NOW else 1)
        )
        poller = Poller(
            store, build(without=others), default_rules(("DE-LU",)), SeedData(list, ("btc.price",))
        )
        await poller.start(later)
        poll = await poller.poll(later)
        assert poll.evaluation.alerts == ()
        levels = {name: state.level for name, state in poll.evaluation.states.rules.items()}
        assert levels == {name: state.level for name, state in calm.rules.items()}
        assert read_now(store, lambda db: db.execute("SELECT count(*) FROM alerts").fetchone()) == (0,)


ZONE = "power.FR"
DAY = timedelta(days=1)


class Noted:
    """Feeds that note what history is asked of them, and can be kept from giving more than some days."""

    def __init__(self, feeds: Collector, most: int = 1_000) -> None:
        self.feeds = feeds
        self.most = most
        self.spans: list[tuple[date, date]] = []

    async def gather(self, now: datetime, held: Mapping[str, Reading]) -> RoundResult:
        return await self.feeds.gather(now, held)

    async def backfill(self, series: str, first: date, last: date, now: datetime) -> list[Reading]:
        self.spans.append((first, last))
        return (await self.feeds.backfill(series, first, last, now))[-self.most :]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "bot.db") as opened:
        yield opened


def days_of(poller: Poller) -> set[date]:
    return {day for day, _ in poller.history.days(ZONE)}


def whole(first: date, last: date) -> set[date]:
    return {first + n * DAY for n in range((last - first).days + 1)}


async def test_days_that_an_outage_left_out_are_asked_for_once_a_day_until_they_are_there(
    fakes: Providers, build: Build, store: Store
) -> None:
    feed = Noted(build("energy_charts", "smard", zones=("FR",)))
    poller = Poller(store, feed, (), SeedData(list, (ZONE,)))
    await poller.start(NOW)
    await poller.poll(NOW)
    fakes.faults = dict.fromkeys(("energy_charts", "smard"), Fault.UNAVAILABLE)
    for days in range(1, 7):
        fakes.world.now = NOW + days * DAY
        await poller.poll(fakes.world.now)
    fakes.faults.clear()
    feed.spans.clear()
    for minutes in range(0, 240, 30):
        fakes.world.now = NOW + 7 * DAY + timedelta(minutes=minutes)
        await poller.poll(fakes.world.now)
    assert feed.spans == [(NOW.date(), NOW.date() + 4 * DAY)], (
        "what the newest answer doesn't reach, and once"
    )
    assert whole(NOW.date() - 30 * DAY, NOW.date() + 6 * DAY) <= days_of(poller)
    stored = [Reading(ZONE, value, NOW, "", NOW, day) for day, value in poller.history.days(ZONE)]
    assert [reason for reading in stored if (reason := untrue(fakes.world, reading))] == []


async def test_a_first_start_that_got_only_a_part_goes_on_at_the_next(
    fakes: Providers, build: Build, store: Store
) -> None:
    feeds = build("energy_charts", "smard", zones=("FR",))
    await Poller(store, Noted(feeds, most=90), (), SeedData(list, (ZONE,))).start(NOW)
    before = await store.read(lambda db: list(rows.of_series(db, ZONE, date.min, date.max)))
    assert len(before) == 90
    feed, later = Noted(feeds), NOW + timedelta(hours=1)
    poller = Poller(store, feed, (), SeedData(list, (ZONE,)))
    await poller.start(later)
    assert feed.spans == [(NOW.date() - 400 * DAY, NOW.date() - 91 * DAY)], "only what is missing"
    assert len(days_of(poller)) >= 390
    after = await store.read(lambda db: list(rows.of_series(db, ZONE, date.min, date.max)))
    assert set(before) <= set(after), "and nothing that was there is read again"


async def test_what_fills_a_gap_never_replaces_what_another_has_given(
    fakes: Providers, build: Build, store: Store
) -> None:
    own = Reading(ZONE, 70.0, NOW - DAY / 2, "awattar", NOW - DAY / 2, LAST - 3 * DAY)
    write_now(store, lambda db: rows.save(db, [own]))
    poller = Poller(store, Noted(build("energy_charts", zones=("FR",))), (), SeedData(list, (ZONE,)))
    await poller.start(NOW)
    values = await store.read(lambda db: list(rows.of_series(db, ZONE, date.min, date.max)))
    assert own in values
    assert whole(LAST - 30 * DAY, LAST) <= days_of(poller)
    assert await store.read(lambda db: revisions.of_series(db, ZONE)) == []


async def test_holidays_are_no_gap(fakes: Providers, build: Build, store: Store) -> None:
    feed = Noted(build("fred"))
    poller = Poller(store, feed, (), SeedData(list, ("gas.henry_hub",)))
    await poller.start(NOW)
    feed.spans.clear()
    for hours in range(0, 72, 6):
        fakes.world.now = NOW + timedelta(hours=hours)
        await poller.poll(fakes.world.now)
    assert feed.spans == []
