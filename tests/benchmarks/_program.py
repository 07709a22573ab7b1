"""The real program as a process of its own, and what its whole tree takes: memory and processor time."""

import asyncio
import os
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


class Program:
    """`minerwatch run` in a folder; the log is kept there as `log`."""

    def __init__(self, process: asyncio.subprocess.Process, database: Path) -> None:
        self.process = process
        self.began = time.monotonic()
        self._database = database

    async def first_poll_s(self) -> float:
        """Seconds from the start until the first poll was written. Raises SystemExit after a minute."""
        while time.monotonic() - self.began < 60:
            if self.process.returncode is None and self._polled():
                return time.monotonic() - self.began
            await asyncio.sleep(0.02)
        raise SystemExit("the program made no poll within a minute")

    def _polled(self) -> bool:
        try:
            with closing(sqlite3.connect(f"{self._database.as_uri()}?mode=ro", uri=True)) as db:
                newest = db.execute(
                    "SELECT seen_at > started_at AND stopped_at IS NULL FROM runs ORDER BY id DESC LIMIT 1"
                ).fetchone()
        except sqlite3.OperationalError:
            return False
        return newest is not None and bool(newest[0])

    def memory_mib(self, name: str = "VmRSS") -> float:
        """Of all processes together: resident, or with VmHWM the most there ever was of each."""
        count = 0
        for pid in self._tree():
            status = Path(f"/proc/{pid}/status").read_text()
            count += sum(int(line.split()[1]) for line in status.splitlines() if line.startswith(name))
        return count / 1024

    def cpu_s(self) -> float:
        """Processor seconds of all processes, those that have ended too."""
        count = 0
        for pid in self._tree():
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            count += sum(int(field) for field in fields[11:15])
        return count / _TICKS

    def processes(self) -> int:
        """How many processes it is."""
        return len(list(self._tree()))

    def _tree(self) -> Iterator[int]:
        waiting = [self.process.pid]
        while waiting:
            pid = waiting.pop()
            yield pid
            for task in Path(f"/proc/{pid}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())

    async def end(self) -> None:
        """Stop it as a supervisor does."""
        self.process.terminate()
        await self.process.wait()


async def start(folder: Path, env: Mapping[str, str]) -> Program:
    """Start the program; its database is the one that the environment names."""
    with (folder / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"), cwd=folder, env=env, stdout=log, stderr=log
        )
    return Program(process, Path(env["DATABASE_PATH"]))
