"""The database of a simulated machine, and what it holds when a history begins."""

import asyncio
import random
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final, TypeVar

from bot.mining.economics import Rig
from bot.mining.fleet import Fleet, FleetBatch, FleetSite, Tariff
from bot.signals.rules import COMPOSITE
from bot.signals.series import Reading, end_of_day
from bot.watches.watch import Comparison, Watch
from storage.chats import chats, destinations, digests, fleets, preferences, watches
from storage.chats.chats import Address
from storage.chats.destinations import DestinationKind
from storage.chats.preferences import ChatSettings
from storage.database import Database, Store
from tests.fakes.connections import write_now
from tests.fakes.engines import sqlite_of
from tests.simulation.plan import DIFFICULTY, MACHINE_THS, MACHINE_W, RECORD_USD, Belongings, Plan
from tests.simulation.virtual_time import BEGIN, InlineExecutor
from tests.simulation.webhook_receiver import SALT, URL

T = TypeVar("T")
OPERATOR: Final = 99


class SimulatedStore(Store):
    """The program's store, with a disk that takes time and can be full."""

    def __init__(self, path: Path, dice: random.Random) -> None:
        super().__init__(path)
        sqlite_of(self)._db.execute("PRAGMA synchronous = off")  # programs are killed here, machines are not
        self._writing, self._reading = InlineExecutor(1), InlineExecutor(1)  # a thread would take real time
        self.full = False
        self._dice = dice
        self._writer, self._readers = asyncio.Lock(), asyncio.Lock()

    async def write(self, work: Callable[[Database], T]) -> T:
        """Run a transaction; a kill can come before it, or after it and before anybody knows."""
        async with self._writer:
            await asyncio.sleep(self._dice.uniform(0.0005, 0.004))

            def transact(db: Database) -> T:
                result = work(db)
                if self.full:
                    error = sqlite3.OperationalError("database or disk is full")
                    error.sqlite_errorname = "SQLITE_FULL"
                    raise error
                return result

            result = self.write_now(transact)
            await asyncio.sleep(self._dice.uniform(0.0005, 0.004))
            return result

    async def write_beside(self, work: Callable[[Database], T]) -> T:
        """Run a transaction: on SQLite there is one program."""
        return await self.write(work)

    async def read(self, work: Callable[[Database], T]) -> T:
        """Read."""
        async with self._readers:
            await asyncio.sleep(0.0003)
            return self.read_now(work)

    def write_now(self, work: Callable[[Database], T]) -> T:
        """Run a transaction in this thread: to hand it over would cost more than the work."""
        return self._transact(work)

    def read_now(self, work: Callable[[Database], T]) -> T:
        """Read in this thread."""
        return sqlite_of(self).read(work)


def bundled_readings() -> list[Reading]:
    """A record high some days ago, and closes since."""
    first = BEGIN.date() - timedelta(days=12)
    at = end_of_day(first)
    readings = [Reading("btc.price_high", RECORD_USD, at, "binance (bundled)", at, first)]
    for back in range(5, 1, -1):
        day = BEGIN.date() - timedelta(days=back)
        end = end_of_day(day)
        readings.append(Reading("btc.price", 60_000.0, end, "binance (bundled)", end, day))
        readings.append(Reading("btc.difficulty", DIFFICULTY, end, "mempool (bundled)", end, day))
    return readings


def _give(db: Database, address: Address, belongings: Belongings) -> None:
    """Keep a watch, machines and the wish for a digest, as the commands of a chat do."""
    watch = Watch((Comparison("price", above=False, level=float(belongings.watch_usd)),))
    watches.add(db, address, watch, f"bitcoin price below {belongings.watch_usd:,} USD", {}, BEGIN)
    site = FleetSite(tariff=Tariff(fixed_per_kwh=belongings.power_price_usd_per_kwh))
    fleets.save(
        db, address, Fleet((FleetBatch("Antminer S19 95T", Rig(MACHINE_THS, MACHINE_W), 10),), (site,))
    )
    if belongings.digest_at is not None:
        settings = ChatSettings(digest_at=belongings.digest_at)
        preferences.save(db, address, digests.scheduled(db, settings, BEGIN))


_empty: list[bytes] = []


def write_empty_database(path: Path) -> None:
    """Make a database with nothing in it; it is migrated once and then copied."""
    if not _empty:
        with Store(path):
            pass
        db = sqlite3.connect(path)
        db.execute("PRAGMA journal_mode = delete")
        db.close()
        _empty.append(path.read_bytes())
    path.write_bytes(_empty[0])


def prepare(path: Path, plan: Plan) -> None:
    """Make a database with the plan's subscribers and what they keep."""
    write_empty_database(path)
    with Store(path) as store:
        write_now(store, lambda db: fill(db, plan))


def fill(db: Database, plan: Plan) -> None:
    """Keep the plan's subscribers and what they have."""
    for (chat, topic), severity in plan.subscribers.items():
        address = Address(chat, topic)
        chats.remember(db, address, "private" if chat > 0 else "supergroup", BEGIN)
        chats.subscribe(db, address, ("price_drawdown", COMPOSITE), severity)
        if (chat, topic) in plan.belongings:
            _give(db, address, plan.belongings[chat, topic])
    if plan.has_webhook:
        hook = destinations.add(db, DestinationKind.WEBHOOK, URL, SALT, OPERATOR, BEGIN)
        chats.subscribe(db, Address(hook.chat_id), ("price_drawdown", COMPOSITE), 0)
