"""Webhook mode: Telegram posts updates to a proxy of the operator's, which passes them on to the loopback.

The server is aiohttp's, which the program has anyway; the library's own would bring tornado along, binds and
checks no differently, and would leave out none of what is written here.
"""

import json
from collections.abc import Callable
from hmac import compare_digest
from http import HTTPStatus

from aiohttp import web
from telegram import Update

from bot.ops.http_server import HttpServer
from bot.telegram.updates import is_valid_update
from handlers.context import App

LARGEST_UPDATE = 256 * 1024  # bytes; Telegram's own are a few thousand
_HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Webhook:
    """The server, on the loopback unless another host is set; updates go to the application's queue.

    While `is_overloaded` says so, updates are refused; Telegram keeps them and tries again.
    """

    def __init__(
        self, application: App, host: str, port: int, secret: str, is_overloaded: Callable[[], bool]
    ) -> None:
        self._application = application
        self._is_overloaded = is_overloaded
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
        if not compare_digest(secret, self._secret):
            return web.Response(status=HTTPStatus.FORBIDDEN)
        if self._is_overloaded():
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "2"})
        try:
            raw = json.loads(await request.read())
        except (ValueError, RecursionError):
            return web.Response(status=HTTPStatus.BAD_REQUEST)
        if is_valid_update(raw):
            update = Update.de_json(raw, self._application.bot)
            await self._application.update_queue.put(update)
        return web.Response()  # also for what can't be read: else it would be sent again and again
