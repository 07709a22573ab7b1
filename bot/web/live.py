"""Server-sent events: every open page hears that the figures have changed, and asks for them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Final

from aiohttp import web

from bot.web.client_limit import client_key
from bot.web.problem import ProblemError

_STREAMS: Final = 500
_STREAMS_PER_ADDRESS: Final = 10
_BEAT_S: Final = 20.0  # a comment, so that no proxy takes the silence for a dead connection
_LASTS_S: Final = 3600.0  # then the browser connects anew by itself


class LiveUpdates:
    """The open streams. `changed` tells all of them; `close` ends them."""

    def __init__(self) -> None:
        self.version = 0
        self._change = asyncio.Event()
        self._open: Counter[str] = Counter()
        self._closing = False

    def changed(self) -> None:
        """The figures have changed."""
        self.version += 1
        self._wake()

    def close(self) -> None:
        """End every stream."""
        self._closing = True
        self._wake()

    @property
    def streams(self) -> int:
        """How many streams are open."""
        return self._open.total()

    async def serve(self, request: web.Request, address: str) -> web.StreamResponse:
        """Hold one stream until the client goes. Raises ProblemError when too many are open."""
        async with self._slot(address):
            response = web.StreamResponse(
                headers={
                    "Content-Type": "text/event-stream; charset=utf-8",
                    "Cache-Control": "no-store",
                    "X-Accel-Buffering": "no",  # nginx would hold events back
                }
            )
            await response.prepare(request)
            async for message in self._messages():
                try:
                    await response.write(message)
                except ConnectionError:
                    break
            return response

    async def _messages(self) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + _LASTS_S
        last_number = -1
        yield b"retry: 5000\n\n"
        while not self._closing and loop.time() < ends_at:
            change = self._change  # taken first: what changes while a message is written is not missed
            if last_number != self.version:
                last_number = self.version
                yield f"event: change\nid: {last_number}\ndata: {last_number}\n\n".encode()
            try:
                async with asyncio.timeout(_BEAT_S):
                    await change.wait()
            except TimeoutError:
                yield b": still here\n\n"

    @asynccontextmanager
    async def _slot(self, address: str) -> AsyncIterator[None]:
        key = client_key(address)
        if self._open[key] >= _STREAMS_PER_ADDRESS or self.streams >= _STREAMS:
            raise ProblemError(
                HTTPStatus.TOO_MANY_REQUESTS,
                "Too many live pages are open; close one, or reload by hand.",
                headers={"Retry-After": "60"},
            )
        self._open[key] += 1
        try:
            yield
        finally:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]

    def _wake(self) -> None:
        change, self._change = self._change, asyncio.Event()
        change.set()
