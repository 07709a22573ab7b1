"""The real program under load: 10,000 chats, 100,000 watches, 50 commands/s while it polls and delivers.

`python -m tests.benchmarks load`; LOAD_SECONDS sets how long, 120 unless set.
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

import aiohttp

from bot.signals.watch_grammar import parse_watch
from storage import chats, watches
from storage.chats import Address
from storage.database import Store
from tests.benchmarks._server import table
from tests.end_to_end.program import environment
from tests.fakes.providers import Providers
from tests.fakes.telegram import FakeTelegram
from tests.fakes.world import World

CHATS, WATCHES_EACH, PER_SECOND = 10_000, 10, 50
SECONDS = float(os.environ.get("LOAD_SECONDS", "120"))
IDLE_SECONDS = 20.0
_PORT = 19_464
_ASKED = (
    "/breakeven s19 0.07",
    "/status",
    "/whatif s19 price=40000",
    "/help",
    "/machines s21",
    "what is breakeven for an s19 at 6c",
)
_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Prints the figures. Raises SystemExit when a command went unanswered."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measure(Path(folder)))


class _Process:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._proc = Path(f"/proc/{process.pid}")

    def memory_mib(self, name: str = "VmRSS") -> float:
        for line in (self._proc / "status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) / 1024
        return 0.0

    def cpu_s(self) -> float:
        fields = (self._proc / "stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


async def _start(folder: Path, env: dict[str, str]) -> _Process:
    with (folder / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"), cwd=folder, env=env, stdout=log, stderr=log
        )
    return _Process(process)


async def _first_poll(session: aiohttp.ClientSession, began: float) -> float:
    while time.monotonic() - began < 60:
        try:
            async with session.get(f"http://127.0.0.1:{_PORT}/metrics") as answer:
                if "minerwatch_poll_age_seconds " in await answer.text():
                    return time.monotonic() - began
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.02)
    raise SystemExit("the program made no poll within a minute")


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

        store.write_now(work)


async def _measure(folder: Path) -> None:
    async with (
        FakeTelegram(keep_sent=True) as api,
        Providers(World(datetime.now(UTC) - timedelta(minutes=10))) as providers,
    ):
        base = {
            "TELEGRAM_BOT_TOKEN": api.token,
            "TELEGRAM_API_URL": api.url,
            "METRICS_PORT": str(_PORT),
            "MESSAGES_PER_SECOND": "1000",
            "LOG_LEVEL": "WARNING",
        }
        async with aiohttp.ClientSession() as session:
            env = environment(folder, providers, **base)
            new, again, idle_mib, idle_cpu = await _quiet(folder, env, session)
            await asyncio.to_thread(_fill, folder / "bot.db")
            busy = env | {"POLL_INTERVAL_SECONDS": "5", "SOURCE_REFRESH_SECONDS": "5"}
            await _busy(folder, busy, session, api, providers)
    table(
        "Quiet",
        ["first start to first poll s", "later start to first poll s", "idle MiB", "idle CPU %"],
        [[new, again, idle_mib, idle_cpu]],
    )


async def _quiet(
    folder: Path, env: dict[str, str], session: aiohttp.ClientSession
) -> tuple[float, float, float, float]:
    times = []
    program = None
    for _ in range(2):
        began = time.monotonic()
        program = await _start(folder, env)
        times.append(await _first_poll(session, began))
        if len(times) == 1:
            program.process.terminate()
            await program.process.wait()
    assert program is not None
    await asyncio.sleep(5)
    cpu, at = program.cpu_s(), time.monotonic()
    await asyncio.sleep(IDLE_SECONDS)
    share = 100 * (program.cpu_s() - cpu) / (time.monotonic() - at)
    memory = program.memory_mib()
    program.process.terminate()
    await program.process.wait()
    return times[0], times[1], memory, share


async def _busy(
    folder: Path,
    env: dict[str, str],
    session: aiohttp.ClientSession,
    api: FakeTelegram,
    providers: Providers,
) -> None:
    program = await _start(folder, env)
    await _first_poll(session, time.monotonic())
    dice = Random(2)
    asked: dict[int, deque[float]] = {}
    waits: list[float] = []
    delivered = read = sent = 0
    began = time.monotonic()
    crash_at = began + SECONDS / 3
    cpu = program.cpu_s()

    def harvest() -> None:
        nonlocal read, delivered
        for one in api.sent[read:]:
            times = asked.get(one.chat_id)
            is_alert = one.text[:1] in "🔴🟠🔵✅🔔"
            if times and not is_alert:
                waits.append(one.at - times.popleft())
            else:
                delivered += 1
        read = len(api.sent)

    while (now := time.monotonic()) - began < SECONDS:
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
    program.process.terminate()
    await program.process.wait()
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
            "MiB",
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
