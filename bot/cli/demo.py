"""The whole bot with no token and no network: a local chat, and the summer of 2022 played forward."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from bot.app import Program
from bot.data.bundle import bundled_readings
from bot.delivery.pacer import Pacer
from bot.settings import Settings
from bot.signals.series import Reading, end_of_day
from bot.sources.types import RoundResult, SourceReport
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


class ReplayFeed:
    """The bundled history as a source: at each moment it has just what was known then."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self._readings = readings
        self._given = 0

    async def gather(self, now: datetime, _held: Mapping[str, Reading]) -> RoundResult:
        """What became known since the last time."""
        fresh = []
        while self._given < len(self._readings) and self._readings[self._given].read_at <= now:
            fresh.append(self._readings[self._given])
            self._given += 1
        report = SourceReport("bundled", True, None, fresh[-1].as_of if fresh else None, 0, True)
        return RoundResult(tuple(fresh), (report,), (), None, ())

    async def backfill(self, _series: str, _first: date, _last: date, _now: datetime) -> list[Reading]:
        """Nothing: the program fills its history from the same bundle."""
        return []


class _Clock:
    """The demonstration's time: it can be set, and runs on from there as a clock does."""

    def __init__(self, now: datetime) -> None:
        self.set(now)

    def set(self, now: datetime) -> None:
        self._set, self._at = now, monotonic()

    def __call__(self) -> datetime:
        return self._set + timedelta(seconds=monotonic() - self._at)


def demo() -> int:
    """Play the summer; then, on a terminal, take commands until end of input. Gives the exit status."""
    with TemporaryDirectory(prefix="minerwatch-demo-") as folder, Store(Path(folder) / "demo.db") as store:
        asyncio.run(_run(store))
    return 0


async def _run(store: Store) -> None:
    opening = end_of_day(FIRST - timedelta(days=1))
    clock = _Clock(opening)
    chat = LocalChat(clock, _show)
    readings = bundled_readings()
    settings = Settings(_env_file=None, energy_zones=("DE-LU",))
    known = [reading for reading in readings if reading.read_at <= opening]
    program = Program(
        settings,
        store,
        ReplayFeed(readings[len(known) :]),
        token="1:demo",  # noqa: S106 - never leaves the process
        clock=clock,
        bundle=lambda: known,
        request=chat,
        updates_request=chat,
        pacer=Pacer(float("inf"), chat_gap_s=0.0),
    )
    _show(
        "minerwatch: the summer of 2022 on real figures; each day is seen when it is over, at 00:00 UTC. "
        "Nothing here touches the network."
    )
    application = program.application
    async with application:
        await application.start()
        assert application.updater is not None  # noqa: S101 - the builder makes one
        await application.updater.start_polling()
        delivering = asyncio.create_task(program.relay.run())
        await _summer(program, chat, clock)
        if sys.stdin.isatty():
            await _conversation(chat)
        await application.updater.stop()
        await application.stop()
        await program.relay.stop()
        await delivering


async def _summer(program: Program, chat: LocalChat, clock: _Clock) -> None:
    for hello in ("/start", "/subscribe"):
        await chat.ask(hello)
    for ordinal in range(FIRST.toordinal(), LAST.toordinal() + 1):
        day = date.fromordinal(ordinal)
        clock.set(end_of_day(day))
        chat.heading = f"\n── {day:%a %d %B %Y} " + "─" * 40
        await program.poll()
        while (await program.store.read(outbox.waiting))[0]:  # noqa: ASYNC110 - the outbox alone knows
            await asyncio.sleep(0.002)
        for question in _QUESTIONS.get(day, ()):
            await chat.ask(question)
        if sys.stdout.isatty():
            await asyncio.sleep(_READING_PACE_S)


async def _conversation(chat: LocalChat) -> None:
    _show("\nNow you: type a command, for example /breakeven s19j pro 6.5c, or #1 for a button. Ctrl-D ends.")
    loop = asyncio.get_running_loop()
    while True:
        sys.stdout.write("you> ")
        sys.stdout.flush()
        line = await loop.run_in_executor(None, sys.stdin.readline)
        if not line:
            return
        if line.strip():
            await chat.ask(line.strip(), echo=False)


def _show(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
