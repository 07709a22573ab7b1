"""Watches, 1,000 to 1,000,000: a look that crosses nothing, a hundred, all; and a plain loop.

The plain loop is what a bot without an index does: read every watch and compare it. `make bench` prints the
curve; the levels lie evenly spread and in no order. While all cross, another connection reads as replies do:
the longest it had to wait is in the last column but one.
"""

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import perf_counter, process_time

from bot.watches.watch import WatchFigure
from storage.chats import watch_evaluation, watches
from storage.chats.chats import Address
from storage.database import Database
from storage.migrations import migrate
from storage.sqlite.file_engine import connect
from tests.fakes.engines import transaction

SIZES = (1_000, 10_000, 100_000, 1_000_000)
CROSSED = 100
TIMES = 5
NOW = datetime(2026, 1, 2, tzinfo=UTC)
TOP_USD, STEP_USD = 60_000.0, 0.05  # levels below 60,000, five cents apart


def main() -> None:
    """Print the growth curve."""
    sys.stdout.write(
        f"{'watches':>9} {'none crossed':>13} {'100 crossed':>12} {'plain loop':>11} {'loop ÷ ours':>12} "
        f"{'all crossed':>12} {'CPU':>8} {'a watch':>9} {'a reader':>10} {'memory':>9}\n"
    )
    for size in SIZES:
        with TemporaryDirectory() as folder:
            sys.stdout.write(_measured(Path(folder) / "bench.db", size))
            sys.stdout.flush()


def _measured(path: Path, size: int) -> str:
    db = connect(path)
    migrate(db)
    _fill(db, size)
    before = _memory_mib()
    poll = _Polls(db)
    none = median(poll.look(TOP_USD + 1000 + turn, 0) for turn in range(TIMES))
    hundred = median(
        poll.look(TOP_USD - STEP_USD * (CROSSED * (turn + 1) - 0.5), CROSSED) for turn in range(TIMES)
    )
    loop = median(_plain_loop(db, TOP_USD - STEP_USD * CROSSED * (TIMES + 1)) for _ in range(3))
    cpu = process_time()
    with _reader(path) as waits_s:
        everything = poll.look(1.0, size - CROSSED * TIMES)
    cpu = process_time() - cpu
    grown = _memory_mib() - before
    db.close()
    return (
        f"{size:>9,} {1000 * none:>10.2f} ms {1000 * hundred:>9.2f} ms {1000 * loop:>8.1f} ms "
        f"{loop / hundred:>11.1f}× {everything:>10.2f} s {cpu:>6.2f} s "
        f"{1e6 * everything / size:>6.1f} µs {1000 * max(waits_s):>7.1f} ms {grown:>5.0f} MiB\n"
    )


@contextmanager
def _reader(path: Path) -> Iterator[list[float]]:
    """Somebody who lists the watches of one chat after the other meanwhile: seconds each took."""
    waits_s: list[float] = [0.0]
    done = Event()

    def read() -> None:
        db = connect(path, read_only=True)
        chat = 0
        while not done.wait(0.01):
            start = perf_counter()
            watches.of_chat(db, Address(1 + chat % 100))
            waits_s.append(perf_counter() - start)
            chat += 1
        db.close()

    thread = Thread(target=read)
    thread.start()
    try:
        yield waits_s
    finally:
        done.set()
        thread.join()


class _Polls:
    """Looks one after the other, five minutes apart."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._now = NOW

    def look(self, price_usd: float, expected: int) -> float:
        """Seconds that one look takes, to the commit; every watch that crossed must be in the outbox."""
        self._now += timedelta(minutes=5)
        start = perf_counter()
        with transaction(self._db) as db:
            result = watch_evaluation.evaluate(
                db, [WatchFigure("price", price_usd, self._now, "bench")], self._now
            )
        seconds = perf_counter() - start
        if result != expected:
            raise AssertionError(f"{result} watches told instead of {expected}")
        return seconds


def _plain_loop(db: Database, price_usd: float) -> float:
    start = perf_counter()
    crossed = [
        row[0]
        for row in db.execute("SELECT id, a_fire, a_above, a_met FROM watches")
        if not row[3] and (price_usd >= row[1] if row[2] else price_usd <= row[1])
    ]
    del crossed
    return perf_counter() - start


def _fill(db: Database, size: int) -> None:
    """Ten watches a chat; a level's place in the table has nothing to do with its height."""
    with transaction(db):
        db.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :chats) "
            "INSERT INTO chats (chat_id, kind, created_at) SELECT i, 'private', :now FROM n",
            {"chats": size // 10, "now": NOW.isoformat()},
        )
        db.execute(
            """
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :size - 1),
                level(i, usd) AS (SELECT i, :top - :step * (i * 7919 % :size) FROM n)
            INSERT INTO watches (chat_id, text, any_of, hold_s, once, a_metric, a_fire, a_clear, a_above,
                                 a_met, created_at)
            SELECT 1 + i % (:size / 10), 'price below 60,000 USD', 0, 0, 0, 'price', usd, usd * 1.01, 0,
                   0, :now
            FROM level
            """,
            {"size": size, "top": TOP_USD, "step": STEP_USD, "now": NOW.isoformat()},
        )
        db.execute(
            "INSERT INTO watch_figures (metric, value, as_of) VALUES ('price', ?, ?)",
            [TOP_USD + 2000, NOW.isoformat()],
        )


def _memory_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
