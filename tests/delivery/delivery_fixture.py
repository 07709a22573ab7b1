"""A small world to deliver in: a database with subscribers, a bot on the fake server, a relay."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from telegram import Bot

from bot.delivery.outcomes import OutgoingMessage
from bot.delivery.pacer import Pacer
from bot.delivery.relay import DeliveryProblem, Relay
from bot.delivery.rendering import Render
from bot.signals.incident import Incident
from bot.telegram.request import AiohttpRequest
from bot.telegram.transport import TelegramTransport
from storage import outbox
from storage.database import Database, Store
from storage.errors import StorageError
from storage.outbox import EditContent, MessageContent
from storage.signals import alerts
from tests.fakes.telegram import FakeTelegram

T = TypeVar("T")
NOW = datetime(2022, 6, 18, 12, 0, tzinfo=UTC)


class Clock:
    """Real time, moved by hand; `steady` is what a monitor of it would say."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)
        self.steady = True

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def advance(self, **by: float) -> None:
        self.ahead += timedelta(**by)


def render(content: MessageContent, now: datetime) -> OutgoingMessage:
    """What the tests' people read."""
    marks = ("possible repeat: " if content.repeat else "") + ("delayed: " if content.is_delayed(now) else "")
    said = " + ".join(subject.signal or subject.body for subject in content.subjects)
    return OutgoingMessage(f"<b>{marks}{said}</b>")


def render_edit(content: EditContent, _now: datetime) -> OutgoingMessage:
    """What a message has come to."""
    incidents = [Incident(tuple(map(alerts.parse, bodies))) for bodies in content.incidents]
    return OutgoingMessage(" + ".join("over" if each.is_over else "goes on" for each in incidents))


def add_chats(
    db: Database,
    chats: range | list[int],
    *,
    signal: str = "price_drawdown",
    min_severity: int = 1,
    topic: int = 0,
) -> None:
    """Active subscribers of one signal."""
    db.executemany(
        "INSERT INTO chats (chat_id, topic_id, kind, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(chat, topic, "private" if chat > 0 else "supergroup", NOW.isoformat()) for chat in chats],
    )
    db.executemany(
        "INSERT INTO subscriptions (chat_id, topic_id, signal, min_severity) VALUES (?, ?, ?, ?)",
        [(chat, topic, signal, min_severity) for chat in chats],
    )


def add_alert(
    db: Database,
    alert_group: int = 1,
    *,
    signal: str = "price_drawdown",
    severity: str = "warning",
    at: datetime | None = None,
) -> int:
    """One alert of a group."""
    taken = (at or datetime.now(UTC)).isoformat()
    (id_,) = db.execute(
        "INSERT INTO alerts (bulletin, rule, signal, severity, kind, at, value, body) "
        "VALUES (?, ?, ?, ?, 'firing', ?, -0.7, '{}') RETURNING id",
        [alert_group, f"{signal}.{severity}.{alert_group}", signal, severity, taken],
    ).fetchone()
    return int(id_)


class FailingStore(Store):
    """A database on a disk that can be full."""

    fails = False

    async def write(self, work: Callable[[Database], T]) -> T:
        if self.fails:
            raise StorageError("the disk is full", "free some space", passing=True)
        return await super().write(work)

    async def write_beside(self, work: Callable[[Database], T]) -> T:
        if self.fails:
            raise StorageError("the disk is full", "free some space", passing=True)
        return await super().write_beside(work)


@dataclass(slots=True)
class World:
    """What a delivery test works with."""

    api: FakeTelegram
    store: "FailingStore"
    bot: Bot
    pacer: Pacer
    relay: Relay
    clock: Clock
    problems: list[DeliveryProblem]

    async def alert(
        self, alert_group: int = 1, *, severity: str = "warning", signal: str = "price_drawdown"
    ) -> None:
        """Raise an alert, queue it for its subscribers and wake the relay."""

        def work(db: Database) -> None:
            add_alert(db, alert_group, severity=severity, signal=signal, at=self.clock())
            outbox.enqueue(db, alert_group, self.clock())

        await self.store.write(work)
        self.relay.wake()

    async def chats(self, *chats: int, min_severity: int = 1, topic: int = 0) -> None:
        """Subscribe chats."""
        await self.store.write(lambda db: add_chats(db, list(chats), min_severity=min_severity, topic=topic))

    async def rows(self) -> list[tuple[int, str, str | None]]:
        """(chat, state, error) of every outbox row."""
        return await self.store.read(
            lambda db: db.execute("SELECT chat_id, state, error FROM outbox ORDER BY id").fetchall()
        )

    async def counted(self, outcome: str, times: int = 1) -> None:
        """Wait until something ended this way so many times."""
        async with asyncio.timeout(20):
            while (await self.relay.stats()).outcomes.get(outcome, 0) < times:  # noqa: ASYNC110 - it's a query
                await asyncio.sleep(0.01)

    async def until(self, is_reached: Callable[[list[str]], bool]) -> None:
        """Wait until the states of the outbox rows are as wanted."""
        async with asyncio.timeout(20):
            while not is_reached([state for _, state, _ in await self.rows()]):  # noqa: ASYNC110 - it's a query
                await asyncio.sleep(0.01)

    def fail_writes(self, fails: bool = True) -> None:
        """Let every write fail as on a full disk."""
        self.store.fails = fails

    async def settled(self) -> list[tuple[int, str, str | None]]:
        """Wait until nothing is pending or leased, then give the rows."""
        async with asyncio.timeout(20):
            while True:
                rows = await self.rows()
                if all(state not in ("pending", "leased") for _, state, _ in rows):
                    return rows
                await asyncio.sleep(0.01)


@asynccontextmanager
async def world(
    address: str | Path,
    api: FakeTelegram,
    *,
    per_second: float = 1000,
    read_timeout: float = 0.3,
    render: Render = render,
    run: bool = True,
    departure_check_s: float = 0.2,
) -> AsyncIterator[World]:
    """A relay at work on a database, stopped at the end."""
    request = AiohttpRequest(read_timeout=read_timeout, connect_timeout=1, pool_timeout=5)
    await request.initialize()
    bot = Bot(api.token, base_url=f"{api.url}/bot", request=request, get_updates_request=request)
    clock = Clock()
    pacer = Pacer(per_second)
    problems: list[DeliveryProblem] = []
    with FailingStore(address) as store:
        relay = Relay(
            store,
            TelegramTransport(bot, clock),
            pacer,
            render,
            clock,
            is_clock_steady=lambda: clock.steady,
            on_problem=lambda problem, _chat_id, _why: problems.append(problem),
            departure_check_s=departure_check_s,
            lease_check_s=0,
        )
        running = asyncio.create_task(relay.run()) if run else None
        try:
            yield World(api, store, bot, pacer, relay, clock, problems)
        finally:
            if running is not None:
                await relay.stop()
                await running
            await request.shutdown()
