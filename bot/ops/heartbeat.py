"""Call a dead man's switch while the program polls and delivers."""

import asyncio
import logging

import httpx

log = logging.getLogger(__name__)

_TIMEOUT_S = 10.0


class Heartbeat:
    """Calls `url` in the background: never waited for, never raising, one call at a time, faults logged once.

    `http` is the client shared with the providers.
    """

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self._url = url
        self._http = http
        self._call: asyncio.Task[None] | None = None
        self._fault = ""

    def beat(self) -> asyncio.Task[None]:
        """Call once, unless a call is still under way; gives the call."""
        if self._call is None or self._call.done():
            self._call = asyncio.create_task(self._send())
        return self._call

    async def close(self) -> None:
        """Give up a call that is under way."""
        if self._call is not None:
            self._call.cancel()
            await asyncio.gather(self._call, return_exceptions=True)

    async def _send(self) -> None:
        try:
            async with self._http.stream(
                "GET", self._url, timeout=_TIMEOUT_S, follow_redirects=False
            ) as answer:
                fault = "" if answer.is_success else f"it answered {answer.status_code}"
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            fault = type(error).__name__
        if fault and not self._fault:
            log.warning(f"HEARTBEAT_URL can't be called ({fault}); it is tried again after each good poll")
        elif self._fault and not fault:
            log.info("HEARTBEAT_URL answers again")
        self._fault = fault
