"""Faults never move a rule: the poller over real HTTP, every provider failing in the same way at once."""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from bot.pipeline.poller import Poll, Poller
from bot.pipeline.startup import SeedData
from bot.signals.rules import default_rules
from bot.signals.series import Reading
from bot.signals.state_machine import State
from bot.sources.collector import Collector
from bot.sources.series_config import PROVIDERS
from bot.sources.types import RoundResult
from storage.database import Store
from tests.fakes.faults import Fault
from tests.fakes.providers import Providers
from tests.sources.conftest import NOW, Build

ZONES = ("DE-LU",)
WHOLE = ("btc.price", "btc.hashrate", "btc.difficulty", "gas.henry_hub", "fx.eur_usd", "power.DE-LU")


class Changing:
    """Feeds that can be exchanged between polls, so that no pause of an earlier fault is in the way."""

    def __init__(self, feeds: Collector) -> None:
        self.feeds = feeds

    async def gather(self, now: datetime, held: Mapping[str, Reading]) -> RoundResult:
        return await self.feeds.gather(now, held)

    async def backfill(self, series: str, first: date, last: date, now: datetime) -> list[Reading]:
        return await self.feeds.backfill(series, first, last, now)


def levels(poll: Poll) -> dict[str, State]:
    return {name: state.level for name, state in poll.evaluation.states.rules.items()}


@pytest.fixture
async def running(
    tmp_path: Path, fakes: Providers, build: Build
) -> AsyncIterator[tuple[Poller, Callable[..., None]]]:
    """A bot that has started in a healthy world, and a way to give it fresh feeds."""
    changing = Changing(build(zones=ZONES))
    with Store(tmp_path / "bot.db") as store:
        poller = Poller(store, changing, default_rules(ZONES), SeedData(list, WHOLE))
        await poller.start(NOW)

        def renew(timeout_s: float = 5.0) -> None:
            changing.feeds = build(zones=ZONES, timeout_s=timeout_s)

        yield poller, renew


async def test_no_fault_moves_a_rule(fakes: Providers, running: tuple[Poller, Callable[..., None]]) -> None:
    poller, renew = running
    well = await poller.poll(NOW)
    assert State.OK in levels(well).values()
    for step, fault in enumerate(Fault):
        fakes.world.now = NOW + timedelta(seconds=10 * (step + 1))
        renew(0.3 if fault is Fault.HANG else 5.0)
        fakes.faults = dict.fromkeys(PROVIDERS, fault)
        poll = await poller.poll(fakes.world.now)
        assert poll.evaluation.alerts == (), fault
        assert levels(poll) == levels(well), fault
        if fault not in (Fault.PARTIAL, Fault.MISSING, Fault.NEGATIVE):
            assert not any(report.ok for report in poll.gathered.reports if report.source == "mempool"), fault


async def test_days_of_silence_make_rules_stale_and_neither_fire_nor_clear(
    fakes: Providers, running: tuple[Poller, Callable[..., None]]
) -> None:
    poller, _ = running
    well = await poller.poll(NOW)
    fakes.faults = dict.fromkeys(PROVIDERS, Fault.HTML)
    for hours in range(1, 79, 6):
        fakes.world.now = NOW + timedelta(hours=hours)
        poll = await poller.poll(fakes.world.now)
        assert poll.evaluation.alerts == ()
        assert levels(poll) == levels(well)
    states = {name: state.state for name, state in poll.evaluation.states.rules.items()}
    assert State.OK not in states.values()
    assert State.STALE in states.values()
    assert poll.gathered.refused
    fakes.faults = {}
    fakes.world.now += timedelta(hours=1)
    back = await poller.poll(fakes.world.now)
    assert [report.error for report in back.gathered.reports if not report.ok] == []
