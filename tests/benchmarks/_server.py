"""The fake Bot API server in a process of its own, for the benchmarks."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

ROOT = Path(__file__).parents[2]
_opener = build_opener(ProxyHandler({}))


class Server:
    """Steers the server; see tests/fakes/telegram_control."""

    def __init__(self, url: str) -> None:
        self.url = url

    def tell(self, name: str, **body: Any) -> Any:
        """POST to one control."""
        request = Request(f"{self.url}/control/{name}", json.dumps(body).encode())
        with _opener.open(request) as answer:
            return json.load(answer)

    def ask(self, name: str) -> Any:
        """GET one control."""
        with _opener.open(f"{self.url}/control/{name}") as answer:
            return json.load(answer)

    def figures(self) -> dict[str, Any]:
        """What it took and refused."""
        figures: dict[str, Any] = self.ask("figures")
        return figures

    def wait(self, enough: Callable[[dict[str, Any]], bool], seconds: float) -> dict[str, Any]:
        """Poll the figures, seldom, until there is enough of them or the time is up."""
        ends = time.monotonic() + seconds
        while not enough(figures := self.figures()) and time.monotonic() < ends:
            time.sleep(0.25)
        return figures


@contextmanager
def serving(*, forgetful: bool = True, latency_s: float = 0.0, **limits: Any) -> Iterator[Server]:
    """A server with these limits, stopped at the end."""
    command = [sys.executable, "-m", "tests.fakes.telegram", *(["--forgetful"] if forgetful else [])]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        server = Server(process.stdout.readline().strip())
        server.tell("latency", seconds=latency_s)
        server.tell("enforce", **limits)
        yield server
    finally:
        process.kill()
        process.communicate()


def play(player: str, url: str, *arguments: object) -> subprocess.Popen[str]:
    """Start one of the players."""
    module = "_aiogram" if player.startswith("aiogram") else "_players"
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", player, url, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def table(title: str, heads: list[str], rows: list[list[object]]) -> None:
    """Print rows under their heads, in columns."""
    cells = [heads, *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]
    sys.stdout.write("\n".join(["", title, *lines, ""]))
    sys.stdout.flush()


def _cell(value: object) -> str:
    return (
        f"{value:,.2f}"
        if isinstance(value, float)
        else f"{value:,}"
        if isinstance(value, int)
        else str(value)
    )
