"""The ways in which a provider's answer can be wrong, late or missing, and how to bring each about."""

import asyncio
import math
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from aiohttp import web

from tests.fakes.world import World

AWAY = timedelta(days=5)


class Fault(StrEnum):
    """What is wrong with a provider."""

    RESET = "closes the connection"
    HANG = "never answers"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    TOO_MANY = "429"
    BROKEN = "500"
    UNAVAILABLE = "503"
    HTML = "web page with 200"
    EMPTY = "empty body"
    CUT = "body shorter than announced"
    HALF_JSON = "half of the JSON"
    HUGE = "endless body"
    REDIRECTS = "redirects in circles"
    BODY_NULL = "null"
    BODY_LIST = "a list of lists"
    BODY_OBJECT = "an object without our names"
    NULL = "null values"
    ZERO = "zero values"
    NEGATIVE = "negative values"
    MINUS_ONE = "-1 values"
    NAN = "NaN values"
    INFINITE = "infinite values"
    WORDS = "words for values"
    SHIFT_UP = "values a thousand times too big"
    SHIFT_DOWN = "values a thousand times too small"
    FROZEN = "stands still since five days"
    FUTURE = "five days ahead"
    MISSING = "a recent point missing"
    TWICE = "a recent point twice"
    UNORDERED = "points out of order"
    SHORT = "a history of two points"
    PARTIAL = "the running day as if it were over"


_STATUS = {
    Fault.FORBIDDEN: 403,
    Fault.NOT_FOUND: 404,
    Fault.TOO_MANY: 429,
    Fault.BROKEN: 500,
    Fault.UNAVAILABLE: 503,
}
_BODIES = {
    Fault.EMPTY: "",
    Fault.BODY_NULL: "null",
    Fault.BODY_LIST: "[[]]",
    Fault.BODY_OBJECT: '{"hello": "world"}',
}
OF_TRANSPORT = frozenset(
    {Fault.RESET, Fault.HANG, Fault.HTML, Fault.HUGE, Fault.REDIRECTS, *_STATUS, *_BODIES}
)
"""Faults that need no true answer."""
_OF_FIGURES: dict[Fault | None, Callable[[float], float | str | None]] = {
    Fault.NULL: lambda _: None,
    Fault.ZERO: lambda _: 0,
    Fault.NEGATIVE: lambda true: -true,
    Fault.MINUS_ONE: lambda _: -1,
    Fault.NAN: lambda _: math.nan,
    Fault.INFINITE: lambda _: math.inf,
    Fault.WORDS: lambda _: "n/a",
    Fault.SHIFT_UP: lambda true: true * 1000,
    Fault.SHIFT_DOWN: lambda true: true / 1000,
}
_OF_LISTS = (Fault.MISSING, Fault.TWICE, Fault.UNORDERED, Fault.SHORT)
PAGE = "<!DOCTYPE html><html><body><h1>Just a moment…</h1></body></html>"


class Play:
    """One answer being played: the truth, spoilt where the fault says so. `touched` tells whether it was."""

    def __init__(self, world: World, fault: Fault | None) -> None:
        self.world = world
        self.fault = fault
        self.touched = False

    @property
    def now(self) -> datetime:
        """The moment the provider believes it is."""
        if self.fault in (Fault.FROZEN, Fault.FUTURE):
            self.touched = True
            return self.world.now + (AWAY if self.fault is Fault.FUTURE else -AWAY)
        return self.world.now

    def value(self, true: float) -> float | str | None:
        """A figure as the provider sends it."""
        if self.fault not in _OF_FIGURES:
            return true
        self.touched = True
        return _OF_FIGURES[self.fault](true)

    def text(self, true: float) -> str | None:
        """A figure sent as text."""
        value = self.value(true)
        return None if value is None else str(value)

    def unit(self, usual: str, shifted: str) -> str:
        """A unit as sent."""
        return shifted if self.fault in (Fault.SHIFT_UP, Fault.SHIFT_DOWN) else usual

    def points(
        self,
        true: list[object],
        *,
        running: bool = False,
        newest_first: bool = False,
        extra: object | None = None,
    ) -> list[object]:
        """A list of points, oldest first; sent in the provider's order.

        `running` says that the last one is the day under way, as this provider always sends it; `extra` is
        what it would send of that day when it only sometimes does.
        """
        if self.fault is Fault.PARTIAL and extra is not None:
            self.touched = True
            true = [*true, extra]
        sent = list(true)
        end = len(sent) - (2 if running else 1)
        if end < 4:
            return sent[::-1] if newest_first else sent
        if self.fault is Fault.MISSING:
            del sent[end - 1]
        elif self.fault is Fault.TWICE:
            sent.insert(end, sent[end])
        elif self.fault is Fault.UNORDERED:
            sent[end], sent[end - 1] = sent[end - 1], sent[end]
        elif self.fault is Fault.SHORT:
            sent = sent[-2:]
        self.touched = self.touched or self.fault in _OF_LISTS
        return sent[::-1] if newest_first else sent

    async def transport(self, request: web.Request, retry_after: str | None) -> web.StreamResponse:
        """An answer for the faults that have no true one to spoil (OF_TRANSPORT)."""
        if self.fault is Fault.RESET and request.transport is not None:
            request.transport.abort()
        elif self.fault is Fault.HANG:
            await asyncio.Event().wait()
        elif self.fault is Fault.HUGE:
            return await _endless(request)
        elif self.fault is Fault.REDIRECTS:
            return web.Response(status=302, headers={"Location": str(request.rel_url)})
        elif self.fault in _BODIES:
            return web.Response(text=_BODIES[self.fault], content_type="application/json")
        status = _STATUS.get(self.fault, 200) if self.fault else 200
        headers = {"Retry-After": retry_after} if retry_after else {}
        return web.Response(status=status, text=PAGE, content_type="text/html", headers=headers)

    def spoil(self, text: str) -> str:
        """The faults of the finished text."""
        if self.fault is Fault.HALF_JSON:
            self.touched = True
            return text[: len(text) // 2]
        return text

    async def send(
        self, request: web.Request, text: str, kind: str, headers: dict[str, str]
    ) -> web.StreamResponse:
        """Send the finished text, whole or not."""
        if self.fault is not Fault.CUT:
            return web.Response(text=text, content_type=kind, headers=headers)
        body = text.encode()
        response = web.StreamResponse(headers={"Content-Type": kind, "Content-Length": str(len(body) + 100)})
        await response.prepare(request)
        await response.write(body)
        self.touched = True
        if request.transport is not None:
            request.transport.close()
        return response


async def _endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    try:
        while True:
            await response.write(b" " * 262_144)
    except (ConnectionError, OSError):
        return response
