"""The real program under load: 10,000 chats, 100,000 watches, 50 commands/s while it polls and delivers.

`python -m tests.benchmarks load`; LOAD_SECONDS sets how long, 600 unless set.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from bot.watches.parser import parse_watch
from storage.chats import chats, watches
from storage.chats.chats import Address
from storage.database import Store
from tests.benchmarks._program import start
from tests.benchmarks._server import table
from tests.e2e.program import environment
from tests.fakes.connections import write_now
from tests.fakes.providers import Providers
from tests.fakes.telegram import FakeTelegram
from tests.fakes.world import World

CHATS, WATCHES_EACH, PER_SECOND = 10_000, 10, 50
SECONDS = float(os.environ.get("LOAD_SECONDS", "600"))
_ASKED = (
    "/breakeven s19 0.07",
    "/status",
    "/whatif s19 price=40000",
    "/help",
    "/machines s21",
    "what is breakeven for an s19 at 6c",
)


def main() -> None:
    """Prints the figures. Raises SystemExit when a command went unanswered."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measure(Path(folder)))


def _fill(path: Path) -> None:
    """People and their watches, as if they had come over the months."""
    now = datetime.now(UTC)
    dice = Random(1)
    with Store(path) as store:

        def work(db: object) -> None:
            for chat in range(1, CHATS + 1):
                address = Address(chat)
                chats.remember(db, address, "private", now)  # type: ignore[arg-type]  # it is the store's database
                chats.subscribe(db, address, ["price_drawdown", "capitulation"], 1)  # type: ignore[arg-type]  # likewise
                for _ in range(WATCHES_EACH):
                    text = f"price < {dice.randint(5_000, 60_000)}"
                    watches.add(db, address, parse_watch(text, now.date()), text, {}, now)  # type: ignore[arg-type]  # likewise

        write_now(store, work)


async def _measure(folder: Path) -> None:
    async with (
        FakeTelegram(keep_sent=True) as api,
        Providers(World(datetime.now(UTC) - timedelta(minutes=10))) as providers,
    ):
        base = {
            "TELEGRAM_BOT_TOKEN": api.token,
            "TELEGRAM_API_URL": api.url,
            "MESSAGES_PER_SECOND": "1000",
            "LOG_LEVEL": "WARNING",
        }
        env = environment(folder, providers, **base)
        program = await start(folder, env)
        await program.first_poll_s()
        await program.end()
        await asyncio.to_thread(_fill, folder / "bot.db")
        busy = env | {"POLL_INTERVAL_SECONDS": "5", "SOURCE_REFRESH_SECONDS": "5"}
        await _busy(folder, busy, api, providers)


async def _busy(
    folder: Path,
    env: dict[str, str],
    api: FakeTelegram,
    providers: Providers,
) -> None:
    program = await start(folder, env)
    await program.first_poll_s()
    dice = Random(2)
    asked: dict[int, deque[float]] = {}
    waits: list[float] = []
    delivered = read = sent = 0
    began = time.monotonic()
    crash_at = began + SECONDS / 4
    cpu = program.cpu_s()

    def harvest() -> None:
        nonlocal read, delivered
        for each in api.sent[read:]:
            times = asked.get(each.chat_id)
            is_alert = each.text[:1] in "🔴🟠🔵✅🔔"
            if times and not is_alert:
                waits.append(each.at - times.popleft())
            else:
                delivered += 1
        read = len(api.sent)

    half_way = 0.0
    while (now := time.monotonic()) - began < SECONDS:
        half_way = half_way or (program.memory_mib() if now - began > SECONDS / 2 else 0.0)
        if crash_at and now > crash_at:
            crash_at = 0.0
            providers.world.price = lambda _at: 45_000.0
            providers.world.now += timedelta(minutes=5)
        while sent < (now - began) * PER_SECOND:
            chat = dice.randint(1, CHATS)
            asked.setdefault(chat, deque()).append(time.monotonic())
            api.say(chat, dice.choice(_ASKED))
            sent += 1
        harvest()
        await asyncio.sleep(0.01)
    cpu = 100 * (program.cpu_s() - cpu) / (time.monotonic() - began)
    ends = time.monotonic() + 10
    while len(waits) < sent and time.monotonic() < ends:
        harvest()
        await asyncio.sleep(0.05)
    memory, peak = program.memory_mib(), program.memory_mib("VmHWM")
    await program.end()
    waits.sort()
    table(
        f"Load: {CHATS:,} chats, {CHATS * WATCHES_EACH:,} watches, {PER_SECOND} commands/s, {SECONDS:.0f} s",
        [
            "asked",
            "unanswered",
            "p50 ms",
            "p99 ms",
            "worst ms",
            "alerts delivered",
            "MiB half-way",
            "MiB at the end",
            "peak MiB",
            "CPU %",
        ],
        [
            [
                sent,
                sent - len(waits),
                1000 * statistics.median(waits),
                1000 * waits[int(0.99 * len(waits))],
                1000 * waits[-1],
                delivered,
                half_way,
                memory,
                peak,
                cpu,
            ]
        ],
    )
    faults = [line for line in (folder / "log").read_text().splitlines() if " ERROR " in line]
    sys.stdout.write("\n".join(faults[:5]) + "\n")
    if len(waits) < sent:
        raise SystemExit(f"{sent - len(waits)} commands went unanswered")
