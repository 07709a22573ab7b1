"""A poll that dies: `python -m tests.crashing DATABASE STATEMENT` kills itself at that statement it writes.

Played on a small database over the days of June 2022; statement 0 lives. Prints how many statements ran.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from sqlite_utils import Database

from bot.data.bundle import bundled_readings
from bot.opening import Stock
from bot.poller import Poller
from bot.signals.rules import default_rules
from bot.signals.series import Reading, end_of_day
from bot.signals.watch_grammar import parse_watch
from bot.sources.base import Gathered
from storage import chats, watches
from storage.chats import Address
from storage.database import Store

OPENING = end_of_day(date(2022, 6, 15))
CRASH = end_of_day(date(2022, 6, 16))
RULES = default_rules(("DE-LU",))
HOME = Address(1)


def known(until: datetime) -> list[Reading]:
    """A year and a half of real figures, as far as they were known."""
    first = date(2021, 1, 1)
    return [r for r in bundled_readings() if r.day is not None and r.day >= first and r.read_at <= until]


class Day:
    """A feed that gives everything learnt since the opening, again and again, as providers do."""

    async def gather(self, now: datetime, _held: Mapping[str, Reading]) -> Gathered:
        """What was published up to now."""
        fresh = tuple(reading for reading in known(now) if reading.read_at > OPENING)
        return Gathered(fresh, (), (), None, ())

    async def backfill(self, _series: str, _first: date, _last: date, _now: datetime) -> list[Reading]:
        """Nothing more."""
        return []


def prepare(path: Path) -> None:
    """A database whose rules stand as of the opening, with one chat, its subscriptions and a watch."""

    def people(db: Database) -> None:
        chats.remember(db, HOME, "private", OPENING)
        chats.subscribe(db, HOME, ("price_drawdown", "hashrate_decline", "capitulation"), 0)
        watch = parse_watch("price below 21000", OPENING.date())
        watches.add(db, HOME, watch, "price below 21,000 USD", {}, OPENING)

    with Store(path) as store:
        store.write_now(people)
        asyncio.run(_poll(store, OPENING))


async def _poll(store: Store, now: datetime) -> None:
    poller = Poller(store, Day(), RULES, Stock(lambda: known(OPENING), ()))
    await poller.start(now)
    await poller.poll(now)


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
        store._db.conn.set_trace_callback(count)
        asyncio.run(_poll(store, CRASH))
        store._db.conn.set_trace_callback(None)
    sys.stdout.write(str(ran))


if __name__ == "__main__":
    main()
