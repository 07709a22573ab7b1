"""The real program while its PostgreSQL server fails: full, killed and followed by a standby, read-only."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import NoReturn

import aiohttp
import psycopg
import pytest

from storage.database import Database, Store, read_beside
from tests.delivery.delivery_fixture import add_chats
from tests.e2e.program import Program, command, environment
from tests.e2e.test_run import crash
from tests.fakes import replica_history
from tests.fakes.connections import read_now, write_now
from tests.fakes.failing_postgres import FailingServer, ended, failing_server, small_disk, url_of
from tests.fakes.ports import free_port
from tests.fakes.postgres_server import NoServerError
from tests.fakes.providers import Providers
from tests.fakes.replica_history import arrivals_of, violations
from tests.fakes.telegram import FakeTelegram

pytestmark = pytest.mark.postgresql

CHATS = range(1001, 1151)
SMALL_WAL = ("max_wal_size=32MB", "min_wal_size=32MB", "wal_keep_size=0")
_CLIENTS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'minerwatch'"
_EPOCH = "SELECT epoch FROM lease"
OUTAGE = "what needs the database waits"


@pytest.fixture
def server() -> Iterator[FailingServer]:
    try:
        with failing_server() as running:
            yield running
    except NoServerError as error:
        pytest.skip(f"no PostgreSQL server: {error}")


@pytest.fixture
def small_server() -> Iterator[FailingServer]:
    """One whose disk can be full."""
    try:
        with small_disk(100) as disk, failing_server(disk, *SMALL_WAL) as running:
            yield running
    except NoServerError as error:
        pytest.skip(str(error))


async def _until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - other processes make it so
            await asyncio.sleep(0.02)


def _in(log: Program, *texts: str) -> Callable[[], bool]:
    return lambda: all(text in log.log for text in texts)


async def _health(port: int) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"http://127.0.0.1:{port}/healthz") as answer,
    ):
        return answer.status, await answer.text()


async def _unwell(port: int, reason: str) -> None:
    async with asyncio.timeout(30):
        while reason not in (await _health(port))[1]:  # noqa: ASYNC110 - another process makes it so
            await asyncio.sleep(0.1)
    assert (await _health(port))[0] == 503


def _add_chats(url: str) -> None:
    with Store(url) as store:
        write_now(store, partial(add_chats, chats=CHATS))


async def _all_arrive_once(telegram: FakeTelegram, url: str, *programs: Program) -> None:
    """Every chat is told, no copy is unmarked, and the database says the same."""
    try:
        await telegram.until(lambda: {sent.chat_id for sent in telegram.sent} >= set(CHATS), seconds=60)
    except TimeoutError:
        told = len({sent.chat_id for sent in telegram.sent})
        await _fail(f"{told} chats were told", url, programs)
    async with asyncio.timeout(60):
        while await asyncio.to_thread(read_beside, url, _under_way):  # noqa: ASYNC110 - other processes do it
            await asyncio.sleep(0.1)
    alerts = [sent for sent in telegram.sent if sent.chat_id in CHATS]
    database = await asyncio.to_thread(read_beside, url, replica_history.written)
    if found := violations(arrivals_of(alerts), CHATS, database):
        await _fail("\n".join(found), url, programs)


async def _fail(why: str, url: str, programs: Sequence[Program]) -> NoReturn:
    """Fail with what the database and the programs' logs say: such a run is hard to repeat."""

    def rows(db: Database) -> list[str]:
        return [
            f"{table}: {db.execute(f'SELECT * FROM {table}').fetchall()}"
            for table in ("lease", "replicas", "outbox WHERE state != 'sent'")
        ]

    database = await asyncio.to_thread(read_beside, url, rows)
    pytest.fail("\n".join([why, *database, *(each.log for each in programs)]))


def _under_way(db: Database) -> int:
    (count,) = db.execute("SELECT count(*) FROM outbox WHERE state IN ('pending', 'leased')").fetchone()
    return int(count)


async def _polls_again(url: str) -> None:
    before = await asyncio.to_thread(read_beside, url, _polls)
    async with asyncio.timeout(30):
        while await asyncio.to_thread(read_beside, url, _polls) <= before:  # noqa: ASYNC110 - another process does
            await asyncio.sleep(0.1)


def _polls(db: Database) -> int:
    (count,) = db.execute("SELECT count(DISTINCT read_at) FROM spots").fetchone()
    return int(count)


def _settings(url: str, port: int) -> dict[str, str]:
    return {"DATABASE_URL": url, "METRICS_PORT": str(port), "MESSAGES_PER_SECOND": "50"}


@asynccontextmanager
async def _broadcasting(program: Program, url: str) -> AsyncIterator[Program]:
    """The program after its first poll, with many chats that hear of a crash."""
    await asyncio.to_thread(_add_chats, url)
    async with program:
        await _until(_in(program, "the first poll is done"))
        yield program


async def test_a_full_disk_is_said_once_and_everything_comes_when_there_is_space(
    small_server: FailingServer, tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    url, port = small_server.url, free_port()
    async with _broadcasting(Program(tmp_path, telegram, providers, **_settings(url, port)), url) as program:
        crash(providers)
        await telegram.until_sent(20, seconds=40)
        ballast = _fill(small_server.folder)
        await _until(_in(program, "the server's disk is full"))
        await _unwell(port, "the server's disk is full")
        assert len({sent.chat_id for sent in telegram.sent}) < len(CHATS), "filled in the middle"
        ballast.unlink()
        await _all_arrive_once(telegram, url, program)
        assert len(telegram.sent) == len(CHATS), "the program lives: nothing has to be repeated"
        await _polls_again(url)
        await _until(_in(program, "the database can be used again"))
        assert (await _health(port))[0] == 200
    assert program.log.count(OUTAGE) == 1
    assert "Traceback" not in program.log


async def test_a_server_that_ends_for_want_of_space_is_waited_for(
    small_server: FailingServer, tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    """A full disk under its journal: the server panics, can't recover, and is down until it is started."""
    url, port = small_server.url, free_port()
    async with _broadcasting(Program(tmp_path, telegram, providers, **_settings(url, port)), url) as program:
        crash(providers)
        await telegram.until_sent(20, seconds=40)
        ballast = _fill(small_server.folder)
        await asyncio.to_thread(_exhaust_journal, small_server)
        await _unwell(port, "can't be reached")
        ballast.unlink()
        await asyncio.to_thread(small_server.start, *SMALL_WAL)
        await _all_arrive_once(telegram, url, program)
        await _polls_again(url)
    assert program.log.count(OUTAGE) == 1
    assert "Traceback" not in program.log


def _exhaust_journal(server: FailingServer) -> None:
    """Write into the server's journal until it finds no space for more."""
    with suppress(psycopg.OperationalError):
        while True:
            server.execute("SELECT pg_logical_emit_message(true, 'test', repeat('x', 8000000))")


def _fill(folder: Path) -> Path:
    """Leave no space in a small file system; gives what to delete."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return ballast


async def test_a_failover_to_a_synchronous_standby_loses_and_doubles_nothing(
    server: FailingServer, tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    """The primary is killed in a fan-out of two replicas; later it comes back, and takes writes again."""
    await asyncio.to_thread(_add_chats, server.url)
    standby = await asyncio.to_thread(server.standby)
    with ended(standby):
        await asyncio.to_thread(standby.start)
        for setting in ("synchronous_commit = remote_apply", "synchronous_standby_names = 'standby'"):
            server.execute(f"ALTER SYSTEM SET {setting}")
        server.execute("SELECT pg_reload_conf()")
        url = url_of(server, standby)
        settings = {"DATABASE_URL": url, "MESSAGES_PER_SECOND": "50"}
        folders = [tmp_path / "first", tmp_path / "second"]
        for folder in folders:
            folder.mkdir()
        async with (
            Program(folders[0], telegram, providers, **settings) as first,
            Program(folders[1], telegram, providers, **settings) as second,
        ):
            both = (first, second)
            await _until(lambda: any("the first poll is done" in each.log for each in both))
            await _until(lambda: any("this one delivers" in each.log for each in both))
            crash(providers)
            await telegram.until_sent(40, seconds=40)
            epoch = server.execute(_EPOCH)
            server.kill()
            await _until(lambda: all(OUTAGE in each.log for each in both))
            assert len({sent.chat_id for sent in telegram.sent}) < len(CHATS), "killed in the middle"
            await asyncio.to_thread(standby.promote)
            await _all_arrive_once(telegram, standby.url, *both)
            await asyncio.to_thread(server.start)  # read-write, and the first in DATABASE_URL
            await _polls_again(standby.url)
            with Store(url) as third:
                assert str(standby.folder) in third.name
                assert not third.leads
            await _until(lambda: server.execute(_CLIENTS) == [(0,)])  # nobody stays at the old primary
            assert server.execute(_EPOCH) == epoch, "nobody has led there again"
        with Store(standby.url) as store:
            assert len(read_now(store, replica_history.written).alerts) == 1
    for log in (first.log, second.log):
        assert "Traceback" not in log
        assert log.count(OUTAGE) == 1


async def test_a_read_only_server_is_said_in_one_line_and_waited_for(
    server: FailingServer, tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    server.execute("ALTER SYSTEM SET default_transaction_read_only = on")
    server.execute("SELECT pg_reload_conf()")
    env = environment(tmp_path, providers, DATABASE_URL=server.url)
    status, _, complaint = await command(tmp_path, "poll", env=env)
    assert status == 1
    assert complaint.count("\n") == 1
    assert "the database of DATABASE_URL is read-only" in complaint
    port = free_port()
    settings = {"DATABASE_URL": server.url, "METRICS_PORT": str(port)}
    async with Program(tmp_path, telegram, providers, **settings) as program:
        await _until(_in(program, "standing by"))
        await _unwell_at_start(port)
        server.execute("ALTER SYSTEM RESET default_transaction_read_only")
        server.execute("SELECT pg_reload_conf()")
        await _until(_in(program, "the first poll is done"))
    assert program.log.count("is read-only") == 1
    assert "point DATABASE_URL at the server that takes writes" in program.log
    assert "Traceback" not in program.log


async def _unwell_at_start(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                status, text = await _health(port)
            except aiohttp.ClientError:  # it has not looked yet
                await asyncio.sleep(0.05)
            else:
                assert status == 503
                assert "is read-only" in text
                return
