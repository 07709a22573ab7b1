"""Send one message from the outbox: render, split, wait for slots, and go on where an earlier try ended."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.delivery.alert_pictures import Pictures
from bot.delivery.outcomes import (
    Delivered,
    Outcome,
    OutgoingMessage,
    Rejected,
    Retry,
    RetryCause,
    SendRequest,
    Transport,
)
from bot.delivery.pacer import Pacer
from bot.delivery.rendering import RenderCache
from storage.outbox import ArrivedParts, MessageContent, OutboxMessage

log = logging.getLogger(__name__)

MAX_SLOT_WAIT_S = 5.0
"""Longer than the gap between two messages of a chat: a 429 has come meanwhile."""


class Attempt(NamedTuple):
    """One try at a message: the outcome of its last request, and the parts that have arrived by then."""

    request: SendRequest
    outcome: Outcome
    arrived: ArrivedParts


class Sender:
    """Sends messages one part after the other.

    Args:
        transport: sends one request.
        pacer: grants the slots; shared with the replies.
        renderings: makes the messages.
        pictures: gives messages their pictures; None: there are none.
        clock: aware UTC now.
        on_slot: called when a message has got its slot.
        may_send: whether what was claimed under a replica's number may still be sent; False once another
            program may be sending it.
    """

    def __init__(
        self,
        transport: Transport,
        pacer: Pacer,
        renderings: RenderCache[MessageContent],
        clock: Callable[[], datetime],
        on_slot: Callable[[], None],
        pictures: Pictures | None = None,
        may_send: Callable[[int], bool] = lambda _replica: True,
    ) -> None:
        self.is_stopping = False
        self.waiting: set[asyncio.Task[None]] = set()  # tasks without a slot: cancelling one loses nothing
        self._transport = transport
        self._pacer = pacer
        self._renderings = renderings
        self._clock = clock
        self._on_slot = on_slot
        self._pictures = pictures
        self._may_send = may_send

    async def send(self, message: OutboxMessage) -> Attempt:
        """Try once; a cancellation ends in an outcome, too. Raises RenderError."""
        with_picture = await self._send_with_picture(message)
        if with_picture is not None:
            return with_picture
        requests, arrived = self._remaining(message)
        if not requests:  # an earlier try sent all there is
            return Attempt(SendRequest(message.chat_id, message.topic_id, ""), Delivered(None), arrived)
        remaining = deque([(request, False) for request in requests])
        while True:
            request, is_substitute = remaining.popleft()
            outcome = await self._send(request, message)
            if isinstance(outcome, Rejected) and outcome.instead and not is_substitute:
                log.error(f"sent in another form, since Telegram said: {outcome.why}")
                remaining.extendleft((other, True) for other in reversed(outcome.instead))
            elif isinstance(outcome, Delivered) and remaining:
                arrived = arrived.plus(request.text)
            else:
                return Attempt(request, outcome, arrived)

    async def _send_with_picture(self, message: OutboxMessage) -> Attempt | None:
        """Send the message as the caption of its picture; None when it has none, or goes better as text."""
        if self._pictures is None or not message.content.picture or message.arrived.count:
            return None
        rendered = self._renderings.message(message.content, self._clock())
        if rendered.caption is None:
            return None
        picture = await self._pictures.picture(message.content)
        if picture is None:
            return None
        request = replace(_request(message, rendered), text=rendered.caption, picture=picture)
        outcome: Outcome = Retry(RetryCause.STOPPED, "the program stops")
        try:
            outcome = await self._send(request, message)
        finally:
            await self._pictures.settle(picture, outcome)
        if isinstance(outcome, Rejected) or (
            isinstance(outcome, Retry) and outcome.cause in (RetryCause.RIGHTS, RetryCause.SERVER)
        ):
            log.info(f"sent as text, since with its picture Telegram said: {outcome.why}")
            return None
        return Attempt(request, outcome, ArrivedParts())

    def _remaining(self, message: OutboxMessage) -> tuple[Sequence[SendRequest], ArrivedParts]:
        """Requests still to be made, and what of them has arrived before.

        Parts that arrived are left out only when the message still begins with them. When it reads
        differently by now, all of it is sent again, marked as a possible repeat.
        """
        content = message.content
        if message.arrived.count == 0:
            return self._requests(message, content), message.arrived
        requests: Sequence[SendRequest] = ()
        for version in (content, replace(content, repeat=True)):
            requests = self._requests(message, version)
            first_parts = ArrivedParts.of(request.text for request in requests[: message.arrived.count])
            if first_parts == message.arrived:
                return requests[message.arrived.count :], message.arrived
        return requests, ArrivedParts()

    def _requests(self, message: OutboxMessage, content: MessageContent) -> Sequence[SendRequest]:
        rendered = self._renderings.message(content, self._clock())
        return self._transport.split(_request(message, rendered))

    async def _send(self, request: SendRequest, message: OutboxMessage) -> Outcome:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - tells the type checker that we run in a task
        wait = self._pacer.ready_in(request.chat_id)
        if wait > MAX_SLOT_WAIT_S:  # its lease and its place in the line are of use to others
            return Retry(RetryCause.WAITS, "its chat has a limit", self._clock() + timedelta(seconds=wait))
        is_under_way = False
        self.waiting.add(task)
        try:
            async with self._pacer.slot(request.chat_id, message.priority):
                self.waiting.discard(task)
                if self.is_stopping:
                    return Retry(RetryCause.STOPPED, "the program stops")
                if not self._may_send(message.claimed_by):
                    return Retry(RetryCause.STOPPED, "another replica may be sending it")
                self._on_slot()
                is_under_way = True
                outcome = await self._transport.send(request)
                self._learn(request, outcome)
                return outcome
        except asyncio.CancelledError:
            if is_under_way:
                return Retry(RetryCause.INTERRUPTED, "the program stopped while this was being sent")
            return Retry(RetryCause.STOPPED, "the program stops")
        finally:
            self.waiting.discard(task)

    def _learn(self, request: SendRequest, outcome: Outcome) -> None:
        if isinstance(outcome, Delivered):
            self._pacer.delivered()
        elif isinstance(outcome, Retry) and outcome.cause is RetryCause.FLOOD:
            seconds = 1.0 if outcome.at is None else (outcome.at - self._clock()).total_seconds()
            self._pacer.flooded(request.chat_id, seconds)


def _request(message: OutboxMessage, rendered: OutgoingMessage) -> SendRequest:
    """The message as one request, however long."""
    return SendRequest(
        message.chat_id,
        message.topic_id,
        rendered.text,
        rendered.keyboard,
        rendered.silent,
        reply_to=message.reply_to,
    )
