"""The page under load beside a running broadcast, and what it takes when nobody asks.

`python -m tests.benchmarks web`: the real program over HTTP; 500 requests a second on the loopback for
WEB_SECONDS (20), first alone, then while the program delivers a broadcast at Telegram's free rate.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import aiohttp

from bot.signals.rules import Severity
from storage.database import Database, Store
from storage.outbox import notices
from storage.outbox.notices import NoticeKind
from tests.benchmarks._program import Program, start
from tests.benchmarks._server import table
from tests.delivery.delivery_fixture import add_chats
from tests.e2e.program import environment
from tests.fakes.connections import write_now
from tests.fakes.ports import free_port
from tests.fakes.providers import Providers
from tests.fakes.telegram import FakeTelegram
from tests.fakes.world import World

SECONDS = float(os.environ.get("WEB_SECONDS", "20"))
PER_SECOND = 500
CHATS = 5_000
_P99_MS, _RATE, _IDLE_MIB = 10.0, 0.97, 15.0
_ASKED: tuple[tuple[str, Callable[[Random], str]], ...] = (
    ("status page", lambda _: "/"),
    ("/api/v1/status", lambda _: "/api/v1/status"),
    (
        "/api/v1/breakeven",
        lambda draw: f"/api/v1/breakeven?machine=s19&power_price={draw.uniform(0.02, 0.15):.4f}",
    ),
)


def main() -> None:
    """Prints the figures. Raises SystemExit when one is worse than it may be."""
    with tempfile.TemporaryDirectory() as folder:
        failures = asyncio.run(_measure(Path(folder)))
    if failures:
        raise SystemExit("; ".join(failures))


async def _measure(folder: Path) -> list[str]:
    async with (
        FakeTelegram(keep_sent=True) as api,
        Providers(World(datetime.now(UTC) - timedelta(minutes=10))) as providers,
    ):
        port = free_port()
        base = {"TELEGRAM_BOT_TOKEN": api.token, "TELEGRAM_API_URL": api.url, "LOG_LEVEL": "WARNING"}
        without = environment(folder, providers, **base)
        await _idle(folder, environment(folder, providers, **base))  # a first start fills the history
        idle = {"without the page": await _idle(folder, without)}
        served = without | {"WEB_PORT": str(port)}
        idle["with the page"] = await _idle(folder, served)
        more = idle["with the page"] - idle["without the page"]
        table(
            "Idle after the first poll",
            ["program", "MiB"],
            [*([name, mib] for name, mib in idle.items()), ["more", more]],
        )
        program = await start(folder, served)
        await program.first_poll_s()
        url = f"http://127.0.0.1:{port}"
        rows = await _ask_everything(url, "alone")
        await program.end()
        await asyncio.to_thread(_queue, folder / "bot.db")
        program = await start(folder, served)
        await program.first_poll_s()
        await api.until_sent(len(api.sent) + 60, 60)
        before, began = len(api.sent), time.monotonic()
        await asyncio.sleep(SECONDS)
        alone = (len(api.sent) - before) / (time.monotonic() - began)
        before, began = len(api.sent), time.monotonic()
        rows += await _ask_everything(url, "beside a broadcast")
        rate = (len(api.sent) - before) / (time.monotonic() - began)
        await program.end()
    table(
        f"{PER_SECOND} requests a second for {SECONDS:.0f} s each",
        ["asked", "", "answers a second", "p50 ms", "p99 ms", "worst ms", "failed"],
        rows,
    )
    table(
        "The broadcast, messages a second",
        ["nobody asks", "while asked", "of that"],
        [[alone, rate, rate / alone]],
    )
    failures = [f"{row[0]} {row[1]}: p99 {row[4]:.1f} ms" for row in rows if row[4] > _P99_MS]
    failures += [f"{row[0]} {row[1]}: {row[6]} failed" for row in rows if row[6]]
    if rate / alone < _RATE:
        failures.append(f"the broadcast fell to {rate / alone:.0%}")
    if more > _IDLE_MIB:
        failures.append(f"the page takes {more:.1f} MiB")
    return failures


async def _idle(folder: Path, env: dict[str, str]) -> float:
    program: Program = await start(folder, env)
    await program.first_poll_s()
    await asyncio.sleep(15)
    memory = program.memory_mib()
    await program.end()
    return memory


def _queue(path: Path) -> None:
    """A broadcast that lasts longer than the measurement."""
    with Store(path) as store:

        def work(db: Database) -> None:
            add_chats(db, range(1, CHATS + 1))
            now = datetime.now(UTC)
            notices.enqueue_notice(
                db, notices.add_notice(db, NoticeKind.BROADCAST, Severity.INFO, '{"text": "hello"}', now), now
            )

        write_now(store, work)


async def _ask_everything(url: str, beside: str) -> list[list[Any]]:
    rows: list[list[Any]] = []
    async with aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(limit=64)) as client:
        await _warm_up(client)
        for name, make in _ASKED:
            rows.append([name, beside, *await _ask(client, make)])
    return rows


async def _warm_up(client: aiohttp.ClientSession) -> None:
    """What a start does once: the past of the rules is worked out, the words of questions are read."""
    for path in ("/api/v1/episodes", *(make(Random(0)) for _, make in _ASKED)):
        for _ in range(6):
            async with client.get(path, headers=_somebody(0)) as answered:
                await answered.read()
            if answered.status == 200:
                break
        else:
            raise SystemExit(f"{path} has no answer")
    await asyncio.sleep(3)


async def _ask(client: aiohttp.ClientSession, make: Callable[[Random], str]) -> list[float]:
    """Ask at fixed moments, whether or not earlier answers have come; times count from those moments."""
    draw, took, failed = Random(1), list[float](), 0
    loop = asyncio.get_running_loop()
    began = loop.time() + 0.1

    async def one(number: int) -> None:
        nonlocal failed
        due = began + number / PER_SECOND
        await asyncio.sleep(due - loop.time())
        async with client.get(make(draw), headers=_somebody(number)) as answered:
            await answered.read()
            failed += answered.status != 200
        took.append(1000 * (loop.time() - due))

    count = int(PER_SECOND * SECONDS)
    await asyncio.gather(*(one(number) for number in range(count)))
    took.sort()
    rate = count / (loop.time() - began)
    return [rate, took[count // 2], took[count * 99 // 100], took[-1], failed]


def _somebody(number: int) -> dict[str, str]:
    """An address of its own for every few requests, as a proxy tells it."""
    return {"X-Forwarded-For": f"10.{number % 200}.{number // 200 % 250}.1"}
