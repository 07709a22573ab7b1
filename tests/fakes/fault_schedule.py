"""Days of polling in minutes: the program's own scheduler, simulated time, providers that fail at random."""

import asyncio
import gc
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.app import Program
from bot.delivery.pacer import Pacer
from bot.settings import PROVIDERS, Settings
from bot.signals.series import Reading
from bot.sources.collector import Collector
from bot.sources.types import Endpoint, RoundResult
from storage.database import Store
from tests.fakes.connections import read_now
from tests.fakes.faults import Fault
from tests.fakes.load import memory_mib
from tests.fakes.providers import Providers
from tests.fakes.telegram import FakeTelegram, Faults
from tests.fakes.world import World

STEP = timedelta(minutes=5)
_PATIENT = {Fault.HANG, Fault.HUGE}  # each costs seconds of real time: only now and then
_SEVERE = 0.15  # the chance that a provider's state changes at a poll


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What a simulated span came to. `drift_s`: how far the last poll lags the clock by more than a poll."""

    polls: int
    failed: int
    seconds: float
    drift_s: float
    memory_before_mib: float
    memory_after_mib: float
    handles_before: int
    handles_after: int
    tasks_before: int
    tasks_after: int
    faults_met: int
    blind_told: int
    sighted_told: int
    recovered: bool


class _FailingFeed:
    """The feed, with faults that change before each round; time passes after it."""

    def __init__(self, feed: Collector, providers: Providers, dice: random.Random) -> None:
        self._feed = feed
        self._providers = providers
        self._dice = dice
        self.polls = 0
        self.is_failing = True
        self.polled = asyncio.Event()

    async def gather(self, now: datetime, held: Mapping[str, Reading]) -> RoundResult:
        """One round with the present faults."""
        self._change_faults()
        gathered = await self._feed.gather(now, held)
        self.polls += 1
        self._providers.world.now += STEP
        self.polled.set()
        return gathered

    async def backfill(self, series: str, first: date, last: date, now: datetime) -> list[Reading]:
        """As the feed gives it."""
        return await self._feed.backfill(series, first, last, now)

    def _change_faults(self) -> None:
        faults = self._providers.faults
        if not self.is_failing:
            faults.clear()
            return
        for name in PROVIDERS:
            if self._dice.random() < _SEVERE:
                fault = self._dice.choice(list(Fault))
                if fault in _PATIENT and self._dice.random() < 0.9:
                    fault = Fault.BROKEN
                faults[name] = fault
            elif self._dice.random() < _SEVERE:
                faults.pop(name, None)
        if self.polls % 100 in range(40, 50):  # now and then nobody answers at all
            faults.update(dict.fromkeys(PROVIDERS, Fault.BROKEN))


async def simulate(folder: Path, span: timedelta, seed: int = 1) -> Aftermath:
    """Let `span` pass, poll by poll, then two calm hours."""
    begin = datetime(2026, 11, 18, 0, 2, tzinfo=UTC)
    async with (
        Providers(World(begin)) as providers,
        FakeTelegram(faults=Faults(0.02, 0.02, 0.02, 0.02)) as api,
    ):
        settings = Settings(
            _env_file=None,
            telegram_bot_token=api.token,
            telegram_api_url=api.url,
            poll_interval_seconds=0.01,
            admin_chat_ids=(900,),
        )
        endpoints = {name: Endpoint(name, providers.url(name), "a-key") for name in PROVIDERS}
        real = Collector(endpoints, settings.energy_zones, contact="", timeout_s=0.3)
        feed = _FailingFeed(real, providers, random.Random(seed))
        with Store(folder / "day.db") as store:
            program = Program(
                settings,
                store,
                feed,
                token=api.token,
                clock=lambda: providers.world.now,
                monotonic=lambda: providers.world.now.timestamp(),  # noqa: PLW0108 - `now` is another moment each time
                pacer=Pacer(1000, chat_gap_s=0.0),
            )
            loop = asyncio.get_running_loop()
            began = loop.time()
            async with program.running(scheduled=True):
                for person in range(101, 111):
                    api.say(person, "/subscribe")
                await _until(feed, 30)
                gc.collect()
                before = (memory_mib(), _handles(), len(asyncio.all_tasks()))
                await _until(feed, int(span / STEP))
                feed.is_failing = False
                await _until(feed, int(span / STEP) + 24)
                gc.collect()
                after = (memory_mib(), _handles(), len(asyncio.all_tasks()))
                seconds = loop.time() - began
                machine = await program.supervisor.program_status()
                last = program.poller.last
                recovered = last is not None and not program.supervisor.outage_since()
                behind = abs(providers.world.now - STEP - last.polled_at) if last else timedelta.max
                drift = max(0.0, (behind - STEP).total_seconds())  # a poll may be under way just now
            # What was queued: the faults above may cost a warning its delivery.
            notices = Counter(
                row["kind"] for row in read_now(store, lambda db: list(db.query("SELECT kind FROM notices")))
            )
        await real.close()
        return Aftermath(
            polls=feed.polls,
            failed=machine.polls["failed"],
            seconds=seconds,
            drift_s=drift,
            memory_before_mib=before[0],
            memory_after_mib=after[0],
            handles_before=before[1],
            handles_after=after[1],
            tasks_before=before[2],
            tasks_after=after[2],
            faults_met=len(providers.effective),
            blind_told=notices["blind"],
            sighted_told=notices["sighted"],
            recovered=recovered,
        )


async def _until(feed: _FailingFeed, polls: int) -> None:
    async with asyncio.timeout(560):
        while feed.polls < polls:
            feed.polled.clear()
            await feed.polled.wait()


def _handles() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
