"""One poll: ask the sources, evaluate the rules, and write all of it together or not at all."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.pipeline.gaps import KEPT_WHOLE, BackfillSource, close, gaps
from bot.pipeline.market_answers import MarketAnswers, dump, parse
from bot.pipeline.startup import SeedData, prepare
from bot.signals.derived import derived
from bot.signals.evaluation import Evaluation, RuleStates, evaluate
from bot.signals.history import History
from bot.signals.rules import Rule
from bot.signals.series import SERIES, Reading
from bot.sources.types import Retarget, RoundResult
from bot.watches.watch import figures_of
from storage import outbox
from storage.chats import watch_evaluation, watches
from storage.database import Database, Store
from storage.outbox import QueuedAlerts
from storage.signals import market_answers as answer_rows
from storage.signals import readings, rule_states

_AHEAD = timedelta(minutes=1)  # an ordinary correction of the clock
_AT_ONCE = 500  # readings
_STORED_AT_ONCE = 5_000  # readings: all of them would leave the memory of a start in pieces

PollStep = Callable[[datetime], Callable[[Database], object]]
"""Work of a poll beside its own: called with its moment once readings and rules are known, it gives what is
to be written in the same transaction."""


class Feed(BackfillSource, Protocol):
    """Where readings come from: the providers, or in the demonstration the bundled history."""

    async def gather(self, now: datetime, confirmed: Mapping[str, Reading]) -> RoundResult:
        """The newest readings of what is due. A provider's fault is reported, never raised."""


@dataclass(frozen=True, slots=True)
class Poll:
    """What one poll saw and did."""

    polled_at: datetime
    rules: tuple[Rule, ...]
    gathered: RoundResult
    readings: tuple[Reading, ...]
    evaluation: Evaluation
    queued: QueuedAlerts
    watched: int = 0  # messages of personal watches


class Poller:
    """Holds the history in memory and the truth in the database; the two change together.

    `seed` is what a first start begins with.
    """

    def __init__(self, store: Store, feed: Feed, rules: Sequence[Rule], seed: SeedData) -> None:
        """A poller that knows nothing until `start`."""
        self.rules = tuple(rules)
        self.history = History()
        self.standing = RuleStates()
        self.last: Poll | None = None
        self.answers = MarketAnswers()
        self._store = store
        self._feed = feed
        self._seed = seed
        self._asked_for: dict[str, date] = {}
        self._whole = seed.whole
        self._bundle_has_more_at: datetime | None = None
        self._steps: list[PollStep] = []

    @property
    def is_whole(self) -> bool:
        """Whether a first start has filled in all of its history."""
        return self._whole == self._seed.whole

    def add_step(self, step: PollStep) -> None:
        """Add work that belongs into the transaction of every poll."""
        self._steps.append(step)

    async def start(self, now: datetime, *, urgent_only: bool = False) -> None:
        """Bring history and rules up to `now`, and tell what fired in a gap and still stands.

        With `urgent_only` only what the rules look at is filled in and asked for; `complete` does the others.
        """
        seed = self._seed
        if urgent_only:
            seed = seed.urgent({series for rule in self.rules for series in rule.inputs})
        self._whole = seed.whole
        startup = await prepare(self._store, self._feed, self.rules, seed, now)

        def write(db: Database) -> None:
            rule_states.save(db, startup.before, startup.standing)
            outbox.queue_alerts(db, startup.news, now)

        if startup.standing != startup.before:
            await self._store.write(write)
        self.history, self.standing = startup.history, startup.standing
        self.answers = parse(await self._store.read(answer_rows.load))

    async def poll(self, now: datetime) -> Poll:
        """Ask, evaluate, write. If writing fails nothing has happened, in memory either.

        Days that an outage left out are asked for first, once a day. The bundle is gone through again, if a
        start by a clock that was behind took what it has for the future, and what a clock that was ahead has
        read is forgotten; the sources are asked before, whether or not that can be stored.
        """
        await self._fill_gaps(self._whole, now, up_to_now=False)
        gathered = await self._feed.gather(now, self.history.newest_confirmed())
        if self._bundle_has_more_at is not None and self._bundle_has_more_at <= now:
            await self.complete(now)
        if any(spot.read_at > now + _AHEAD for spot in self.history.spots()):
            await self._forget_ahead(now)
        before = self.answers
        try:
            return await self._process(now, gathered)
        except BaseException:
            self.answers = before
            await self._load()
            raise

    async def read_written(self, since: datetime | None) -> None:
        """Take over what another program has written: readings read since a moment, or all of them."""
        if since is None:
            await self._load()
        else:
            news = await self._store.read(lambda db: list(readings.read_since(db, since)))
            self.standing = await self._store.read(rule_states.load)
            for reading in news:
                self.history.add(reading)
        self.answers = parse(await self._store.read(answer_rows.load))

    async def complete(self, now: datetime) -> None:
        """Do what an urgent start has left out: every series gets whatever the bundle has and it lacks."""
        self._bundle_has_more_at = now  # until this has come to its end
        not_yet: datetime | None = None
        missing: list[Reading] = []
        async for reading in self._missing_from_bundle():
            if reading.read_at > now:
                not_yet = min(not_yet or reading.read_at, reading.read_at)
                continue
            missing.append(reading)
            if len(missing) == _STORED_AT_ONCE:
                await self._fill(missing)
                missing = []
        await self._fill(missing)
        self._bundle_has_more_at = not_yet
        later = [series for series in self._seed.whole if series not in self._whole]
        self._whole = self._seed.whole
        await self._fill_gaps(later, now, up_to_now=True)

    async def _forget_ahead(self, now: datetime) -> None:
        """Forget values that a clock that was ahead has dated: until then they would count as the newest."""
        await self._store.write(lambda db: readings.forget_ahead(db, now))
        await self._load()

    async def _fill(self, missing: list[Reading]) -> None:
        if missing:
            await self._store.write(lambda db: readings.fill(db, missing))
        for count, reading in enumerate(missing):
            self.history.add(reading)
            if count % _AT_ONCE == 0:
                await asyncio.sleep(0)  # replies go on

    async def _missing_from_bundle(self) -> AsyncIterator[Reading]:
        """The bundled days that the history lacks, those of the future too."""
        columns = {series: self.history.column(series) for series in SERIES}
        for count, reading in enumerate(self._seed.bundle()):
            if count % _AT_ONCE == 0:
                await asyncio.sleep(0)
            is_stored = reading.day is None or columns[reading.series].holds(reading.day.toordinal())
            if not is_stored:
                yield reading

    async def _fill_gaps(self, whole: Sequence[str], now: datetime, *, up_to_now: bool) -> None:
        """Ask for the days that series kept whole lack, between others or up to now."""
        since = now.date() - KEPT_WHOLE
        gaps_found = [
            gap
            for series in whole
            if self._asked_for.get(series) != now.date()
            for gap in gaps(series, self.history.confirmed_days(series, since), now, up_to_now=up_to_now)
        ]
        self._asked_for |= {gap.series: now.date() for gap in gaps_found}

        async def keep(days: list[Reading]) -> None:
            await self._store.write(lambda db: readings.save(db, days))
            for reading in days:
                self.history.add(reading)

        await close(gaps_found, self._feed, now, keep)

    async def _process(self, now: datetime, gathered: RoundResult) -> Poll:
        fresh = list(gathered.readings)
        fresh += _retarget_estimate(gathered.retarget, now)
        for reading in fresh:
            self.history.add(reading)
        for reading in derived(self.history, now):
            self.history.add(reading)
            fresh.append(reading)
        evaluation = evaluate(self.rules, self.standing, self.history, now)
        before = self.standing
        self.answers = self.answers.with_round(gathered)
        steps = [step(now) for step in self._steps]
        newest = await self._store.read(watches.last_seen)
        figures = figures_of(self.history, list(newest), now, {key: at for key, at in newest.items() if at})

        def write(db: Database) -> Poll:
            readings.save(db, fresh)
            answer_rows.save(db, dump(gathered))
            rule_states.save(db, before, evaluation.states)
            queued = outbox.queue_alerts(db, evaluation.alerts, now)
            watched = watch_evaluation.evaluate(
                db, list(figures.values()), now, None if queued.group is None else queued.group.id
            )
            for step in steps:
                step(db)
            return Poll(now, self.rules, gathered, tuple(fresh), evaluation, queued, watched)

        self.last = await self._store.write(write)
        self.standing = evaluation.states
        return self.last

    async def _load(self) -> None:
        self.history, self.standing = await self._store.read(
            lambda db: (History(readings.everything(db)), rule_states.load(db))
        )


def _retarget_estimate(retarget: Retarget | None, now: datetime) -> list[Reading]:
    """The estimate as a reading, so that it can be watched; none while it would be noise."""
    if retarget is None or retarget.change is None:
        return []
    return [Reading("btc.retarget_estimate", retarget.change, retarget.read_at, retarget.source, now)]
