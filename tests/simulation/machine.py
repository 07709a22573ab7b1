"""One simulated machine: the program on it, started, stopped and killed as the plan says."""

import asyncio
import gc
import json
import logging
import random
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, TypeVar
from unittest.mock import patch

from bot.app import Program
from bot.backtest import episode_cache
from bot.backtest.episodes import RuleHistory
from bot.charts.job import Drawing, DrawingError, Job
from bot.cli import serve
from bot.delivery.destinations.destination_transport import DestinationTransport
from bot.settings import Settings
from bot.signals.rules import COMPOSITE, Rule, Severity
from bot.signals.series import Reading, end_of_day
from bot.telegram import conflict
from storage.chats import chats, destinations
from storage.chats.chats import ELSEWHERE, Address
from storage.chats.destinations import DestinationKind
from storage.database import Database, Store
from storage.errors import StorageError
from storage.outbox import notices
from storage.outbox.notices import NoticeKind
from tests.fakes.connections import write_now
from tests.fakes.engines import sqlite_of
from tests.simulation.bot_api import BotApi, SimulatedRequest
from tests.simulation.plan import RECORD_USD, SETTLE_S, Action, Plan, draw
from tests.simulation.sources import Feed, Look, Sources
from tests.simulation.virtual_time import BEGIN, Clock, InlineExecutor, VirtualLoop, wall_clock
from tests.simulation.webhook_receiver import SALT, URL, Received, WebhookReceiver

T = TypeVar("T")
POLL_S: Final = 60.0
OPERATOR: Final = 99
TOKEN: Final = "1:simulated"
SIGNALS: Final = ("price_drawdown", "hashrate_decline")
_LOOK_S = 60.0
_WELL_S = 420.0  # after everything has been well for so long, what is due must have been sent
_LATE_S = 240.0
_graveyard: list[object] = []  # killed programs: collecting them would run their `finally` blocks


@dataclass(slots=True)
class History:
    """What happened: what the checker reads. `ends` are (began, took seconds) of clean stops."""

    plan: Plan
    api: BotApi
    path: Path
    faults: list[str] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    uptimes_s: list[tuple[float, float]] = field(default_factory=list)
    said: list[tuple[float, int, str]] = field(default_factory=list)
    stops_s: list[tuple[float, float]] = field(default_factory=list)
    disk_full_s: list[tuple[float, float]] = field(default_factory=list)
    jumps: list[tuple[float, timedelta]] = field(default_factory=list)
    ends_at: datetime = BEGIN

    def disturbed(self, begin_s: float, end_s: float) -> bool:
        """Whether anything but a chat's own condition was wrong with the world in this span."""
        return (
            any(one.begin_s < end_s and begin_s < one.end_s for one in self.api.outages)
            or any(begin < end_s and begin_s < end for begin, end in self.disk_full_s)
            or any(begin_s <= jump_s <= end_s for jump_s, _ in self.jumps)
            or not any(up <= begin_s and end_s <= down for up, down in self.uptimes_s)
        )

    def is_mistimed(self) -> bool:
        """Whether a program began or ended by a clock that was wrong by a day: it can't have noticed."""
        for at_s in (at_s for uptime in self.uptimes_s for at_s in uptime):
            offsets = [
                sum((by for jump_s, by in self.jumps if jump_s <= seen_s), timedelta(0))
                for seen_s in (at_s - 3, at_s)  # a jump is noticed within a second
            ]
            if max(map(abs, offsets)) > timedelta(hours=20):
                return True
        return False


class _Store(Store):
    """The program's store, with a disk that takes time and can be full."""

    def __init__(self, path: Path, dice: random.Random) -> None:
        super().__init__(path)
        sqlite_of(self)._db.execute("PRAGMA synchronous = off")  # programs are killed here, machines are not
        self._writing, self._reading = InlineExecutor(1), InlineExecutor(1)  # a thread would take real time
        self.full = False
        self._dice = dice
        self._writer, self._readers = asyncio.Lock(), asyncio.Lock()

    async def write(self, work: Callable[[Database], T]) -> T:
        """Run a transaction; a kill can come before it, or after it and before anybody knows."""
        async with self._writer:
            await asyncio.sleep(self._dice.uniform(0.0005, 0.004))

            def transact(db: Database) -> T:
                result = work(db)
                if self.full:
                    error = sqlite3.OperationalError("database or disk is full")
                    error.sqlite_errorname = "SQLITE_FULL"
                    raise error
                return result

            result = self.write_now(transact)
            await asyncio.sleep(self._dice.uniform(0.0005, 0.004))
            return result

    async def read(self, work: Callable[[Database], T]) -> T:
        """Read."""
        async with self._readers:
            await asyncio.sleep(0.0003)
            return self.read_now(work)

    def write_now(self, work: Callable[[Database], T]) -> T:
        """Run a transaction in this thread: to hand it over would cost more than the work."""
        return self._transact(work)

    def read_now(self, work: Callable[[Database], T]) -> T:
        """Read in this thread."""
        return sqlite_of(self).read(work)


class _Log(logging.Handler):
    """Collects tracebacks: no fault of the world may look like one of the program."""

    def __init__(self, history: History, clock: Clock) -> None:
        super().__init__(logging.ERROR)
        self._history, self._clock = history, clock

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what has a traceback, and what asyncio reports."""
        if record.exc_info or record.name == "asyncio":
            error = record.exc_info[1] if record.exc_info else ""
            text = f"{record.name}: {record.getMessage()[:160]} {error!r:.160}"
            self._history.faults.append(f"traceback at {self._clock.seconds():.0f} s: {text}")


class Machine:
    """Runs a plan to its end; `run` gives the history."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.clock = Clock()
        self.dice = random.Random(plan.seed + 1_000_003)
        self.api = BotApi(self.dice, self.clock.seconds)
        self.api.outages = plan.outages
        self.api.chat_faults = plan.chat_faults
        self.sources = Sources(plan.source_faults)
        self.history = History(plan, self.api, folder / "bot.db", looks=self.sources.looks)
        self.receiver = WebhookReceiver(self.dice, self.clock.seconds, plan.hook_outages, TOKEN)
        self.history.received = self.receiver.received
        self._left = list(plan.actions)
        for at_s, old, new in plan.migrations:
            self._left.append(Action(at_s, "migrate", (old, new)))
        self._left.sort(key=lambda action: action.at_s)
        self._ends_s = max(
            [
                plan.length_s,
                *(one.end_s for one in plan.outages),
                *(one.end_s for one in plan.source_faults),
                *(one.end_s for one in plan.hook_outages),
                *(a.at_s for a in self._left),
            ]
        )
        self._full = False
        self._store: _Store | None = None
        self._program: Program | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._down_s = 0.0

    def run(self) -> History:
        """Run everything; seconds of real time for hours of virtual time."""
        _prepare(self.history.path, self.plan)
        handler = _Log(self.history, self.clock)
        logger = logging.getLogger()
        level = logger.level
        logger.addHandler(handler)
        logger.setLevel(logging.ERROR)
        try:
            with (
                wall_clock(self.clock),
                patch.object(serve, "StopSignals", lambda event: None),
                patch.object(serve, "end_process_after", lambda *_: None),
                patch.object(DestinationTransport, "_client", self.receiver.session),
                patch.object(Program, "introduce", lambda _program: None),  # menus are nobody's alert
                patch.object(episode_cache, "rule_history", _no_history),
                patch.object(conflict, "LONG_POLL_S", 30),  # a third of the requests, each as good
            ):
                while self.clock.seconds() < self._ends_s + SETTLE_S:
                    self._run_program()
                    self.clock.stopped_at_s += self._down_s
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)
        self.history.ends_at = self.clock.wall()
        return self.history

    def _run_program(self) -> None:
        """Run the program until it ends, is killed, or the history is over."""
        loop = VirtualLoop(self.clock.seconds())
        self.clock.loop = loop
        asyncio.set_event_loop(loop)
        began_s = loop.time()
        main = loop.create_task(self._main())
        main.add_done_callback(lambda _task: loop.stop())
        self._down_s = 5.0  # a supervisor starts it again
        loop.call_at(self._ends_s + SETTLE_S, loop.stop)
        loop.run_forever()
        self.history.uptimes_s.append((began_s, loop.time()))
        self.clock.stopped_at_s, self.clock.loop = loop.time(), None
        if main.done() and not main.cancelled() and (error := main.exception()) is not None:
            if isinstance(error, StorageError) and self._full:
                self._forget(loop, main)  # nothing can be written: the next start may go better
                return
            self.history.faults.append(f"the program ended at {loop.time():.0f} s: {error!r}")
        elif self._program is not None and self._program.fatal is not None:
            self.history.faults.append(f"the program ended at {loop.time():.0f} s: {self._program.fatal}")
        self._forget(loop, main)

    def _forget(self, loop: VirtualLoop, main: asyncio.Task[None]) -> None:
        if self._store is not None:
            self._store.close()
        _graveyard.append((loop, main, self._program, list(asyncio.all_tasks(loop)), self._tasks))
        self._store, self._program, self._tasks = None, None, set()

    async def _main(self) -> None:
        self.api.new_program()
        settings = _settings()
        self._store = _Store(self.history.path, self.dice)
        self._store.full = self._full
        program = self._program = Program(
            settings,
            self._store,
            Feed(self.sources, self.clock.seconds, self.plan.price_usd),
            token=TOKEN,
            clock=self.clock.wall,
            monotonic=self.clock.seconds,
            bundle=_past,
            request=SimulatedRequest(self.api),
            updates_request=SimulatedRequest(self.api),
            draw=self._draw,
        )
        program.poller.rules = tuple(
            replace(rule, fire_hold=timedelta(0), clear_hold=timedelta(0))
            for rule in _with_data(program.poller.rules)
        )
        loop = asyncio.get_running_loop()
        while self._left and self._left[0].at_s <= loop.time():
            self._act(self._left.pop(0), at_start=True)
        for action in self._left:
            loop.call_at(action.at_s, self._act_in_time, action)
        self._spawn(self._watch())
        await serve.serve(program, settings)

    async def _draw(self, _job: Job) -> Drawing:
        """Draw nothing, in the time that it takes; now and then it fails."""
        await asyncio.sleep(self.dice.choice((0.1, 0.4, 5.0)))
        if self.dice.random() < 0.2:
            raise DrawingError("no memory")
        return Drawing(b"\x89PNG")

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _act_in_time(self, action: Action) -> None:
        self._left.remove(action)
        self._act(action)

    def _act(self, action: Action, *, at_start: bool = False) -> None:
        argument: Any = action.argument
        match action.what:
            case "say":
                self.history.said.append((self.clock.seconds(), argument[0], argument[1]))
                self.api.say(*argument)
            case "notice" if not at_start:
                self._spawn(self._notify(*argument))
            case "jump":
                self.history.jumps.append((action.at_s, argument))
                self.clock.jump(argument)
            case "disk full" | "disk free":
                self._full = action.what == "disk full"
                if self._full:
                    free = (a.at_s for a in self._left if a.what == "disk free")
                    self.history.disk_full_s.append((action.at_s, next(free, self._ends_s) + 5))
                if self._store is not None:
                    self._store.full = self._full
            case "migrate":
                self.api.migrations[argument[0]] = argument[1]
            case "kill" if not at_start:
                self._down_s = argument
                asyncio.get_running_loop().stop()
            case "stop" if not at_start:
                self._down_s = argument
                self._spawn(self._stop())

    async def _stop(self) -> None:
        assert self._program is not None
        began_s, loop = self.clock.seconds(), asyncio.get_running_loop()
        self._program.stopping.set()

        def note() -> None:
            self.history.faults.append(f"stopping at {began_s:.0f} s took more than 5 s")
            loop.stop()

        loop.call_later(5.0, note)

    async def _notify(self, chat: int, token: str, rest: str) -> None:
        assert self._store is not None
        assert self._program is not None
        body, now = json.dumps({"text": f"{token} {rest}"}), self.clock.wall()
        with suppress(StorageError):
            await self._store.write(
                lambda db: notices.notify(db, [chat], NoticeKind.BROADCAST, Severity.WARNING, body, now)
            )
            self._program.relay.wake()

    async def _watch(self) -> None:
        """Look every minute whether what is due goes out, and whether the health page is honest about it."""
        assert self._store is not None
        assert self._program is not None
        while True:
            await asyncio.sleep(_LOOK_S)
            now_s, now = self.clock.seconds(), self.clock.wall()
            if self.history.disturbed(now_s - _WELL_S, now_s - 0.001) and not self._well_since(
                now_s - _WELL_S
            ):
                continue
            late = await self._store.read(partial(_late, before=now - timedelta(seconds=_LATE_S)))
            healthy = [row for row in late if not self._has_trouble(row[1], now_s)]
            if healthy:
                ids = [row[0] for row in healthy]
                self.history.faults.append(
                    f"due and not sent for {_LATE_S:.0f} s at {now_s:.0f} s: rows {ids}"
                )
                if not (await self._program.supervisor.measure()).faults() and now_s - _WELL_S > 900:
                    self.history.faults.append(f"health is silent about it at {now_s:.0f} s")
                return
            faults = (await self._program.supervisor.measure()).faults()
            if faults and not await self._store.read(_waiting):
                self.history.faults.append(f"health complains of nothing at {now_s:.0f} s: {faults}")
                return

    def _well_since(self, begin_s: float) -> bool:
        """Whether the world has been well since then; the uptime of this program isn't noted yet."""
        up_s = self.history.uptimes_s[-1][1] if self.history.uptimes_s else 0.0
        history, now_s = self.history, self.clock.seconds()
        return up_s + 30 < begin_s and not (
            any(one.begin_s < now_s and begin_s < one.end_s for one in self.api.outages)
            or any(begin < now_s and begin_s < end for begin, end in history.disk_full_s)
            or any(begin_s <= jump_s for jump_s, _ in history.jumps)
        )

    def _has_trouble(self, chat: int, now_s: float) -> bool:
        faults = self.plan.hook_outages if chat <= ELSEWHERE else ()
        return (
            chat in self.api.migrations
            or any(each.begin_s <= now_s and now_s - _WELL_S <= each.end_s for each in faults)
            or any(
                each.chat_id == chat and each.begin_s <= now_s and now_s - _WELL_S <= each.end_s
                for each in self.api.chat_faults
            )
        )


def _late(db: Database, before: datetime) -> list[tuple[int, int]]:
    rows: list[tuple[int, int]] = db.execute(
        "SELECT id, chat_id FROM outbox WHERE (state = 'pending' AND next_try_at < :before "
        "AND queued_at < :before) OR (state = 'leased' AND next_try_at < :before AND queued_at < :before)",
        {"before": before.isoformat()},
    ).fetchall()
    return rows


def _waiting(db: Database) -> bool:
    """Whether any message waits for whatever reason, a silence too."""
    return db.execute("SELECT 1 FROM outbox WHERE state IN ('pending', 'leased')").fetchone() is not None


@cache
def _settings() -> Settings:
    """The settings, made once: pydantic takes longer over them than a minute of the simulation does."""
    return Settings(
        _env_file=None,
        telegram_bot_token=TOKEN,
        telegram_api_url="http://telegram",
        poll_interval_seconds=POLL_S,
        admin_chat_ids=(OPERATOR,),
    )


def _with_data(rules: Sequence[Rule]) -> list[Rule]:
    """The rules that have data here, and of every other signal the first, which says nothing."""
    first = {rule.signal: rule for rule in reversed(rules)}
    return [rule for rule in rules if rule.signal in SIGNALS or rule is first[rule.signal]]


def _no_history(*_: object) -> RuleHistory:
    """The rules' past, which alerts quote, costs as much as all else at the start of a program."""
    return RuleHistory(BEGIN.date(), {}, ())


def _past() -> list[Reading]:
    """A record high some days ago, and closes since."""
    first = BEGIN.date() - timedelta(days=12)
    at = end_of_day(first)
    readings = [Reading("btc.price_high", RECORD_USD, at, "binance (bundled)", at, first)]
    for back in range(5, 1, -1):
        day = BEGIN.date() - timedelta(days=back)
        readings.append(
            Reading("btc.price", 60_000.0, end_of_day(day), "binance (bundled)", end_of_day(day), day)
        )
    return readings


_empty: list[bytes] = []


def _prepare(path: Path, plan: Plan) -> None:
    """Make a database with the plan's subscribers."""
    if not _empty:
        with Store(path):
            pass
        db = sqlite3.connect(path)
        db.execute("PRAGMA journal_mode = delete")
        db.close()
        _empty.append(path.read_bytes())
    path.write_bytes(_empty[0])

    def work(db: Database) -> None:
        for (chat, topic), severity in plan.subscribers.items():
            address = Address(chat, topic)
            chats.remember(db, address, "private" if chat > 0 else "supergroup", BEGIN)
            chats.subscribe(db, address, ("price_drawdown", COMPOSITE), severity)
        if plan.has_webhook:
            hook = destinations.add(db, DestinationKind.WEBHOOK, URL, SALT, OPERATOR, BEGIN)
            chats.subscribe(db, Address(hook.chat_id), ("price_drawdown", COMPOSITE), 0)

    with Store(path) as store:
        write_now(store, work)


def simulate(seed: int, folder: Path) -> History:
    """Run the history of one seed in an empty folder."""
    collecting = gc.isenabled()
    gc.disable()  # a killed program must not wake up
    try:
        return Machine(draw(seed), folder).run()
    finally:
        if collecting:
            gc.enable()
