"""Delivery to destinations outside Telegram: their rows of the outbox have a relay of their own.

Neither waits for the other: a webhook that doesn't answer holds no alert of Telegram's up, and while
Telegram can't be reached the others are still told.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from bot.delivery.destinations import event
from bot.delivery.destinations.destination_transport import (
    DestinationConfig,
    DestinationTransport,
    RefusalObserver,
)
from bot.delivery.pacer import Pacer
from bot.delivery.relay import Relay
from bot.settings import Settings
from storage.database import Store
from storage.outbox import Lane

log = logging.getLogger(__name__)

_PER_SECOND: Final = 20.0  # events to all destinations together


class DestinationDelivery:
    """Sends what the outbox holds for destinations from `start` to `stop`.

    Args:
        key: derives the webhooks' secrets.
        version: of the program.
        clock: aware UTC now; `is_clock_steady` is False while it has just jumped.
        on_refusal: told of what operators should mend.
        on_failure: told why delivery has ended when it can't go on.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        key: bytes,
        version: str,
        clock: Callable[[], datetime],
        *,
        is_clock_steady: Callable[[], bool],
        on_refusal: RefusalObserver,
        on_failure: Callable[[str], None],
    ) -> None:
        services = {name: address.get_secret_value() for name, address in settings.notify_services.items()}
        self.config = DestinationConfig(key=key, private_hosts=settings.hook_private_hosts, services=services)
        self._transport = DestinationTransport(store, self.config, clock, version, on_refusal=on_refusal)
        self._relay = Relay(
            store,
            self._transport,
            Pacer(_PER_SECOND, chat_gap_s=0.0),
            event.render,
            clock,
            lane=Lane.ELSEWHERE,
            is_clock_steady=is_clock_steady,
        )
        self._on_failure = on_failure
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Deliver from now on."""
        self._running = asyncio.create_task(self._run())

    def wake(self) -> None:
        """Look for new rows now."""
        self._relay.wake()

    async def stop(self) -> None:
        """Finish what is being sent; the rest goes on at the next start."""
        await self._relay.stop()
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        await self._transport.close()

    async def _run(self) -> None:
        try:
            await self._relay.run()
        except Exception:
            log.exception("delivery to webhooks failed")
            self._on_failure("delivery to webhooks failed; what is queued goes on at the next start")
