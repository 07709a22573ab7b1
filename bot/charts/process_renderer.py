"""Drawing apart: in a process that ends when nothing is asked, and takes the drawing library with it."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from typing import Any, Final

from bot.charts import job
from bot.charts.chart_data import ChartData
from bot.charts.profit import ProfitChart
from bot.charts.renderer import DrawingError
from bot.charts.style import ChartTranslator

_PATIENCE_S = 60.0
_IDLE_S = 120.0
_EASEL: Final = "bot.charts.worker"
_TOLD: Final = ("PYTHON", "MPL", "XDG_", "FONTCONFIG_", "LC_")
_TOLD_TOO: Final = ("PATH", "HOME", "TMPDIR", "LANG", "TZ")


class ProcessRenderer:
    """In a process of its own, one picture at a time; `idle_s` after the last it ends.

    The process is given no secret: only the variables it needs to find its files and fonts.
    """

    def __init__(self, idle_s: float = _IDLE_S, patience_s: float = _PATIENCE_S) -> None:
        self._idle_s = idle_s
        self._patience_s = patience_s
        self._turn = asyncio.Lock()
        self._process: Process | None = None
        self._ending: asyncio.TimerHandle | None = None
        self._leaving: set[asyncio.Task[int]] = set()

    async def can_write(self, language: str) -> bool:
        """Whether there are the letters for a picture's words in a language."""
        return bool(await self._made(job.letters(language)))

    async def picture(self, frame: ChartData, t: ChartTranslator) -> bytes:
        """The picture of a frame. Raises DrawingError."""
        return await self._made(job.picture(frame, t.code))

    async def profit(self, profit: ProfitChart, t: ChartTranslator) -> bytes:
        """The picture of a machine's profit. Raises DrawingError."""
        return await self._made(job.profit(profit, t.code))

    async def close(self) -> None:
        """End the process; nothing is asked of it any more."""
        async with self._turn:
            self._dismiss()
        await asyncio.gather(*self._leaving)

    @property
    def pid(self) -> int | None:
        """Of the process, while there is one."""
        alive = self._process is not None and self._process.returncode is None
        return self._process.pid if alive and self._process else None

    async def _made(self, ordered: dict[str, Any]) -> bytes:
        async with self._turn:
            try:
                async with asyncio.timeout(self._patience_s):
                    return await self._ask(ordered)
            except TimeoutError:
                self._dismiss(kill=True)
                raise DrawingError(f"the picture took longer than {self._patience_s:g} s") from None
            except (OSError, EOFError) as error:
                self._dismiss(kill=True)
                raise DrawingError(f"the drawing process failed ({type(error).__name__})") from None
            finally:
                self._rest()

    async def _ask(self, ordered: dict[str, Any]) -> bytes:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", _EASEL), stdin=PIPE, stdout=PIPE, env=_environment()
            )
        assert process.stdin is not None  # noqa: S101 - it is a pipe, as asked for
        assert process.stdout is not None  # noqa: S101 - likewise
        process.stdin.write(json.dumps(ordered).encode() + b"\n")
        await process.stdin.drain()
        answer = json.loads(await process.stdout.readline() or b'{"ended": true}')
        if "bytes" in answer:
            return await process.stdout.readexactly(answer["bytes"])
        if "error" in answer:
            raise DrawingError(answer["error"])
        raise EOFError

    def _rest(self) -> None:
        """End the process after a while without orders."""
        if self._ending is not None:
            self._ending.cancel()
        self._ending = asyncio.get_running_loop().call_later(self._idle_s, self._dismiss_idle)

    def _dismiss_idle(self) -> None:
        if not self._turn.locked():
            self._dismiss()

    def _dismiss(self, *, kill: bool = False) -> None:
        """Let the process go: at the end of its orders, or at once."""
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
    told = {name: value for name, value in os.environ.items() if name.startswith(_TOLD) or name in _TOLD_TOO}
    paths = os.pathsep.join(path for path in sys.path if path)
    return told | {"PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"}
