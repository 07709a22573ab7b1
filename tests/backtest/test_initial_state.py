"""The head start of a first start: it must stand where replaying everything would."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path

from bot.backtest import initial_state
from bot.backtest.replay import known_at, replay
from bot.data import bundle as data
from bot.pipeline.factory import make_poller
from bot.settings import Settings
from bot.signals.evaluation import RuleStates
from bot.signals.rules import default_rules
from bot.signals.series import Reading, end_of_day
from bot.sources.types import RoundResult
from storage.database import Store
from storage.signals import readings
from tests.fakes.connections import read_now

NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)


class Backfill:
    """A feed that knows the days after the bundle: what was a year before."""

    def __init__(self, newest: Sequence[Reading] = ()) -> None:
        self._newest = tuple(newest)
        self._days = {(r.series, r.day): r.value for r in data.bundle() if r.day is not None}
        self.given: list[Reading] = []

    async def gather(self, _now: datetime, _confirmed: Mapping[str, Reading]) -> RoundResult:
        assert self._newest, "a start asks for no newest readings"
        return RoundResult(self._newest, (), (), None, ())

    async def backfill(self, series: str, first: date, last: date, now: datetime) -> list[Reading]:
        rows = []
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            value = self._days.get((series, day - timedelta(days=364)))
            if value is not None:
                rows.append(Reading(series, value, end_of_day(day), "test", now, day))
        self.given += rows
        return rows


def _read(document: str) -> object:
    """Without the last digits: from 3.12 on Python rounds sums of many numbers better than before."""
    return json.loads(document, parse_float=lambda digits: float(f"{float(digits):.9g}"))


def test_the_bundled_standing_is_the_one_that_the_rules_reach_by_themselves() -> None:
    result = (files("bot.data") / "standing.json").read_text(encoding="utf-8")
    reached = initial_state.document()
    assert _read(reached) == _read(result), (
        "write it anew: python -m bot.backtest.initial_state > bot/data/standing.json"
    )


async def test_a_first_start_stands_where_a_replay_of_everything_does(tmp_path: Path) -> None:
    settings, feed = Settings(_env_file=None), Backfill()
    with Store(tmp_path / "test.db") as store:
        poller = make_poller(settings, store, feed)
        await poller.start(NOW)
    everything = sorted([*data.bundle(), *feed.given], key=known_at)
    standing = RuleStates()
    for day in replay(everything, default_rules(settings.energy_zones), NOW.date() - timedelta(days=1)):
        standing = day.evaluation.states
    assert poller.standing == standing
    assert standing.phase.as_of is not None
    assert standing.phase.as_of > NOW - timedelta(days=2)


async def test_other_zones_and_earlier_days_have_no_head_start_and_still_begin_right(tmp_path: Path) -> None:
    early = datetime(2023, 2, 1, tzinfo=UTC)
    for name, zones, now in (("zones", ("FR",), NOW), ("early", ("DE-LU",), early)):
        settings, feed = Settings(_env_file=None, energy_zones=zones), Backfill()
        with Store(tmp_path / name) as store:
            poller = make_poller(settings, store, feed)
            await poller.start(now)
        known = [reading for reading in [*data.bundle(), *feed.given] if reading.read_at <= now]
        standing = RuleStates()
        for day in replay(sorted(known, key=known_at), default_rules(zones), now.date() - timedelta(days=1)):
            standing = day.evaluation.states
        assert poller.standing == standing


async def test_a_start_in_a_hurry_stands_where_a_full_one_does_and_is_completed_afterwards(
    tmp_path: Path,
) -> None:
    settings = Settings(_env_file=None)
    stored = []
    for name, hurry in (("full", False), ("hurried", True)):
        with Store(tmp_path / name) as store:
            poller = make_poller(settings, store, Backfill())
            await poller.start(NOW, urgent_only=hurry)
            standing = poller.standing
            if hurry:
                assert poller.history.newest("gas.henry_hub") is None
            await poller.complete(NOW)
            rows = read_now(
                store, lambda db: db.execute("SELECT * FROM days ORDER BY series, day").fetchall()
            )
            days = {series: list(poller.history.days(series)) for series in data.BUNDLED}
            stored.append((standing, rows, days))
    assert stored[0] == stored[1]


async def test_what_a_hurried_start_could_not_complete_is_made_up_for_by_the_next(tmp_path: Path) -> None:
    settings = Settings(_env_file=None)
    with Store(tmp_path / "test.db") as store:
        await make_poller(settings, store, Backfill()).start(
            NOW, urgent_only=True
        )  # and then the power fails
        poller = make_poller(settings, store, Backfill())
        await poller.start(NOW, urgent_only=True)
        await poller.complete(NOW)
        stored = read_now(store, lambda db: list(readings.everything(db)))
        assert {reading.series for reading in stored if reading.day is not None} == data.BUNDLED
        assert poller.history.newest("power.FR") is not None


async def test_every_series_gets_all_the_bundle_has_though_polls_have_stored_days_of_it(
    tmp_path: Path,
) -> None:
    """The live path: an urgent start, a poll that brings the newest days, and only then the rest."""
    settings = Settings(_env_file=None)
    newest = [
        Reading(series, value, end_of_day(day), "mempool", NOW, day)
        for series, value in (("btc.difficulty", 1.2e14), ("btc.fees", 0.02), ("gas.henry_hub", 3.1))
        for day in (NOW.date() - timedelta(days=2), NOW.date() - timedelta(days=1))
    ]
    with Store(tmp_path / "test.db") as store:
        poller = make_poller(settings, store, Backfill(newest))
        await poller.start(NOW, urgent_only=True)
        await poller.poll(NOW)
        await poller.complete(NOW)
        bundled: dict[str, set[date]] = {}
        for reading in data.bundle():
            if reading.day is not None and reading.read_at <= NOW:
                bundled.setdefault(reading.series, set()).add(reading.day)
        for series, days in bundled.items():
            assert days <= {day for day, _ in poller.history.days(series)}, series
            stored = partial(readings.complete_days, series=series, since=date.min)
            assert days <= set(read_now(store, stored))
        assert len(bundled["btc.difficulty"]) > 5_000
        changes = read_now(store, lambda db: db.execute("SELECT count(*) FROM days").fetchone())
        await poller.complete(NOW)
        assert read_now(store, lambda db: db.execute("SELECT count(*) FROM days").fetchone()) == changes


def test_the_bundle_holds_what_it_says_and_gives_what_is_wanted() -> None:
    assert {reading.series for reading in data.bundle()} == data.BUNDLED
    assert sorted(data.bundle(), key=lambda reading: reading.read_at) == data.bundled_readings()
    for wanted in ({"btc.price"}, {"power.NL", "gas.henry_hub"}, set[str]()):
        assert list(data.bundle(wanted)) == [each for each in data.bundle() if each.series in wanted]
