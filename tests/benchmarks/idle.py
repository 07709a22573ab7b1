"""What the program takes when nobody asks it anything, and how quickly it begins.

`python -m tests.benchmarks idle`: default settings, local servers over HTTP, the very first start and a later
one; IDLE_SECONDS sets how long each is watched after its first poll, 60 unless set.
"""

import asyncio
import compileall
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.benchmarks._program import Program, start
from tests.benchmarks._server import table
from tests.e2e.program import environment
from tests.fakes.providers import Providers
from tests.fakes.telegram import FakeTelegram
from tests.fakes.world import World

ROOT = Path(__file__).resolve().parents[2]
SECONDS = float(os.environ.get("IDLE_SECONDS", "60"))
_ALLOWED_MIB, _ALLOWED_CPU = 80.0, 1.0
_TOOLS_MIB = 3.0  # rich and pygments, which httpx loads where they are installed: with development tools
_LIBRARIES = """
import sys
sys.modules["numpy"] = None
import sqlite_utils, telegram.ext, aiohttp, httpx, apscheduler.schedulers.asyncio, pydantic_settings
print(next(line for line in open("/proc/self/status") if line.startswith("VmRSS")).split()[1])
print("pygments" in sys.modules)
"""


def main() -> None:
    """Raises SystemExit when it takes more than it may; times depend on the machine and are only printed.

    A development environment is allowed the tools in it that the libraries load of themselves.
    """
    for package in ("bot", "handlers", "storage"):  # as installing does
        compileall.compile_dir(ROOT / package, quiet=1)
    began = time.monotonic()
    bare = subprocess.run([sys.executable, "-c", _LIBRARIES], capture_output=True, check=True, text=True)
    libraries_s, (size, tools) = time.monotonic() - began, bare.stdout.split()
    libraries_mib, allowed = int(size) / 1024, _ALLOWED_MIB + (_TOOLS_MIB if tools == "True" else 0.0)
    with tempfile.TemporaryDirectory() as folder:
        rows = asyncio.run(_measure(Path(folder)))
    table(
        f"Idle for {SECONDS:.0f} s after the first poll; the libraries alone: {libraries_mib:.1f} MiB, "
        f"{libraries_s:.2f} s",
        ["start", "to first poll s", "× libraries", "MiB", "peak MiB", "CPU %", "processes"],
        [[name, first, first / libraries_s, *others] for name, first, *others in rows],
    )
    for name, _, memory, _, cpu, _ in rows:
        if memory > allowed or cpu >= _ALLOWED_CPU:
            raise SystemExit(f"{name}: {memory:.1f} MiB and {cpu:.2f} % CPU are too much for doing nothing")


async def _measure(folder: Path) -> list[tuple[str, float, float, float, float, int]]:
    async with (
        FakeTelegram() as api,
        Providers(World(datetime.now(UTC) - timedelta(minutes=10))) as providers,
    ):
        env = environment(folder, providers, TELEGRAM_BOT_TOKEN=api.token, TELEGRAM_API_URL=api.url)
        return [(name, *await _watched(await start(folder, env))) for name in ("first", "later")]


async def _watched(program: Program) -> tuple[float, float, float, float, int]:
    first = await program.first_poll_s()
    await asyncio.sleep(min(10.0, SECONDS / 4))
    cpu, at = program.cpu_s(), time.monotonic()
    await asyncio.sleep(SECONDS)
    share = 100 * (program.cpu_s() - cpu) / (time.monotonic() - at)
    result = first, program.memory_mib(), program.memory_mib("VmHWM"), share, program.processes()
    await program.end()
    return result
