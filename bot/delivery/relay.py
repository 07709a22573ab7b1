"""Relay the outbox to Telegram: lease a little, send at the pacer's pace, record what became of it."""

import asyncio
import logging
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.delivery.alert_pictures import Pictures
from bot.delivery.departures import CHECK_S, Departures
from bot.delivery.outage import Outage
from bot.delivery.outcomes import (
    Delivered,
    Gone,
    Halt,
    Outcome,
    Rejected,
    Retry,
    RetryCause,
    Transport,
    Uncertain,
)
from bot.delivery.pacer import Pacer
from bot.delivery.rendering import Render, RenderCache, RenderError
from bot.delivery.retry_policy import ChatChange, disposition, retry_at
from bot.delivery.sender import MAX_SLOT_WAIT_S, Attempt, Sender
from bot.delivery.stats import DeliveryStats, Tally
from storage import outbox
from storage.database import Database, Store
from storage.errors import StorageError
from storage.outbox import Lane, OutboxMessage, SendResult

log = logging.getLogger(__name__)

STOP_GRACE_S = 0.9  # for messages under way when the program stops
_LAST_WRITE_S = 5.0  # as long as SQLite waits for a lock; whoever stops the program gives up sooner
_AHEAD_S = 0.05  # leased but not yet sent: as much as this time can send, so that a crash leaves little open
_SHARED_AHEAD_S = 0.1  # the same where a server of its own has to be asked for more
_MAX_CHAT_WAIT_S = 0.25  # a message whose chat must wait longer goes back to the outbox
_BATCH_S = 0.005  # outcomes are gathered this long and written down together
_IDLE_S = 30.0  # the longest sleep without a look into the outbox
_SHARED_IDLE_S = 0.2  # the same where other replicas fill it
_SHARED_BUSY_S = 0.05  # between two claims that found nothing free
_DEAD_CHECK_S = 1.0  # between two looks for what a dead replica was sending
_DATABASE_RETRY = timedelta(seconds=1)
LEASE_CHECK_S = 300.0
_FAILURE_RETRY = timedelta(minutes=5)  # after an error of the program itself


class DeliveryHaltedError(Exception):
    """Delivery can't go on at all (wrong token, a second instance); the text says why."""


class DeliveryProblem(StrEnum):
    """What operators should know of."""

    RIGHTS = "rights"  # a chat has taken the bot's right to write
    DEPARTURES = "departures"  # many chats refuse at once


class Relay:
    """Sends what the outbox holds until stopped.

    Args:
        store: the open database; relays of other replicas may work on the same one.
        transport: sends one request and returns its outcome.
        pacer: shared with the replies.
        render: makes the message of a content; when it raises, that message becomes a dead letter.
        clock: aware UTC now.
        is_clock_steady: False while `clock` has just jumped; nothing expires then.
        lane: which rows of the outbox it sends; each lane has one relay.
        on_problem: told of what operators should know, with the chat's id and the text of the refusal.
        departure_check_s: how long a refusal that says a chat is gone waits to be compared with others.
        lease_check_s: how often leases that nobody works on are looked for.
        allowed: the only chats that anything is sent to; empty: all.
        pictures: gives alerts their pictures; None: they have none.
    """

    def __init__(
        self,
        store: Store,
        transport: Transport,
        pacer: Pacer,
        render: Render,
        clock: Callable[[], datetime],
        *,
        lane: Lane = Lane.TELEGRAM,
        is_clock_steady: Callable[[], bool] = lambda: True,
        on_problem: Callable[[DeliveryProblem, int, str], None] = lambda _problem, _chat_id, _why: None,
        departure_check_s: float = CHECK_S,
        lease_check_s: float = LEASE_CHECK_S,
        allowed: frozenset[int] = frozenset(),
        pictures: Pictures | None = None,
    ) -> None:
        self._store = store
        self._pacer = pacer
        self._clock = clock
        self._lane = lane
        self._is_clock_steady = is_clock_steady
        self._on_problem = on_problem
        self._wakeup = asyncio.Event()
        self._sender = Sender(
            transport, pacer, RenderCache(render), clock, self._wakeup.set, pictures, store.may_send
        )
        self._outage = Outage()
        self._departures = Departures(departure_check_s)
        self._tally = Tally()
        self._tasks: dict[asyncio.Task[None], OutboxMessage] = {}
        self._doubted: set[asyncio.Task[None]] = set()  # of those, the ones whose refusal is being checked
        self._busy: set[tuple[int, int]] = set()
        self._results: list[SendResult] = []
        self._changes: list[ChatChange] = []
        self._may_have_due = True
        self._has_to_look = False
        self._waits = "delivery waits" if lane == Lane.TELEGRAM else "delivery to webhooks waits"
        self._lease_check_s = lease_check_s
        self._allowed = allowed
        self._lease_check_at = -math.inf
        self._dead_check_at = -math.inf
        self._looked_at: float | None = None
        self._ended = asyncio.Event()
        self._ended.set()
        self._halted: str | None = None

    async def run(self) -> None:
        """Deliver until `stop`. Raises DeliveryHaltedError when Telegram refuses the bot altogether."""
        self._ended.clear()
        try:
            while not self._sender.is_stopping and self._halted is None:
                self._looked_at = self._loop_time()
                self._give_up_long_waits()
                try:
                    await self._recover()
                    due = await self._record_and_claim()
                    await self._check_leases()
                except StorageError as error:
                    self._store.outage.failed(self._waits, error)
                    self._wakeup.clear()
                    await self._sleep(_DATABASE_RETRY.total_seconds())
                    continue
                self._store.outage.ended(self._waits)
                await self._wait_for_work(due)
        finally:
            try:
                await self._finish()
            finally:
                self._ended.set()
        if self._halted is not None:
            raise DeliveryHaltedError(self._halted)

    def wake(self) -> None:
        """Look for new rows now."""
        self._may_have_due = True
        self._wakeup.set()

    def paused_for(self) -> float:
        """Seconds until anything may be sent at all."""
        return self._pacer.paused_for()

    def idle_for(self) -> float:
        """Seconds since the relay last looked into the outbox; it does at least every half minute."""
        return 0.0 if self._looked_at is None else self._loop_time() - self._looked_at

    async def stop(self) -> None:
        """Finish what is being sent, return the rest to the outbox and wait until `run` has ended.

        Takes about a second unless the disk fails; what is not answered by then goes again, marked.
        """
        self._sender.is_stopping = True
        self._cancel_waiting()
        self._wakeup.set()
        await self._ended.wait()

    async def stats(self) -> DeliveryStats:
        """What delivery did since the start, and what waits now."""
        waiting = await self._store.read(lambda db: outbox.waiting(db, self._lane))
        return DeliveryStats(
            outcomes=dict(self._tally.outcomes),
            waiting=waiting,
            rate_per_second=self._pacer.rate,
            floods=self._pacer.floods,
            alert_groups=self._tally.alert_groups(),
        )

    async def _recover(self) -> None:
        """At the start, and from time to time where there are other replicas: send what a dead one left."""
        if self._loop_time() < self._dead_check_at:
            return
        recovered = await self._store.write_beside(lambda db: outbox.recover(db, self._clock(), self._lane))
        self._dead_check_at = self._loop_time() + (_DEAD_CHECK_S if self._store.is_shared else math.inf)
        if recovered.again or recovered.uncertain:
            self._may_have_due = True
            log.warning(
                f"{recovered.again + recovered.uncertain} messages were being sent when the program last "
                f"stopped: {recovered.again} go again as possible repeats, "
                f"{recovered.uncertain} count as sent"
            )
            self._tally.outcomes["again"] += recovered.again
            self._tally.outcomes["uncertain"] += recovered.uncertain

    async def _record_and_claim(self) -> datetime | None:
        """Record results and claim messages in one transaction; returns when the next row is due."""
        if self._has_to_look:
            self._has_to_look = False
            due = await self._store.read(lambda db: outbox.next_due(db, self._lane))
            if not (self._results or self._changes) and (due is None or due > self._clock()):
                return due
            self._may_have_due = True
        is_paused = self._sender.is_stopping or self._paused_for() > 0
        room = 0 if is_paused else self._max_waiting() - len(self._sender.waiting)
        if not (self._results or self._changes or (self._may_have_due and room > 0)):
            return None
        results, self._results = self._results, []
        changes, self._changes = self._changes, []
        self._may_have_due = room <= 0 and self._may_have_due
        now, may_expire, replica = self._clock(), self._is_clock_steady(), self._store.replica

        def work(db: Database) -> tuple[list[OutboxMessage], datetime | None]:
            for change in changes:
                change(db)
            outbox.record(db, results, replica)
            if room <= 0:
                return [], None
            claimed = outbox.claim(
                db,
                now,
                room,
                may_expire=may_expire,
                allowed=self._allowed,
                lane=self._lane,
                replica=replica,
            )
            return claimed, None if claimed else outbox.next_due(db, self._lane)

        try:
            messages, due = await (self._store.write(work) if changes else self._store.write_beside(work))
        except StorageError:
            self._results[:0] = results
            self._changes[:0] = changes
            self._may_have_due = True
            if self._store.is_shared:  # it may be committed all the same: then nobody sends what it claimed
                self._lease_check_at = -math.inf
            raise
        if messages or room <= 0:
            self._may_have_due = True
        for message in messages:
            self._start(message)
        return due

    async def _check_leases(self) -> None:
        """Return rows to the queue that are leased although nobody sends them, which must not happen."""
        if self._loop_time() < self._lease_check_at:
            return
        rows_at_work = {row for message in self._tasks.values() for row in message.ids}
        rows_at_work |= {row for result in self._results for row in result.ids}
        now = self._clock()
        lost_rows = await self._store.write_beside(
            lambda db: outbox.return_lost_leases(db, rows_at_work, now, self._lane, self._store.replica)
        )
        self._lease_check_at = self._loop_time() + self._lease_check_s
        if lost_rows:
            self._may_have_due = True
            log.error(f"{lost_rows} messages were leased and nobody sent them; they are tried again")

    def _max_waiting(self) -> int:
        """How many messages may be leased that have no slot yet."""
        ahead_s = _SHARED_AHEAD_S if self._store.is_shared else _AHEAD_S
        ahead = math.ceil(min(self._pacer.rate, 1e6) * ahead_s)
        return max(2, min(self._pacer.in_flight_limit, ahead))

    def _paused_for(self) -> float:
        """Seconds during which no message could be sent, so that none is leased."""
        pause = self._pacer.paused_for()
        return max(self._outage.paused_for(self._loop_time()), pause if pause > _MAX_CHAT_WAIT_S else 0.0)

    async def _wait_for_work(self, due: datetime | None) -> None:
        """Sleep until a message ended, a new one came or the next row is due."""
        paused = self._paused_for()
        has_room = len(self._sender.waiting) < self._max_waiting()
        if not (self._may_have_due and paused == 0 and has_room):
            is_shared = self._store.is_shared
            wait = _SHARED_IDLE_S if is_shared else _IDLE_S
            if due is not None:
                soonest = _SHARED_BUSY_S if is_shared else 0.0  # due rows may be other replicas'
                wait = min(wait, max(soonest, (due - self._clock()).total_seconds()) + 0.001)
            if paused > 0:
                wait = min(wait, paused)
            woken = await self._sleep(wait)
            if is_shared and not woken:
                self._has_to_look = True
            else:
                self._may_have_due = self._may_have_due or due is not None or not woken
        self._wakeup.clear()
        if self._tasks and not self._sender.is_stopping:
            await asyncio.sleep(_BATCH_S)
            if (soon := self._pacer.next_slot_in()) < _BATCH_S and self._pacer.even:
                await asyncio.sleep(soon + _BATCH_S)  # the writer thread would make that send uneven

    async def _sleep(self, seconds: float) -> bool:
        """Sleep, or less when woken; returns whether it was."""
        try:
            async with asyncio.timeout(seconds):
                await self._wakeup.wait()
        except TimeoutError:
            return False
        return True

    async def _finish(self) -> None:
        """Give messages under way a moment, then record how they ended; leases are left if that fails."""
        self._sender.is_stopping = True
        self._cancel_waiting()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_GRACE_S)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        try:
            async with asyncio.timeout(_LAST_WRITE_S):
                await self._record_and_claim()
        except (StorageError, TimeoutError) as error:
            log.error(f"the last results can't be recorded ({error}); those messages go again, marked")

    def _give_up_long_waits(self) -> None:
        """Return messages whose chat got a limit while they waited: others can use their places."""
        for task in self._sender.waiting:
            if task in self._tasks and self._pacer.ready_in(self._tasks[task].chat_id) > MAX_SLOT_WAIT_S:
                task.cancel()

    def _cancel_waiting(self) -> None:
        for task in self._sender.waiting | self._doubted:
            task.cancel()

    def _start(self, message: OutboxMessage) -> None:
        address = (message.chat_id, message.topic_id)
        wait = self._pacer.ready_in(message.chat_id)
        if address in self._busy or wait > _MAX_CHAT_WAIT_S:
            now = self._clock()
            self._results.append(retry_at(message, now + timedelta(seconds=max(wait, _MAX_CHAT_WAIT_S)), now))
            return
        self._busy.add(address)
        task = asyncio.create_task(self._deliver(message))
        self._tasks[task] = message
        self._sender.waiting.add(task)
        task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        message = self._tasks.pop(task)
        self._busy.discard((message.chat_id, message.topic_id))
        self._sender.waiting.discard(task)
        if task.cancelled():  # before its first step
            self._results.append(retry_at(message, self._clock(), self._clock()))
        self._wakeup.set()

    async def _deliver(self, message: OutboxMessage) -> None:
        """Send one message and keep its result for the next transaction."""
        try:
            attempt = await self._sender.send(message)
            if isinstance(attempt.outcome, Gone):
                attempt = attempt._replace(outcome=await self._checked(attempt.outcome, message))
            self._conclude(message, attempt)
        except RenderError as error:
            log.exception(f"a message of kind {message.content.kind!r} is dropped")
            self._results.append(SendResult(message.ids, "dead", self._clock(), str(error)))
            self._tally.count("dead")
        except StorageError as error:  # where a message goes may have to be read
            self._store.outage.failed(self._waits, error)
            now = self._clock()
            self._results.append(retry_at(message, now + _DATABASE_RETRY, now, type(error).__name__))
        except Exception as error:
            log.exception(f"a message of kind {message.content.kind!r} failed; it is tried again")
            now = self._clock()
            self._results.append(retry_at(message, now + _FAILURE_RETRY, now, type(error).__name__))

    async def _checked(self, outcome: Gone, message: OutboxMessage) -> Outcome:
        """Compare a refusal with those of other chats; most of them at once are doubted for half an hour."""
        self._departures.refused(message.chat_id, self._loop_time())
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - tells the type checker that we run in a task
        self._doubted.add(task)
        try:
            await asyncio.sleep(self._departures.check_s)
        except asyncio.CancelledError:
            return Retry(RetryCause.STOPPED, outcome.why)
        finally:
            self._doubted.discard(task)
        if self._departures.is_doubtful(message.chat_id, self._loop_time()):
            return Retry(RetryCause.DEPARTURES, outcome.why)
        return outcome

    def _conclude(self, message: OutboxMessage, attempt: Attempt) -> None:
        now, outcome = self._clock(), attempt.outcome
        outcome = self._note_outage(outcome, now)
        judged = disposition(message, attempt.request, outcome, attempt.arrived, now)
        self._results.append(judged.result)
        if judged.change is not None:
            self._changes.append(judged.change)
        self._tally.count(judged.counted)
        match outcome:
            case Delivered():
                self._departures.delivered(message.chat_id, self._loop_time())
                self._tally.delivered(message.content.alert_group, message.content.subjects[0].at, now)
            case Retry(RetryCause.RIGHTS, why):
                self._on_problem(DeliveryProblem.RIGHTS, message.chat_id, why)
            case Retry(RetryCause.DEPARTURES, why):
                self._on_problem(DeliveryProblem.DEPARTURES, message.chat_id, why)
            case Rejected(why):
                log.error(f"a message of kind {message.content.kind!r} was refused: {why}")
            case Halt(why):
                if self._halted is None:
                    log.critical(f"delivery stops: {why}")
                self._halted = why

    def _note_outage(self, outcome: Outcome, now: datetime) -> Outcome:
        """Count failures to reach Telegram; such a message is due again when the pause ends."""
        match outcome:
            case Retry(RetryCause.OFFLINE, _):
                self._outage.failed(RetryCause.OFFLINE, self._loop_time())
                return replace(outcome, at=now + timedelta(seconds=self._paused_for()))
            case Retry(RetryCause.SERVER, _):
                self._outage.failed(RetryCause.SERVER, self._loop_time())
            case Uncertain() | Retry(RetryCause.STOPPED | RetryCause.INTERRUPTED | RetryCause.WAITS, _):
                pass
            case _:
                self._outage.ended()
        return outcome

    def _loop_time(self) -> float:
        return asyncio.get_running_loop().time()
