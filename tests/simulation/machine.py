"""One simulated machine: the program on it, started, stopped and killed as the plan says."""

import asyncio
import gc
import json
import logging
import random
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from bot.app import Program
from bot.backtest import episode_cache
from bot.backtest.episodes import RuleHistory
from bot.charts.job import Drawing, DrawingError, Job, Work
from bot.cli import serve
from bot.delivery.destinations.destination_transport import DestinationTransport
from bot.settings import Settings
from bot.signals.rules import Rule, Severity
from bot.telegram import conflict
from storage.chats.chats import ELSEWHERE
from storage.database import Database, Store
from storage.errors import StorageError
from storage.outbox import notices
from storage.outbox.notices import NoticeKind
from tests.simulation.bot_api import BotApi, SimulatedRequest
from tests.simulation.history import History
from tests.simulation.network import post
from tests.simulation.plan import SETTLE_S, Action, Plan, draw
from tests.simulation.simulated_store import (
    OPERATOR,
    SimulatedStore,
    bundled_readings,
    prepare,
    write_empty_database,
)
from tests.simulation.sources import Feed, Sources
from tests.simulation.virtual_time import BEGIN, Clock, VirtualLoop, wall_clock
from tests.simulation.webhook_receiver import WebhookReceiver

POLL_S: Final = 60.0
TOKEN: Final = "1:simulated"
SIGNALS: Final = ("price_drawdown", "hashrate_decline")
_WEBHOOK_PORT = 8080
_LOOK_S = 60.0
_WELL_S = 420.0  # after everything has been well for so long, what is due must have been sent
_LATE_S = 240.0
_graveyard: list[object] = []  # killed programs: collecting them would run their `finally` blocks


class TracebackLog(logging.Handler):
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
        self._store: SimulatedStore | None = None
        self._program: Program | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._down_s = 0.0
        self._running: asyncio.Task[None] | None = None
        self._rival: asyncio.Task[None] | None = None
        self._ended_s: float | None = None

    def run(self) -> History:
        """Run everything; seconds of real time for hours of virtual time."""
        prepare(self.history.path, self.plan)
        handler = TracebackLog(self.history, self.clock)
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
                patch.object(episode_cache, "rule_history", no_history),
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
        main = self._running = loop.create_task(self._main())
        main.add_done_callback(self._on_end)
        self._begin_run()
        self._down_s = 5.0  # a supervisor starts it again
        loop.call_at(self._ends_s + SETTLE_S, loop.stop)
        loop.run_forever()
        self.history.uptimes_s.append((began_s, self._ended_s or loop.time()))
        self.clock.stopped_at_s, self.clock.loop = loop.time(), None
        if main.done() and not main.cancelled() and (error := main.exception()) is not None:
            if isinstance(error, StorageError) and self._full:
                self._forget(loop, main)  # nothing can be written: the next start may go better
                return
            self.history.faults.append(f"the program ended at {loop.time():.0f} s: {error!r}")
        elif self._program is not None and self._program.fatal is not None:
            if self._rival is not None and self._program.fatal.startswith("another program"):
                self.history.gave_up_s.append(self._ended_s or loop.time())
                self._forget(loop, main)
                return
            self.history.faults.append(f"the program ended at {loop.time():.0f} s: {self._program.fatal}")
        self._forget(loop, main)

    def _begin_run(self) -> None:
        self._ended_s = self._rival = None

    def _on_end(self, main: asyncio.Task[None]) -> None:
        """The program has ended; one that competes with it goes on."""
        loop = main.get_loop()
        self._ended_s = loop.time()
        if self._rival is None or self._rival.done():
            loop.stop()
        else:
            self._rival.add_done_callback(lambda _task: loop.stop())

    def _forget(self, loop: VirtualLoop, main: asyncio.Task[None]) -> None:
        if self._store is not None:
            self._store.close()
        _graveyard.append((loop, main, self._program, list(asyncio.all_tasks(loop)), self._tasks))
        self._store, self._program, self._tasks = None, None, set()

    async def _main(self) -> None:
        self.api.new_program()
        settings = _settings(self.plan.updates_by_webhook)
        self.api.lost_answers = self.plan.lost_answers
        self._store = SimulatedStore(self.history.path, self.dice)
        self._store.full = self._full
        program = self._program = self._new_program(settings, self._store)
        loop = asyncio.get_running_loop()
        while self._left and self._left[0].at_s <= loop.time():
            self._act(self._left.pop(0), at_start=True)
        for action in self._left:
            loop.call_at(action.at_s, self._act_in_time, action)
        self._spawn(self._watch())
        if self.plan.updates_by_webhook:
            self._spawn(self.api.post_updates(self._send_in))
        await serve.serve(program, settings)

    def _new_program(self, settings: Settings, store: Store) -> Program:
        feed = Feed(self.sources, self.clock.seconds, self.plan.price_usd)
        return new_program(settings, store, feed, self.clock, self.api, self._draw)

    async def _send_in(self, body: bytes, headers: dict[str, str]) -> int:
        """Post to the program's webhook; gives the status. Raises ConnectionError, TimeoutError."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        if _WEBHOOK_PORT not in loop.listeners:
            raise ConnectionRefusedError
        return await post(loop.listeners[_WEBHOOK_PORT], body, headers)

    async def _draw(self, _job: Job) -> Drawing:
        """Draw nothing, in the time that it takes; now and then it fails."""
        await asyncio.sleep(self.dice.choice((0.1, 0.4, 5.0)))
        if self.dice.random() < 0.2:
            raise DrawingError("no memory")
        return Drawing(b"\x89PNG")

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _open_again(self) -> None:
        """Start a second program on the database; it must not get beyond opening it."""
        if self._running is None or self._running.done():
            return
        with suppress(StorageError):
            Store(self.history.path).close()
            self.history.faults.append(
                f"a second program opened the database at {self.clock.seconds():.0f} s"
            )

    async def _compete(self, length_s: float) -> None:
        """Run another program with the same token and a database of its own, for some time."""
        loop = asyncio.get_running_loop()
        began_s, path = loop.time(), self.history.path.with_name(f"rival-{loop.time():.0f}.db")
        write_empty_database(path)
        settings, store = _settings(updates_by_webhook=False), SimulatedStore(path, self.dice)
        program = self._new_program(settings, store)
        loop.call_later(length_s, program.stopping.set)
        try:
            await serve.serve(program, settings)
        finally:
            gave_up = (program.fatal or "").startswith("another program")
            self.history.rivals_s.append((began_s, loop.time(), gave_up))
            store.close()

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
            case "second program" if not at_start:
                self._open_again()
            case "rival" if not at_start and not self.plan.updates_by_webhook and self._rival is None:
                self._rival = self._spawn(self._compete(argument))
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

        main = self._running

        def note() -> None:
            if main is None or main.done():
                return
            self.history.faults.append(f"stopping at {began_s:.0f} s took more than 5 s")
            loop.stop()

        loop.call_later(5.0, note)

    async def _notify(self, chat: int, token: str, rest: str) -> None:
        assert self._store is not None
        assert self._program is not None
        body, now = json.dumps({"text": f"{token} {rest}"}), self._program.context.clock()
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
            if self._ended_s is not None:  # a program that competes goes on without this one
                return
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
def _settings(updates_by_webhook: bool) -> Settings:
    """The settings, made once: pydantic takes longer over them than a minute of the simulation does."""
    return Settings(
        _env_file=None,
        telegram_bot_token=TOKEN,
        telegram_api_url="http://telegram",
        poll_interval_seconds=POLL_S,
        admin_chat_ids=(OPERATOR,),
        webhook_url="https://bot.example/updates" if updates_by_webhook else None,
        webhook_port=_WEBHOOK_PORT,
    )


def new_program(
    settings: Settings, store: Store, feed: Feed, clock: Clock, api: BotApi, draw: Work
) -> Program:
    """A program in the simulated world. Its rules hold nothing, since a history is short."""
    program = Program(
        settings,
        store,
        feed,
        token=TOKEN,
        clock=clock.wall,
        monotonic=clock.seconds,
        bundle=bundled_readings,
        request=SimulatedRequest(api),
        updates_request=SimulatedRequest(api),
        draw=draw,
    )
    program.poller.rules = tuple(
        replace(rule, fire_hold=timedelta(0), clear_hold=timedelta(0))
        for rule in with_data(program.poller.rules)
    )
    return program


def with_data(rules: Sequence[Rule]) -> list[Rule]:
    """The rules that have data here, and of every other signal the first, which says nothing."""
    first = {rule.signal: rule for rule in reversed(rules)}
    return [rule for rule in rules if rule.signal in SIGNALS or rule is first[rule.signal]]


def no_history(*_: object) -> RuleHistory:
    """The rules' past, which alerts quote, costs as much as all else at the start of a program."""
    return RuleHistory(BEGIN.date(), {}, ())


def simulate(seed: int, folder: Path) -> History:
    """Run the history of one seed in an empty folder."""
    collecting = gc.isenabled()
    gc.disable()  # a killed program must not wake up
    try:
        return Machine(draw(seed), folder).run()
    finally:
        if collecting:
            gc.enable()
