"""Run the program in webhook mode: start, stop, signals."""

import asyncio
import logging
import secrets
import signal

from telegram.error import InvalidToken, TelegramError

from bot.app import Program
from bot.settings import Settings, SettingsError
from bot.telegram.webhook import Webhook
from handlers.registry import UPDATES

log = logging.getLogger(__name__)

_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 30.0


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
    hook = Webhook(program.application, settings.webhook_port, secret)
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
