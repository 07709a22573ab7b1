"""HTTP to the Bot API over aiohttp, at python-telegram-bot's own seam, with errors that say what was sent.

About a third of the cost of the default transport per request. Nothing raised here holds a URL: the token
is part of it.
"""

import json
from datetime import timedelta
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import quote_plus
from urllib.request import getproxies, proxy_bypass

import aiohttp
from telegram.error import NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

Timeout = float | None
_FLOOD_WITHOUT_A_TIME_S = 5


class NotSentError(NetworkError):
    """No connection came about: Telegram has seen nothing of this request."""


class UnansweredError(TimedOut):
    """The request went out, wholly or in part, and no usable answer came back."""


class ServerFaultError(NetworkError):
    """A 5xx, or an answer that is not the Bot API's: nothing is known of chat, token and message."""


class FloodedError(RetryAfter):
    """A limit was hit. Unlike its parent, says when to come back without a deprecation warning."""

    def __init__(self, seconds: int) -> None:
        TelegramError.__init__(self, f"Flood control exceeded. Retry in {seconds} seconds")
        self._retry_after = timedelta(seconds=seconds)

    @property
    def retry_after(self) -> int:
        """Seconds to wait."""
        return int(self._retry_after.total_seconds())


class AiohttpRequest(BaseRequest):
    """The transport of the live bot, for sends and, in an instance of its own, for long polling.

    Proxies are taken from the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`) once, at the
    start, and not anew for every request.

    Args:
        connections: how many requests may be under way at once; others wait for `pool_timeout`.
        read_timeout: seconds from the request's last byte to the answer.
        write_timeout: seconds added to it when the request carries a file.
        connect_timeout: seconds for one connection to be made.
        pool_timeout: seconds to wait for a free connection, connecting included.
        keepalive: seconds an idle connection is kept; less than servers keep theirs, or a request written
            to a connection just being closed would be lost without a trace.
    """

    def __init__(
        self,
        connections: int = 320,
        *,
        read_timeout: float = 15,
        write_timeout: float = 30,
        connect_timeout: float = 5,
        pool_timeout: float = 30,
        keepalive: float = 15,
    ) -> None:
        self._connections = connections
        self._read_timeout = read_timeout
        self._write_timeout = write_timeout
        self._connect_timeout = connect_timeout
        self._pool_timeout = pool_timeout
        self._keepalive = keepalive
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds from the request's last byte to the answer."""
        return self._read_timeout

    async def initialize(self) -> None:
        """Make the pool of connections; a second call changes nothing."""
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(
                limit=self._connections, keepalive_timeout=self._keepalive, ttl_dns_cache=300
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT, "Accept-Encoding": "identity"},
                skip_auto_headers=("Accept",),
            )

    async def shutdown(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One exchange. Raises one of this module's errors, or gives the answer as it is."""
        if self._session is None:
            raise RuntimeError("AiohttpRequest is not initialized")
        if self._session.closed:
            raise NotSentError("no connection to Telegram (the program stops)")
        data: bytes | aiohttp.FormData | None = None
        headers = None
        read = _or_default(read_timeout, self._read_timeout)
        if request_data is not None and request_data.contains_files:
            data = _multipart(request_data)
            write = _or_default(write_timeout, self._write_timeout)
            read = None if read is None or write is None else read + write
        elif request_data is not None:
            data = _form(request_data.json_parameters)
            headers = _FORM_HEADERS
        timeout = _timeout(
            _or_default(pool_timeout, self._pool_timeout),
            _or_default(connect_timeout, self._connect_timeout),
            read,
        )
        address = _address(url)
        try:
            async with self._session.request(
                method,
                address,
                data=data,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
                proxy=_proxy(address.scheme, address.host or ""),
            ) as response:
                status, body = response.status, await response.read()
        except _NOT_SENT as error:
            raise NotSentError(f"no connection to Telegram ({type(error).__name__})") from None
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise UnansweredError(f"no answer from Telegram ({type(error).__name__})") from None
        is_small = isinstance(data, bytes) and len(data) < _SMALL_BYTES
        return _checked(status, body, is_call=method == "POST", is_small=is_small)


_NOT_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ClientConnectionResetError,  # closed before the request was wholly written
    aiohttp.InvalidURL,
)
_KNOWN_REFUSALS = (400, 401, 403, 404, 409)
_TOO_LARGE = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.REQUEST_URI_TOO_LONG)


_SMALL_BYTES = 8192  # no server on the way finds a request of this size too large


def _checked(status: int, body: bytes, *, is_call: bool, is_small: bool = False) -> tuple[int, bytes]:
    """The answer as the library reads it, when it is the Bot API's own; else an error.

    Proxies, gateways and captive portals answer for Telegram with any status. Only JSON with `ok` (and, for a
    refusal, `error_code`) is Telegram's word.
    """
    if status == HTTPStatus.OK:
        if is_call and b'"ok":true' not in body[:64].replace(b" ", b""):
            if _may_be_cut(body):
                raise UnansweredError("an answer that is cut short")
            raise ServerFaultError("an answer that is not the Bot API's")
        return status, body
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ServerFaultError(f"Telegram answered {status}")
    refusal = _refusal(body)
    if refusal is None:
        if status in _TOO_LARGE and not is_small:  # by a proxy; the same for every try
            return HTTPStatus.BAD_REQUEST, _as_refusal("message is too long for a server on the way")
        raise ServerFaultError(f"an answer that is not the Bot API's ({status})")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise FloodedError(_retry_after(refusal))
    if status not in _KNOWN_REFUSALS:
        return HTTPStatus.BAD_REQUEST, _as_refusal(str(refusal.get("description")))
    return status, body


def _may_be_cut(body: bytes) -> bool:
    """Whether this may be the beginning of the Bot API's answer: the request was carried out then."""
    beginning = body.lstrip()
    return b'{"ok":true'.startswith(beginning[:10].replace(b" ", b""))


def _refusal(body: bytes) -> dict[str, Any] | None:
    """The Bot API's refusal in `body`; None when something else answered."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, dict) or answer.get("ok") is not False:
        return None
    return answer if isinstance(answer.get("error_code"), int) else None


def _as_refusal(description: str) -> bytes:
    return json.dumps({"ok": False, "error_code": 400, "description": f"Bad Request: {description}"}).encode()


def _retry_after(refusal: dict[str, Any]) -> int:
    parameters = refusal.get("parameters")
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return max(1, seconds) if isinstance(seconds, int) else _FLOOD_WITHOUT_A_TIME_S


_FORM_HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}


def _form(fields: dict[str, str]) -> bytes:
    return "&".join(f"{name}={_quoted(value)}" for name, value in fields.items()).encode("ascii")


@lru_cache(maxsize=1024)
def _quoted(value: str) -> str:
    """A broadcast sends one text many times: quoting it once is a third of the request's cost saved."""
    return quote_plus(value)


def _multipart(request_data: RequestData) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mimetype) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mimetype)
    return form


def _or_default(value: object, default: Timeout) -> Timeout:
    if value is BaseRequest.DEFAULT_NONE:
        return default
    return float(value) if isinstance(value, int | float) else None


@lru_cache(maxsize=64)
def _timeout(pool: Timeout, connect: Timeout, read: Timeout) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, connect=pool, sock_connect=connect, sock_read=read)


@lru_cache(maxsize=256)
def _address(url: str) -> URL:
    return URL(url, encoded=True)


@lru_cache(maxsize=16)
def _proxy(scheme: str, host: str) -> str | None:
    if proxy_bypass(host):
        return None
    proxies = getproxies()
    return proxies.get(scheme) or proxies.get("all")
