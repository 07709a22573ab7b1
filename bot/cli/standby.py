"""Wait for the database: for its server, or for a leader of an older version to end."""

import asyncio
import logging
from typing import Final, Protocol

from bot.cli.stop_signals import StopSignals
from bot.ops import systemd
from bot.settings import Settings, SettingsError
from storage.database import Store
from storage.errors import LeaseTakenError, StorageError

log = logging.getLogger(__name__)

_LOOK_S: Final = 0.5


class _Page(Protocol):
    fault: str | None

    async def stop(self) -> None: ...


async def open_store(settings: Settings) -> Store | None:
    """Open the database as soon as it can be used; None when the program is stopped meanwhile.

    Raises StorageError when waiting can't help, SettingsError when the health page can't be served.
    """
    stopping = asyncio.Event()
    StopSignals(stopping)
    page = None
    reason_before = ""
    try:
        while not stopping.is_set():
            try:
                return await asyncio.to_thread(Store, settings.database)
            except StorageError as error:
                if not error.passing:
                    raise
                waits_to_lead = isinstance(error, LeaseTakenError)
                if error.problem != reason_before:
                    log.log(
                        logging.INFO if waits_to_lead else logging.ERROR,
                        f"standing by: {error.problem if waits_to_lead else error}",
                    )
                reason_before = error.problem
            page = page or await _health_page(settings)
            if page is not None:
                page.fault = None if waits_to_lead else reason_before
            systemd.notify("READY=1\nSTATUS=standing by\nWATCHDOG=1")
            await _sleep(stopping)
    finally:
        if page is not None:
            await page.stop()
    return None


async def _sleep(stopping: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(_LOOK_S):
            await stopping.wait()
    except TimeoutError:
        return


async def _health_page(settings: Settings) -> _Page | None:
    if settings.metrics_port is None:
        return None
    from bot.ops.health_server import StandbyServer  # noqa: PLC0415 - the server's libraries cost 8 MiB

    host, port = settings.metrics_host, settings.metrics_port
    server = StandbyServer(host, port)
    try:
        await server.start()
    except OSError as error:
        raise SettingsError(
            f"METRICS_PORT {port} can't be used on {host} ({error.strerror})",
            "choose another, for example METRICS_PORT=9464",
            passing=True,
        ) from None
    return server
