"""The ledger of pool wallets: a day's arithmetic, the first reading of 400 days, a normal day, their cost.

Arithmetic is shown beside the time Python needs to read the same day's answers as JSON, measured in this run.
"""

import asyncio
import json
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx

from bot.ledger.blocks import Calendar, Output, Stamp, opening
from bot.ledger.flows import Balance, Flow, Transaction, begin, take
from storage.database import Store
from storage.ledger import days as ledger_days
from tests.fakes.blockchain import Chain
from tests.fakes.chain import ChainServer
from tests.fakes.connections import reader, writer
from tests.pipeline.ledger_sync.conftest import START, Running

DAYS = 400
SECONDS = 600.0


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def best(work: Callable[[], object], times: int = 7) -> float:
    """Milliseconds of the quickest of some runs."""
    rows = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        rows.append(time.perf_counter() - start)
    return 1_000 * min(rows)


def one_day() -> tuple[Calendar, dict[str, list[Transaction]], list[Transaction]]:
    """144 coinbases of 16 wallets, 480 payouts to 25 miners and 8 to 2,000, as parsed."""
    day = START.date()
    calendar = Calendar([(day, 1_000), (day + timedelta(days=1), 1_144)])
    names = [f"wallet{n:02d}" for n in range(16)]
    histories: dict[str, list[Transaction]] = {name: [] for name in names}
    everything = []
    for n in range(144 + 480 + 8):
        name, height = names[n % 16], 1_143 - n * 144 // 632
        if n < 144:
            result = Transaction(f"{n:064x}", height, True, (), (Output(name, 314_000_000),))
        else:
            paid = 2_000 if n >= 624 else 25
            result = Transaction(
                f"{n:064x}",
                height,
                False,
                tuple(Output(name, 300_000_000) for _ in range(4)),
                (*(Output(f"miner{n}-{m}", 500_000) for m in range(paid)), Output(name, 90_000_000)),
            )
        histories[name].append(result)
        everything.append(result)
    for history in histories.values():
        history.sort(key=lambda tx: -tx.height)
    return calendar, histories, everything


def arithmetic() -> None:
    calendar, histories, everything = one_day()
    registry = frozenset(histories)
    text = json.dumps(
        [
            [tx.txid, [[o.address, o.sat] for o in tx.inputs], [[o.address, o.sat] for o in tx.outputs]]
            for tx in everything
        ]
    )

    def walk_all() -> Flow:
        total = Flow()
        for name, history in histories.items():
            left = Balance(10**15, len(history) + 1)
            scan = begin(name, left, START.date(), 999, None)
            older = Transaction("f" * 64, 10, True, (), (Output(name, 1),))
            taken = take(scan, [*history, older], calendar, registry)
            total += sum(taken.flows.values(), Flow())
        opening(Stamp(999, 0), Stamp(1_000, 1))
        return total

    spent = best(walk_all)
    baseline = best(lambda: json.loads(text))
    say(
        f"a day's blocks (144 coinbases, 488 payments, {len(text) / 1e6:.1f} MB as JSON): {spent:.1f} ms, "
        f"{spent / baseline:.2f} times json.loads of the same ({baseline:.1f} ms); the limit is 50 ms"
    )
    if spent > 50:
        raise SystemExit("a day's arithmetic took more than 50 ms")


async def whole_year() -> None:
    chain = Chain(START, interval_s=SECONDS)
    chain.mine_until(START + timedelta(days=DAYS + 10))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "minerwatch.db"
        async with ChainServer(chain) as server, httpx.AsyncClient() as http:
            with Store(path) as store:
                run = Running(store, server, http, DAYS)
                before = size(path)
                run.calls_per_step = 50
                run.restart()
                start = time.perf_counter()
                tracemalloc.start()
                for _ in range(20):
                    await run.ledger_sync.step(run.now)
                result, peak = tracemalloc.get_traced_memory()
                tracemalloc.stop()
                while (await run.ledger_sync.step(run.now)).busy:
                    pass
                spent = time.perf_counter() - start
                run.assert_true(DAYS)
                calls = server.total
                say(
                    f"first reading of {DAYS} days, {len(run.chain.registry())} wallets: {calls:,} "
                    f"requests {dict(server.calls)}; at one a second {timedelta(seconds=calls)}; "
                    f"here {spent:.0f} s of work, server included"
                )
                say(f"  every day equal to the truth to the satoshi: {DAYS} of {DAYS}")
                say(
                    f"  Python memory: {result / 1e6:.1f} MB held, {peak / 1e6:.1f} MB at the peak "
                    "over the first thousand requests (server and client)"
                )
                after = await compact(store, path)
                say(f"  database: {(after - before) / 1e6:.2f} MB")
                db = reader(store)
                say(f"  daily figures, {DAYS} days: {best(lambda: ledger_days.daily(db)):.1f} ms")
                server.calls.clear()
                await run.days(1, every=timedelta(hours=6))
                server.calls.clear()
                asked = await a_day(run, server)
                say(f"a normal day: {sum(asked.values())} requests {asked}; the limit is 600")
                await run.days(9, every=timedelta(hours=2))  # from then on a week of blocks is kept
                grown = await compact(store, path)
                await run.days(10, every=timedelta(hours=2))
                say(f"  database growth: {(await compact(store, path) - grown) / 10 / 1e3:.1f} kB a day")


async def a_day(run: Running, server: ChainServer) -> dict[str, int]:
    await run.days(1, every=timedelta(minutes=5))
    return dict(server.calls)


async def compact(store: Store, path: Path) -> int:
    """The file's size without what waits in the log or lies free."""
    free = await store.read(
        lambda db: (
            db.execute("PRAGMA freelist_count").fetchone()[0] * db.execute("PRAGMA page_size").fetchone()[0]
        )
    )
    await store.read(lambda db: db.execute("SELECT 1").fetchone())
    writer(store).execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return size(path) - int(free)


def size(path: Path) -> int:
    return sum(each.stat().st_size for each in path.parent.iterdir() if each.name.startswith(path.name))


def main() -> None:
    """Print the figures; fail when a day's arithmetic takes more than 50 ms."""
    arithmetic()
    asyncio.run(whole_year())


if __name__ == "__main__":
    main()
