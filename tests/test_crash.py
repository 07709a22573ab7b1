"""Killed anywhere between reading and outbox, the next start neither loses nor repeats a transition."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.opening import Stock
from bot.poller import Poller
from storage.database import Store
from tests.crashing import CRASH, OPENING, RULES, Day, known, prepare

ROOT = Path(__file__).resolve().parents[1]
LATER = CRASH.replace(minute=5)


def everything(db: Database) -> dict[str, list[tuple[object, ...]]]:
    """All that a poll writes, without the order of numbers."""
    return {
        "alerts": db.execute("SELECT rule, kind, at, body FROM alerts ORDER BY 1, 2, 3").fetchall(),
        "rules": db.execute("SELECT rule, state FROM rule_states ORDER BY rule").fetchall(),
        "days": db.execute("SELECT series, day, value FROM days ORDER BY 1, 2").fetchall(),
        "watches": db.execute("SELECT id, state, a_met, fires, due_at, fired_at FROM watches").fetchall(),
        "outbox": db.execute(
            "SELECT kind, state, severity, chat_id, body FROM outbox ORDER BY kind, severity, alert_id"
        ).fetchall(),
    }


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The database before the crash, as bytes."""
    path = tmp_path_factory.mktemp("prepared") / "test.db"
    prepare(path)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path, prepared: bytes) -> Path:
    place = tmp_path / "test.db"
    place.write_bytes(prepared)
    return place


async def poll_again(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """A new start on the same database, and what it holds then."""
    with Store(path) as store:
        poller = Poller(store, Day(), RULES, Stock(lambda: known(OPENING), ()))
        await poller.start(CRASH)
        await poller.poll(CRASH)
        return await store.read(everything)


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, prepared: bytes
) -> dict[str, list[tuple[object, ...]]]:
    """What the poll leaves behind when nothing happens to it."""
    place = tmp_path_factory.mktemp("undisturbed") / "test.db"
    place.write_bytes(prepared)
    return asyncio.run(poll_again(place))


def test_the_poll_has_something_to_lose(undisturbed: dict[str, list[tuple[object, ...]]]) -> None:
    assert ("price_drawdown.critical", "fired") in [row[:2] for row in undisturbed["alerts"]]
    assert [row[0] for row in undisturbed["outbox"]].count("watch") == 1
    assert [row[0] for row in undisturbed["outbox"]].count("alert") >= 1


async def test_whatever_instruction_of_the_writing_fails_the_next_poll_tells_everything_once(
    path: Path, undisturbed: dict[str, list[tuple[object, ...]]]
) -> None:
    with Store(path) as store:
        poller = Poller(store, Day(), RULES, Stock(lambda: known(OPENING), ()))
        await poller.start(CRASH)
        before = await store.read(everything)
        left = 0

        def give_up() -> int:
            nonlocal left
            left -= 1
            return int(left == 0)

        failures = 0
        for allowed in (*range(1, 40, 4), *range(40, 1000, 3)):
            left = allowed
            store._db.conn.set_progress_handler(give_up, 20)  # asked every twenty instructions of SQLite's
            try:
                await poller.poll(CRASH)
            except sqlite3.OperationalError:
                failures += 1
            else:
                break
            finally:
                store._db.conn.set_progress_handler(None, 0)
            assert await store.read(everything) == before
        assert failures > 20
        assert await store.read(everything) == undisturbed
        again = await poller.poll(LATER)
        assert (again.alerts, again.watched) == ((), 0)


def test_a_process_killed_at_any_statement_leaves_nothing_half_done(
    path: Path, prepared: bytes, undisturbed: dict[str, list[tuple[object, ...]]]
) -> None:
    def run(statement: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tests.crashing", str(path), str(statement)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    total = int(run(0).stdout)
    for statement in sorted({1, total // 3, 2 * total // 3, total - 1, total}):
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        path.write_bytes(prepared)
        assert run(statement).returncode == -signal.SIGKILL
        assert asyncio.run(poll_again(path)) == undisturbed, f"killed at statement {statement} of {total}"
