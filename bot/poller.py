"""One poll: ask the sources, evaluate the rules, and write all of it together or not at all."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from sqlite_utils import Database

from bot.derived import derived
from bot.replay import known_at, replay
from bot.signals.alert import Alert, AlertKind, alerts
from bot.signals.evaluation import Evaluation, Standing, evaluate
from bot.signals.history import History
from bot.signals.rules import Rule
from bot.signals.series import Reading
from bot.signals.watches import figures_of
from bot.sources.base import DayAheadPrices, Gathered, Retarget
from storage import alerts as alert_rows
from storage import crossings, inhibition, outbox, readings, standings, watches
from storage.database import Store

log = logging.getLogger(__name__)

_LASTING = (AlertKind.FIRED, AlertKind.CLEARED, AlertKind.PHASE)
_FIRST_SPAN = timedelta(days=400)  # of history asked for when none of a series is held


class Feed(Protocol):
    """Where readings come from: the providers, or in the demonstration the bundled history."""

    async def gather(self, now: datetime, held: Mapping[str, Reading]) -> Gathered:
        """The newest readings of what is due. A provider's fault is reported, never raised."""

    async def backfill(self, series: str, first: date, last: date, now: datetime) -> list[Reading]:
        """The days of a series from `first` to `last`, as far as anyone gives them."""


@dataclass(frozen=True, slots=True)
class Poll:
    """What one poll saw and did."""

    polled_at: datetime
    rules: tuple[Rule, ...]
    gathered: Gathered
    readings: tuple[Reading, ...]
    evaluation: Evaluation
    alerts: tuple[Alert, ...]
    queued: int
    watched: int = 0  # personal watches that told


class Poller:
    """Holds the history in memory and the truth in the database; the two change together.

    `bundle` gives the history that the program carries, for the first start; `whole` names the daily series
    whose missing days are asked for at a start.
    """

    def __init__(
        self,
        store: Store,
        feed: Feed,
        rules: Sequence[Rule],
        bundle: Callable[[], Iterable[Reading]],
        whole: Sequence[str],
    ) -> None:
        self.rules = tuple(rules)
        self.history = History()
        self.standing = Standing()
        self.last: Poll | None = None
        self.retarget: Retarget | None = None
        self.day_ahead: dict[str, DayAheadPrices] = {}
        self._store = store
        self._feed = feed
        self._bundle = bundle
        self._whole = tuple(whole)

    async def start(self, now: datetime) -> None:
        """Fill the history on a first start, close any gap, and bring the rules up to `now`.

        What fired and still stands after a gap is told; what came and went in it is not.
        """
        first = await self._store.read(readings.empty)
        if first:
            bundled = [reading for reading in self._bundle() if reading.read_at <= now]
            await self._store.write(lambda db: readings.fill(db, bundled))
        await self._load()
        missed = await self._missed(now)
        if missed:
            await self._store.write(lambda db: readings.save(db, missed))
            await self._load()
        await self._catch_up(now, tell=not first)

    async def poll(self, now: datetime) -> Poll:
        """Ask, evaluate, write. If writing fails nothing has happened, in memory either."""
        gathered = await self._feed.gather(now, self.history.newest_readings())
        try:
            return await self._take(now, gathered)
        except BaseException:
            await self._load()
            raise

    async def _take(self, now: datetime, gathered: Gathered) -> Poll:
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
            standings.save(db, before, evaluation.standing)
            bulletin, queued = _queue(db, told, now)
            return queued, crossings.evaluate(db, list(figures.values()), now, bulletin)

        queued, watched = await self._store.write(write)
        self.standing = evaluation.standing
        # A round asks only what is due: what it did not bring is as it was.
        self.retarget = gathered.retarget or self.retarget
        self.day_ahead |= {prices.zone: prices for prices in gathered.day_ahead}
        self.last = Poll(now, self.rules, gathered, tuple(fresh), evaluation, told, queued, watched)
        return self.last

    async def _catch_up(self, now: datetime, *, tell: bool) -> None:
        """Evaluate each day since the last look, as if the program had been there."""
        before = self.standing
        looked = before.phase.as_of
        if looked is not None and looked.date() >= now.date():
            return
        known = await self._store.read(lambda db: list(readings.everything(db)))
        known.sort(key=known_at)
        told: dict[str, Alert] = {}
        yesterday = now.date() - timedelta(days=1)
        for day in replay(known, self.rules, yesterday, standing=before, after=looked):
            self.standing = day.evaluation.standing
            for alert in alerts(day.evaluation):
                if alert.kind in _LASTING:
                    told[alert.rule] = alert
        if self.standing == before:
            return
        news = [alert for alert in told.values() if tell and _still_news(alert, before, self.standing)]
        after = self.standing

        def write(db: Database) -> None:
            standings.save(db, before, after)
            _queue(db, news, now)

        await self._store.write(write)

    async def _missed(self, now: datetime) -> list[Reading]:
        """The days between the newest held and today, of every series that is kept whole."""
        yesterday = now.date() - timedelta(days=1)
        asked = []
        for series in self._whole:
            column = self.history.column(series)
            first = date.fromordinal(column.last + 1) if column.values else now.date() - _FIRST_SPAN
            if first <= yesterday:
                asked.append(self._feed.backfill(series, first, yesterday, now))
        return [reading for part in await asyncio.gather(*asked) for reading in part]

    async def _load(self) -> None:
        self.history, self.standing = await self._store.read(
            lambda db: (History(readings.everything(db)), standings.load(db))
        )


def _queue(db: Database, told: Sequence[Alert], now: datetime) -> tuple[int | None, int]:
    """Keep the alerts and queue them for whoever must hear of them; give bulletin and number of rows."""
    bulletin = alert_rows.add(db, told)
    if bulletin is None:
        return None, 0
    return bulletin, outbox.queue(db, bulletin, now) - inhibition.apply(db, bulletin, now)


def _still_news(alert: Alert, before: Standing, after: Standing) -> bool:
    """Whether what an alert told still differs from what was known before the gap."""
    if alert.after is not None:
        return before.phase.phase is not after.phase.phase
    old, new = before.rules.get(alert.rule), after.rules.get(alert.rule)
    return new is not None and (old is None or old.active != new.active)
