"""Replicas on one PostgreSQL database, three real programs: one is killed with -9 again and again.

How soon does another lead, is anything lost or doubled, how much of the limit is used, how fast are claims?
The server is the tests' own, and so is Telegram's, which enforces the limit.

`CHATS` (20,000), `RATE` (1,000), `KILL_EVERY_S` (30; 0: nobody is killed), `SUSPEND_S` (60; how long a
replica is stopped with SIGSTOP instead, every third time; 0: never), `TAKEOVERS` (20) and `CLAIMS` (20,000)
can be set in the environment; 0 leaves a part out.
"""

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeVar

from storage import outbox
from storage.chats import chats
from storage.chats.chats import Address
from storage.database import Database, Store, read_beside
from storage.outbox import SendResult
from tests.delivery.delivery_fixture import add_alert, add_chats
from tests.e2e.program import Program
from tests.e2e.test_run import crash
from tests.fakes import postgres_server, replica_history
from tests.fakes.connections import read_now, write_now
from tests.fakes.postgres_server import Server
from tests.fakes.providers import Providers
from tests.fakes.replica_history import arrivals_of, violations
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_limits import Limits
from tests.fakes.world import World

CHATS = int(os.environ.get("CHATS", "20000"))
RATE = os.environ.get("RATE", "1000")
KILL_EVERY_S = float(os.environ.get("KILL_EVERY_S", "30"))
SUSPEND_S = float(os.environ.get("SUSPEND_S", "60"))
TAKEOVERS = int(os.environ.get("TAKEOVERS", "20"))
CLAIMS = int(os.environ.get("CLAIMS", "20000"))
PRICE_USD = 15_000.0  # so low that the alert is critical
POLL_S = 10
_SEVERITIES = "SELECT severity, count(*) FROM outbox WHERE alert_id IS NOT NULL GROUP BY severity"
FIRST = 10_001  # other chats are operators

T = TypeVar("T")


def main() -> None:
    """Run both and print what was measured."""
    server = Server(postgres_server.start())
    if CLAIMS:
        with server.database() as url:
            _claims(url)
    if CHATS:
        with server.database() as url:
            asyncio.run(_fan_out(url))
    if TAKEOVERS:
        with server.database() as url:
            asyncio.run(_takeovers(url))


class _Replicas:
    """Programs on one database; the newest are last. The leader is the one that has polled."""

    def __init__(self, url: str, telegram: FakeTelegram, providers: Providers, folder: Path) -> None:
        self._settings = {
            "DATABASE_URL": url,
            "MESSAGES_PER_SECOND": RATE,
            "POLL_INTERVAL_SECONDS": str(POLL_S),
        }
        self._telegram, self._providers = telegram, providers
        self._folder = folder
        self._made = 0
        self.running: list[Program] = []

    async def start(self) -> None:
        """Start one more."""
        self._made += 1
        folder = self._folder / str(self._made)
        folder.mkdir()
        program = Program(folder, self._telegram, self._providers, **self._settings)
        self.running.append(await program.__aenter__())

    async def leader(self) -> Program:
        """Wait until one leads."""
        return await _until(
            lambda: next((each for each in self.running if "minerwatch 0." in each.log), None)
        )

    def has_another(self, leader: Program) -> bool:
        """Whether one is ready to take over."""
        return any(
            "standing by" in program.log and "minerwatch 0." not in program.log
            for program in self.running
            if program is not leader
        )

    async def disturb(self, number: int) -> str:
        """Kill or suspend a replica, by turns the leader and another; gives what was done."""
        leader = await self.leader()
        others = [program for program in self.running if program is not leader]
        victim, name = (leader, "leader") if number % 2 == 0 else (others[0], "replica")
        if SUSPEND_S and number % 3 == 2:
            victim.send(signal.SIGSTOP)
            await asyncio.sleep(SUSPEND_S)
            victim.send(signal.SIGCONT)
            if victim is leader:
                await victim.ended(30)
                await self._replace(victim)
            return f"{name} suspended"
        await victim.end(signal.SIGKILL)
        await self._replace(victim)
        return f"{name} killed"

    async def _replace(self, program: Program) -> None:
        self.running.remove(program)
        await self.start()

    async def replace_leader(self) -> float:
        """Kill the leader, start another, and give the seconds until one of the others leads."""
        leader = await self.leader()
        await leader.end(signal.SIGKILL)
        killed_at = time.monotonic()
        self.running.remove(leader)
        await self.leader()
        took_s = time.monotonic() - killed_at
        await self.start()
        return took_s

    async def stop(self) -> None:
        """End all."""
        await asyncio.gather(*(program.end(signal.SIGTERM) for program in self.running))


async def _fan_out(url: str) -> None:
    with Store(url) as store:
        write_now(store, _subscribe)
    async with AsyncExitStack() as open_:
        telegram, replicas, providers = await _started(open_, url, 3)
        leader = await replicas.leader()
        await _until(lambda: "the first poll is done" in leader.log)
        await asyncio.sleep(3)  # the others have started, too
        polls, began = _polls(url), time.monotonic()
        crash(providers, PRICE_USD)
        next_at, done = began + KILL_EVERY_S, Counter[str]()
        while len({sent.chat_id for sent in telegram.sent if sent.chat_id >= FIRST}) < CHATS:
            await asyncio.sleep(0.2)
            if KILL_EVERY_S and time.monotonic() > next_at:
                done[await replicas.disturb(done.total())] += 1
                next_at = max(next_at, time.monotonic()) + KILL_EVERY_S
        seconds = time.monotonic() - began
        polls = _polls(url) - polls
        await _until(lambda: not read_beside(url, _under_way))
        await replicas.stop()
        with Store(url) as store:
            database = read_now(store, replica_history.written)
        alerts = [sent for sent in telegram.sent if sent.chat_id >= FIRST]
        found = violations(arrivals_of(alerts), range(FIRST, FIRST + CHATS), database)
        rate = (len(alerts) - 1) / (alerts[-1].at - alerts[0].at)
        severities = read_beside(url, lambda db: db.execute(_SEVERITIES).fetchall())
        _say(f"{CHATS:,} messages ({severities}) took {seconds:.0f} s; {dict(done) or 'nobody was killed'}")
        _say(f"{rate:.2f} a second of {RATE} enforced, {telegram.refused[429]} times 429")
        _say(f"{polls} polls in {seconds:.0f} s, one every {POLL_S} s is due")
        _say(f"{len(alerts) - CHATS} copies, {len(found)} violations {found[:3] or ''}")


def _polls(url: str) -> int:
    """How many polls have written something."""
    return read_beside(
        url, lambda db: int(db.execute("SELECT count(DISTINCT read_at) FROM spots").fetchone()[0])
    )


def _under_way(db: Database) -> int:
    (count,) = db.execute("SELECT count(*) FROM outbox WHERE state IN ('pending', 'leased')").fetchone()
    return int(count)


def _claims(url: str) -> None:
    """Three replicas claim and settle one alert's rows, as fast as they can."""
    with ExitStack() as open_:
        stores = [open_.enter_context(Store(url)) for _ in range(3)]
        now = datetime.now(UTC)
        write_now(stores[0], partial(_queue, now=now))
        began = time.monotonic()
        counts = asyncio.run(_claim_all(stores, now))
        seconds = time.monotonic() - began
        _say(f"{CLAIMS / seconds:,.0f} claims and results a second ({counts}, twice none)")


async def _claim_all(stores: Sequence[Store], now: datetime) -> list[int]:
    claimed: set[int] = set()

    async def claim(store: Store) -> int:
        count = 0
        while True:
            messages = await store.write_beside(lambda db: outbox.claim(db, now, 50, replica=store.replica))
            if not messages and not await store.read(_under_way):
                return count
            rows = {row for message in messages for row in message.ids}
            assert not rows & claimed, "a row was claimed twice"
            claimed.update(rows)
            count += len(rows)
            results = [SendResult(message.ids, "sent", now, message_id=1) for message in messages]
            await store.write_beside(partial(outbox.record, results=results, replica=store.replica))

    return await asyncio.gather(*map(claim, stores))


def _queue(db: Database, now: datetime) -> None:
    add_chats(db, range(1, CLAIMS + 1))
    add_alert(db, 1, severity="critical")
    outbox.enqueue(db, 1, now)


async def _takeovers(url: str) -> None:
    async with AsyncExitStack() as open_:
        _, replicas, _ = await _started(open_, url, 2)
        took = []
        for _ in range(TAKEOVERS):
            leader = await replicas.leader()
            await _until(partial(replicas.has_another, leader))
            took.append(await replicas.replace_leader())
        await replicas.stop()
        _say(f"another led after {median(took):.1f} s (median of {len(took)}), at most {max(took):.1f} s")


async def _until(found: Callable[[], T | None]) -> T:
    """Wait until something is found or true."""
    while not (result := found()):  # noqa: ASYNC110 - other processes make it so
        await asyncio.sleep(0.02)
    return result


def _say(text: str) -> None:
    sys.stdout.write(f"  {text}\n")
    sys.stdout.flush()


async def _started(open_: AsyncExitStack, url: str, count: int) -> tuple[FakeTelegram, _Replicas, Providers]:
    limits = Limits(per_second=float(RATE), window=True)
    telegram = await open_.enter_async_context(FakeTelegram(limits=limits))
    world = World(datetime.now(UTC) - timedelta(minutes=10))
    providers = await open_.enter_async_context(Providers(world))
    folder = open_.enter_context(tempfile.TemporaryDirectory())
    replicas = _Replicas(url, telegram, providers, Path(folder))
    for _ in range(count):
        await replicas.start()
    return telegram, replicas, providers


def _subscribe(db: Database) -> None:
    now = datetime.now(UTC)
    for chat in range(FIRST, FIRST + CHATS):
        chats.remember(db, Address(chat), "private", now)
        chats.subscribe(db, Address(chat), ["price_drawdown"], 1)


if __name__ == "__main__":
    main()
