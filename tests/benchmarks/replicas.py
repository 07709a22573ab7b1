"""Three replicas on one PostgreSQL database, the leader killed with -9 again and again.

How soon does another lead, and is anything lost or doubled? The server is the tests' own.

`CHATS` (20,000), `KILL_EVERY_S` (30), `TAKEOVERS` (20) and `RATE` (200) can be set in the environment.
"""

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TypeVar

from storage.chats import chats
from storage.chats.chats import Address
from storage.database import Database, Store
from tests.e2e.program import Program
from tests.e2e.test_run import crash
from tests.fakes import postgres_server, replica_history
from tests.fakes.connections import read_now, write_now
from tests.fakes.postgres_server import Server
from tests.fakes.providers import Providers
from tests.fakes.replica_history import Arrival, violations
from tests.fakes.telegram import FakeTelegram
from tests.fakes.world import World

CHATS = int(os.environ.get("CHATS", "20000"))
KILL_EVERY_S = float(os.environ.get("KILL_EVERY_S", "30"))
TAKEOVERS = int(os.environ.get("TAKEOVERS", "20"))
RATE = os.environ.get("RATE", "200")
FIRST = 10_001  # other chats are operators

T = TypeVar("T")


def main() -> None:
    """Run both and print what was measured."""
    server = Server(postgres_server.start())
    with server.database() as url:
        asyncio.run(_fan_out(url))
    with server.database() as url:
        asyncio.run(_takeovers(url))


class _Replicas:
    """Programs on one database; the newest are last. The leader is the one that has polled."""

    def __init__(self, url: str, telegram: FakeTelegram, providers: Providers, folder: Path) -> None:
        self._settings = {"DATABASE_URL": url, "MESSAGES_PER_SECOND": RATE}
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
        crash(providers)
        began, next_kill, took = time.monotonic(), KILL_EVERY_S, []
        while len({sent.chat_id for sent in telegram.sent if sent.chat_id >= FIRST}) < CHATS:
            await asyncio.sleep(0.2)
            if time.monotonic() - began > next_kill:
                took.append(await replicas.replace_leader())
                next_kill += KILL_EVERY_S
        seconds = time.monotonic() - began
        await replicas.stop()
        with Store(url) as store:
            written = read_now(store, replica_history.written)
        arrivals = [Arrival(sent.chat_id, sent.text) for sent in telegram.sent if sent.chat_id >= FIRST]
        found = violations(arrivals, range(FIRST, FIRST + CHATS), written)
        _say(f"{CHATS:,} messages at {RATE}/s took {seconds:.0f} s; the leader was killed {len(took)} times")
        _say(f"{len(arrivals) - CHATS} marked copies, {len(found)} violations {found[:3] or ''}")


async def _takeovers(url: str) -> None:
    async with AsyncExitStack() as open_:
        _, replicas, _ = await _started(open_, url, 2)
        took = []
        for _ in range(TAKEOVERS):
            await _until(lambda: any("standing by" in program.log for program in replicas.running))
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
    telegram = await open_.enter_async_context(FakeTelegram())
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
