"""The whole bot with no token and no network: a local chat, and the summer of 2022 played forward."""

import asyncio
import os
import re
import readline  # noqa: F401 - gives input() its history and arrow keys
import shutil
import sys
import termios
import textwrap
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from time import monotonic

from bot.app import Program
from bot.cli.exit_codes import DONE
from bot.cli.replay_feed import SummerFeed
from bot.cli.stop_signals import StopSignals
from bot.data.bundle import bundled_readings
from bot.delivery.pacer import Pacer
from bot.settings import Settings
from bot.signals.series import end_of_day
from bot.telegram.local_chat import LocalChat
from storage import outbox
from storage.database import Store

FIRST, LAST = date(2022, 5, 1), date(2022, 8, 31)

_QUESTIONS = {
    date(2022, 6, 18): ("/breakeven s19 0.07",),
    date(2022, 7, 5): (
        "/breakeven s9 0.05",
        "what if the price goes to 40,000 or a tenth of the hashrate leaves, s19 at 7 cents?",
        "/status",
    ),
    date(2022, 8, 31): ("/status",),
}

_READING_PACE_S = 0.12  # a day, for a person to follow
_NARROWEST = 20  # columns
_SPEAKER = re.compile(r"\w{3} ▸ ")
_WHOLE = re.compile(r"\[#[^\]]*\]|\d %")
_HARD_SPACE = "\N{NO-BREAK SPACE}"
_FAREWELLS = ("exit", "quit", "bye", "/exit", "/quit")


class _Clock:
    """The demonstration's time: it can be set, and runs on from there as a clock does."""

    def __init__(self, now: datetime) -> None:
        self.set(now)

    def set(self, now: datetime) -> None:
        self._set, self._at = now, monotonic()

    def __call__(self) -> datetime:
        return self._set + timedelta(seconds=monotonic() - self._at)


class _Screen:
    """The terminal: prints lines broken at its width, and keeps pictures and files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.saved = 0

    def show(self, text: str) -> None:
        """Print; on a terminal lines are broken between words."""
        if sys.stdout.isatty():
            width = max(_NARROWEST, shutil.get_terminal_size().columns)
            text = "\n".join(broken(line, width) for line in text.split("\n"))
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def save(self, name: str, content: bytes) -> str:
        """Keep a picture or file; returns its path."""
        try:
            self.folder.mkdir(exist_ok=True)
            self.saved += 1
            path = self.folder / f"{self.saved:02}-{Path(name).name}"
            path.write_bytes(content)
        except OSError as error:
            return f"not saved, {error.strerror}"
        return str(path)


def broken(line: str, width: int) -> str:
    """A line in pieces of at most `width` characters, the later ones below the first one's words.

    Buttons and per cents stay whole where they fit.
    """
    speaker = _SPEAKER.match(line)
    indent = " " * (len(line) - len(line.lstrip()) if speaker is None else speaker.end())
    whole = _WHOLE.sub(lambda part: part[0].replace(" ", _HARD_SPACE), line)
    pieces = textwrap.wrap(
        whole, width, subsequent_indent=indent, break_on_hyphens=False, drop_whitespace=True, tabsize=4
    )
    return "\n".join(pieces).replace(_HARD_SPACE, " ")


def demo() -> int:
    """Play the summer; then, on a terminal, take commands until it is ended. Returns the exit status."""
    settings_of_terminal = termios.tcgetattr(sys.stdin) if sys.stdin.isatty() else None
    try:
        with (
            TemporaryDirectory(prefix="minerwatch-demo-") as folder,
            Store(Path(folder) / "demo.db") as store,
        ):
            asyncio.run(_run(store))
    finally:
        if (
            settings_of_terminal is not None
        ):  # a line editor that is cut short leaves the terminal without echo
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, settings_of_terminal)
    if settings_of_terminal is not None:
        sys.stdout.flush()
        os._exit(DONE)  # a thread that still reads the terminal would make the interpreter's own end fail
    return DONE


async def _run(store: Store) -> None:
    opening = end_of_day(FIRST - timedelta(days=1))
    clock = _Clock(opening)
    screen = _Screen(Path("minerwatch-demo"))
    chat = LocalChat(clock, screen.show, screen.save)
    readings = bundled_readings()
    settings = Settings(_env_file=None, energy_zones=("DE-LU",))
    readings_before = [reading for reading in readings if reading.read_at <= opening]
    program = Program(
        settings,
        store,
        SummerFeed(readings_before, readings[len(readings_before) :]),
        token="1:demo",  # noqa: S106 - never leaves the process
        clock=clock,
        bundle=lambda: readings_before,
        request=chat,
        updates_request=chat,
        pacer=Pacer(float("inf"), chat_gap_s=0.0),
    )
    screen.show(
        "minerwatch: the summer of 2022 on real figures; each day is seen when it is over, at 00:00 UTC. "
        "Nothing here touches the network. Ctrl-C ends it."
    )
    StopSignals(program.stopping)
    async with program.running():
        playing = asyncio.create_task(_play(program, chat, clock, screen))
        ending = asyncio.create_task(program.stopping.wait())
        await asyncio.wait((playing, ending), return_when=asyncio.FIRST_COMPLETED)
        for task in (playing, ending):
            task.cancel()
        (result, _) = await asyncio.gather(playing, ending, return_exceptions=True)
        if isinstance(result, Exception):
            raise result
    _sum_up(chat, clock, screen)


async def _play(program: Program, chat: LocalChat, clock: _Clock, screen: _Screen) -> None:
    await _summer(program, chat, clock)
    if sys.stdin.isatty():
        await _conversation(chat, screen)


async def _summer(program: Program, chat: LocalChat, clock: _Clock) -> None:
    for hello in ("/start", "/subscribe"):
        await chat.ask(hello)
    clock.set(end_of_day(FIRST))
    await program.poller.start(clock())
    await program.context.rule_history()  # so that the first alert says how often there were such before
    for ordinal in range(FIRST.toordinal(), LAST.toordinal() + 1):
        day = date.fromordinal(ordinal)
        clock.set(end_of_day(day))
        chat.heading = f"\n── {day:%a %d %B %Y} " + "─" * 40
        await program.poll()
        while await program.store.read(outbox.waiting):  # noqa: ASYNC110 - the outbox alone knows
            await asyncio.sleep(0.002)
        for question in _QUESTIONS.get(day, ()):
            await chat.ask(question)
        if sys.stdout.isatty():
            await asyncio.sleep(_READING_PACE_S)


async def _conversation(chat: LocalChat, screen: _Screen) -> None:
    screen.show(
        "\nNow you: type a command, for example /breakeven s19j pro 6.5c, or #1 for a button. "
        "exit, Ctrl-D or Ctrl-C ends."
    )
    while (line := await _typed_line()) is not None and line.strip().lower() not in _FAREWELLS:
        if line.strip():
            await chat.ask(line.strip(), echo=False)


async def _typed_line() -> str | None:
    """What the person types, with the line editor's history; None at the end of input.

    It is read in a daemon thread: nothing can interrupt a read of the terminal, and the end must not wait.
    """
    loop = asyncio.get_running_loop()
    typed: asyncio.Future[str | None] = loop.create_future()

    def deliver(line: str | None) -> None:
        if not typed.done():
            typed.set_result(line)

    def read() -> None:
        try:
            line: str | None = input("you> ")
        except (EOFError, OSError):
            line = None
        with suppress(RuntimeError):  # the demonstration has ended meanwhile
            loop.call_soon_threadsafe(deliver, line)

    Thread(target=read, daemon=True).start()
    return await typed


def _sum_up(chat: LocalChat, clock: _Clock, screen: _Screen) -> None:
    days = min(clock().date(), LAST + timedelta(days=1)) - FIRST
    pictures = f"; its pictures and files are in {screen.folder.absolute()}" if screen.saved else ""
    screen.show(
        f"\nThat was the demonstration: {_counted(days.days, 'day')} of 2022, "
        f"{_counted(chat.messages, 'message')}{pictures}. "
        "For the live bot put a token from @BotFather into .env and start: make run (once installed: "
        "minerwatch run)"
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
