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
from bot.sources.plan import history_lane
from storage import alerts as alert_rows
from storage import crossings, inhibition, outbox, readings, standings, watches
from storage.database import Store

log = logging.getLogger(__name__)

_LASTING = (AlertKind.FIRED, AlertKind.CLEARED, AlertKind.PHASE)
_KEPT_WHOLE = timedelta(days=400)  # the part of a series' past in which missing days are asked for
_HOLIDAYS = 4  # days in a row that a series of working days may lack
_MOST_GAPS = 5  # of a series; more are asked for as one span


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
    whose missing days are asked for: all of them at a start, and later once a day what an outage left out.
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
        self._asked_for: dict[str, date] = {}

    async def start(self, now: datetime) -> None:
        """Fill the history on a first start, close any gap, and bring the rules up to `now`.

        What fired and still stands after a gap is told; what came and went in it is not.
        """
        first = await self._store.read(readings.empty)
        if first:
            bundled = [reading for reading in self._bundle() if reading.read_at <= now]
            await self._store.write(lambda db: readings.fill(db, bundled))
        await self._load()
        await self._complete(self._gaps(now, up_to_now=True), now)
        await self._catch_up(now, tell=not first)

    async def poll(self, now: datetime) -> Poll:
        """Ask, evaluate, write. If writing fails nothing has happened, in memory either."""
        gaps = self._gaps(now, up_to_now=False)
        await self._complete([gap for gap in gaps if self._asked_for.get(gap[0]) != now.date()], now)
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

    def _gaps(self, now: datetime, *, up_to_now: bool) -> list[tuple[str, date, date]]:
        """What the series that are kept whole lack: the series, the first and the last day of each gap.

        `up_to_now` counts the days since the newest held too, which polls usually bring by themselves.
        """
        yesterday = now.date() - timedelta(days=1)
        since = (now.date() - _KEPT_WHOLE).toordinal()
        found = []
        for series in self._whole:
            column, lane = self.history.column(series), history_lane(series)
            bearable = _HOLIDAYS if lane is not None and lane.days_a_week < 7 else 0
            gaps = column.gaps(since, min(column.last, yesterday.toordinal()), bearable)
            if up_to_now:
                gaps += column.gaps(max(since, column.last + 1), yesterday.toordinal())
            if len(gaps) > _MOST_GAPS:
                gaps = [(gaps[0][0], gaps[-1][1])]
            found += [(series, date.fromordinal(first), date.fromordinal(last)) for first, last in gaps]
        return found

    async def _complete(self, gaps: Iterable[tuple[str, date, date]], now: datetime) -> None:
        """Ask for missing days. What comes is kept at once: a start that is cut short goes on from there."""

        async def fill(series: str, first: date, last: date) -> int:
            self._asked_for[series] = now.date()
            found = await self._feed.backfill(series, first, last, now)
            if found:
                await self._store.write(lambda db: readings.save(db, found))
            log.info("%s: days found between %s and %s: %d", series, first, last, len(found))
            return len(found)

        filled = await asyncio.gather(*(fill(*gap) for gap in gaps), return_exceptions=True)
        for outcome in filled:
            if isinstance(outcome, BaseException):
                raise outcome
        if any(filled):
            await self._load()

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
