"""The heartbeat: beside the work, its faults said once, its address never."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from aiohttp import web

from bot.ops.heartbeat import Heartbeat


class _Service:
    def __init__(self) -> None:
        self.status = 200
        self.calls = 0
        self.url = ""
        self.called = asyncio.Event()

    async def answer(self, _request: web.Request) -> web.Response:
        self.calls += 1
        self.called.set()
        return web.Response(status=self.status, headers={"Location": self.url})


@asynccontextmanager
async def _service() -> AsyncIterator[_Service]:
    service = _Service()
    app = web.Application()
    app.router.add_get("/ping/{key}", service.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}/ping/very-private"
    yield service
    await runner.cleanup()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


async def test_each_beat_is_a_call(http: httpx.AsyncClient) -> None:
    async with _service() as service:
        heartbeat = Heartbeat(service.url, http)
        for _ in range(3):
            await heartbeat.beat()
        await heartbeat.close()
        assert service.calls == 3


async def test_faults_are_said_once_and_never_raised(
    caplog: pytest.LogCaptureFixture, http: httpx.AsyncClient
) -> None:
    async with _service() as service:
        heartbeat = Heartbeat(service.url, http)
        with caplog.at_level(logging.INFO):
            for status in (500, 500, 302, 200, 500):
                service.status = status
                await heartbeat.beat()
        await heartbeat.close()
    messages = [record.getMessage() for record in caplog.records if record.name == "bot.ops.heartbeat"]
    assert len(messages) == 3
    assert "it answered 500" in messages[0]
    assert "answers again" in messages[1]
    assert "very-private" not in "".join(messages)


async def test_nobody_there_is_no_trouble(caplog: pytest.LogCaptureFixture, http: httpx.AsyncClient) -> None:
    heartbeat = Heartbeat("http://127.0.0.1:9/ping", http)
    await heartbeat.beat()
    assert "can't be called" in caplog.text


async def test_it_doesnt_wait_for_a_slow_service(http: httpx.AsyncClient) -> None:
    heartbeat = Heartbeat("http://127.0.0.1:9/ping", http)
    first = heartbeat.beat()
    assert heartbeat.beat() is first
    await heartbeat.close()
