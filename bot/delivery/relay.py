"""The outbox on its way out: lease a little, send at the pacer's pace, write down what became of it."""

import asyncio
import inspect
import logging
import math
import sqlite3
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
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
    SendRequest,
    parts,
)
from bot.delivery.pacer import Pacer
from bot.delivery.retry_policy import ChatChange, disposition, retry_at
from bot.delivery.stats import DeliveryStats, Tally
from bot.telegram.transport import Transport
from storage import outbox
from storage.database import Database, Store
from storage.outbox import OutboxMessage, SendResult

log = logging.getLogger(__name__)

Render = Callable[[OutboxMessage, datetime], OutgoingMessage | Awaitable[OutgoingMessage]]
RenderKey = Callable[[OutboxMessage], Hashable]

DELAYED_AFTER = timedelta(minutes=15)
_AHEAD_S = 0.05  # leased but not yet sent: as much as this time can send, so that a crash leaves little open
_BATCH_S = 0.005  # outcomes are gathered this long and written down together
_REST_S = 0.25  # a parcel whose chat must rest longer goes back to the outbox
_IDLE_S = 30.0  # the longest sleep without a look into the outbox
_OFFLINE_S = 30.0  # the longest wait for a network that is down
_MENDING_S = 1.0  # before a database that failed is tried again
_RENDERED = 256
_FRESH_S = 30


class DeliveryHaltedError(Exception):
    """Delivery can't go on at all (wrong token, a second instance); the text says why."""


def shared_key(parcel: OutboxMessage) -> Hashable:
    """Parcels with the same key read the same: same subjects, same marks. None: like no other."""
    if any(subject.id == 0 for subject in parcel.subjects):
        return None
    origin = (parcel.bulletin > 0) - (parcel.bulletin < 0)  # of a poll, a notice, or put off
    marks = (parcel.repeat, parcel.delayed, parcel.language, parcel.silent_below)
    return (origin, tuple(subject.id for subject in parcel.subjects), *marks)


class Relay:
    """Sends what the outbox holds until stopped.

    Args:
        store: the open database; its process lock makes this the only deliverer.
        transport: sends one message and says what became of it.
        pacer: shared with the replies.
        render: makes a parcel's message; `parcel.repeat` and `parcel.delayed` ask it to say so. It may be
            asynchronous. When it raises, that parcel becomes a dead letter and no other.
        clock: aware UTC now.
        key: parcels with equal keys share one rendering; None is never shared. Give your own when the text
            depends on more than the subjects (a chat's language).
    """

    def __init__(
        self,
        store: Store,
        transport: Transport,
        pacer: Pacer,
        render: Render,
        clock: Callable[[], datetime],
        *,
        key: RenderKey = shared_key,
    ) -> None:
        self._store = store
        self._transport = transport
        self._pacer = pacer
        self._render = render
        self._clock = clock
        self._key = key
        self._tally = Tally()
        self._rendered: OrderedDict[Hashable, OutgoingMessage] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._queueing: set[asyncio.Task[None]] = set()  # of those, the ones waiting for their turn
        self._settlements: list[SendResult] = []
        self._changes: list[ChatChange] = []
        self._busy: set[tuple[int, int]] = set()
        self._stirred = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()
        self._look = True  # whether the outbox may hold more that is due
        self._offline = 0  # failures to connect in a row
        self._resume_at = -math.inf  # the loop's time until which the network counts as down
        self._mending = False
        self._stopping = False
        self._halted: str | None = None

    async def run(self) -> None:
        """Deliver until `stop`. Raises DeliveryHaltedError when Telegram refuses us altogether."""
        self._ended.clear()
        try:
            await self._recover()
            while not self._stopping and self._halted is None:
                try:
                    due = await self._turn()
                except sqlite3.Error as error:
                    if not self._mending:  # once: a log that grows by the second would fill a full disk
                        log.error(f"the outbox can't be written ({error}); delivery waits")
                    self._mending = True
                    await asyncio.sleep(_MENDING_S)
                    continue
                self._mending = False
                await self._rest(due)
        finally:
            await self._drain()
            self._ended.set()
        if self._halted is not None:
            raise DeliveryHaltedError(self._halted)

    def wake(self) -> None:
        """New rows may wait: look now."""
        self._look = True
        self._stirred.set()

    async def stop(self) -> None:
        """Let what is being sent finish, give the rest back to the outbox, and wait until `run` is done."""
        self._stopping = True
        for task in self._queueing:
            task.cancel()
        self._stirred.set()
        await self._ended.wait()

    async def figures(self) -> DeliveryStats:
        """What delivery did since the start, and what waits now."""
        waiting, oldest = await self._store.read(outbox.waiting)
        age = 0.0 if oldest is None else max(0.0, (self._clock() - oldest).total_seconds())
        return DeliveryStats(
            outcomes=dict(self._tally.outcomes),
            waiting=waiting,
            oldest_waiting_s=age,
            in_flight=self._pacer.in_flight,
            rate_per_second=self._pacer.rate,
            floods=self._pacer.floods,
            bulletins=self._tally.bulletins(),
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

    async def _turn(self) -> datetime | None:
        """In one transaction: write down what ended, lease what comes next; give when a row is due next."""
        room = 0 if self._stopping or self._held() > 0 else self._ahead() - len(self._queueing)
        if not (self._settlements or self._changes or (self._look and room > 0)):
            return None
        settlements, self._settlements = self._settlements, []
        changes, self._changes = self._changes, []
        self._look = room <= 0 and self._look
        now = self._clock()

        def work(db: Database) -> tuple[list[OutboxMessage], datetime | None]:
            for change in changes:
                change(db)
            outbox.record(db, settlements)
            claimed = outbox.claim(db, now, room) if room > 0 else []
            return claimed, None if claimed or room <= 0 else outbox.next_due(db)

        try:
            parcels, due = await self._store.write(work)
        except sqlite3.Error:
            self._settlements[:0] = settlements
            self._changes[:0] = changes
            self._look = True
            raise
        if parcels or room <= 0:
            self._look = True
        for parcel in parcels:
            self._start(parcel)
        return due

    def _ahead(self) -> int:
        """How many parcels may be leased beyond those being sent."""
        return max(2, min(self._pacer.in_flight_limit, math.ceil(min(self._pacer.rate, 1e6) * _AHEAD_S)))

    def _held(self) -> float:
        """Seconds for which leasing anything would be in vain."""
        offline = self._resume_at - asyncio.get_running_loop().time()
        pause = self._pacer.paused_for()
        return max(0.0, offline, pause if pause > _REST_S else 0.0)

    async def _rest(self, due: datetime | None) -> None:
        """Sleep until something ended, something new came or the next row is due."""
        held = self._held()
        if not (self._look and held == 0 and len(self._queueing) < self._ahead()):
            wait = _IDLE_S
            if due is not None:
                wait = min(wait, max(0.0, (due - self._clock()).total_seconds()) + 0.001)
            if held > 0:
                wait = min(wait, held)
            try:
                async with asyncio.timeout(wait):
                    await self._stirred.wait()
            except TimeoutError:
                self._look = True
            else:
                self._look = self._look or due is not None
        self._stirred.clear()
        if self._tasks and not self._stopping:
            await asyncio.sleep(_BATCH_S)
            if (soon := self._pacer.slot_in()) < _BATCH_S and self._pacer.even:
                await asyncio.sleep(soon + _BATCH_S)  # the writer thread would make that send uneven

    async def _drain(self) -> None:
        """Wait for what is being sent and write down how it ended."""
        self._stopping = True
        for task in self._queueing:
            task.cancel()
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self._turn()

    def _start(self, parcel: OutboxMessage) -> None:
        rest = self._pacer.ready_in(parcel.chat_id)
        if (parcel.chat_id, parcel.topic_id) in self._busy or rest > _REST_S:
            now = self._clock()
            at = now + timedelta(seconds=max(rest, _REST_S))
            self._settlements.append(retry_at(parcel, at, parcel.parts, now))
            return
        self._busy.add((parcel.chat_id, parcel.topic_id))
        task = asyncio.create_task(self._deliver(parcel))
        self._tasks.add(task)
        self._queueing.add(task)
        task.add_done_callback(partial(self._done, parcel))

    def _done(self, parcel: OutboxMessage, task: asyncio.Task[None]) -> None:
        if task.cancelled():  # before its first step, so that it could not say so itself
            self._busy.discard((parcel.chat_id, parcel.topic_id))
            self._settlements.append(retry_at(parcel, self._clock(), parcel.parts, self._clock()))
        self._tasks.discard(task)
        self._queueing.discard(task)
        self._stirred.set()

    async def _deliver(self, parcel: OutboxMessage) -> None:
        """One parcel to its end, or back to the outbox."""
        arrived = parcel.parts
        try:
            message = await self._message(parcel)
            if message is None:
                return
            envelope = SendRequest(
                parcel.chat_id, parcel.topic_id, message.text, message.keyboard, message.silent
            )
            left = [(part, False) for part in parts(envelope)][arrived:]
            while left:
                part, is_substitute = left.pop(0)
                outcome = await self._send(part, parcel.priority)
                if isinstance(outcome, Rejected) and outcome.instead and not is_substitute:
                    log.error(f"sent in another form, since Telegram said: {outcome.why}")
                    left[:0] = [(other, True) for other in outcome.instead]
                elif isinstance(outcome, Delivered) and left:
                    arrived += 1
                else:
                    self._conclude(parcel, part, outcome, arrived)
                    return
        except asyncio.CancelledError:  # by `stop`, and only while waiting: nothing of this part was sent
            self._settlements.append(retry_at(parcel, self._clock(), arrived, self._clock()))
        finally:
            self._busy.discard((parcel.chat_id, parcel.topic_id))

    async def _send(self, part: SendRequest, priority: int) -> Outcome:
        task = asyncio.current_task()
        if task is not None:
            self._queueing.add(task)
        async with self._pacer.turn(part.chat_id, priority):
            if task is not None:
                self._queueing.discard(task)
            if self._stopping or self._halted is not None:
                raise asyncio.CancelledError
            self._stirred.set()
            return await self._transport.send(part)

    async def _message(self, parcel: OutboxMessage) -> OutgoingMessage | None:
        """The rendered message; None when the renderer failed, which makes this parcel a dead letter."""
        now = self._clock()
        if now - parcel.queued_at >= DELAYED_AFTER:
            parcel = replace(parcel, delayed=True)
        key = self._key(parcel)
        if key is not None:  # a message tells ages, so a rendering is soon too old to be shared
            key = (key, int(now.timestamp() / _FRESH_S))
        if key is not None and (known := self._rendered.get(key)) is not None:
            return known
        try:
            made = self._render(parcel, now)
            message = await made if inspect.isawaitable(made) else made
        except Exception as error:
            log.exception(f"a message of kind {parcel.kind!r} can't be rendered")
            why = f"can't be rendered: {type(error).__name__}"
            self._settlements.append(SendResult(parcel.ids, "dead", now, why))
            self._tally.count("dead")
            return None
        if key is not None:
            self._rendered[key] = message
            if len(self._rendered) > _RENDERED:
                self._rendered.popitem(last=False)
        return message

    def _conclude(self, parcel: OutboxMessage, part: SendRequest, outcome: Outcome, arrived: int) -> None:
        now = self._clock()
        if isinstance(outcome, Retry) and outcome.offline:
            time = asyncio.get_running_loop().time()
            if time >= self._resume_at:  # the first of those sent together to find out
                self._offline += 1
                self._resume_at = time + min(_OFFLINE_S, 0.25 * 2 ** min(self._offline, 8))
            outcome = replace(outcome, at=now + timedelta(seconds=self._resume_at - time))
        else:
            self._offline = 0
        judged = disposition(parcel, part, outcome, arrived, now)
        self._settlements.append(judged.settlement)
        if judged.change is not None:
            self._changes.append(judged.change)
        self._tally.count(judged.counted)
        match outcome:
            case Delivered():
                self._tally.delivered(parcel.bulletin, parcel.subjects[0].at, now)
            case Retry(at, why, flood=True):
                self._pacer.flooded(part.chat_id, (at - now).total_seconds() if at else 1.0)
            case Rejected(why):
                log.error(f"a message of kind {parcel.kind!r} was refused: {why}")
            case Halt(why):
                if self._halted is None:
                    log.critical(f"delivery stops: {why}")
                self._halted = why
