"""Killed anywhere between reading and outbox, the next start neither loses nor repeats a transition.

The points at which to die are not listed here: an undisturbed run counts them (`killed_writer.points`).
"""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage.database import Database, Store
from storage.errors import StorageError
from tests.fakes import killed_writer
from tests.fakes.connections import read_now, writer
from tests.fakes.killed_writer import CRASH

ROOT = Path(__file__).resolve().parents[1]
LATER = CRASH.replace(minute=5)
ALL = ("btc.price", "btc.hashrate")
"""The series whose missing days a start asks for, in the tests of a start after a gap."""

State = dict[str, list[tuple[object, ...]]]
Files = tuple[bytes, bytes]


def everything(db: Database) -> State:
    """All that a poll writes, without the order of numbers."""
    return {
        "alerts": db.execute("SELECT rule, kind, at, body FROM alerts ORDER BY 1, 2, 3").fetchall(),
        "rules": db.execute("SELECT rule, state FROM rule_states ORDER BY rule").fetchall(),
        "days": db.execute("SELECT series, day, value FROM days ORDER BY 1, 2").fetchall(),
        "watches": db.execute(
            "SELECT id, state, a_met, b_met, fires, due_at, fired_at, ends_at FROM watches ORDER BY id"
        ).fetchall(),
        "figures": db.execute("SELECT * FROM watch_figures ORDER BY metric").fetchall(),
        "notices": db.execute("SELECT kind, at, body FROM notices ORDER BY 1, 2, 3").fetchall(),
        "outbox": db.execute(
            """
            SELECT o.kind, o.state, o.error, o.severity, o.priority, o.chat_id, o.topic_id, o.watch_id,
                   a.rule, a.kind, o.next_try_at, o.expires_at, o.bulletin > 0
            FROM outbox AS o LEFT JOIN alerts AS a ON a.id = o.alert_id
            ORDER BY o.chat_id, o.topic_id, o.watch_id, a.rule
            """
        ).fetchall(),
    }


def read(path: Path) -> Files:
    """The database's files, as a process that is killed now would leave them."""
    wal = Path(f"{path}-wal")
    return path.read_bytes(), wal.read_bytes() if wal.exists() else b""


def write(path: Path, files: Files) -> None:
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    path.write_bytes(files[0])
    if files[1]:
        Path(f"{path}-wal").write_bytes(files[1])


async def go_on(path: Path, whole: tuple[str, ...] = ()) -> tuple[State, State]:
    """A new start on these files: what is held after its poll, and after another that learns nothing new."""
    with Store(path) as store:
        poller = killed_writer.poller(store, whole)
        await poller.start(CRASH)
        await poller.poll(CRASH)
        first = await store.read(everything)
        await poller.poll(LATER)
        return first, await store.read(everything)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """The database before the crash."""
    path = tmp_path_factory.mktemp("prepared") / "test.db"
    killed_writer.prepare(path)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return path.read_bytes(), b""


@pytest.fixture
def path(tmp_path: Path, prepared: Files) -> Path:
    place = tmp_path / "test.db"
    write(place, prepared)
    return place


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, prepared: Files) -> tuple[State, State]:
    """What the poll leaves behind when nothing happens to it."""
    place = tmp_path_factory.mktemp("undisturbed") / "test.db"
    write(place, prepared)
    return asyncio.run(go_on(place))


def test_the_poll_has_something_to_lose(undisturbed: tuple[State, State], path: Path) -> None:
    with Store(path) as store:
        before = read_now(store, everything)
    after, later = undisturbed
    messages = [row[:2] for row in after["alerts"] if row not in before["alerts"]]
    assert messages == [("capitulation", "phase"), ("hashrate_decline.warning", "fired")]
    sent = [(row[0], row[1], row[7]) for row in after["outbox"] if row[5] == killed_writer.HOME.chat_id]
    assert sent == [
        ("alert", "pending", 0),
        ("alert", "cancelled", 0),  # said by the change of phase
        *(("watch", "pending", number) for number in (1, 2, 5, 6, 7)),
    ]
    states = {row[0]: row[1:4] for row in after["watches"]}
    assert states[2][0] == "done"
    assert states[3] == ("on", 0, None)
    assert states[8][0] == "done"
    assert later["outbox"] == after["outbox"]


@pytest.mark.parametrize("whole", [(), ALL], ids=["a poll", "a start after a gap"])
def test_killed_at_any_point_it_goes_on_as_if_nothing_had_happened(
    path: Path, prepared: Files, whole: tuple[str, ...]
) -> None:
    """Before every statement and every line of the poller the files are copied, as SIGKILL would leave them,
    and the program starts from each copy. SQLite's cache is so small that half a transaction reaches the log.
    """
    copies: dict[Files, str] = {}
    count = 0

    def point(where: str) -> None:
        nonlocal count
        count += 1
        copies.setdefault(read(path), where)

    async def run() -> State:
        with Store(path) as store:
            writer(store).execute("PRAGMA cache_size = 4")
            poller = killed_writer.poller(store, whole)
            if not whole:
                await poller.start(CRASH)
            with killed_writer.points(store, point):
                if whole:
                    await poller.start(CRASH)
                await poller.poll(CRASH)
            point("after the poll")
            return await store.read(everything)

    first = asyncio.run(run())
    write(path, prepared)
    expected = asyncio.run(go_on(path, whole))
    assert first == expected[0]
    assert count > 60
    assert len(copies) > 10  # others are the same, byte for byte
    for files, where in copies.items():
        write(path, files)
        assert asyncio.run(go_on(path, whole)) == expected, f"killed before: {where}"


class _Faulty:
    """A connection of which one statement fails."""

    def __init__(self, real: sqlite3.Connection, step: Callable[[], None]) -> None:
        self._real = real
        self._step = step

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        self._step()
        return self._real.execute(*arguments)

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:
        self._step()
        return self._real.executemany(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


async def test_whatever_statement_fails_the_poll_has_not_happened_and_the_next_tells_everything_once(
    path: Path, prepared: Files, undisturbed: tuple[State, State]
) -> None:
    async def run(fatal: int) -> bool:
        """Poll with that statement failing; whether there was one."""
        ran = 0

        def step() -> None:
            nonlocal ran
            ran += 1
            if ran == fatal:
                raise sqlite3.OperationalError("disk I/O error")

        write(path, prepared)
        with Store(path) as store:
            poller = killed_writer.poller(store)
            await poller.start(CRASH)
            before = await store.read(everything)
            db = writer(store)
            real = db.conn
            db.conn = _Faulty(real, step)  # type: ignore[assignment]  # it stands in for one
            try:
                await poller.poll(CRASH)
            except StorageError:
                assert await store.read(everything) == before
            else:
                return False
            finally:
                db.conn = real
            await poller.poll(CRASH)
            assert await store.read(everything) == undisturbed[0]
        return True

    fatal = 1
    while await run(fatal):
        fatal += 1
    assert fatal > 30


async def test_whatever_line_of_the_poller_fails_the_next_poll_tells_everything_once(
    path: Path, prepared: Files, undisturbed: tuple[State, State]
) -> None:
    async def run(fatal: int) -> bool:
        """Poll with that line failing; whether there was one."""
        ran = 0

        def point(where: str) -> None:
            nonlocal ran
            if where.startswith("line"):
                ran += 1
                if ran == fatal:
                    raise MemoryError(where)

        write(path, prepared)
        with Store(path) as store:
            poller = killed_writer.poller(store)
            await poller.start(CRASH)
            failed = False
            try:
                with killed_writer.points(store, point):
                    await poller.poll(CRASH)
            except MemoryError:
                failed = True
                await poller.poll(CRASH)
            assert await store.read(everything) == undisturbed[0], f"failed at line {fatal}"
            await poller.poll(LATER)
            assert await store.read(everything) == undisturbed[1], f"failed at line {fatal}"
        return failed

    fatal = 1
    while await run(fatal):
        fatal += 1
    assert fatal > 20


async def test_interrupted_within_a_statement_the_poll_has_not_happened(
    path: Path, undisturbed: tuple[State, State]
) -> None:
    with Store(path) as store:
        poller = killed_writer.poller(store)
        await poller.start(CRASH)
        before = await store.read(everything)
        left, connection = 0, writer(store).conn

        def give_up() -> int:
            nonlocal left
            left -= 1
            return int(left == 0)

        failures = 0
        for allowed in (*range(1, 40, 4), *range(40, 4000, 12)):
            left = allowed
            connection.set_progress_handler(give_up, 20)  # asked every twenty instructions of SQLite's
            try:
                await poller.poll(CRASH)
            except StorageError:
                failures += 1
            else:
                break
            finally:
                connection.set_progress_handler(None, 0)
            assert await store.read(everything) == before
        assert failures > 20
        assert await store.read(everything) == undisturbed[0]


def test_a_process_killed_at_a_statement_leaves_nothing_half_done(
    path: Path, prepared: Files, undisturbed: tuple[State, State]
) -> None:
    """The same with a real process and a real SIGKILL, at a few of the points."""

    def run(statement: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tests.fakes.killed_writer", str(path), str(statement)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    total = int(run(0).stdout)
    for statement in (1, total // 2, total):
        write(path, prepared)
        assert run(statement).returncode == -signal.SIGKILL
        assert asyncio.run(go_on(path)) == undisturbed, f"killed at statement {statement} of {total}"
