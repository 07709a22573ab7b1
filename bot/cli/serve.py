"""Run the program until a signal or a fatal fault: with long polling or a webhook."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import count

from telegram.error import InvalidToken, TelegramError

from bot.app import Program
from bot.backoff import backoff
from bot.cli.exit_codes import FAILED
from bot.cli.stop_signals import STOP_WITHIN_S, StopSignals, end_process_after
from bot.settings import Settings, SettingsError
from bot.telegram.long_polling import FIRST_WAIT, LONGEST_WAIT, TokenInUseError
from handlers.registry import UPDATES
from storage.errors import StorageError

log = logging.getLogger(__name__)

_LOOK_S = 0.5  # between two looks whether another replica still leads
_CONNECT_S = 4.0  # that Telegram can't be reached is said within five seconds


async def serve(program: Program, settings: Settings) -> None:
    """Run until it is time to stop, then stop. Raises SettingsError."""
    StopSignals(program.stopping)
    leading = receiving = None
    try:
        await program.start()
        leading = asyncio.create_task(_lead(program))
        receiving = asyncio.create_task(_receive(program, settings, leading))
        receiving.add_done_callback(lambda _task: program.stopping.set())
        await program.stopping.wait()
    finally:
        if program.fatal is not None:
            end_process_after(STOP_WITHIN_S, FAILED)
        for task in (receiving, leading):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])
        await program.stop()
    if receiving.cancelled():
        return
    match receiving.exception():
        case TokenInUseError():
            program.fatal = "another program is asking for this bot's updates; stop it, or remove its webhook"
        case InvalidToken():
            raise SettingsError(
                "TELEGRAM_BOT_TOKEN is refused by Telegram", "copy it again from @BotFather"
            ) from None
        case BaseException() as error:
            raise error


async def _receive(program: Program, settings: Settings, leading: Awaitable[None]) -> None:
    """Receive updates until cancelled. Raises InvalidToken, TokenInUseError, SettingsError."""
    if settings.webhook_url is None:
        await _connect(program, leading)
        await program.receive_updates()
        return
    from bot.telegram.webhook import Webhook, secret_of  # noqa: PLC0415 - the server costs 8 MiB that polling saves

    own_secret, port = settings.webhook_secret, settings.webhook_port
    secret = (
        own_secret.get_secret_value() if own_secret is not None else secret_of(program.application.bot.token)
    )
    webhook = Webhook(program.inbox, settings.webhook_host, port, secret)
    program.inbox.start()
    try:
        await webhook.start()
    except OSError as error:
        raise SettingsError(
            f"WEBHOOK_PORT {port} can't be used on {settings.webhook_host} ({error.strerror})",
            "choose another, for example WEBHOOK_PORT=8080",
            passing=True,
        ) from None
    try:
        await _connect(program, leading)
        await _announce(program, settings.webhook_url, secret)
        await asyncio.Event().wait()
    finally:
        await webhook.stop()


async def _connect(program: Program, leading: Awaitable[None]) -> None:
    await _until_answered(program, partial(_connecting_fault, program))
    await leading
    program.introduce()


async def _lead(program: Program) -> None:
    """Wait until no other replica leads, then do so."""
    reason_before = ""
    while not program.leads:
        try:
            if not program.store.leads:
                await program.store.lead()
            await program.lead()
        except StorageError as error:
            if not error.passing:
                program.stop_because(str(error))
                raise
            if error.problem != reason_before:
                log.info(f"standing by: {error.problem}; this one delivers")
            reason_before = error.problem
            await asyncio.sleep(_LOOK_S)


async def _announce(program: Program, url: str, secret: str) -> None:
    await _until_answered(program, partial(_announcing_fault, program, url, secret))
    log.info("Telegram posts updates to WEBHOOK_URL")


async def _until_answered(program: Program, request: Callable[[], Awaitable[str | None]]) -> None:
    """Make a request, ever more slowly, until Telegram has answered it. It gives what was wrong, or None."""
    for attempt in count(1):
        fault = await request()
        if fault is None:
            program.supervisor.on_telegram_answer()
            return
        program.supervisor.on_telegram_failure(fault)
        await asyncio.sleep(backoff(attempt, FIRST_WAIT, LONGEST_WAIT).total_seconds())


async def _connecting_fault(program: Program) -> str | None:
    try:
        async with asyncio.timeout(_CONNECT_S):
            await program.connect()
    except InvalidToken:
        raise
    except TimeoutError:
        return f"no answer within {_CONNECT_S:g} s"
    except TelegramError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - whatever the library trips over in a strange server's answer
        return f"its answer to getMe is not the Bot API's: {type(error).__name__}"
    return None


async def _announcing_fault(program: Program, url: str, secret: str) -> str | None:
    try:
        await program.application.bot.set_webhook(url, secret_token=secret, allowed_updates=UPDATES)
    except InvalidToken:
        raise
    except TelegramError as error:
        return f"the webhook can't be set: {error}"
    return None
