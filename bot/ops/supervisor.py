"""Looks after the running program: its health, its operators' questions, its housekeeping."""

import json
import logging
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol, runtime_checkable

from bot.delivery.relay import Relay
from bot.logs import tagged
from bot.ops.health import HealthServer, HealthSnapshot
from bot.ops.heartbeat import Heartbeat
from bot.ops.memory import give_back
from bot.ops.monitors import DisagreementMonitor, OutageEnded, OutageMonitor, OutageStarted, had_usable_data
from bot.ops.program_status import ProgramStatus, SourceState
from bot.pipeline.poller import Feed, Poll, Poller
from bot.settings import PROVIDERS, Settings, SettingsError
from bot.signals.rules import Severity
from bot.sources.types import RejectedSeries, SourceReport
from storage import retention, runs
from storage.database import Store
from storage.errors import explain, is_fatal
from storage.outbox import notices
from storage.outbox.notices import NoticeKind

log = logging.getLogger(__name__)

_TOLD_AGAIN_AFTER = timedelta(hours=1)  # a crash loop or a flapping source must not flood the operators

SendNow = Callable[[int, NoticeKind, str], Awaitable[None]]
"""Sends a notice, given by its kind and JSON body, to a chat without the outbox."""


class UpdateCounter(Protocol):
    """Counts updates: `passed` were handled, `turned_away` were over a limit."""

    passed: int
    turned_away: int


@runtime_checkable
class CountsCalls(Protocol):
    """A feed that counts its requests."""

    off: dict[str, str]
    refusals: dict[tuple[str, str], RejectedSeries]

    def calls(self, day: date) -> dict[str, int]:
        """Requests made on a UTC day, by provider."""


def program_version() -> str:
    """The installed version."""
    try:
        return version("minerwatch")
    except PackageNotFoundError:
        return "unknown"


class Supervisor:
    """Told of every poll, asked by the health server and the operators.

    Args:
        poller, relay, updates, feed: the parts supervised.
        clock: aware UTC now.
        send_now: sends a notice without the outbox, for when the outbox can't be written.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        feed: Feed,
        poller: Poller,
        relay: Relay,
        updates: UpdateCounter,
        clock: Callable[[], datetime],
        send_now: SendNow,
    ) -> None:
        self.version = program_version()
        self._settings = settings
        self._store = store
        self._feed = feed
        self._disagreements = DisagreementMonitor()
        self._poller = poller
        self._relay = relay
        self._updates = updates
        self._clock = clock
        self._send_now = send_now
        self._run = 0
        self._began = clock()
        self._polls = {"good": 0, "failed": 0}
        self._polled_at: datetime | None = None
        self._updates_at: datetime | None = None
        self._reports: dict[str, SourceReport] = {}
        self._outages = OutageMonitor(self._began)
        self._health: HealthServer | None = None
        url = settings.heartbeat_url
        self._heartbeat = None if url is None else Heartbeat(url.get_secret_value())

    async def begin(self) -> None:
        """Note the start, tell of an unclean stop, open the health page. Raises SettingsError."""
        now = self._began = self._outages.last_good = self._clock()
        self._run, before = await self._store.write(lambda db: runs.begin(db, self.version, now))
        log.info(f"minerwatch {self.version}, run {self._run}, database {self._store.path}")
        if before is not None:
            log.warning(f"run {before.id} was not stopped cleanly; last sign of life {before.seen_at}")
            facts = {"seen": before.seen_at.isoformat(), "now": now.isoformat()}
            await self._notify_operators(NoticeKind.UNCLEAN_STOP, Severity.WARNING, facts)
        if self._settings.metrics_port is not None:
            self._health = HealthServer(self._settings.metrics_port, self.vitals)
            try:
                await self._health.start()
            except OSError as error:
                raise SettingsError(
                    f"METRICS_PORT {self._settings.metrics_port} can't be used ({error.strerror}); "
                    "choose another, for example METRICS_PORT=9464"
                ) from None

    async def end(self) -> None:
        """Note the clean stop and close what was opened."""
        if self._health is not None:
            await self._health.stop()
        if self._heartbeat is not None:
            await self._heartbeat.close()
        now = self._clock()
        await self._store.write(lambda db: runs.end(db, self._run, now))

    async def polled(self, work: Callable[[], Awaitable[Poll]]) -> str | None:
        """Do one poll and draw the consequences; never raises. Gives why the program can't go on, or None."""
        with tagged(poll=f"{self._run}.{sum(self._polls.values()) + 1}"):
            fault: str | None = None
            try:
                poll = await work()
            except sqlite3.Error as error:
                fault = explain(error, self._store.path)
                log.error(f"this poll changed nothing: {fault}")
                if is_fatal(error):
                    return fault
            except Exception as error:
                fault = f"the poll failed: {type(error).__name__}"
                log.exception("this poll failed and changed nothing; the next one tries again")
            try:
                await (self._on_failure(fault) if fault is not None else self._on_success(poll))
            except sqlite3.Error as error:
                log.error(explain(error, self._store.path))
        return None

    async def run_retention(self) -> None:
        """Delete what is past keeping, in steps so short that nobody waits for them."""
        spots = messages = 0
        more = True
        try:
            while more:
                now = self._clock()
                swept = await self._store.write(lambda db: retention.sweep(db, now))  # noqa: B023 - runs at once
                spots, messages, more = spots + swept.spots, messages + swept.messages, swept.more
        except sqlite3.Error as error:
            log.error(f"nothing was tidied: {explain(error, self._store.path)}")
        await give_back(self._store)
        log.info(f"tidied: {spots} old spot values, {messages} settled messages")

    def on_updates_answered(self) -> None:
        """Telegram answered getUpdates."""
        self._updates_at = self._clock()

    def wake_relay(self) -> None:
        """Something new waits in the outbox."""
        self._relay.wake()

    def sources(self) -> list[SourceState]:
        """Every provider, in the contract's order."""
        metered = self._feed if isinstance(self._feed, CountsCalls) else None
        calls = metered.calls(self._clock().date()) if metered else {}
        off = metered.off if metered else {}
        names = [name for name in PROVIDERS if name in calls or name in off or name in self._reports]
        names += sorted(self._reports.keys() - set(names))
        return [self._state(name, calls.get(name, 0), off.get(name)) for name in names]

    async def machine(self) -> ProgramStatus:
        """The program at this moment."""
        vitals = await self.vitals()
        return ProgramStatus(
            version=vitals.version,
            uptime=timedelta(seconds=vitals.uptime_s),
            polls=vitals.polls,
            blind=vitals.blind,
            outcomes=vitals.delivery.outcomes,
            waiting=vitals.delivery.waiting,
            oldest_waiting=timedelta(seconds=vitals.delivery.oldest_waiting_s),
            updates=vitals.updates,
            turned_away=vitals.turned_away,
            database_bytes=vitals.database_bytes,
            memory_bytes=_memory(),
        )

    async def vitals(self) -> HealthSnapshot:
        """Everything measured, now."""
        now = self._clock()

        def age(at: datetime | None) -> float | None:
            return None if at is None else max(0.0, (now - at).total_seconds())

        source_age = {name: age(report.as_of) for name, report in self._reports.items()}
        metered = self._feed if isinstance(self._feed, CountsCalls) else None
        path = self._store.path.absolute()
        return HealthSnapshot(
            version=self.version,
            uptime_s=age(self._began) or 0.0,
            poll_interval_s=self._settings.poll_interval_seconds,
            poll_age_s=age(self._polled_at),
            polls=dict(self._polls),
            blind=self._outages.blind,
            source_age_s={name: old for name, old in source_age.items() if old is not None},
            source_ok={name: report.ok for name, report in self._reports.items()},
            calls_today=metered.calls(now.date()) if metered else {},
            series_age_s={
                series: age(reading.as_of) or 0.0
                for series, reading in self._poller.history.newest_readings().items()
            },
            get_updates_age_s=age(self._updates_at),
            updates=self._updates.passed + self._updates.turned_away,
            turned_away=self._updates.turned_away,
            delivery=await self._relay.figures(),
            database_bytes=_size(path),
            disk_free_bytes=shutil.disk_usage(path.parent).free,
        )

    async def _on_success(self, poll: Poll) -> None:
        self._polls["good"] += 1
        now = self._polled_at = self._clock()
        self._reports |= {report.source: report for report in poll.gathered.reports}
        await self._store.write(lambda db: runs.seen(db, self._run, now))
        good = had_usable_data(poll.gathered)
        why = tuple(f"{report.source} {report.error}" for report in poll.gathered.reports if report.error)
        await self._check_outage(good, why)
        await self._check_disagreements(now)
        if self._heartbeat is not None and good is not False:
            self._heartbeat.beat()

    async def _on_failure(self, fault: str) -> None:
        self._polls["failed"] += 1
        await self._check_outage(False, (fault,))

    def rejected_series(self) -> list[RejectedSeries]:
        """The series that no provider's word can be trusted on at present."""
        return list(self._feed.refusals.values()) if isinstance(self._feed, CountsCalls) else []

    async def _check_disagreements(self, now: datetime) -> None:
        """Tell once of series that no provider's word can be trusted on, and once when that is over."""
        if not isinstance(self._feed, CountsCalls):
            return
        asked = {place: one for place, one in self._feed.refusals.items() if one.source}
        lasting, over = self._disagreements.look(now, asked)
        for kind, news in ((NoticeKind.SERIES_REJECTED, lasting), (NoticeKind.SERIES_ACCEPTED, over)):
            if news:
                facts = {"series": [[one.series, one.source, one.reason] for one in news]}
                await self._notify_operators(kind, Severity.WARNING, facts)

    async def _check_outage(self, good: bool | None, why: tuple[str, ...]) -> None:
        match self._outages.polled(self._clock(), good, why):
            case OutageStarted(since, polls, reasons):
                log.error(f"blind: no fresh data for {polls} polls, since {since:%Y-%m-%d %H:%M} UTC")
                facts = {"since": since.isoformat(), "polls": polls, "why": list(reasons)}
                await self._notify_operators(NoticeKind.OUTAGE_STARTED, Severity.CRITICAL, facts)
            case OutageEnded(since):
                log.info(f"fresh data again; blind since {since:%Y-%m-%d %H:%M} UTC")
                await self._notify_operators(
                    NoticeKind.OUTAGE_ENDED, Severity.WARNING, {"since": since.isoformat()}
                )

    async def _notify_operators(
        self, kind: NoticeKind, severity: Severity, facts: Mapping[str, object]
    ) -> None:
        """Queue a notice to every operator; when the outbox can't be written, send it directly, once."""
        admins = self._settings.admin_chat_ids
        if not admins:
            return
        now, body = self._clock(), json.dumps(facts, ensure_ascii=False)
        try:
            before = await self._store.read(lambda db: notices.newest(db, kind))
            if before is not None and now - before.at < _TOLD_AGAIN_AFTER and kind == NoticeKind.UNCLEAN_STOP:
                return
            await self._store.write(lambda db: notices.notify(db, admins, kind, severity, body, now))
            self._relay.wake()
        except sqlite3.Error:
            for chat in admins:
                await self._send_now(chat, kind, body)

    def _state(self, name: str, calls: int, off: str | None) -> SourceState:
        report = self._reports.get(name)
        if off is not None:
            return SourceState(name, "off", off, None, calls)
        if report is None:
            return SourceState(name, "waiting", "not asked yet", None, calls)
        state = "ok" if report.ok else "failing"
        return SourceState(name, state, report.error or "", report.as_of, calls)


def _size(path: Path) -> int:
    """Bytes of the database with its journal."""
    files = (Path(f"{path}{tail}") for tail in ("", "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def _memory() -> int:
    """Resident bytes, 0 where it can't be told."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * 4096
