"""One poll: ask the sources, evaluate the rules, and write all of it together or not at all."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.pipeline.gaps import KEPT_WHOLE, BackfillSource, close, gaps
from bot.pipeline.startup import SeedData, prepare
from bot.signals.alert import Alert, alerts
from bot.signals.derived import derived
from bot.signals.evaluation import Evaluation, RuleStates, evaluate
from bot.signals.history import History
from bot.signals.rules import Rule
from bot.signals.series import Reading
from bot.sources.types import DayAheadPrices, Retarget, RoundResult
from bot.watches.watch import figures_of
from storage import outbox
from storage.chats import watch_evaluation, watches
from storage.database import Database, Store
from storage.outbox import suppression
from storage.signals import alerts as alert_rows
from storage.signals import readings, rule_states

_AT_ONCE = 500  # readings


class Feed(BackfillSource, Protocol):
    """Where readings come from: the providers, or in the demonstration the bundled history."""

    async def gather(self, now: datetime, held: Mapping[str, Reading]) -> RoundResult:
        """The newest readings of what is due. A provider's fault is reported, never raised."""


@dataclass(frozen=True, slots=True)
class Poll:
    """What one poll saw and did."""

    polled_at: datetime
    rules: tuple[Rule, ...]
    gathered: RoundResult
    readings: tuple[Reading, ...]
    evaluation: Evaluation
    alerts: tuple[Alert, ...]
    queued: int
    watched: int = 0  # personal watches that told


class Poller:
    """Holds the history in memory and the truth in the database; the two change together.

    `stock` is what a start has to begin with.
    """

    def __init__(self, store: Store, feed: Feed, rules: Sequence[Rule], stock: SeedData) -> None:
        self.rules = tuple(rules)
        self.history = History()
        self.standing = RuleStates()
        self.last: Poll | None = None
        self.retarget: Retarget | None = None
        self.day_ahead: dict[str, DayAheadPrices] = {}
        self._store = store
        self._feed = feed
        self._stock = stock
        self._asked_for: dict[str, date] = {}
        self._whole = stock.whole

    async def start(self, now: datetime, *, hurry: bool = False) -> None:
        """Bring history and rules up to `now`, and tell what fired in a gap and still stands.

        With `hurry` only what the rules look at is filled in and asked for; `complete` does the others.
        """
        stock = self._stock
        if hurry:
            stock = stock.in_a_hurry({series for rule in self.rules for series in rule.inputs})
        self._whole = stock.whole
        found = await prepare(self._store, self._feed, self.rules, stock, now)

        def write(db: Database) -> None:
            rule_states.save(db, found.before, found.standing)
            _queue(db, found.news, now)

        if found.standing != found.before:
            await self._store.write(write)
        self.history, self.standing = found.history, found.standing

    async def poll(self, now: datetime) -> Poll:
        """Ask, evaluate, write. If writing fails nothing has happened, in memory either.

        Days that an outage left out are asked for first, once a day.
        """
        await self._mend(self._whole, now, up_to_now=False)
        gathered = await self._feed.gather(now, self.history.newest_readings())
        try:
            return await self._take(now, gathered)
        except BaseException:
            await self._load()
            raise

    async def complete(self, now: datetime) -> None:
        """Do what a start in a hurry has left out; a start that was cut short is made up for too."""
        held = await self._store.read(readings.series_held)
        lacking = self._stock.rest - held

        def bundled() -> Iterator[Reading]:
            return (one for one in self._stock.bundle() if one.series in lacking and one.read_at <= now)

        if lacking:
            await self._store.write(lambda db: readings.fill(db, bundled()))
            for count, reading in enumerate(bundled()):
                self.history.add(reading)
                if count % _AT_ONCE == 0:
                    await asyncio.sleep(0)  # replies go on
        later = [series for series in self._stock.whole if series not in self._whole]
        self._whole = self._stock.whole
        await self._mend(later, now, up_to_now=True)

    async def _mend(self, whole: Sequence[str], now: datetime, *, up_to_now: bool) -> None:
        """Ask for the days that series kept whole lack, between others or up to now."""
        since = now.date() - KEPT_WHOLE
        found = [
            gap
            for series in whole
            if self._asked_for.get(series) != now.date()
            for gap in gaps(series, self.history.column(series).held_since(since), now, up_to_now=up_to_now)
        ]
        self._asked_for |= {gap.series: now.date() for gap in found}

        async def keep(days: list[Reading]) -> None:
            await self._store.write(lambda db: readings.save(db, days))
            for reading in days:
                self.history.add(reading)

        await close(found, self._feed, now, keep)

    async def _take(self, now: datetime, gathered: RoundResult) -> Poll:
        fresh = list(gathered.readings)
        for reading in fresh:
            self.history.add(reading)
        for reading in derived(self.history, now):
            self.history.add(reading)
            fresh.append(reading)
        evaluation = evaluate(self.rules, self.standing, self.history, now)
        told = alerts(evaluation)
        before = self.standing
        seen = await self._store.read(watches.last_seen)
        figures = figures_of(self.history, list(seen), now, {key: at for key, at in seen.items() if at})

        def write(db: Database) -> tuple[int, int]:
            readings.save(db, fresh)
            rule_states.save(db, before, evaluation.states)
            alert_group, queued = _queue(db, told, now)
            return queued, watch_evaluation.evaluate(db, list(figures.values()), now, alert_group)

        queued, watched = await self._store.write(write)
        self.standing = evaluation.states
        # A round asks only what is due: what it did not bring is as it was.
        self.retarget = gathered.retarget or self.retarget
        self.day_ahead |= {prices.zone: prices for prices in gathered.day_ahead}
        self.last = Poll(now, self.rules, gathered, tuple(fresh), evaluation, told, queued, watched)
        return self.last

    async def _load(self) -> None:
        self.history, self.standing = await self._store.read(
            lambda db: (History(readings.everything(db)), rule_states.load(db))
        )


def _queue(db: Database, told: Sequence[Alert], now: datetime) -> tuple[int | None, int]:
    """Keep the alerts and queue them for whoever must hear of them; give the group and the number of rows."""
    group = alert_rows.add(db, told)
    if group is None:
        return None, 0
    return group.id, outbox.enqueue(db, group.id, now) - suppression.apply(db, group, now)
