"""The outbox on its way out: lease a little, send at the pacer's pace, write down what became of it."""

import asyncio
import logging
import math
import sqlite3
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from bot.delivery.outcomes import (
    Delivered,
    Halt,
    Outcome,
    OutgoingMessage,
    Rejected,
    Retry,
    RetryCause,
    SendRequest,
    Transport,
)
from bot.delivery.pacer import Pacer
from bot.delivery.retry_policy import ChatChange, disposition, retry_at
from bot.delivery.stats import DeliveryStats, Tally
from storage import outbox
from storage.database import Database, Store
from storage.outbox import MessageContent, OutboxMessage, SendResult

log = logging.getLogger(__name__)

Render = Callable[[MessageContent, datetime], OutgoingMessage]

DELAYED_AFTER = timedelta(minutes=15)
_AHEAD_S = 0.05  # leased but not yet sent: as much as this time can send, so that a crash leaves little open
_BATCH_S = 0.005  # outcomes are gathered this long and written down together
_MAX_CHAT_WAIT_S = 0.25  # a message whose chat must rest longer goes back to the outbox
_IDLE_S = 30.0  # the longest sleep without a look into the outbox
_OFFLINE_S = 30.0  # the longest wait for a network that is down
_DATABASE_RETRY_S = 1.0  # before a database that failed is tried again
_MAX_RENDERED = 256
_FRESH_S = 30


class DeliveryHaltedError(Exception):
    """Delivery can't go on at all (wrong token, a second instance); the text says why."""


class Relay:
    """Sends what the outbox holds until stopped.

    Args:
        store: the open database; its process lock makes this the only deliverer.
        transport: sends one message and says what became of it.
        pacer: shared with the replies.
        render: makes the message of a content; when it raises, that message becomes a dead letter.
        clock: aware UTC now.
    """

    def __init__(
        self,
        store: Store,
        transport: Transport,
        pacer: Pacer,
        render: Render,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._transport = transport
        self._pacer = pacer
        self._render = render
        self._clock = clock
        self._tally = Tally()
        self._rendered: OrderedDict[tuple[MessageContent, int], OutgoingMessage] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: set[asyncio.Task[None]] = set()  # of those, the ones waiting for their turn
        self._results: list[SendResult] = []
        self._changes: list[ChatChange] = []
        self._busy: set[tuple[int, int]] = set()
        self._wakeup = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()
        self._may_have_due = True  # whether the outbox may hold more that is due
        self._offline = 0  # failures to connect in a row
        self._resume_at = -math.inf  # the loop's time until which the network counts as down
        self._failing = False
        self._looked_at: float | None = None
        self._stopping = False
        self._halted: str | None = None

    async def run(self) -> None:
        """Deliver until `stop`. Raises DeliveryHaltedError when Telegram refuses us altogether."""
        self._ended.clear()
        try:
            await self._recover()
            while not self._stopping and self._halted is None:
                self._looked_at = asyncio.get_running_loop().time()
                try:
                    due = await self._record_and_claim()
                except sqlite3.Error as error:
                    if not self._failing:  # once: a log that grows by the second would fill a full disk
                        log.error(f"the outbox can't be written ({error}); delivery waits")
                    self._failing = True
                    await asyncio.sleep(_DATABASE_RETRY_S)
                    continue
                self._failing = False
                await self._wait_for_work(due)
        finally:
            await self._finish_sends()
            self._ended.set()
        if self._halted is not None:
            raise DeliveryHaltedError(self._halted)

    def wake(self) -> None:
        """New rows may wait: look now."""
        self._may_have_due = True
        self._wakeup.set()

    def paused_for(self) -> float:
        """Seconds until anything may be sent at all."""
        return self._pacer.paused_for()

    def idle_for(self) -> float:
        """Seconds since the relay last looked into the outbox; it does at least every half minute."""
        return 0.0 if self._looked_at is None else asyncio.get_running_loop().time() - self._looked_at

    async def stop(self) -> None:
        """Let what is being sent finish, give the rest back to the outbox, and wait until `run` is done."""
        self._stopping = True
        for task in self._waiting:
            task.cancel()
        self._wakeup.set()
        await self._ended.wait()

    async def figures(self) -> DeliveryStats:
        """What delivery did since the start, and what waits now."""
        waiting, oldest = await self._store.read(outbox.waiting)
        age = 0.0 if oldest is None else max(0.0, (self._clock() - oldest).total_seconds())
        return DeliveryStats(
            outcomes=dict(self._tally.outcomes),
            waiting=waiting,
            oldest_waiting_s=age,
            rate_per_second=self._pacer.rate,
            floods=self._pacer.floods,
            alert_groups=self._tally.alert_groups(),
        )

    async def _recover(self) -> None:
        found = await self._store.write(lambda db: outbox.recover(db, self._clock()))
        if found.again or found.uncertain:
            log.warning(
                f"{found.again + found.uncertain} messages were being sent when the program last stopped: "
                f"{found.again} go again as possible repeats, {found.uncertain} count as sent"
            )
            self._tally.outcomes["again"] += found.again
            self._tally.outcomes["uncertain"] += found.uncertain

    async def _record_and_claim(self) -> datetime | None:
        """In one transaction: write down what ended, lease what comes next; give when a row is due next."""
        room = 0 if self._stopping or self._paused_for() > 0 else self._ahead() - len(self._waiting)
        if not (self._results or self._changes or (self._may_have_due and room > 0)):
            return None
        results, self._results = self._results, []
        changes, self._changes = self._changes, []
        self._may_have_due = room <= 0 and self._may_have_due
        now = self._clock()

        def work(db: Database) -> tuple[list[OutboxMessage], datetime | None]:
            for change in changes:
                change(db)
            outbox.record(db, results)
            claimed = outbox.claim(db, now, room) if room > 0 else []
            return claimed, None if claimed or room <= 0 else outbox.next_due(db)

        try:
            messages, due = await self._store.write(work)
        except sqlite3.Error:
            self._results[:0] = results
            self._changes[:0] = changes
            self._may_have_due = True
            raise
        if messages or room <= 0:
            self._may_have_due = True
        for message in messages:
            self._start(message)
        return due

    def _ahead(self) -> int:
        """How many messages may be leased beyond those being sent."""
        return max(2, min(self._pacer.in_flight_limit, math.ceil(min(self._pacer.rate, 1e6) * _AHEAD_S)))

    def _paused_for(self) -> float:
        """Seconds for which leasing anything would be in vain."""
        offline = self._resume_at - asyncio.get_running_loop().time()
        pause = self._pacer.paused_for()
        return max(0.0, offline, pause if pause > _MAX_CHAT_WAIT_S else 0.0)

    async def _wait_for_work(self, due: datetime | None) -> None:
        """Sleep until something ended, something new came or the next row is due."""
        held = self._paused_for()
        if not (self._may_have_due and held == 0 and len(self._waiting) < self._ahead()):
            wait = _IDLE_S
            if due is not None:
                wait = min(wait, max(0.0, (due - self._clock()).total_seconds()) + 0.001)
            if held > 0:
                wait = min(wait, held)
            try:
                async with asyncio.timeout(wait):
                    await self._wakeup.wait()
            except TimeoutError:
                self._may_have_due = True
            else:
                self._may_have_due = self._may_have_due or due is not None
        self._wakeup.clear()
        if self._tasks and not self._stopping:
            await asyncio.sleep(_BATCH_S)
            if (soon := self._pacer.next_slot_in()) < _BATCH_S and self._pacer.even:
                await asyncio.sleep(soon + _BATCH_S)  # the writer thread would make that send uneven

    async def _finish_sends(self) -> None:
        """Wait for what is being sent and write down how it ended."""
        self._stopping = True
        for task in self._waiting:
            task.cancel()
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self._record_and_claim()

    def _start(self, message: OutboxMessage) -> None:
        rest = self._pacer.ready_in(message.chat_id)
        if (message.chat_id, message.topic_id) in self._busy or rest > _MAX_CHAT_WAIT_S:
            now = self._clock()
            at = now + timedelta(seconds=max(rest, _MAX_CHAT_WAIT_S))
            self._results.append(retry_at(message, at, message.parts, now))
            return
        self._busy.add((message.chat_id, message.topic_id))
        task = asyncio.create_task(self._deliver(message))
        self._tasks.add(task)
        self._waiting.add(task)
        task.add_done_callback(partial(self._done, message))

    def _done(self, message: OutboxMessage, task: asyncio.Task[None]) -> None:
        if task.cancelled():  # before its first step, so that it could not say so itself
            self._busy.discard((message.chat_id, message.topic_id))
            self._results.append(retry_at(message, self._clock(), message.parts, self._clock()))
        self._tasks.discard(task)
        self._waiting.discard(task)
        self._wakeup.set()

    async def _deliver(self, message: OutboxMessage) -> None:
        """One message to its end, or back to the outbox."""
        arrived = message.parts
        try:
            rendered = self._rendered_message(message)
            if rendered is None:
                return
            request = SendRequest(
                message.chat_id, message.topic_id, rendered.text, rendered.keyboard, rendered.silent
            )
            left = [(part, False) for part in self._transport.split(request)][arrived:]
            while left:
                part, is_substitute = left.pop(0)
                outcome = await self._send(part, message.priority)
                if isinstance(outcome, Rejected) and outcome.instead and not is_substitute:
                    log.error(f"sent in another form, since Telegram said: {outcome.why}")
                    left[:0] = [(other, True) for other in outcome.instead]
                elif isinstance(outcome, Delivered) and left:
                    arrived += 1
                else:
                    self._conclude(message, part, outcome, arrived)
                    return
        except asyncio.CancelledError:  # by `stop`, and only while waiting: nothing of this part was sent
            self._results.append(retry_at(message, self._clock(), arrived, self._clock()))
        finally:
            self._busy.discard((message.chat_id, message.topic_id))

    async def _send(self, part: SendRequest, priority: int) -> Outcome:
        task = asyncio.current_task()
        if task is not None:
            self._waiting.add(task)
        async with self._pacer.slot(part.chat_id, priority):
            if task is not None:
                self._waiting.discard(task)
            if self._stopping or self._halted is not None:
                raise asyncio.CancelledError
            self._wakeup.set()
            return await self._transport.send(part)

    def _rendered_message(self, message: OutboxMessage) -> OutgoingMessage | None:
        """The rendered message; None when the renderer failed, which makes this message a dead letter."""
        now, content = self._clock(), message.content
        if now - content.queued_at >= DELAYED_AFTER:
            content = replace(content, delayed=True)
        key = (content, int(now.timestamp() / _FRESH_S))  # a message tells ages, which get too old to share
        if (rendered := self._rendered.get(key)) is not None:
            return rendered
        try:
            rendered = self._render(content, now)
        except Exception as error:
            log.exception(f"a message of kind {content.kind!r} can't be rendered")
            why = f"can't be rendered: {type(error).__name__}"
            self._results.append(SendResult(message.ids, "dead", now, why))
            self._tally.count("dead")
            return None
        self._rendered[key] = rendered
        if len(self._rendered) > _MAX_RENDERED:
            self._rendered.popitem(last=False)
        return rendered

    def _conclude(self, message: OutboxMessage, part: SendRequest, outcome: Outcome, arrived: int) -> None:
        now = self._clock()
        if isinstance(outcome, Retry) and outcome.cause is RetryCause.OFFLINE:
            time = asyncio.get_running_loop().time()
            if time >= self._resume_at:  # the first of those sent together to find out
                self._offline += 1
                self._resume_at = time + min(_OFFLINE_S, 0.25 * 2 ** min(self._offline, 8))
            outcome = replace(outcome, at=now + timedelta(seconds=self._resume_at - time))
        else:
            self._offline = 0
        judged = disposition(message, part, outcome, arrived, now)
        self._results.append(judged.result)
        if judged.change is not None:
            self._changes.append(judged.change)
        self._tally.count(judged.counted)
        match outcome:
            case Delivered():
                self._tally.delivered(message.content.alert_group, message.content.subjects[0].at, now)
            case Retry(RetryCause.FLOOD, _, at):
                self._pacer.flooded(part.chat_id, (at - now).total_seconds() if at else 1.0)
            case Rejected(why):
                log.error(f"a message of kind {message.content.kind!r} was refused: {why}")
            case Halt(why):
                if self._halted is None:
                    log.critical(f"delivery stops: {why}")
                self._halted = why
