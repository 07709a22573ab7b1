"""A poll that dies, and every point at which it can: `python -m tests.fakes.killed_writer DB STATEMENT`.

The command kills itself at that statement it writes; statement 0 lives. Prints how many statements ran.

Played on a small database over three days of June 2022, on the last of which the phase changes, a signal
fires, and watches tell, come due, clear and end.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

import bot.pipeline.poller
import bot.pipeline.startup
from bot.data.bundle import bundled_readings
from bot.pipeline.poller import Poller
from bot.pipeline.startup import SeedData
from bot.signals.rules import default_rules
from bot.signals.series import Reading, end_of_day
from bot.sources.types import RoundResult
from bot.watches.parser import parse_watch
from bot.watches.watch import WatchFigure
from storage.chats import chats, watches
from storage.chats.chats import Address
from storage.database import Database, Store
from tests.fakes.connections import reader, write_now, writer

CRASH = end_of_day(date(2022, 6, 15))
OPENING = CRASH - timedelta(days=1)
RULES = default_rules(())
HOME, TOPIC = Address(1), Address(-2, 5)
WATCHES = (
    *("price above 22300", "price above 22300 once", "price below 22200", "price leaves 15000-22300 for 1d"),
    *("price above 22000 for 1d", "price above 22300 and hashrate above 1", "price crosses 22300 every 1d"),
    "price above 22300 until 2022-06-15",
)
_SERIES = ("btc.price", "btc.price_high", "btc.hashrate")
_TRACED = (bot.pipeline.poller.__file__, bot.pipeline.startup.__file__)


@cache
def _bundled() -> tuple[Reading, ...]:
    first = date(2021, 10, 1)
    return tuple(
        each for each in bundled_readings() if each.day and each.day >= first and each.series in _SERIES
    )


def known(until: datetime) -> list[Reading]:
    """Eight months of real figures, as far as they were known."""
    return [reading for reading in _bundled() if reading.read_at <= until]


class Day:
    """A feed that gives everything learnt since the opening, again and again, as providers do."""

    async def gather(self, now: datetime, _held: Mapping[str, Reading]) -> RoundResult:
        """What was published up to now."""
        fresh = tuple(reading for reading in known(now) if reading.read_at > OPENING)
        return RoundResult(fresh, (), (), None, ())

    async def backfill(self, series: str, first: date, last: date, _now: datetime) -> list[Reading]:
        """The days asked for."""
        return [
            each for each in _bundled() if each.series == series and each.day and first <= each.day <= last
        ]


def poller(store: Store, whole: tuple[str, ...] = ()) -> Poller:
    """A poller of this story."""
    return Poller(store, Day(), RULES, SeedData(lambda: known(OPENING), whole))


def prepare(path: Path) -> None:
    """A database whose rules stand as of the opening, with two chats, their subscriptions and watches."""
    before = OPENING - timedelta(days=1)
    price = WatchFigure("price", 21_900.0, before, "test")

    def people(db: Database) -> None:
        for address in (HOME, TOPIC):
            chats.remember(db, address, "private", before)
            chats.subscribe(db, address, ("price_drawdown", "hashrate_decline", "capitulation"), 0)
            for line in WATCHES:
                watch = parse_watch(line, before.date())
                watches.add(db, address, watch, line, {"price": price}, before)

    with Store(path) as store:
        write_now(store, people)
        asyncio.run(poll(store, OPENING))


async def poll(store: Store, now: datetime, whole: tuple[str, ...] = ()) -> None:
    """A start and a poll."""
    started = poller(store, whole)
    await started.start(now)
    await started.poll(now)


class _Connection(Protocol):
    def set_trace_callback(self, trace: Callable[[str], object] | None, /) -> None: ...


@contextmanager
def points(store: Store, point: Callable[[str], None]) -> Iterator[None]:
    """Call `point` wherever the work of a poller can be cut: before every SQL statement of either connection,
    and before every line of the poller and its opening, which is what lies between their transactions.
    """

    def local(frame: FrameType, event: str, _argument: object) -> Any:
        if event == "line":
            point(f"line {frame.f_lineno} of {frame.f_code.co_name}")
        return local

    def trace(frame: FrameType, _event: str, _argument: object) -> Any:
        return local if frame.f_code.co_filename in _TRACED else None

    connections: tuple[_Connection, ...] = (writer(store).conn, reader(store).conn)
    traced = sys.gettrace()
    for connection in connections:
        connection.set_trace_callback(point)
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(traced)
        for connection in connections:
            connection.set_trace_callback(None)


def main() -> None:
    """Die at the statement asked for."""
    path, fatal = Path(sys.argv[1]), int(sys.argv[2])
    ran = 0

    def count(_statement: str) -> None:
        nonlocal ran
        ran += 1
        if ran == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    with Store(path) as store:
        connection: _Connection = writer(store).conn
        connection.set_trace_callback(count)
        asyncio.run(poll(store, CRASH))
        connection.set_trace_callback(None)
    sys.stdout.write(str(ran))


if __name__ == "__main__":
    main()
