"""A receiver of webhooks on this machine, which answers as it is told and checks signatures by itself."""

import asyncio
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from types import TracebackType
from typing import Any, Self

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """The body."""
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed

    def is_signed_with(self, secret: str) -> bool:
        """Whether one of the signatures is this secret's, worked out after the Standard Webhooks text."""
        content = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        key = b64decode(secret.split("_", 1)[1])
        expected = "v1," + b64encode(hmac.new(key, content, sha256).digest()).decode()
        return expected in self.headers["webhook-signature"].split(" ")


def status(code: int, **headers: str) -> Answer:
    """Answer with a status."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(
            status=code, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    return answer


async def cut(request: web.Request) -> web.StreamResponse:
    """Close the connection without a word."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def endless(request: web.Request) -> web.StreamResponse:
    """Answer 200 and then say more than anybody wants to hear."""
    response = web.StreamResponse()
    await response.prepare(request)
    try:
        while True:
            await response.write(b"x" * 65_536)
    except ConnectionError:
        return response


class Receiver:
    """Listens while the context lasts. `answers` are given in turn, then `usual`."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: list[Answer] = []
        self.usual: Answer = status(204)
        self.url = ""
        self._come = asyncio.Event()
        self._silence = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def silent(self, _request: web.Request) -> web.StreamResponse:
        """Take the request and answer nothing."""
        await self._silence.wait()
        return web.Response()

    async def until_received(self, count: int) -> list[Received]:
        """Wait until so many requests have come."""
        async with asyncio.timeout(20):
            while len(self.received) < count:
                self._come.clear()
                await self._come.wait()
        return self.received

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/{path:.*}", self._receive)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, 0)
        await site.start()
        self.url = f"http://{HOST}:{self._runner.addresses[0][1]}/hook"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._silence.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append(Received(request.path_qs, headers, body))
        self._come.set()
        return await (self.answers.pop(0) if self.answers else self.usual)(request)
