"""Delivery to chats: the relay that sends the outbox's messages and the editor that keeps them current."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from bot.app.message_views import MessageViews
from bot.delivery.alert_pictures import Pictures
from bot.delivery.editor import Editor
from bot.delivery.outcomes import Transport
from bot.delivery.pacer import Pacer
from bot.delivery.relay import DeliveryHaltedError, DeliveryProblem, Relay
from handlers.views import notification
from storage.database import Store

log = logging.getLogger(__name__)


class ChatDelivery:
    """Sends what the outbox holds for chats from `start` to `stop`; after `edit`, edits messages too.

    Args:
        views: gives what messages need beside their content; asked for with every message, since it is made
            later.
        clock: aware UTC now; `is_clock_steady` is False while it has just jumped.
        allowed: the chats that are served; empty: all.
        on_problem: told of what operators should mend.
        on_failure: told why delivery has ended when it can't go on.
    """

    def __init__(
        self,
        store: Store,
        transport: Transport,
        pacer: Pacer,
        views: Callable[[], MessageViews],
        clock: Callable[[], datetime],
        *,
        allowed: frozenset[int],
        is_clock_steady: Callable[[], bool],
        on_problem: Callable[[DeliveryProblem, int, str], None],
        on_failure: Callable[[str], None],
    ) -> None:
        self.editor = Editor(
            store,
            transport,
            pacer,
            lambda content, now: views().edit(content, now),
            clock,
            allowed=allowed,
        )
        self.relay = Relay(
            store,
            transport,
            pacer,
            lambda content, now: notification.render(content, now, lambda: views().situation()),
            clock,
            is_clock_steady=is_clock_steady,
            on_problem=on_problem,
            allowed=allowed,
            pictures=Pictures(store, lambda content: views().picture(content), clock),
        )
        self._on_failure = on_failure
        self._sending: asyncio.Task[None] | None = None
        self._editing: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Deliver from now on."""
        self._sending = asyncio.create_task(self._send())

    def edit(self) -> None:
        """Keep messages that were sent current from now on: one program of several does."""
        self._editing = asyncio.create_task(self.editor.run())

    def wake(self) -> None:
        """Look for new rows now."""
        self.relay.wake()
        self.editor.wake()

    async def stop(self) -> None:
        """Finish what is being sent; the rest goes on at the next start."""
        if self._editing is not None:
            self._editing.cancel()
        try:
            await self.relay.stop()
        finally:
            if self._sending is not None:
                self._sending.cancel()
                await asyncio.gather(self._sending, return_exceptions=True)

    async def _send(self) -> None:
        try:
            await self.relay.run()
        except DeliveryHaltedError as error:
            self._on_failure(f"delivery can't go on: {error}")
        except Exception:
            log.exception("delivery failed")
            self._on_failure("delivery failed; what is queued is kept and goes on at the next start")
