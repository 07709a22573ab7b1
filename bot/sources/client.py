"""Asking one provider over HTTP: timeout, size, type, redirects, pace, conditional requests, a call count."""

import asyncio
import csv
import io
import json
import logging
import re
import sys
import zlib
from collections import Counter, OrderedDict
from collections.abc import AsyncIterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from importlib.util import find_spec
from typing import Final, NoReturn

import httpx

from bot.i18n.message import Message, NumberValue, message
from bot.sources.own_node import is_own_node
from bot.sources.rate_limit import TokenBucket
from bot.sources.source_error import FaultKind, SourceError, verbatim
from bot.sources.types import MAX_BYTES, Endpoint, Provider

if find_spec("sniffio") is None:
    # httpcore looks for this package anew with every request, and a path searched in vain is what costs most.
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # None: there is no such module

logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs whole addresses, and some carry a key

_CHUNK: Final = 65_536
_PARSED_AT_ONCE: Final = 100_000
"""Longer JSON is parsed in a thread, so that replies go on meanwhile."""
_MOST_CONTAINERS: Final = 100_000
"""Lists and objects of one answer: an empty one takes sixty bytes of memory for two of text."""
MAX_REDIRECTS: Final = 3
MAX_PAUSE: Final = timedelta(days=1)
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_REMEMBERED: Final = 32
_SURROGATES: Final = re.compile(
    r"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
"""Escapes of surrogates: a pair is one character, half of one is none and can't be stored."""
_PAGE: Final = "text/html"


def user_agent(contact: str) -> str:
    """Who we are, with the operator's contact when the settings give one."""
    printable = "".join(c for c in contact if " " <= c <= "~").strip()
    return f"minerwatch (+{printable})" if printable else "minerwatch"


@dataclass(frozen=True, slots=True)
class _CachedAnswer:
    """An answer with the marks by which the provider can say that it hasn't changed."""

    marks: Mapping[str, str]
    text: str
    kind: str


class ProviderClient:
    """One provider as this program reaches it.

    `base` replaces the provider's own scheme, host and prefix when the settings name one. The operator's own
    node is neither paced nor limited. `remember` keeps answers to ask only for
    what has changed; it is of no use where nothing is asked twice.
    """

    def __init__(
        self,
        provider: Provider,
        endpoint: Endpoint,
        client: httpx.AsyncClient,
        *,
        contact: str = "",
        timeout_s: float = 10.0,
        max_bytes: int = MAX_BYTES,
        remember: bool = True,
    ) -> None:
        """Ask `provider` at the endpoint, over a client that is shared."""
        self.provider = provider
        self.default_address = endpoint.url is None
        self.base = (provider.home if endpoint.url is None else endpoint.url).rstrip("/")
        self.key = endpoint.api_key or None
        self.calls: Counter[date] = Counter()
        self._client = client
        self._agent = user_agent(contact)
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        self._remember = remember
        self._pacer = None if is_own_node(self.base) else TokenBucket(provider.pace)
        self._answers: OrderedDict[str, _CachedAnswer] = OrderedDict()

    async def json(
        self,
        path: str,
        now: datetime,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        host: str | None = None,
        max_bytes: int | None = None,
    ) -> object:
        """GET a JSON value. Raises SourceError for anything that isn't one; NaN and Infinity aren't.

        `host` is another host of the same provider, used unless the settings replace the address.
        """
        accepted = {"Accept": "application/json", **(headers or {})}
        text = await self._text(self._address(path, host), now, params, accepted, max_bytes)
        if text.count("[") + text.count("{") > _MOST_CONTAINERS:
            raise SourceError("sent JSON of too many parts to be an answer")
        if len(text) > _PARSED_AT_ONCE:
            return await asyncio.to_thread(_parsed, text)
        return _parsed(text)

    async def text(self, path: str, now: datetime) -> str:
        """GET plain text. Raises SourceError when there is none."""
        return await self._text(self.base + path, now, None, {"Accept": "text/plain"})

    async def page(self, path: str, now: datetime, *, max_bytes: int | None = None) -> str:
        """GET a web page. Raises SourceError when there is none."""
        return await self._text(self.base + path, now, None, {"Accept": _PAGE}, max_bytes)

    async def csv(
        self,
        path: str,
        now: datetime,
        params: Mapping[str, str] | None = None,
        *,
        max_bytes: int | None = None,
    ) -> Sequence[Sequence[str]]:
        """GET a CSV table, its header row first. Raises SourceError when there is none."""
        text = await self._text(self.base + path, now, params, {"Accept": "text/csv"}, max_bytes)
        try:
            rows = [row for row in csv.reader(io.StringIO(text), strict=True) if row]
        except csv.Error:
            raise SourceError("sent a table that can't be read") from None
        if not rows:
            raise SourceError(message("sent an empty answer"))
        return rows

    def _address(self, path: str, host: str | None) -> str:
        return (host if host and self.default_address else self.base) + path

    async def _text(
        self,
        address: str,
        now: datetime,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str],
        max_bytes: int | None = None,
    ) -> str:
        url = httpx.URL(address, params=dict(params) if params else None)
        self._count(now)
        if self._pacer:
            await self._pacer.wait()
        cached = self._answers.get(str(url))
        request_headers = {
            "User-Agent": self._agent,
            "Accept-Encoding": "gzip",
            **headers,
            **(cached.marks if cached else {}),
        }
        most = self._max_bytes if max_bytes is None else max_bytes
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._follow(url, request_headers, cached, now, most)
        except (TimeoutError, httpx.TimeoutException):
            seconds = f"{self._timeout_s:g}"
            raise SourceError(
                message("gave no answer within {seconds} s", seconds=seconds), FaultKind.UNREACHABLE
            ) from None
        except httpx.ConnectError as error:
            raise SourceError(
                message("can't be reached: its certificate isn't valid")
                if "CERTIFICATE" in str(error)
                else message("can't be reached: the connection failed"),
                FaultKind.UNREACHABLE,
            ) from None
        except (httpx.RemoteProtocolError, httpx.ReadError):
            raise SourceError(message("broke off its answer"), FaultKind.UNREACHABLE) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
            raise SourceError(message("can't be reached"), FaultKind.UNREACHABLE) from None

    def _count(self, now: datetime) -> None:
        day = now.astimezone(UTC).date()
        limit = self.provider.daily_limit
        if limit is not None and self.default_address and self.calls[day] >= limit:
            midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC)
            raise SourceError(
                message("has had its {count} requests of today", count=NumberValue(limit)),
                FaultKind.RATE_LIMITED,
                retry_after=midnight - now,
            )
        self.calls[day] += 1
        for old in [day_before for day_before in self.calls if day_before < day - timedelta(days=7)]:
            del self.calls[old]

    async def _follow(
        self,
        url: httpx.URL,
        headers: Mapping[str, str],
        cached: _CachedAnswer | None,
        now: datetime,
        most: int,
    ) -> str:
        target = url
        for _ in range(MAX_REDIRECTS + 1):
            async with self._client.stream(
                "GET", target, headers=dict(headers), follow_redirects=False
            ) as response:
                if response.status_code in _REDIRECTS and "location" in response.headers:
                    target = self._next_hop(target, response.headers["location"])
                    continue
                if response.status_code == HTTPStatus.NOT_MODIFIED and cached:
                    return cached.text
                body = await _body(response, most)
                if response.status_code != HTTPStatus.OK:
                    raise self._refusal(response, body, now)
                kind = response.headers.get("content-type", "").lower()
                text = body.decode("utf-8", errors="replace").removeprefix("\ufeff")
                page = "html" in kind or text.lstrip()[:9].lower().startswith(("<!doctype", "<html"))
                if page and headers["Accept"] != _PAGE:
                    raise SourceError(
                        message("answered with a web page instead of data"), FaultKind.UNREACHABLE
                    )
                if not text.strip():
                    raise SourceError(message("sent an empty answer"))
                self._keep(url, response.headers, text, kind)
                return text
        raise SourceError("redirects in circles")

    @staticmethod
    def _next_hop(here: httpx.URL, location: str) -> httpx.URL:
        there = here.join(location)
        if there.scheme not in ("https", here.scheme):
            raise SourceError("redirects to an unprotected address, which isn't followed")
        if there.host != here.host or (there.scheme == here.scheme and there.port != here.port):
            raise SourceError("redirects to another host, which isn't followed")
        return there

    def _refusal(self, response: httpx.Response, body: bytes, now: datetime) -> SourceError:
        status = response.status_code
        try:
            phrase = HTTPStatus(status).phrase
        except ValueError:
            phrase = "unknown status"
        pause = retry_after(response.headers.get("retry-after"), now)
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) and self.provider.needs_key:
            rejected = message("answered {code}: the key isn't accepted", code=str(status))
            return SourceError(rejected, FaultKind.KEY_REJECTED, retry_after=pause)
        detail = self._detail(body)
        words = f"{phrase.lower()}{': ' + detail if detail else ''}"
        # Translators: {code} is a number like 503, {words} are the provider's own, in English.
        reason = message("answered {code} ({words})", code=str(status), words=words)
        return SourceError(reason, _kind_of(status), retry_after=pause)

    def _detail(self, body: bytes) -> str:
        """The provider's own words about an error, when it has short and plain ones."""
        try:
            detail: object = json.loads(body[:4_000])
        except (ValueError, RecursionError):
            return ""
        for name in ("error", "status", "message", "error_message"):
            if isinstance(detail, dict) and name in detail:
                detail = detail[name]
        if isinstance(detail, dict):
            detail = detail.get("error_message", detail.get("message"))
        return self.quote(detail) if isinstance(detail, str) else ""

    def quote(self, words: str) -> str:
        """A provider's words made safe to repeat: one short line without our key or any address."""
        plain = re.sub(r"https?://\S+", "…", " ".join(words.split()))
        if self.key:
            plain = plain.replace(self.key, "…")
        return "".join(c for c in plain if c.isprintable())[:80].rstrip(" .")

    def _keep(self, url: httpx.URL, headers: httpx.Headers, text: str, kind: str) -> None:
        marks = {}
        if etag := headers.get("etag"):
            marks["If-None-Match"] = etag
        if modified := headers.get("last-modified"):
            marks["If-Modified-Since"] = modified
        self._answers.pop(str(url), None)
        if marks and self._remember and len(text) <= 1_000_000:
            self._answers[str(url)] = _CachedAnswer(marks, text, kind)
            if len(self._answers) > _REMEMBERED:
                self._answers.popitem(last=False)


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """How long a Retry-After header (seconds or an HTTP date) asks to wait; at most a day, None if unsaid."""
    if not header:
        return None
    if header.strip().isascii() and header.strip().isdecimal():
        return min(timedelta(seconds=min(int(header.strip()[:9]), 10**8)), MAX_PAUSE)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta(0)), MAX_PAUSE)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"holds {name}")


def _kind_of(status: int) -> FaultKind:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return FaultKind.RATE_LIMITED
    if status == HTTPStatus.NOT_FOUND:
        return FaultKind.NOT_FOUND
    return FaultKind.SERVER_ERROR if status >= HTTPStatus.INTERNAL_SERVER_ERROR else FaultKind.REFUSED


def _parsed(text: str) -> object:
    if "\\u" in text:
        text = _SURROGATES.sub(lambda match: match[1] or "\\ufffd", text)
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise SourceError("sent JSON nested too deep to be an answer") from None
    except ValueError as error:
        raise SourceError(_why_not_json(text, error)) from None


def _why_not_json(text: str, error: ValueError) -> Message:
    if str(error).startswith("holds "):
        return verbatim(f"sent {str(error)[6:]} where a number belongs")
    opened = text.lstrip()[:1] in ("{", "[")
    complete = text.rstrip()[-1:] in ("}", "]")
    cut = opened and not complete
    return message("broke off its answer") if cut else message("sent something that isn't JSON")


async def _body(response: httpx.Response, most: int) -> bytes:
    """The answer unpacked, counted while it is unpacked: a small one can hold a thousand times its size."""
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding not in ("", "identity", "gzip"):
        raise SourceError("sent an answer packed in a way that wasn't asked for")
    gunzip = zlib.decompressobj(wbits=31) if coding == "gzip" else None
    body = bytearray()
    assert isinstance(response.stream, AsyncIterable)  # noqa: S101 - an asynchronous client's always is
    async for part in response.stream:
        for begin in range(0, len(part), _CHUNK):
            chunk = part[begin : begin + _CHUNK]
            try:
                body += chunk if gunzip is None else gunzip.decompress(chunk, most + 1 - len(body))
            except zlib.error:
                raise SourceError("sent a compressed answer that can't be unpacked") from None
            if len(body) > most:
                raise SourceError(f"sent more than {most / 1e6:g} MB")
    if gunzip is not None and not gunzip.eof and body:
        raise SourceError(message("broke off its answer"), FaultKind.UNREACHABLE)
    return bytes(body)
