"""Several replicas of the program on one database: started, killed and stopped as the plan says."""

import asyncio
import gc
import json
import logging
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from bot.app import Program
from bot.backtest import episode_cache
from bot.charts.job import Drawing, DrawingError, Job
from bot.cli import serve
from bot.delivery import relay
from bot.delivery.destinations.destination_transport import DestinationTransport
from bot.settings import Settings
from bot.signals.rules import Severity
from storage.database import Database
from storage.errors import StorageError
from storage.outbox import notices
from storage.outbox.notices import NoticeKind
from tests.fakes.engines import connection
from tests.simulation.bot_api import BotApi, Delivery
from tests.simulation.history import History
from tests.simulation.machine import TOKEN, TracebackLog, new_program, no_history
from tests.simulation.network import post
from tests.simulation.plan import Action
from tests.simulation.replicas.hosts import Host, HostsLoop, current_host, elsewhere
from tests.simulation.replicas.plan import POLL_S, SETTLE_S, Blow, Moment, ReplicaPlan, draw
from tests.simulation.replicas.server import DatabaseServer, LeaderWrite
from tests.simulation.replicas.store import ReplicaStore, simulated_edges
from tests.simulation.simulated_store import OPERATOR, fill, write_empty_database
from tests.simulation.sources import Feed, Sources
from tests.simulation.virtual_time import Clock, wall_clock
from tests.simulation.webhook_receiver import WebhookReceiver

_FIRST_PORT: Final = 8080
_AGAIN_S: Final = 5.0  # after a program's end a supervisor starts it again
_IDLE_S: Final = 4.0  # as the program asks for: idle_in_transaction_session_timeout
_LOOK_S: Final = 0.5
_STARTS_WITHIN_S: Final = 15.0
_OPEN_AGAIN_S: Final = 0.5
_graveyard: list[object] = []  # killed programs: collecting them would run their `finally` blocks


class _Clock(Clock):
    """The time of several machines: each sees its own wall clock."""

    def wall(self) -> datetime:
        """What the wall clock of the machine shows that asks."""
        host = current_host()
        return super().wall() + (timedelta(0) if host is None else host.clock_ahead)


class _SharedBotApi(BotApi):
    """A Bot API server that goes on with a request whatever happens to the machine that made it."""

    on_moment: Callable[[Moment, Host], None]

    def __init__(self, dice: random.Random, now_s: Callable[[], float]) -> None:
        super().__init__(dice, now_s)
        self._carried_out: dict[asyncio.Task[Any] | None, Delivery] = {}

    async def _carry_out(self, method: str, fields: dict[str, str]) -> tuple[int, bytes, Delivery | None]:
        """Carry it out; whether its machine hears of it isn't known yet."""
        status, body, delivery = await super()._carry_out(method, fields)
        if delivery is not None:
            self._carried_out[asyncio.current_task()] = delivery
        return status, body, None

    async def call(self, method: str, fields: dict[str, str], timeout_s: float | None) -> tuple[int, bytes]:
        """Answer one request."""
        answering = elsewhere(super().call(method, fields, timeout_s))
        answering.add_done_callback(lambda task: task.cancelled() or task.exception())
        host, is_message = current_host(), method in ("sendMessage", "sendPhoto")
        if is_message and host is not None:
            self.on_moment(Moment.SENDING, host)
        answer = await asyncio.shield(answering)  # never, on a machine that is no more by then
        if (delivery := self._carried_out.pop(answering, None)) is not None:
            delivery.answered = True
        if is_message and host is not None:
            self.on_moment(Moment.SENT, host)
            await asyncio.sleep(0)
        return answer


@dataclass(slots=True)
class ReplicaHistory:
    """What happened: what people saw, who wrote as a leader, when anybody led, when each replica was well."""

    plan: ReplicaPlan
    of_people: History
    writes: list[LeaderWrite]
    blows: list[tuple[float, str]] = field(default_factory=list)
    led: list[tuple[float, str | None, int]] = field(default_factory=list)
    """Looks at the lease: when, who has it and runs, and its number."""
    well_s: list[list[tuple[float, float]]] = field(default_factory=list)
    """Of each replica the spans in which nothing was wrong with it, nor with the server."""
    untold_s: list[tuple[float, float]] = field(default_factory=list)
    """When replicas could not tell each other what they send."""
    ended_s: float = 0.0

    def cannot_tell(self, begin_s: float, end_s: float) -> bool:
        """Whether the server was away or forgot in this span, or a replica could not ask it."""
        return any(begin_s <= until_s and at_s <= end_s for at_s, until_s in self.untold_s)

    def can_lead(self, begin_s: float, end_s: float) -> bool:
        """Whether one replica was well in all of this span."""
        begin_s = max(0.0, begin_s)
        return any(well <= begin_s and end_s <= until for spans in self.well_s for well, until in spans)


class _Replica:
    """One place where the program runs, again and again."""

    def __init__(self, number: int, clock_ahead: timedelta) -> None:
        self.number, self.clock_ahead = number, clock_ahead
        self.host: Host | None = None
        self.program: Program | None = None
        self.starts = 0
        self.unwell_s: list[tuple[float, float]] = []

    @property
    def port(self) -> int:
        """Where it listens."""
        return _FIRST_PORT + self.number


class Cluster:
    """Runs a plan to its end; `run` gives the history."""

    def __init__(self, plan: ReplicaPlan, url: str, folder: Path) -> None:
        self.plan = plan
        self.clock = _Clock()
        seed = plan.world.seed
        self.api = _SharedBotApi(random.Random(seed + 1_000_003), self.clock.seconds)
        self.api.outages = plan.world.outages
        self.api.chat_faults = plan.world.chat_faults
        self.api.lost_answers = plan.world.lost_answers
        self.sources = Sources(plan.world.source_faults)
        self.history = History(plan.world, self.api, folder / "bot.db", looks=self.sources.looks)
        self.receiver = WebhookReceiver(
            random.Random(seed + 2), self.clock.seconds, plan.world.hook_outages, TOKEN
        )
        self.history.received = self.receiver.received
        self._dice = random.Random(seed + 3)
        self._server = DatabaseServer(url, random.Random(seed + 4), self.clock.seconds)
        self._replicas = [
            _Replica(number, timedelta(seconds=ahead_s)) for number, ahead_s in enumerate(plan.clocks_ahead_s)
        ]
        self._server.flaky_s = plan.flaky_s
        self._server.on_moment = self.api.on_moment = self._come_to
        self._come: Counter[Moment] = Counter()
        self._ends_s = plan.ends_s() + SETTLE_S
        self.replicas = ReplicaHistory(plan, self.history, self._server.writes)
        self.replicas.untold_s = list(plan.flaky_s)

    def run(self) -> ReplicaHistory:
        """Run everything."""
        with connection(self._server.url) as db:
            fill(db, self.plan.world)
        random.seed(self.plan.world.seed)  # what the program draws without being given dice
        handler, logger = TracebackLog(self.history, self.clock), logging.getLogger()
        level = logger.level
        logger.addHandler(handler)
        logger.setLevel(logging.ERROR)
        try:
            with (
                wall_clock(self.clock),
                simulated_edges(self.clock.seconds),
                patch.object(serve, "StopSignals", lambda event: None),
                patch.object(serve, "end_process_after", lambda *_: None),
                patch.object(DestinationTransport, "_client", self.receiver.session),
                patch.object(Program, "introduce", lambda _program: None),  # menus are nobody's alert
                patch.object(episode_cache, "rule_history", no_history),
                patch.object(relay, "_SHARED_IDLE_S", 1.0),  # a fifth of the looks, each as good
            ):
                self._run()
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)
        self.history.ends_at = self.clock.wall()
        with connection(self._server.url) as db:
            _copy(db, self.history.path)
        return self.replicas

    def _run(self) -> None:
        loop = HostsLoop(0.0)
        self.clock.loop = loop
        asyncio.set_event_loop(loop)
        self.api.new_program()
        for replica in self._replicas:
            loop.call_soon(self._start, replica)
        for action in (*self.plan.actions, *self.plan.world.actions):
            loop.call_at(action.at_s, self._act, action)
        if self.plan.world.updates_by_webhook:
            loop.create_task(self.api.post_updates(self._send_in))
        loop.create_task(self._watch())
        loop.call_at(self._ends_s, loop.stop)
        loop.run_forever()
        for replica in self._replicas:
            if replica.host is not None:
                self._end(replica.host)
        self._server.close()
        _graveyard.append((loop, list(asyncio.all_tasks(loop)), self._replicas))
        self.clock.stopped_at_s, self.clock.loop = loop.time(), None
        self.replicas.ended_s = loop.time()
        self.replicas.well_s = [list(_calm(each.unwell_s, loop.time())) for each in self._replicas]
        everywhere = [span for each in self._replicas for span in each.unwell_s]
        self.history.uptimes_s = list(_calm(everywhere, loop.time()))

    async def _watch(self) -> None:
        """Look whether a replica that runs has the lease."""
        while True:
            holder, epoch = self._server.holder()
            runs = any(
                each.host is not None and each.host.name == holder and each.host.runs
                for each in self._replicas
            )
            self.replicas.led.append((self.clock.seconds(), holder if runs else None, epoch))
            await asyncio.sleep(_LOOK_S)

    def _start(self, replica: _Replica) -> None:
        assert isinstance(self.clock.loop, HostsLoop)
        replica.starts += 1
        name = f"replica-{replica.number}:{replica.starts}"
        replica.host = Host(name, self.clock.loop, self._server, replica.clock_ahead)
        replica.host.start(self._serve(replica, replica.host))

    async def _serve(self, replica: _Replica, host: Host) -> None:
        """Run the program until it ends, as `minerwatch run` does."""
        settings = _settings(replica.port, self.plan.world.updates_by_webhook)
        store = await self._open(host)
        program = replica.program = self._new_program(settings, store)
        try:
            await serve.serve(program, settings)
        except StorageError as error:
            if not error.passing:
                self.history.faults.append(f"{host.name} ended at {self.clock.seconds():.0f} s: {error!r}")
        except Exception as error:  # noqa: BLE001 - whatever ends a program is a find
            self.history.faults.append(f"{host.name} ended at {self.clock.seconds():.0f} s: {error!r}")
        now_s = self.clock.seconds()
        replica.program = None
        replica.unwell_s.append((now_s, now_s + _AGAIN_S + _STARTS_WITHIN_S))
        await store.closed()
        host.loop.call_later(_AGAIN_S, self._start, replica)

    async def _open(self, host: Host) -> ReplicaStore:
        while True:
            try:
                return await ReplicaStore.opened(host, self._server, self.clock.seconds)
            except StorageError as error:
                if not error.passing:
                    raise
            await asyncio.sleep(_OPEN_AGAIN_S)

    def _new_program(self, settings: Settings, store: ReplicaStore) -> Program:
        feed = Feed(self.sources, self.clock.seconds, self.plan.world.price_usd)
        return new_program(settings, store, feed, self.clock, self.api, self._draw)

    async def _draw(self, _job: Job) -> Drawing:
        """Draw nothing, in the time that it takes; now and then it fails."""
        await asyncio.sleep(self._dice.choice((0.1, 0.4, 3.0)))
        if self._dice.random() < 0.2:
            raise DrawingError("no memory")
        return Drawing(b"\x89PNG")

    def _act(self, action: Action) -> None:
        argument: Any = action.argument
        match action.what:
            case "say":
                self.history.said.append((self.clock.seconds(), argument[0], argument[1]))
                self.api.say(*argument)
            case "notice":
                self._notify(*argument)
            case "server restarts" | "server crashes":
                self._restart_server(argument, crashes=action.what == "server crashes")
            case _:
                replica = self._replicas[argument[0]]
                if replica.host is not None:
                    self._strike(replica, Blow(action.what), argument[1])

    def _notify(self, chat: int, token: str, rest: str) -> None:
        """Queue a message at any replica that runs."""
        running = [each for each in self._replicas if each.program is not None and each.host is not None]
        if not running:
            return
        replica = self._dice.choice(running)
        assert replica.host is not None
        assert replica.program is not None
        replica.host.start(_queue(replica.program, chat, json.dumps({"text": f"{token} {rest}"})))

    def _come_to(self, moment: Moment, host: Host) -> None:
        """Note that a machine has come to a moment, which may be the plan's."""
        self._come[moment] += 1
        for strike in self.plan.strikes:
            replica = next(each for each in self._replicas if each.host is host)
            if (strike.moment, strike.nth) == (moment, self._come[moment]):
                blow = partial(self._strike, replica, strike.blow, strike.length_s)
                host.loop.call_later(strike.after_s, blow, context=Context())

    def _strike(self, replica: _Replica, blow: Blow, length_s: float) -> None:
        """Let something befall a machine that runs."""
        host, now_s = replica.host, self.clock.seconds()
        if host is None or replica.program is None or not host.runs or now_s > self._ends_s - SETTLE_S:
            return
        self.replicas.blows.append((now_s, f"{host.name}: {blow} for {length_s:g} s"))
        self.history.struck_s.append(now_s)  # perhaps while another is unwell still
        replica.unwell_s.append((now_s - 0.001, now_s + length_s + _STARTS_WITHIN_S))
        later, elsewhere_ = host.loop.call_later, Context()
        match blow:
            case Blow.KILL | Blow.VANISH:
                _graveyard.append((host, replica.program, asyncio.all_tasks(host.loop)))
                host.loop.listeners.pop(replica.port, None)
                replica.program, host.is_dead = None, True
                given_up_s = 0.0 if blow is Blow.KILL else _IDLE_S
                later(given_up_s, self._end, host, context=elsewhere_)
                later(length_s, self._start, replica, context=elsewhere_)
            case Blow.STOP:
                host.stop()
                self._give_up_idle(host)
                later(length_s, host.go_on, context=elsewhere_)
            case Blow.END:
                replica.program.stopping.set()
            case Blow.CUT:
                self.replicas.untold_s.append((now_s, now_s + 1))
                self._server.cut(host)
            case Blow.PART:
                self.replicas.untold_s.append((now_s, now_s + length_s + 1))
                self._server.parted.add(host)
                self._server.cut(host)
                later(length_s, self._server.parted.discard, host, context=elsewhere_)

    def _give_up_idle(self, host: Host) -> None:
        """Close the connections of a machine that is stopped in the middle of a transaction, in time."""
        if host.is_stopped and not host.is_dead:
            host.loop.call_later(_IDLE_S, self._server.give_up_idle, host, context=Context())
            host.loop.call_later(_IDLE_S, self._give_up_idle, host, context=Context())

    def _restart_server(self, down_s: float, *, crashes: bool) -> None:
        now_s = self.clock.seconds()
        self.history.struck_s.append(now_s)
        self.replicas.blows.append((now_s, f"the server is away for {down_s:g} s, crashed: {crashes}"))
        for replica in self._replicas:
            replica.unwell_s.append((now_s, now_s + down_s + _STARTS_WITHIN_S))
        self.replicas.untold_s.append((now_s, now_s + down_s))
        self._server.go_down([each.host for each in self._replicas if each.host], crashes=crashes)
        asyncio.get_running_loop().call_later(down_s, setattr, self._server, "is_up", True)

    def _end(self, host: Host) -> None:
        """Close what a machine has open that is no more."""
        host.is_dead = True
        if not host.death.done():
            host.death.set_result(None)
        self._server.forget(host)

    async def _send_in(self, body: bytes, headers: dict[str, str]) -> int:
        """Post to a replica that listens, as a balancer does. Raises ConnectionError, TimeoutError."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, HostsLoop)
        there = [each for each in self._replicas if each.port in loop.listeners and each.host is not None]
        if not there:
            raise ConnectionRefusedError
        replica = self._dice.choice(there)
        assert replica.host is not None
        posting = replica.host.start(post(loop.listeners[replica.port], body, headers))
        either: list[asyncio.Future[Any]] = [posting, replica.host.death]
        done, _ = await asyncio.wait(either, timeout=60, return_when=asyncio.FIRST_COMPLETED)
        if posting not in done:
            raise ConnectionResetError
        return posting.result()


async def _queue(program: Program, chat: int, body: str) -> None:
    now = program.context.clock()
    with suppress(StorageError):
        await program.store.write(
            lambda db: notices.notify(db, [chat], NoticeKind.BROADCAST, Severity.WARNING, body, now)
        )
        program.context.wake_relay()


def _calm(unwell_s: list[tuple[float, float]], end_s: float) -> Iterator[tuple[float, float]]:
    """The spans in which every replica was well."""
    at_s = 0.0
    for begin_s, until_s in sorted(unwell_s):
        if begin_s > at_s:
            yield at_s, begin_s
        at_s = max(at_s, until_s)
    if at_s < end_s:
        yield at_s, end_s


def _copy(db: Database, path: Path) -> None:
    """Copy what PostgreSQL holds into an SQLite file, which the checker reads."""
    write_empty_database(path)
    with connection(str(path)) as copy:
        tables = set(copy.table_names()) & set(db.table_names()) - {"migrations"}
        copy.execute("PRAGMA foreign_keys = off")
        for table in sorted(tables):
            columns = [column for column in copy.columns(table) if column in db.columns(table)]
            names = ", ".join(columns)
            rows = db.execute(f"SELECT {names} FROM {table}").fetchall()
            copy.execute(f"DELETE FROM {table}")
            marks = ", ".join("?" * len(columns))
            copy.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)


@cache
def _settings(port: int, updates_by_webhook: bool) -> Settings:
    return Settings(
        _env_file=None,
        telegram_bot_token=TOKEN,
        telegram_api_url="http://telegram",
        poll_interval_seconds=POLL_S,
        admin_chat_ids=(OPERATOR,),
        webhook_url="https://bot.example/updates" if updates_by_webhook else None,
        webhook_port=port,
    )


@contextmanager
def _without_collecting() -> Iterator[None]:
    collecting = gc.isenabled()
    gc.disable()  # a killed program must not wake up
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def simulate(seed: int, url: str, folder: Path) -> ReplicaHistory:
    """Run the history of one seed over an empty database, in an empty folder."""
    with _without_collecting():
        return Cluster(draw(seed), url, folder).run()
