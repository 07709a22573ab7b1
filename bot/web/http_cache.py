"""Bodies with an ETag: unchanged ones are answered with 304, and costly ones are made once in a while."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from hashlib import sha256
from time import monotonic
from typing import Final

from aiohttp import web

_ENTRIES: Final = 64
_LARGEST: Final = 64 * 1024  # bytes; what is larger is made anew each time
_LASTS_S: Final = 10.0


class Body:
    """A finished body, its content type and its ETag, a hash of both."""

    __slots__ = ("content", "content_type", "etag")

    def __init__(self, content: bytes, content_type: str) -> None:
        self.content = content
        self.content_type = content_type
        digest = sha256(content_type.encode() + b"\0" + content).hexdigest()
        self.etag = f'"{digest[:32]}"'


def respond(
    request: web.Request, body: Body, *, max_age_s: int = 0, vary: str = "", immutable: bool = False
) -> web.Response:
    """The body, or 304 when the client has it. Caches ask again after `max_age_s`."""
    age = f"public, max-age={max_age_s}" if max_age_s else "no-cache"
    headers = {"ETag": body.etag, "Cache-Control": f"{age}, immutable" if immutable else age}
    if vary:
        headers["Vary"] = vary
    if is_known(request.headers.get("If-None-Match", ""), body.etag):
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = body.content_type
    return web.Response(body=body.content, headers=headers)


def is_known(if_none_match: str, etag: str) -> bool:
    """Whether an If-None-Match header names this ETag; weak marks don't matter (RFC 9110, 13.1.2)."""
    named = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return "*" in named or etag in named


class BodyCache:
    """Bodies by key, each for ten seconds at most, and none from before `clear`."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._bodies: OrderedDict[Hashable, tuple[float, Body]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Body]) -> Body:
        """The body of a key, made again when it is too old."""
        return self.peek(key) or self.put(key, make())

    def peek(self, key: Hashable) -> Body | None:
        """The body of a key; None when there is none, or it is too old."""
        body = self._bodies.get(key)
        return None if body is None or self._clock() - body[0] > _LASTS_S else body[1]

    def put(self, key: Hashable, body: Body) -> Body:
        """Keep a body, and give it back."""
        if len(body.content) > _LARGEST:
            return body
        self._bodies[key] = (self._clock(), body)
        self._bodies.move_to_end(key)
        if len(self._bodies) > _ENTRIES:
            self._bodies.popitem(last=False)
        return body

    def clear(self) -> None:
        """Forget every body: the figures have changed."""
        self._bodies.clear()
