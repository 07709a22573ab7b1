"""The call that says “I am alive and I see” to a service that misses it when it stays away."""

import asyncio
import logging

import aiohttp

log = logging.getLogger(__name__)

_PATIENCE_S = 10.0


class Heartbeat:
    """Calls `url` beside the work: never waited for, never raising, one at a time, its faults said once."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session: aiohttp.ClientSession | None = None
        self._calling: asyncio.Task[None] | None = None
        self._fault = ""

    def beat(self) -> None:
        """Call once; a call still under way is enough."""
        if self._calling is None or self._calling.done():
            self._calling = asyncio.create_task(self._call())

    async def close(self) -> None:
        """Let the last call finish and close the connection."""
        await self._settled()
        if self._session is not None:
            await self._session.close()

    async def _settled(self) -> None:
        if self._calling is not None:
            await self._calling

    async def _call(self) -> None:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=_PATIENCE_S)
            self._session = aiohttp.ClientSession(
                timeout=timeout, trust_env=True, cookie_jar=aiohttp.DummyCookieJar()
            )
        try:
            async with self._session.get(self._url, allow_redirects=False) as answer:
                fault = "" if answer.status < 300 else f"it answered {answer.status}"
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            fault = type(error).__name__
        if fault and not self._fault:
            log.warning(f"HEARTBEAT_URL can't be called ({fault}); it is tried again after each good poll")
        elif self._fault and not fault:
            log.info("HEARTBEAT_URL answers again")
        self._fault = fault
