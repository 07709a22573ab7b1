"""The real program as a process of its own, against local servers."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from bot.settings import PROVIDERS
from tests.e2e.forked import ROOT, ForkedProgram
from tests.fakes.providers import Providers
from tests.fakes.telegram import FakeTelegram

OPERATOR = 103


def environment(folder: Path, providers: Providers | None = None, **settings: str) -> dict[str, str]:
    """A clean environment: every provider is a local one or off, the database is in `folder`."""
    urls = {f"{name.upper()}_URL": providers.url(name) if providers else "" for name in PROVIDERS}
    by_name = {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG", "SSL_CERT_FILE") if name in os.environ
    }
    return by_name | urls | {"PYTHONPATH": str(ROOT), "DATABASE_PATH": str(folder / "bot.db")} | settings


async def command(folder: Path, *arguments: str, env: Mapping[str, str]) -> tuple[int, str, str]:
    """Run one command to its end; give exit status, standard output and standard error."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        cwd=folder,
        env=dict(env),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(120):
        out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


class Program:
    """`python -m bot run`, started and stopped with the context; its log is kept in `folder`/log.

    It is forked from a process that has loaded the program.
    """

    _loads_anew = False

    def __init__(
        self,
        folder: Path,
        telegram: FakeTelegram,
        providers: Providers,
        **settings: str,
    ) -> None:
        self._folder = folder
        self._env = environment(
            folder,
            providers,
            **{
                "TELEGRAM_BOT_TOKEN": telegram.token,
                "TELEGRAM_API_URL": telegram.url,
                "POLL_INTERVAL_SECONDS": "1",
                "SOURCE_REFRESH_SECONDS": "1",
                "ADMIN_CHAT_IDS": str(OPERATOR),  # whose questions no flood limit counts
            }
            | settings,
        )
        self._process: ForkedProgram | asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        with (self._folder / "log").open("ab") as log:
            if self._loads_anew:
                self._process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "bot", "run"),
                    cwd=self._folder,
                    env=self._env,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            else:
                self._process = await ForkedProgram.start(["run"], self._folder, self._env, log)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.end(signal.SIGTERM)

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    async def end(self, how: signal.Signals) -> int:
        """Send a signal and wait for the end; gives the exit status."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(how)
        return await self.ended()

    async def end_within(self, seconds: float) -> int:
        """Stop it as a supervisor does; gives the exit status. Raises TimeoutError when that takes longer."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return await self.ended(seconds)

    async def ended(self, seconds: float = 30) -> int:
        """Wait for the end; gives the exit status."""
        assert self._process is not None
        async with asyncio.timeout(seconds):
            return await self._process.wait()

    @property
    def cpu_s(self) -> float:
        """Seconds of a processor that it has used since its start."""
        assert self._process is not None
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def log(self) -> str:
        """Everything logged so far, over every start in this folder."""
        return (self._folder / "log").read_text()


class ProgramLoadedAnew(Program):
    """The same, which loads its modules itself, as people's programs do."""

    _loads_anew = True
