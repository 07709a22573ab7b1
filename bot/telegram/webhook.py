"""Webhook mode: Telegram posts updates to a proxy of the operator's, which passes them on to the loopback.

The server is aiohttp's, which the program has anyway; the library's own would bring tornado along, binds and
checks no differently, and would leave out none of what is written here.
"""

import hmac
import json
from http import HTTPStatus

from aiohttp import web

from bot.ops.http_server import HttpServer
from bot.telegram.update_inbox import UpdateInbox
from storage.errors import StorageError

LARGEST_UPDATE = 256 * 1024  # bytes; Telegram's own are a few thousand
_HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Webhook:
    """The server, on the loopback unless another host is set; an update is confirmed once it is stored.

    While too many wait, or the database can't be written, updates are refused; Telegram keeps them and tries
    again.
    """

    def __init__(self, inbox: UpdateInbox, host: str, port: int, secret: str) -> None:
        self._inbox = inbox
        self._secret = secret.encode()
        app = web.Application(client_max_size=LARGEST_UPDATE)
        app.router.add_post("/{path:.*}", self._take)
        self._server = HttpServer(app, host, port, shutdown_s=2.0)

    async def start(self) -> int:
        """Listen; give the port. Raises OSError when it is taken."""
        return await self._server.start()

    async def stop(self) -> None:
        """Take no more."""
        await self._server.stop()

    async def _take(self, request: web.Request) -> web.Response:
        secret = request.headers.get(_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(secret, self._secret):
            return web.Response(status=HTTPStatus.FORBIDDEN)
        if self._inbox.is_full():
            return _later()
        try:
            raw = json.loads(await request.read())
        except (ValueError, RecursionError):
            return web.Response(status=HTTPStatus.BAD_REQUEST)
        try:
            await self._inbox.receive(raw)
        except StorageError:
            return _later()
        return web.Response()  # also for what can't be read: else it would be sent again and again


def secret_of(token: str) -> str:
    """The secret that Telegram shows with each update where the operator has set none: of the bot's token, so
    that every replica knows it."""
    return hmac.new(token.encode(), b"minerwatch webhook", "sha256").hexdigest()


def _later() -> web.Response:
    return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "2"})
