"""What the running program does at intervals."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from bot.app.poll_sharing import LOOK_EVERY, PollSharing
from bot.ops.backups import ScheduledBackups
from bot.ops.logs import tagged
from bot.ops.scheduler import NOW, Scheduler
from bot.ops.supervisor import Supervisor
from bot.pipeline.background import BackgroundJobs
from bot.pipeline.poller import Poll, Poller
from bot.signals.aftermath import outcome
from bot.signals.alert import Alert
from bot.signals.digest import Digest
from bot.signals.imminence import may_begin
from bot.signals.status import signal_statuses
from bot.snapshot import Snapshot
from handlers.commands import pin
from handlers.context import HandlerContext
from handlers.views.notification import dump
from storage.chats import digests, fleet_notices, flood_counts, follow_ups
from storage.database import Database, Store
from storage.errors import StorageError
from storage.signals import alert_scores

log = logging.getLogger(__name__)

_DIGEST_TICK: Final = timedelta(seconds=20)
_RETENTION_AFTER: Final = timedelta(minutes=10)  # after a start, so that the start itself is quick
_LEDGER_EVERY: Final = timedelta(minutes=1)
_DAY: Final = timedelta(hours=24)
_BACKUP_CHECK: Final = timedelta(hours=1)  # whether today has its backup


_REPLAY_AFTER = timedelta(minutes=3)
_LEASE_CHECK = timedelta(seconds=1)
_PRUNE_EVERY: Final = timedelta(minutes=1)


class Jobs:
    """The scheduled jobs over the program's parts.

    `wake` says that messages wait, `stop` ends the program for the reason given, `on_poll` is called when a
    poll is written, `warm_up_charts` before one that may report what is shown with a picture.
    """

    def __init__(
        self,
        store: Store,
        poller: Poller,
        wake: Callable[[], None],
        supervisor: Supervisor,
        snapshot: Snapshot,
        context: HandlerContext,
        sharing: PollSharing,
        background: BackgroundJobs | None,
        backups: ScheduledBackups | None,
        *,
        clock: Callable[[], datetime],
        stop: Callable[[str], None],
        on_poll: Callable[[], None],
        warm_up_charts: Callable[[], None],
    ) -> None:
        self._store = store
        self._poller = poller
        self._wake = wake
        self._supervisor = supervisor
        self._snapshot = snapshot
        self._context = context
        self._sharing = sharing
        self._background = background
        self._backups = backups
        self._clock = clock
        self._stop = stop
        self._on_poll = on_poll
        self._warm_up_charts = warm_up_charts
        self._is_filled = False
        self.settled = asyncio.Event()
        """Set when the first poll is written and what could wait for it is done."""
        poller.add_step(self._fleet_notices)
        poller.add_step(self._alert_scores)

    def schedule_on_replica(self, scheduler: Scheduler) -> None:
        """Plan what every replica does."""
        scheduler.every(_DAY, self._replay_rules, first=_REPLAY_AFTER)
        if self._store.is_shared:
            scheduler.every(_LEASE_CHECK, self._check_lease)
            scheduler.every(LOOK_EVERY, self._sharing.follow)

    def schedule(self, scheduler: Scheduler, poll_interval: timedelta) -> None:
        """Plan what the leader does."""
        scheduler.every(poll_interval, self._supervised_poll, first=NOW)
        scheduler.every(_DIGEST_TICK, self._steady_digests)
        if self._store.is_shared:
            scheduler.every(_PRUNE_EVERY, self._prune_last_minutes)
        scheduler.every(_DAY, self._supervisor.run_retention, first=_RETENTION_AFTER)
        if self._background is not None:
            scheduler.every(_LEDGER_EVERY, self._sync_ledger, first=poll_interval)
            scheduler.every(_DAY, self._check_holdings, first=poll_interval)
        if self._backups is not None:
            scheduler.every(_BACKUP_CHECK, self._back_up, first=_RETENTION_AFTER)

    def _alert_scores(self, now: datetime) -> Callable[[Database], None]:
        """Score the alerts whose time has come."""
        outcome_of = partial(outcome, self._poller.history)

        def write(db: Database) -> None:
            alert_scores.score_due(db, outcome_of, now)

        return write

    async def poll(self) -> Poll:
        """Ask the sources, evaluate, write and wake delivery; the first poll fills the history before."""
        now = self._clock()
        if not self._is_filled:
            await self._poller.start(now, urgent_only=True)
            self._is_filled = True
        if may_begin(self._poller.rules, self._poller.standing, now):
            self._warm_up_charts()
        poll = await self._poller.poll(now)
        if poll.queued.group is not None:
            for number, alert in poll.queued.group.alerts.items():
                with tagged(alert=number):
                    log.info(
                        f"alert: {alert.kind} {alert.rule} ({alert.title}), "
                        f"{poll.queued.rows} messages queued"
                    )
        if poll.watched:
            log.info(f"{poll.watched} messages of personal watches queued")
        self._wake()
        self._on_poll()
        return poll

    def _fleet_notices(self, now: datetime) -> Callable[[Database], int]:
        """What fleets' owners must be told of the market as it is now, for the poll's transaction."""
        market = self._snapshot.market()
        return lambda db: fleet_notices.queue_notices(db, market, now)

    async def digests(self) -> int:
        """Queue the digests that are due by now; returns how many."""
        now = self._clock()
        if not self._is_filled or not await self._store.read(lambda db: digests.any_due(db, now)):
            return 0
        view = self._snapshot.status()
        phase, statuses = view.standing.phase, signal_statuses(view.rules, view.standing)

        def words(since: datetime, recent: Sequence[Alert]) -> str:
            state = (view.polled_at, phase.phase, phase.since, statuses)
            return dump(Digest(since, now, *state, tuple(recent)))

        queued = await self._store.write(lambda db: digests.queue_due(db, now, words))
        self._wake()
        return queued

    async def _replay_rules(self) -> None:
        """Work out the past of every rule once a day, for what alerts say of it."""
        await self._context.rule_history()

    async def _steady_digests(self) -> None:
        if not self._supervisor.clock_monitor.is_steady():  # a digest not sent now is sent by a later tick
            return
        try:
            await self.digests()
        except StorageError as error:
            self._store.outage.failed("digests wait", error)
        else:
            self._store.outage.ended("digests wait")

    async def _prune_last_minutes(self) -> None:
        """Delete what replicas needed to know of chats' last minutes."""
        now = self._clock()

        def prune(db: Database) -> None:
            follow_ups.prune(db, now)
            flood_counts.prune(db)

        try:
            await self._store.write_beside(prune)
        except StorageError as error:
            self._store.outage.left_undone("what was asked in the last minutes is kept for longer", error)

    async def _check_lease(self) -> None:
        """Stop when another replica has taken over."""
        self._is_in_place()

    def _is_in_place(self) -> bool:
        """Whether what is written now is kept; stops the program when it isn't."""
        try:
            self._store.check_in_place()
        except StorageError as error:
            self._stop(str(error))
            return False
        return True

    async def _supervised_poll(self) -> None:
        if not self._is_in_place():
            return
        await self._supervisor.clock_monitor.wait_until_steady()  # a poll ends watches and alerts for good
        why = await self._supervisor.polled(self.poll)
        if why is not None:
            self._stop(why)
            return
        if not self.settled.is_set() and self._poller.last is not None:
            await self._complete_start()
            self.settled.set()
        await self._sharing.publish()
        await self._refresh_pins()

    async def _complete_start(self) -> None:
        """After the first poll: what could wait until then."""
        log.info(f"the first poll is done, phase {self._poller.standing.phase.phase}")
        try:
            await self._poller.complete(self._clock())
        except StorageError as error:
            log.error(f"missing days could not be kept: {error}")
        self._on_poll()

    async def _refresh_pins(self) -> None:
        try:
            if await pin.refresh(self._context):
                self._wake()
        except StorageError as error:
            self._store.outage.left_undone("the pinned statuses wait for the next poll", error)

    async def _back_up(self) -> None:
        assert self._backups is not None  # noqa: S101 - scheduled only with BACKUP_DIR
        await self._supervisor.clock_monitor.wait_until_steady()  # a wrong date would delete the wrong ones
        await self._backups.run()

    async def _sync_ledger(self) -> None:
        assert self._background is not None  # noqa: S101 - scheduled only with background jobs
        try:
            for reading in await self._background.sync_ledger():
                self._poller.history.add(reading)
        except StorageError as error:
            self._store.outage.left_undone("the ledger was not brought up to date", error)

    async def _check_holdings(self) -> None:
        assert self._background is not None  # noqa: S101 - scheduled only with background jobs
        try:
            if await self._background.check_holdings():
                self._wake()
        except StorageError as error:
            log.error(f"the holdings were not kept: {error}")
