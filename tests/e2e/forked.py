"""Processes of the program forked from one that has loaded its modules, which takes most of a start.

What the command line loads, and that it does, the tests of the commands see, which start it as people do.
"""

import asyncio
import atexit
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, NoReturn, Self

ROOT = Path(__file__).resolve().parents[2]


class ForkedProgram:
    """A running `python -m bot`, with as much of asyncio's Process as the tests need."""

    def __init__(self, pid: int, report: socket.socket) -> None:
        self.pid = pid
        self._end = asyncio.create_task(_status(report))

    @classmethod
    async def start(
        cls, arguments: Sequence[str], folder: Path, env: Mapping[str, str], output: IO[bytes]
    ) -> Self:
        """Start it in a folder, with nothing but `env` for its environment; it writes to `output` alone."""
        report, theirs = socket.socketpair()
        with theirs:
            request = json.dumps([list(arguments), str(folder), dict(env)]).encode() + b"\n"
            sent = socket.send_fds(_loaded(), [request], [output.fileno(), theirs.fileno()])
            _loaded().sendall(request[sent:])
        report.setblocking(False)
        return cls(int(await _line(report)), report)

    @property
    def returncode(self) -> int | None:
        """The exit status, the negative number of the signal that ended it, or None while it runs."""
        return self._end.result() if self._end.done() else None

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def wait(self) -> int:
        """Wait for the end; gives the exit status."""
        return await asyncio.shield(self._end)


async def _status(report: socket.socket) -> int:
    with report:
        return int(await _line(report))


async def _line(report: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        read = await asyncio.get_running_loop().sock_recv(report, 1)
        if not read:
            raise ConnectionError("the process that programs are forked from has ended")
        line += read
    return line


@cache
def _loaded() -> socket.socket:
    """The way to the process that has loaded the program, started by the first test that wants one."""
    control, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.forked", str(theirs.fileno())],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    def end() -> None:
        control.close()
        process.wait()

    atexit.register(end)
    return control


def _next_program(control: socket.socket) -> None:
    """Fork a program for each request and report its end; returns in the programs' processes alone."""
    running: dict[int, tuple[int, socket.socket]] = {}
    while True:
        for ready in select.select([control.fileno(), *running], [], [])[0]:
            if ready != control.fileno():  # closed, as everything of the process is: it has ended
                pid, report = running.pop(ready)
                os.close(ready)
                _tell(report, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
                report.close()
                continue
            request, descriptors, _, _ = socket.recv_fds(control, 65_536, 2)
            if not request:
                _end(running)
            while not request.endswith(b"\n"):
                request += control.recv(65_536)
            output, reporting = descriptors
            report = socket.socket(fileno=reporting)
            ended, alive = os.pipe()
            if pid := os.fork():
                os.close(output)
                os.close(alive)
                running[ended] = pid, report
                _tell(report, pid)
                continue
            for other, (_, theirs) in running.items():
                os.close(other)
                theirs.close()
            control.close()
            report.close()
            os.close(ended)
            _become(json.loads(request), output)
            return


def _tell(report: socket.socket, number: int) -> None:
    with suppress(OSError):  # nobody may want to know any more
        report.sendall(b"%d\n" % number)


def _end(running: Mapping[int, tuple[int, socket.socket]]) -> NoReturn:
    """Nobody asks any more: what still runs was left behind by a test that failed."""
    for pid, _ in running.values():
        os.kill(pid, signal.SIGKILL)
    sys.exit()


def _become(request: tuple[list[str], str, dict[str, str]], output: int) -> None:
    """Take over what a new process is given by whoever starts it."""
    arguments, folder, env = request
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    sys.argv[1:] = arguments


if __name__ == "__main__":
    run = import_module("bot.__main__").run
    import_module("bot.cli.commands")  # which `run` would load
    gc.freeze()
    _next_program(socket.socket(fileno=int(sys.argv[1])))
    sys.exit(run())
