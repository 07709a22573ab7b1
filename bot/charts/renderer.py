"""Drawing in a child process, which ends when nothing is asked and takes the drawing library with it."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from typing import Final

from bot.charts.job import Drawing, DrawingError, Job, to_line

_PATIENCE_S = 60.0
_IDLE_S = 120.0
_WORKER: Final = "bot.charts.worker"
_NOTHING_TO_DRAW: Final = Job("en")
_PASSED_ON: Final = ("PYTHON", "MPL", "XDG_", "FONTCONFIG_", "LC_")
_PASSED_ON_TOO: Final = ("PATH", "HOME", "TMPDIR", "LANG", "TZ")


class Renderer:
    """A process of its own that draws one picture at a time; `idle_s` after the last it ends.

    The process is given no secret: only the variables it needs to find its files and fonts.
    """

    def __init__(self, idle_s: float = _IDLE_S, patience_s: float = _PATIENCE_S) -> None:
        self._idle_s = idle_s
        self._patience_s = patience_s
        self._turn = asyncio.Lock()
        self._process: Process | None = None
        self._ending: asyncio.TimerHandle | None = None
        self._leaving: set[asyncio.Task[int]] = set()
        self._warming: asyncio.Task[None] | None = None

    async def work(self, job: Job) -> Drawing:
        """Do a job in its turn. Raises DrawingError."""
        async with self._turn:
            try:
                async with asyncio.timeout(self._patience_s):
                    return await self._ask(job)
            except TimeoutError:
                self._dismiss(kill=True)
                raise DrawingError(f"the picture took longer than {self._patience_s:g} s") from None
            except (OSError, EOFError) as error:
                self._dismiss(kill=True)
                raise DrawingError(f"the drawing process failed ({type(error).__name__})") from None
            finally:
                self._end_later()

    def warm_up(self) -> None:
        """Start the process ahead of a job that is likely to come soon: starting takes the longest."""
        if self.pid is None and not self._turn.locked():
            self._warming = asyncio.create_task(self._warm_up())

    async def _warm_up(self) -> None:
        with suppress(DrawingError):  # the job itself will say so
            await self.work(_NOTHING_TO_DRAW)

    async def close(self) -> None:
        """End the process; nothing is asked of it any more."""
        if self._warming is not None:  # it would start the process behind this
            self._warming.cancel()
            await asyncio.wait([self._warming])
        async with self._turn:
            self._dismiss()
        await asyncio.gather(*self._leaving)

    @property
    def pid(self) -> int | None:
        """Of the process, while there is one."""
        alive = self._process is not None and self._process.returncode is None
        return self._process.pid if alive and self._process else None

    async def _ask(self, job: Job) -> Drawing:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", _WORKER), stdin=PIPE, stdout=PIPE, env=_environment()
            )
        assert process.stdin is not None  # noqa: S101 - it is a pipe, as asked for
        assert process.stdout is not None  # noqa: S101 - likewise
        process.stdin.write(to_line(job))
        await process.stdin.drain()
        answer = json.loads(await process.stdout.readline() or b'{"ended": true}')
        if "bytes" in answer:
            return Drawing(await process.stdout.readexactly(answer["bytes"]), answer["headline"])
        if "error" in answer:
            raise DrawingError(answer["error"])
        raise EOFError

    def _end_later(self) -> None:
        """End the process after a while without jobs."""
        if self._ending is not None:
            self._ending.cancel()
        self._ending = asyncio.get_running_loop().call_later(self._idle_s, self._dismiss_idle)

    def _dismiss_idle(self) -> None:
        if not self._turn.locked():
            self._dismiss()

    def _dismiss(self, *, kill: bool = False) -> None:
        """Let the process go: at the end of its jobs, or at once."""
        if self._ending is not None:
            self._ending.cancel()
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        if kill and process.returncode is None:
            process.kill()
        process.stdin.close()
        leaving = asyncio.create_task(process.wait())
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)


def _environment() -> dict[str, str]:
    """What the drawing process may know: where programs and fonts are, never a token or a key."""
    passed_on = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(_PASSED_ON) or name in _PASSED_ON_TOO
    }
    paths = os.pathsep.join(path for path in sys.path if path)
    return passed_on | {"PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"}
