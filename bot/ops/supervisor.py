"""Supervise the running program: poll outcomes, health figures, operator notices, retention."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final, Protocol, runtime_checkable

from bot.delivery.destinations.destination_transport import where
from bot.delivery.outcomes import Gone, Outcome, Rejected
from bot.delivery.relay import DeliveryProblem, Relay
from bot.i18n.message import Message, message
from bot.ops import systemd
from bot.ops.clock import ClockMonitor
from bot.ops.data_monitor import DataMonitor
from bot.ops.health import HealthSnapshot, stuck
from bot.ops.heartbeat import Heartbeat
from bot.ops.logs import tagged
from bot.ops.memory import give_back, resident_bytes
from bot.ops.monitors import had_usable_data
from bot.ops.operators import OperatorNotifier, SendNow
from bot.ops.program_status import ProgramStatus, SourceState
from bot.ops.scheduler import Scheduler
from bot.ops.version import program_version
from bot.pipeline.poller import Feed, Poll, Poller
from bot.settings import PROVIDERS, Settings, SettingsError
from bot.signals.rules import Severity
from bot.sources.source_error import verbatim, with_source
from bot.sources.types import RejectedSeries, SourceReport
from storage import retention, runs
from storage.chats.destinations import Destination
from storage.database import Database, Store
from storage.errors import StorageError
from storage.outbox import clock_jump
from storage.outbox.backlog import backlog
from storage.outbox.notices import NoticeKind

log = logging.getLogger(__name__)

_LOOK_S: Final = 1.0
_PROBLEM_NOTICES: Final = {
    DeliveryProblem.RIGHTS: NoticeKind.RIGHTS_MISSING,
    DeliveryProblem.DEPARTURES: NoticeKind.REFUSALS_DOUBTED,
}


class UpdateCounter(Protocol):
    """Counts updates: `accepted` were handled, `rejected` were over a limit."""

    accepted: int
    rejected: int


@runtime_checkable
class CountsCalls(Protocol):
    """A feed that counts its requests."""

    off: dict[str, Message]
    refusals: dict[tuple[str, str], RejectedSeries]

    def calls(self, day: date) -> dict[str, int]:
        """Requests made on a UTC day, by provider."""


class Supervisor:
    """Is told of every poll; the health server and the operators' commands ask it.

    Args:
        poller, relay, updates, feed, scheduler: the parts supervised.
        clock: aware UTC now; `clock_monitor` watches it.
        monotonic: seconds that never go back.
        send_now: sends a notice without the outbox, for when the outbox can't be written.
        heartbeat: called after each good poll while the program is well.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        feed: Feed,
        poller: Poller,
        relay: Relay,
        updates: UpdateCounter,
        scheduler: Scheduler,
        *,
        clock: Callable[[], datetime],
        clock_monitor: ClockMonitor,
        monotonic: Callable[[], float] = time.monotonic,
        send_now: SendNow,
        heartbeat: Heartbeat | None = None,
    ) -> None:
        self.version = program_version()
        self.clock_monitor = clock_monitor
        self.operators = OperatorNotifier(settings.admin_chat_ids, store, send_now, relay.wake, clock)
        self.data = DataMonitor(self.operators, store, relay.wake, clock)
        self._settings = settings
        self._store = store
        self._feed = feed
        self._poller = poller
        self._relay = relay
        self._updates = updates
        self._scheduler = scheduler
        self._clock = clock
        self._monotonic = monotonic
        self._run = 0
        self._delivery_problems: dict[DeliveryProblem, dict[str, object]] = {}
        self._destination_refusals: dict[int, dict[str, object]] = {}
        self._polls = {"good": 0, "failed": 0}
        self._reports: dict[str, SourceReport] = {}
        self._began = self._led_since = self._scheduler_seen = monotonic()
        self._begun_at = clock()  # by the clock as it is now, whatever jumps there were
        self._jumps: deque[tuple[datetime, timedelta, datetime]] = deque()  # to plan for: now, by, the start
        self._planning_fails = False
        self._delivered = 0, monotonic()  # messages confirmed, and when that number last changed
        self._polled: float | None = None
        self._updates_answered: float | None = None
        self._telegram_fault: str | None = None
        self._stop_health: Callable[[], Awaitable[None]] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._heartbeat = heartbeat

    async def open(self) -> None:
        """Watch the program, and open its health page. Raises SettingsError."""
        self._began = self._scheduler_seen = self._monotonic()
        await self._open_health_page()
        self._scheduler.every(timedelta(seconds=10), self._note_scheduler)
        self._watching = asyncio.create_task(self._watch())

    async def begin(self) -> None:
        """Note that a run begins, in which this program polls, and tell of an unclean stop of the last."""
        now = self.data.last_good = self._clock()
        self._led_since = self._monotonic()
        self._run, before = await self._store.write(partial(_begin, version=self.version, now=now))
        log.info(f"minerwatch {self.version}, run {self._run}, {self._store.name}")
        if before is not None:
            log.warning(f"run {before.id} was not stopped cleanly; last sign of life {before.seen_at}")
            facts = {"seen": before.seen_at.isoformat(), "now": now.isoformat()}
            await self.operators.notify(NoticeKind.UNCLEAN_STOP, Severity.WARNING, facts)

    async def end(self) -> None:
        """Note the clean stop."""
        if self._run == 0:
            return
        now = self._clock()
        await self._store.write(lambda db: runs.end(db, self._run, now))

    async def close(self) -> None:
        """Close what was opened."""
        if self._watching is not None:
            self._watching.cancel()
        if self._stop_health is not None:
            await self._stop_health()
        if self._heartbeat is not None:
            await self._heartbeat.close()

    async def polled(self, work: Callable[[], Awaitable[Poll]]) -> str | None:
        """Run one poll and act on how it ended; never raises. Returns why the program must end, or None."""
        with tagged(poll=f"{self._run}.{sum(self._polls.values()) + 1}"):
            fault: Message | None = None
            try:
                poll = await work()
            except StorageError as error:
                fault = verbatim(str(error))
                log.error(f"this poll changed nothing: {fault}")
                if error.fatal:
                    return str(fault)
            except Exception as error:
                fault = message("the poll failed: {error}", error=type(error).__name__)
                log.exception("this poll failed and changed nothing; the next one tries again")
            try:
                await (self._on_failure(fault) if fault is not None else self._on_success(poll))
            except StorageError as error:
                log.error(str(error))
        return None

    async def run_retention(self) -> None:
        """Delete what is past keeping, in transactions so short that nobody waits for them."""
        await self.clock_monitor.wait_until_steady()
        spots = messages = 0
        more = True
        try:
            while more:
                now = self._clock()
                swept = await self._store.write(lambda db: retention.sweep(db, now))  # noqa: B023 - runs at once
                spots, messages, more = spots + swept.spots, messages + swept.messages, swept.more
        except StorageError as error:
            log.error(f"nothing was deleted: {error}")
        await give_back(self._store)
        log.info(f"deleted: {spots} old spot values, {messages} settled messages")

    def on_updates_answered(self) -> None:
        """Telegram answered getUpdates."""
        self._updates_answered = self._monotonic()
        self.on_telegram_answer()

    def on_telegram_answer(self) -> None:
        """Telegram answered."""
        if self._telegram_fault is not None:
            log.info("Telegram answers again")
        self._telegram_fault = None

    def on_telegram_failure(self, why: str) -> None:
        """Telegram could not be asked for updates: said once until it answers."""
        if self._telegram_fault is None:
            log.warning(
                f"Telegram can't be reached at {self._settings.telegram_api_url} ({why}); trying again, "
                "polls go on meanwhile"
            )
        self._telegram_fault = why

    def wake_relay(self) -> None:
        """Something new waits in the outbox."""
        self._relay.wake()

    def outage_since(self) -> datetime | None:
        """The last poll with fresh data, while there is a data outage."""
        return self.data.outage_since()

    def rejected_series(self) -> list[RejectedSeries]:
        """The series that no provider can be trusted on at present."""
        return list(self._rejections().values())

    def sources(self) -> list[SourceState]:
        """Every provider, in the contract's order."""
        counting = self._feed if isinstance(self._feed, CountsCalls) else None
        calls = counting.calls(self._clock().date()) if counting else {}
        off = counting.off if counting else {}
        names = [name for name in PROVIDERS if name in calls or name in off or name in self._reports]
        names += sorted(self._reports.keys() - set(names))
        return [self._state(name, calls.get(name, 0), off.get(name)) for name in names]

    async def program_status(self) -> ProgramStatus:
        """The program at this moment."""
        health = await self.measure()
        return ProgramStatus(
            version=health.version,
            uptime=timedelta(seconds=health.uptime_s),
            polls=health.polls,
            blind=health.blind,
            outcomes=health.delivery.outcomes,
            waiting=health.delivery.waiting,
            oldest_waiting=timedelta(seconds=health.queue_age_s),
            updates=health.updates,
            turned_away=health.turned_away,
            database_bytes=health.database_bytes,
            memory_bytes=resident_bytes(),
        )

    async def measure(self) -> HealthSnapshot:
        """Measure everything, now. What the program did is timed by the monotonic clock, data by its date."""
        now, seconds = self._clock(), self._monotonic()

        def data_age(at: datetime) -> float:
            return (now - at).total_seconds()

        counting = self._feed if isinstance(self._feed, CountsCalls) else None
        waiting = await self._store.read(lambda db: backlog(db, now))
        database_bytes = await self._store.size()
        delivery = await self._relay.stats()
        delivered = delivery.outcomes.get("sent", 0)
        if delivered != self._delivered[0]:
            self._delivered = delivered, seconds
        stalled = 0.0 if waiting.several_since is None else data_age(waiting.several_since)
        return HealthSnapshot(
            version=self.version,
            leads=self._store.leads,
            uptime_s=seconds - self._began,
            poll_interval_s=self._settings.poll_interval_seconds,
            led_s=seconds - self._led_since,
            poll_age_s=None if self._polled is None else seconds - self._polled,
            polls=dict(self._polls),
            blind=self.outage_since() is not None,
            source_age_s={name: data_age(each.as_of) for name, each in self._reports.items() if each.as_of},
            source_ok={name: report.ok for name, report in self._reports.items()},
            calls_today=counting.calls(now.date()) if counting else {},
            series_age_s={
                series: data_age(reading.as_of)
                for series, reading in self._poller.history.newest_readings().items()
            },
            get_updates_age_s=self._get_updates_age(seconds),
            updates=self._updates.accepted + self._updates.rejected,
            turned_away=self._updates.rejected,
            delivery=delivery,
            queue_age_s=0.0 if waiting.oldest is None else data_age(waiting.oldest),
            due_age_s=0.0 if waiting.due_since is None else data_age(waiting.due_since),
            stalled_s=min(stalled, seconds - self._delivered[1]),
            pause_s=self._relay.paused_for(),
            relay_age_s=self._relay.idle_for(),
            scheduler_age_s=seconds - self._scheduler_seen,
            database_bytes=database_bytes,
            disk_free_bytes=self._store.disk_free(),
        )

    def _get_updates_age(self, seconds: float) -> float | None:
        """Polling that was never answered counts from the start; with a webhook there is none."""
        if self._settings.webhook_url is not None:
            return None
        return seconds - (self._led_since if self._updates_answered is None else self._updates_answered)

    async def _open_health_page(self) -> None:
        port, host = self._settings.metrics_port, self._settings.metrics_host
        if port is None:
            return
        from bot.ops.health_server import HealthServer  # noqa: PLC0415 - the server's libraries cost 8 MiB

        server = HealthServer(host, port, self.measure, lambda: self._store.outage.problem, self._stuck)
        try:
            await server.start()
        except OSError as error:
            raise SettingsError(
                f"METRICS_PORT {port} can't be used on {host} ({error.strerror})",
                "choose another, for example METRICS_PORT=9464",
                passing=True,
            ) from None
        self._stop_health = server.stop

    def on_delivery_problem(self, problem: DeliveryProblem, chat_id: int, why: str) -> None:
        """Note a problem of delivery, to be told to the operators within a second."""
        self._delivery_problems.setdefault(problem, {"chat": chat_id, "why": why})

    def on_destination_refusal(self, destination: Destination, outcome: Outcome, why: str) -> None:
        """Note that a destination outside Telegram refuses, to be told to the operators."""
        facts: dict[str, object] = {
            "number": destination.number,
            "kind": destination.kind.value,
            "where": where(destination),
            "why": why,
            "is_gone": isinstance(outcome, Gone),
            "is_lost": isinstance(outcome, Rejected),
        }
        log.warning(f"{destination.kind.value} {destination.number} ({where(destination)}) refuses: {why}")
        self._destination_refusals.setdefault(destination.number, facts)

    async def tell_delivery_problems(self) -> None:
        """Tell the operators what delivery has met since the last call; done every second."""
        problems, self._delivery_problems = self._delivery_problems, {}
        for problem, facts in problems.items():
            await self.operators.notify(_PROBLEM_NOTICES[problem], Severity.WARNING, facts)
        refusals, self._destination_refusals = self._destination_refusals, {}
        for facts in refusals.values():
            await self.operators.notify(NoticeKind.DESTINATION_REFUSED, Severity.WARNING, facts)

    async def _note_scheduler(self) -> None:
        self._scheduler_seen = self._monotonic()

    def _stuck(self) -> list[str]:
        return stuck(self._relay.idle_for(), self._monotonic() - self._scheduler_seen)

    async def _watch(self) -> None:
        """Look every second for a jump of the clock, and give systemd its signs of life."""
        interval = systemd.watchdog_interval_s()
        next_sign = self._monotonic()
        while True:
            jump = self.clock_monitor.take_jump()
            if jump is not None:
                await self._on_clock_jump(jump)
            await self._plan_anew()
            self._scheduler.check()
            await self.tell_delivery_problems()
            seconds = self._monotonic()
            if interval is not None and seconds >= next_sign:
                if not self._stuck():
                    systemd.notify("WATCHDOG=1")
                next_sign = seconds + interval
            await asyncio.sleep(_LOOK_S)

    async def _on_clock_jump(self, jump: timedelta) -> None:
        """Plan anew what was planned by the clock as it was, and say so."""
        now = self._clock()
        seconds = jump.total_seconds()
        log.warning(
            f"the clock jumped by {seconds:+.0f} s to {now:%Y-%m-%d %H:%M:%S} UTC; plans are made anew"
        )
        self._scheduler.rebase()
        if not self._store.leads:  # what waits was planned by the leader's clock
            return
        self._jumps.append((now, jump, self._begun_at))
        self._begun_at += jump
        facts = {"seconds": round(seconds), "now": now.isoformat()}
        await self.operators.notify(NoticeKind.CLOCK_JUMPED, Severity.WARNING, facts)

    def is_clock_steady(self) -> bool:
        """Whether the wall clock can be trusted, and what waits is planned by it."""
        return not self._jumps and self.clock_monitor.is_steady()

    async def _plan_anew(self) -> None:
        """Plan anew what waits, after each jump; while nothing can be written it is tried again."""
        if not self._store.leads:
            self._jumps.clear()
        while self._jumps:
            (now, jump, since), is_first_try = self._jumps[0], not self._planning_fails
            try:
                await self._store.write(partial(clock_jump.plan_anew, now=now, jump=jump, since=since))
            except StorageError as error:
                if is_first_try:
                    log.error(f"what waits could not be planned anew, which is tried again: {error}")
                self._planning_fails = True
                return
            self._planning_fails = False
            self._jumps.popleft()
            self._relay.wake()

    async def _on_success(self, poll: Poll) -> None:
        self._polls["good"] += 1
        self._polled = self._monotonic()
        now = self._clock()
        self._reports |= {report.source: report for report in poll.gathered.reports}
        await self._store.write(lambda db: runs.note_alive(db, self._run, now))
        good = had_usable_data(poll.gathered)
        why = tuple(with_source(r.source, r.error) for r in poll.gathered.reports if r.error is not None)
        await self.data.on_poll(good, why)
        rejected = {key: each for key, each in self._rejections().items() if each.source}
        await self.data.on_rejections(rejected)
        if self._heartbeat is not None and good is not False and not (await self.measure()).faults():
            self._heartbeat.beat()

    async def _on_failure(self, fault: Message) -> None:
        self._polls["failed"] += 1
        await self.data.on_poll(False, (fault,), own_fault=True)

    def _rejections(self) -> Mapping[tuple[str, str], RejectedSeries]:
        return self._feed.refusals if isinstance(self._feed, CountsCalls) else {}

    def _state(self, name: str, calls: int, off: Message | None) -> SourceState:
        report = self._reports.get(name)
        if off is not None:
            return SourceState(name, "off", off, None, calls)
        if report is None:
            return SourceState(name, "waiting", message("not asked yet"), None, calls)
        state = "ok" if report.ok else "failing"
        return SourceState(name, state, report.error, report.as_of, calls)


def _begin(db: Database, version: str, now: datetime) -> tuple[int, runs.Run | None]:
    """Note the start, and plan by the clock as it is what an earlier run planned by another."""
    clock_jump.plan_at_start(db, now)
    return runs.begin(db, version, now)
