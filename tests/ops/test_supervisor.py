"""The supervisor when things go wrong: said once, to the right people, and nothing confirmed is lost."""

import logging
import sqlite3
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from storage import runs
from storage.chats import chats
from storage.chats.chats import Address
from storage.database import Database
from storage.errors import StorageError
from tests.handlers.program_client import ADA, ADMIN, BOB, ProgramClient, running_program


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[ProgramClient]:
    async with running_program(tmp_path) as failure:
        yield failure


def _trouble(name: str, text: str) -> Callable[[Database], Any]:
    def fail(_db: Database) -> None:
        error = sqlite3.OperationalError(text)
        error.sqlite_errorname = name
        raise error

    return fail


class _Disk:
    """Plays a disk on which nothing can be written, from `fill` until `free`."""

    def __init__(self, client: ProgramClient, monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
        self._monkeypatch = monkeypatch
        self._store = client.store
        self._write = client.store.write
        self._trouble = _trouble(name, text)

    def fill(self) -> None:
        async def refuse(work: Callable[[Database], Any]) -> Any:
            def then_fail(db: Database) -> None:
                work(db)
                self._trouble(db)

            return await self._write(then_fail)

        self._monkeypatch.setattr(self._store, "write", refuse)

    def free(self) -> None:
        self._monkeypatch.setattr(self._store, "write", self._write)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("SQLITE_FULL", "database or disk is full", "the disk is full"),
        ("SQLITE_READONLY", "attempt to write a readonly database", "it is read-only"),
        ("SQLITE_IOERR_WRITE", "disk I/O error", "the disk fails"),
    ],
)
async def test_a_disk_that_takes_nothing_loses_nothing(
    client: ProgramClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    name: str,
    text: str,
    words: str,
) -> None:
    await client.ask("/subscribe price_drawdown")
    care, poll = client.program.supervisor, client.program.poll
    disk = _Disk(client, monkeypatch, name, text)
    disk.fill()
    with caplog.at_level(logging.ERROR, "bot.ops.supervisor"):
        for _ in range(4):
            client.now += timedelta(days=1)
            assert await care.polled(poll) is None
    messages = [record.getMessage() for record in caplog.records if record.name == "bot.ops.supervisor"]
    assert words in messages[0]
    assert not any(record.exc_info for record in caplog.records if record.name == "bot.ops.supervisor")
    await client.api.until(lambda: bool(client.api.texts(ADMIN)))
    assert words in client.api.texts(ADMIN)[0], "operators hear of it even when the outbox can't be written"
    assert "Something went wrong" in (await client.ask("/subscribe energy_price")).text
    disk.free()
    client.now += timedelta(days=1)
    assert await care.polled(poll) is None
    stored = await client.store.read(lambda db: chats.subscriptions(db, Address(ADA)))
    assert stored == {"price_drawdown": 1}, "what was confirmed is there, what was not is not"
    await client.api.until(lambda: any("There is data again" in text for text in client.api.texts(ADMIN)))


async def test_who_asks_while_the_database_is_away_is_told_so_in_the_language_of_their_telegram(
    client: ProgramClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What the chat has chosen can't be read then."""

    async def away(_work: object) -> None:
        raise StorageError("it is away", "wait", passing=True)

    monkeypatch.setattr(client.store, "read", away)
    with caplog.at_level(logging.ERROR):
        assert "Something went wrong" in (await client.ask("/breakeven s19 0.07")).text
    assert not [record for record in caplog.records if record.exc_info]


async def test_operators_hear_that_the_polls_themselves_fail(
    client: ProgramClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TRIED 35: with a full disk they were told that no source gives fresh data."""
    disk = _Disk(client, monkeypatch, "SQLITE_FULL", "database or disk is full")
    disk.fill()
    for _ in range(3):
        client.now += timedelta(days=1)
        await client.program.supervisor.polled(client.program.poll)
    await client.api.until(lambda: bool(client.api.texts(ADMIN)))
    result = client.api.texts(ADMIN)[0]
    assert "my own polls fail" in result
    assert "the disk is full" in result
    assert "no source gives fresh data" not in result
    disk.free()


async def test_a_chat_that_asked_is_told_of_an_outage_and_of_its_end(client: ProgramClient) -> None:
    async def fails() -> Any:
        raise RuntimeError("a fault of ours")

    await client.ask("/start")
    await client.ask("/start", BOB)
    await client.press(await client.ask("/settings"), "No fresh data: tell me")
    supervisor = client.program.supervisor
    for _ in range(4):
        await supervisor.polled(fails)
    await client.delivered()  # what operators and those who asked are told comes before the answer
    first = (await client.ask("/status", BOB)).text.split("\n")[0]
    assert first.startswith("👓 <b>No fresh data since ")
    assert "5 Jul 2022, 00:05 UTC" in first
    client.now += timedelta(days=1)
    await supervisor.polled(client.program.poll)
    await client.delivered()
    messages = [text for text in client.api.texts(ADA) if "👓" in text or "👀" in text]
    assert ["no fresh data" in messages[0], "There is data again" in messages[1]] == [True, True]
    assert len(messages) == 2
    assert not [text for text in client.api.texts(BOB) if "I have had no fresh data" in text]


async def test_a_file_that_is_damaged_under_way_ends_the_program(
    client: ProgramClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = _Disk(client, monkeypatch, "SQLITE_CORRUPT", "database disk image is malformed")
    disk.fill()
    client.now += timedelta(days=1)
    why = await client.program.supervisor.polled(client.program.poll)
    assert why is not None
    assert "restore a backup" in why


async def test_a_poll_that_fails_is_the_logs_and_the_next_one_goes_on(
    client: ProgramClient, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> Any:
        raise RuntimeError("a fault of ours")

    care = client.program.supervisor
    assert await care.polled(broken) is None
    assert "this poll failed" in caplog.text
    client.now += timedelta(days=1)
    assert await care.polled(client.program.poll) is None
    assert (await care.program_status()).polls == {"good": 1, "failed": 1}


async def test_a_crash_loop_doesnt_flood_the_operators(client: ProgramClient) -> None:
    care = client.program.supervisor
    for minutes in (1, 2, 3, 90):
        client.now += timedelta(minutes=minutes)
        client.flood_limit_ahead_s += 60 * minutes  # the monotonic clock: time passes, no clock jumps
        await care.begin()
    deliveries = len([text for text in client.api.texts(ADMIN) if "not stopped cleanly" in text])
    await client.api.until(
        lambda: len([text for text in client.api.texts(ADMIN) if "not stopped cleanly" in text]) == 2
    )
    assert deliveries <= 2


async def test_runs_are_noted(client: ProgramClient) -> None:
    care = client.program.supervisor
    await care.begin()
    client.now += timedelta(days=1)
    await care.polled(client.program.poll)
    run = await client.store.read(runs.last)
    assert run is not None
    assert (run.seen_at, run.stopped_at) == (client.now, None)
    await care.end()
    run = await client.store.read(runs.last)
    assert run is not None
    assert run.stopped_at == client.now


async def test_retention_goes_on_until_all_is_done(
    client: ProgramClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "bot.ops.supervisor"):
        await client.program.supervisor.run_retention()
    assert "deleted:" in caplog.text
