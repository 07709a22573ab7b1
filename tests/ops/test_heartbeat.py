"""The heartbeat: beside the work, its faults said once, its address never."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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


async def test_each_beat_is_a_call() -> None:
    async with _service() as service:
        heartbeat = Heartbeat(service.url)
        for _ in range(3):
            service.called.clear()
            heartbeat.beat()
            await service.called.wait()
            await heartbeat._settled()
        await heartbeat.close()
        assert service.calls == 3


async def test_faults_are_said_once_and_never_raised(caplog: pytest.LogCaptureFixture) -> None:
    async with _service() as service:
        heartbeat = Heartbeat(service.url)
        with caplog.at_level(logging.INFO):
            for status in (500, 500, 302, 200, 500):
                service.status = status
                heartbeat.beat()
                await heartbeat._settled()
        await heartbeat.close()
    told = [record.getMessage() for record in caplog.records if record.name == "bot.ops.heartbeat"]
    assert len(told) == 3
    assert "it answered 500" in told[0]
    assert "answers again" in told[1]
    assert "very-private" not in "".join(told)


async def test_nobody_there_is_no_trouble(caplog: pytest.LogCaptureFixture) -> None:
    heartbeat = Heartbeat("http://127.0.0.1:9/ping")
    heartbeat.beat()
    await heartbeat.close()
    assert "can't be called" in caplog.text


async def test_it_doesnt_wait_for_a_slow_service() -> None:
    heartbeat = Heartbeat("http://127.0.0.1:9/ping")
    heartbeat.beat()
    first = heartbeat._calling
    heartbeat.beat()
    assert heartbeat._calling is first
    await heartbeat.close()
