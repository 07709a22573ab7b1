"""Webhook mode: Telegram posts updates to a proxy of the operator's, which passes them on to the loopback.

The server is aiohttp's, which the program has anyway; the library's own would bring tornado along, binds and
checks no differently, and would leave out none of what is written here.
"""

import asyncio
import json
import logging
import secrets
import signal
from hmac import compare_digest
from http import HTTPStatus

from aiohttp import web
from telegram import Update
from telegram.error import InvalidToken, TelegramError

from bot.app import Program
from bot.settings import Settings, SettingsError
from bot.telegram.updates import is_valid_update
from handlers.registry import UPDATES

log = logging.getLogger(__name__)

LARGEST_UPDATE = 256 * 1024  # bytes; Telegram's own are a few thousand
_MOST_WAITING = 2_000  # updates taken in and not yet begun: beyond, Telegram shall keep them and try again
_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 30.0


class Webhook:
    """The server on the loopback; updates go to the application's queue."""

    def __init__(self, program: Program, port: int, secret: str) -> None:
        self._application = program.application
        self._port = port
        self._secret = secret.encode()
        self._runner: web.AppRunner | None = None

    async def start(self) -> int:
        """Listen; give the port. Raises OSError when it is taken."""
        app = web.Application(client_max_size=LARGEST_UPDATE)
        app.router.add_post("/{path:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Take no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        given = request.headers.get(_HEADER, "").encode("utf-8", "surrogateescape")
        if not compare_digest(given, self._secret):
            return web.Response(status=HTTPStatus.FORBIDDEN)
        if self._application.update_queue.qsize() >= _MOST_WAITING:
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "2"})
        try:
            raw = json.loads(await request.read())
        except (ValueError, RecursionError):
            return web.Response(status=HTTPStatus.BAD_REQUEST)
        if is_valid_update(raw):
            update = Update.de_json(raw, self._application.bot)
            await self._application.update_queue.put(update)
        return web.Response()  # also for what can't be read: else it would be sent again and again


async def serve(program: Program, settings: Settings) -> None:
    """Run until a signal or a fatal fault. Raises InvalidToken, SettingsError for a port that is taken."""
    stop = asyncio.Event()
    program.halt = stop.set
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    given = settings.webhook_secret
    secret = given.get_secret_value() if given is not None else secrets.token_urlsafe(32)
    application = program.application
    hook = Webhook(program, settings.webhook_port, secret)
    await _connect(program, stop)
    try:
        if stop.is_set():
            return
        await program.begin(application)
        try:
            await hook.start()
        except OSError as error:
            raise SettingsError(
                f"WEBHOOK_PORT {settings.webhook_port} can't be used ({error.strerror}); "
                "choose another, for example WEBHOOK_PORT=8080"
            ) from None
        await application.start()
        await _announce(program, settings, secret, stop)
        await stop.wait()
    finally:
        await hook.stop()
        if application.running:
            await application.stop()
        await program.finish(application)
        await application.shutdown()


async def _connect(program: Program, stop: asyncio.Event) -> None:
    wait = _FIRST_WAIT_S
    while not stop.is_set():
        try:
            await program.application.initialize()
        except InvalidToken:
            await program.application.shutdown()
            raise
        except TelegramError as error:
            log.warning(f"Telegram can't be reached yet ({error}); next try in {wait:.0f} s")
            wait = await _pause(stop, wait)
        else:
            return


async def _announce(program: Program, settings: Settings, secret: str, stop: asyncio.Event) -> None:
    wait = _FIRST_WAIT_S
    while not stop.is_set():
        try:
            await program.application.bot.set_webhook(
                settings.webhook_url or "", secret_token=secret, allowed_updates=UPDATES
            )
        except TelegramError as error:
            log.warning(f"the webhook can't be set yet ({error}); next try in {wait:.0f} s")
            wait = await _pause(stop, wait)
        else:
            log.info("Telegram posts updates to WEBHOOK_URL")
            return


async def _pause(stop: asyncio.Event, seconds: float) -> float:
    """Wait, or less when the program shall stop; give the next wait."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
    return min(_LONGEST_WAIT_S, 2 * seconds)
