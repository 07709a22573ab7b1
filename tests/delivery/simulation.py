"""Delivery in simulated time: a day of it passes in milliseconds, exactly as computed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar, cast

from bot.delivery.alert_pictures import Draw, Pictures
from bot.delivery.outcomes import (
    Delivered,
    EditRequest,
    Outcome,
    OutgoingMessage,
    Retry,
    RetryCause,
    SendRequest,
)
from bot.delivery.pacer import Pacer
from bot.delivery.relay import DeliveryProblem, Relay
from bot.delivery.rendering import Render
from bot.telegram.error_outcomes import split_request
from storage import outbox
from storage.database import Database, Store
from storage.errors import DatabaseOutage, StorageError
from storage.outbox import Lane
from tests.delivery.delivery_fixture import add_alert, add_chats, render
from tests.fakes.engines import new_database, transaction

T = TypeVar("T")
START = datetime(2026, 3, 1, tzinfo=UTC)


def open_database() -> AbstractContextManager[Database]:
    """Make the database of a simulation; the fixture `on_both_engines` puts another in its place."""
    return closing(new_database())


class MemoryStore:
    """A database used at once instead of on a thread; `fails` makes writes fail."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.fails = False
        self.outage = DatabaseOutage()

    async def write(self, work: Callable[[Database], T]) -> T:
        if self.fails:
            raise StorageError("the disk is full", "free some space", passing=True)
        with transaction(self.db) as db:
            return work(db)

    is_shared = False
    replica = 0

    async def write_beside(self, work: Callable[[Database], T]) -> T:
        return await self.write(work)

    def may_send(self, _replica: int) -> bool:
        return True

    async def read(self, work: Callable[[Database], T]) -> T:
        return work(self.db)


@dataclass(slots=True)
class Line:
    """A Telegram of ours: `answer` decides what becomes of a request, after `latency_s`."""

    answer: Callable[[SendRequest, float], Outcome | None] = lambda _request, _now: None
    answer_edit: Callable[[EditRequest, float], Outcome | None] = lambda _request, _now: None
    latency_s: float = 0.05
    requests: list[tuple[float, SendRequest]] = field(default_factory=list)
    arrived: list[tuple[float, SendRequest]] = field(default_factory=list)
    edits: list[tuple[float, EditRequest]] = field(default_factory=list)

    def split(self, request: SendRequest) -> list[SendRequest]:
        return split_request(request)

    async def send(self, request: SendRequest) -> Outcome:
        now = asyncio.get_running_loop().time()
        self.requests.append((now, request))
        await asyncio.sleep(self.latency_s)
        outcome = self.answer(request, now)
        if outcome is None or isinstance(outcome, Delivered):
            self.arrived.append((now, request))
        file_id = None if request.picture is None else f"file of {request.picture.name}"
        return outcome or Delivered(len(self.arrived), file_id)

    async def edit(self, request: EditRequest) -> Outcome:
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(self.latency_s)
        outcome = self.answer_edit(request, now)
        if outcome is None:
            self.edits.append((now, request))
        return outcome or Delivered(request.message_id)

    def texts(self, chat: int) -> list[str]:
        return [request.text for _, request in self.arrived if request.chat_id == chat]

    def times(self, chat: int) -> list[float]:
        return [at for at, request in self.requests if request.chat_id == chat]


@dataclass(slots=True)
class Simulation:
    """A relay with everything around it."""

    store: MemoryStore
    line: Line
    pacer: Pacer
    relay: Relay
    running: asyncio.Task[None]
    problems: list[tuple[DeliveryProblem, int, str]]

    def now(self) -> datetime:
        return START + timedelta(seconds=asyncio.get_running_loop().time())

    def chats(self, *chats: int, min_severity: int = 1, topic: int = 0) -> None:
        with transaction(self.store.db) as db:
            add_chats(db, list(chats), min_severity=min_severity, topic=topic)

    def alert(self, group: int = 1, severity: str = "warning") -> None:
        with transaction(self.store.db) as db:
            add_alert(db, group, severity=severity, at=self.now())
            outbox.enqueue(db, group, self.now())
        self.relay.wake()

    def states(self) -> dict[str, int]:
        return dict(Counter(str(state) for (state,) in self.rows("state")))

    def rows(self, columns: str) -> list[tuple[object, ...]]:
        return self.store.db.execute(f"SELECT {columns} FROM outbox ORDER BY id").fetchall()

    async def settled(self, within_s: float = 100_000) -> None:
        """Let time pass until nothing waits."""
        step_s = 0.1
        async with asyncio.timeout(within_s):
            while self.states().keys() & {"pending", "leased"}:
                await asyncio.sleep(step_s)
                step_s = min(60.0, step_s * 1.2)


@asynccontextmanager
async def simulation(
    line: Line,
    *,
    per_second: float = 30,
    render: Render = render,
    draw: Draw | None = None,
    allowed: frozenset[int] = frozenset(),
    is_clock_steady: Callable[[], bool] = lambda: True,
    lane: Lane = Lane.TELEGRAM,
) -> AsyncIterator[Simulation]:
    """A running relay over `line`, stopped at the end."""
    with open_database() as db:
        store, pacer = MemoryStore(db), Pacer(per_second)
        problems: list[tuple[DeliveryProblem, int, str]] = []

        def clock() -> datetime:
            return START + timedelta(seconds=asyncio.get_running_loop().time())

        relay = Relay(
            cast(Store, store),
            line,
            pacer,
            render,
            clock,
            on_problem=lambda *problem: problems.append(problem),
            pictures=None if draw is None else Pictures(cast(Store, store), draw, clock),
            allowed=allowed,
            is_clock_steady=is_clock_steady,
            lane=lane,
        )
        running = asyncio.create_task(relay.run())
        await asyncio.sleep(0)
        try:
            yield Simulation(store, line, pacer, relay, running, problems)
        finally:
            store.fails = False
            await relay.stop()
            await asyncio.wait([running])


def outage(cause: RetryCause, until_s: float) -> Callable[[SendRequest, float], Outcome | None]:
    """An answer that fails until a moment."""
    return lambda _request, now: Retry(cause, "no") if now < until_s else None


def plain(text: str) -> Render:
    """A renderer that says one thing."""
    return lambda _content, _now: OutgoingMessage(text)
