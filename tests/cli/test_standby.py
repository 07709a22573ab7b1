"""A replica that can't use its PostgreSQL database yet: it waits and says so."""

import asyncio
import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from pydantic import SecretStr

from bot.cli.standby import open_store
from bot.settings import Settings
from storage.database import Store
from storage.errors import StorageError
from tests.fakes.ports import free_port
from tests.fakes.postgres_server import Server


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    with postgres.database() as failure:
        yield failure


def _settings(url: str, port: int | None = None) -> Settings:
    return Settings(_env_file=None, database_url=SecretStr(url), metrics_port=port)


async def _older_leader(url: str) -> Store:
    """One that leads on tables to which this version has a step to add."""
    leader = await asyncio.to_thread(Store, url)
    await leader.lead()
    await leader.write(lambda db: db.execute("DELETE FROM migrations WHERE name = 'm090_names'"))
    return leader


async def test_it_waits_answers_its_health_page_and_takes_over(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    port = free_port()
    leader = await _older_leader(url)
    waiting = asyncio.create_task(open_store(_settings(url, port)))
    answers = {}
    async with ClientSession() as client:
        while "/leader" not in answers:
            await asyncio.sleep(0.02)
            for path in ("/healthz", "/livez", "/leader"):
                try:
                    async with client.get(f"http://127.0.0.1:{port}{path}") as response:
                        answers[path] = response.status
                except OSError:  # it has not looked yet
                    break
    assert answers == {"/healthz": 200, "/livez": 200, "/leader": 503}
    await asyncio.to_thread(leader.close)
    async with asyncio.timeout(10):
        store = await waiting
    assert store is not None
    await asyncio.to_thread(store.close)
    messages = [record.getMessage() for record in caplog.records if "standing by" in record.getMessage()]
    assert len(messages) == 1
    assert "another minerwatch" in messages[0]


async def test_a_signal_ends_the_wait(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.cli.stop_signals.end_process_after", lambda *_: None)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    leader = await _older_leader(url)
    waiting = asyncio.create_task(open_store(_settings(url)))
    try:
        await asyncio.sleep(0.1)
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(10):
            assert await waiting is None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        await asyncio.to_thread(leader.close)


async def test_what_no_waiting_mends_is_told_at_once(url: str) -> None:
    nowhere = url.replace("/test_", "/no_such_database_")
    async with asyncio.timeout(10):
        with pytest.raises(StorageError, match="has no such database"):
            await open_store(_settings(nowhere))


def test_a_file_has_no_second_replica(tmp_path: Path) -> None:
    with Store(tmp_path / "minerwatch.db") as store:
        assert not store.is_shared
        assert store.may_send(store.replica)
