"""Pace all messages within Telegram's three limits, by priority, and adjust the rate after 429s."""

import asyncio
import math
from collections.abc import Sequence
from contextvars import ContextVar
from heapq import heappop, heappush
from types import TracebackType
from typing import Self

from bot.delivery.chat_limits import PRIVATE_S, ChatLimits
from bot.delivery.flood_evidence import FloodEvidence
from bot.delivery.turns import OwnTurns, Turns, is_smooth
from storage.outbox import Priority
from storage.outbox.recent_send import RecentSend

Chat = int | str

USED = 0.98  # of the global limit; the rest pays for the unevenness of clocks and networks
_TICK_S = 0.001  # the event loop's timers know whole milliseconds only
_FEWEST, _MOST, _SLOW_S = 64, 256, 0.25
_SLOWEST = 0.25  # of the configured rate, however many 429s come
_NEAR_MISS_S = 2.0
_CLIMB_S = 5.0  # after which the rate is a hundredth higher again
_SWEEP_EVERY = 4096
_MAX_PAUSE_S = 60.0  # of everything; afterwards one message probes whether the limit still holds
_LAST_REPLY_S = 0.5  # a reply waits no longer when the program stops

reply_rank: ContextVar[float] = ContextVar("reply_rank", default=0.0)
"""What the person whose question is answered here has asked for lately. Of two replies that wait for a slot
the one with the lower rank goes first, so that a few who ask for much hold up nobody who asks for little."""


class SlotRefusedError(Exception):
    """A reply could not be sent soon enough to be of use."""


class _Waiter:
    __slots__ = ("chat", "future", "order", "priority")

    def __init__(
        self, chat: Chat, priority: int, order: tuple[float, int], future: asyncio.Future[float]
    ) -> None:
        self.chat = chat
        self.priority = priority
        self.order = order
        self.future = future


class Slot:
    """Context manager: waits for permission to send on entry, frees the place in flight on exit."""

    __slots__ = ("_chat", "_granted_at", "_max_wait_s", "_pacer", "_priority", "_rank")

    def __init__(
        self, pacer: "Pacer", chat: Chat, priority: int, max_wait_s: float | None, rank: float
    ) -> None:
        self._pacer = pacer
        self._chat = chat
        self._priority = priority
        self._max_wait_s = max_wait_s
        self._rank = rank
        self._granted_at = 0.0

    async def __aenter__(self) -> Self:
        """Wait for the slot. Raises SlotRefusedError after `max_wait_s`, or when replies are dropped."""
        if self._max_wait_s is None:
            self._granted_at = await self._pacer.wait(self._chat, self._priority, self._rank)
            return self
        try:
            async with asyncio.timeout(self._max_wait_s):
                self._granted_at = await self._pacer.wait(self._chat, self._priority, self._rank)
        except TimeoutError:
            raise SlotRefusedError(f"no slot within {self._max_wait_s:g} s") from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Free the place in flight."""
        self._pacer.release(self._granted_at)


class Pacer:
    """Grants slots: never more than the limits allow, gravest first, then the lower rank, then first come.

    Replies go before all, but while both wait every second slot is for what the outbox tells by itself: when
    many ask at once, as they do when something happens, alerts come through all the same.

    Args:
        per_second: Telegram's global limit, 30 unless broadcasts are paid for; `inf` for none.
        in_flight: deliveries under way at once, by default what the rate needs at a slow quarter of a second
            each; replies never wait for it.
        chat_gap_s: seconds between two messages to one chat; 0 where nobody counts them.
        turns: those of this replica, where several share the limits.

    A 429 blocks the chat it came from for the time Telegram asks. When several chats give evidence of a limit
    over all of them, everything pauses, at most a minute at a time before one message probes it, and the rate
    is lowered and climbs back.
    """

    def __init__(
        self,
        per_second: float = 30.0,
        *,
        in_flight: int | None = None,
        chat_gap_s: float = PRIVATE_S,
        turns: Turns | None = None,
    ) -> None:
        if not per_second > 0:
            raise ValueError(f"messages per second must be above 0, not {per_second!r}, for example 30")
        self.per_second = per_second
        needed = max(_FEWEST, min(_MOST, per_second * _SLOW_S))
        self.in_flight_limit = int(needed) if in_flight is None else in_flight
        self.in_flight = 0
        self.floods = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._replies: list[tuple[int, tuple[float, int], _Waiter]] = []  # ready as far as their chats go
        self._ready: list[tuple[int, tuple[float, int], _Waiter]] = []  # the same of everything else
        self._reply_was_last = False
        self._blocked: list[tuple[float, tuple[float, int], _Waiter]] = []
        self._chat_gap_s = chat_gap_s
        self._chats: dict[Chat, ChatLimits] = {}
        self._numbered = 0
        self._paused_until = -math.inf
        self._factor = 1.0
        self._factor_at = -math.inf
        self._smooth = is_smooth(per_second)
        self._timer: asyncio.Handle | None = None
        self._timer_at = math.inf
        self._sweep_in = _SWEEP_EVERY
        self._evidence = FloodEvidence()
        self._probing = False  # after a long pause: one message at a time until one is delivered
        self._drops_replies = False
        self._turns = OwnTurns(per_second) if turns is None or math.isinf(per_second) else turns
        self._turns.connect(self._learn)

    @property
    def rate(self) -> float:
        """Messages a second granted at present."""
        return self.per_second * USED * self._factor

    def slot(
        self, chat: Chat, priority: Priority | int, max_wait_s: float | None = None, rank: float = 0.0
    ) -> Slot:
        """Context manager that waits, at most `max_wait_s`, until one message may be sent to `chat`.

        Of two with the same priority the lower rank goes first.
        """
        if self._drops_replies and priority == Priority.REPLY:
            max_wait_s = _LAST_REPLY_S
        return Slot(self, chat, int(priority), max_wait_s, rank)

    def drop_replies(self) -> None:
        """Refuse all replies that wait for a slot, and from now on those that wait for long."""
        self._drops_replies = True
        for heap in (self._replies, self._blocked):
            for _, _, waiter in heap:
                if waiter.priority == Priority.REPLY and not waiter.future.done():
                    waiter.future.set_exception(SlotRefusedError("the program stops"))

    def ready_in(self, chat: Chat) -> float:
        """Seconds until the limits of this chat alone allow its next message."""
        limits = self._chats.get(chat)
        if limits is None:
            return 0.0
        now = self._time()
        return max(0.0, limits.ready_at() - now)

    @property
    def even(self) -> bool:
        """Whether every gap is kept, rather than the number in each second."""
        return self._smooth

    def next_slot_in(self) -> float:
        """Seconds until the global limit allows another message."""
        now = self._time()
        return max(0.0, self._global_ready_at(now, is_reply=self._next_line() is self._replies) - now)

    def paused_for(self) -> float:
        """Seconds until anything at all may be sent."""
        return max(0.0, self._paused_until - self._time())

    async def wait(self, chat: Chat, priority: int, rank: float = 0.0) -> float:
        """Wait for a slot; returns the time of the grant. `release` must follow when the message is sent."""
        loop = self._loop = asyncio.get_running_loop()
        self._numbered += 1
        waiter = _Waiter(chat, priority, (rank, self._numbered), loop.create_future())
        self._make_ready(waiter)
        self._dispatch()
        if waiter.future.done():
            return waiter.future.result()
        try:
            return await waiter.future
        except asyncio.CancelledError:
            if waiter.future.done() and not waiter.future.cancelled() and waiter.future.exception() is None:
                self.release(waiter.future.result())
            raise

    def release(self, granted_at: float) -> None:
        """Free the place in flight of a message that was granted its slot at `granted_at`."""
        self.in_flight -= 1
        self._turns.answered(granted_at, self._time(), self.rate)
        if self._ready or self._replies:
            self._dispatch()

    def delivered(self) -> None:
        """Telegram accepted a message."""
        self._evidence.delivered(self._time())
        self._probing = False

    def flooded(self, chat: Chat, seconds: float) -> None:
        """Telegram answered 429 to a message for `chat` and asks for `seconds` without another."""
        self.floods += 1
        now = self._time()
        self._limits(chat).block(now, seconds)
        self._turns.flooded(chat, seconds)
        if self._evidence.flooded(chat, seconds, now) or self._probing:
            self._pause(now, seconds)
            self._turns.paused(min(seconds, _MAX_PAUSE_S))

    def _learn(self, sends: Sequence[RecentSend], paused_s: float) -> None:
        """Count what other replicas have sent, obey what they were told, and go on."""
        now = self._time()
        for send in sends:
            limits = self._limits(int(send.chat) if send.chat.lstrip("-").isdecimal() else send.chat)
            at = now - send.age_s
            if send.retry_after_s is not None:
                limits.block(at, send.retry_after_s)
            elif send.is_edit:
                limits.take_edit(at)
            else:
                limits.take(at)
        if now + paused_s > max(now, self._paused_until):
            self._pause(now, paused_s)
        self._dispatch()

    def _pause(self, now: float, seconds: float) -> None:
        if now >= self._paused_until:
            self._lower_rate(now, seconds)
        self._probing = self._probing or seconds > _NEAR_MISS_S
        self._paused_until = max(self._paused_until, now + min(seconds, _MAX_PAUSE_S) + 0.05)

    def _lower_rate(self, now: float, seconds: float) -> None:
        """Lower the rate: by 1 % if Telegram asks for at most 2 s, else by 10 %, never below a quarter."""
        self._factor = max(_SLOWEST, self._factor * (0.99 if seconds <= _NEAR_MISS_S else 0.9))
        self._factor_at = now

    def _time(self) -> float:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop.time()

    def _dispatch(self) -> None:
        """Grant every slot that is due, then set the timer for the next."""
        is_free = self._grant()
        self._turns.want(len(self._ready) + len(self._replies) if is_free else 0, self.rate)

    def _grant(self) -> bool:
        """Grant every slot that is due; returns whether only their time holds up the others."""
        now = self._time()
        blocked = self._blocked
        while blocked and blocked[0][0] <= now:
            self._make_ready(heappop(blocked)[2])
        while ready := self._next_line():
            slot = self._global_ready_at(now, is_reply=ready is self._replies)
            if slot > now:
                self._wake_at(slot)
                return True
            priority, order, waiter = ready[0]
            if ready is self._ready and self.in_flight >= self.in_flight_limit:
                break
            if self._probing and self.in_flight > 0:
                break
            heappop(ready)
            limits = self._limits(waiter.chat)
            at = _chat_ready_at(limits, priority, now)
            if at > now:
                heappush(blocked, (at, order, waiter))
                continue
            (limits.take_edit if priority == Priority.EDIT else limits.take)(now)
            self._climb(now)
            self._reply_was_last = priority == Priority.REPLY
            is_edit = priority == Priority.EDIT
            self._turns.take(waiter.chat, now, self.rate, self.in_flight, is_edit=is_edit)
            self.in_flight += 1
            waiter.future.set_result(now)
            if self._smooth and self._loop is not None:
                self._loop.call_soon(self._request_written)
        if blocked:
            self._wake_at(blocked[0][0])
        return not ready

    def _make_ready(self, waiter: _Waiter) -> None:
        line = self._replies if waiter.priority == Priority.REPLY else self._ready
        heappush(line, (waiter.priority, waiter.order, waiter))

    def _next_line(self) -> list[tuple[int, tuple[float, int], _Waiter]]:
        """The line whose first goes next; empty when nobody waits. Edits wait until no reply does."""
        for line in (self._replies, self._ready):
            while line and line[0][2].future.done():
                heappop(line)
        if not self._replies:
            return self._ready
        has_turn = self._reply_was_last and self.in_flight < self.in_flight_limit
        tells = bool(self._ready) and self._ready[0][0] < Priority.EDIT
        return self._ready if has_turn and tells else self._replies

    def _global_ready_at(self, now: float, *, is_reply: bool) -> float:
        """Time at which the global limit allows the next message."""
        turn = self._turns.next_at(now, self.rate, self.in_flight, is_reply=is_reply)
        return max(turn, self._paused_until)

    def _climb(self, now: float) -> None:
        """Raise a rate that was lowered, a hundredth every few seconds."""
        if self._factor < 1.0 and now - self._factor_at > _CLIMB_S:
            self._factor = min(1.0, self._factor + 0.01)
            self._factor_at = now

    def _request_written(self) -> None:
        """Note that the message just granted was written."""
        self._turns.written(self._time(), self.rate)

    def _limits(self, chat: Chat) -> ChatLimits:
        limits = self._chats.get(chat)
        if limits is None:
            self._sweep_in -= 1
            if self._sweep_in == 0:
                self._sweep_in = _SWEEP_EVERY
                now = self._time()
                self._chats = {key: each for key, each in self._chats.items() if not each.is_idle(now)}
            limits = self._chats[chat] = ChatLimits(
                is_group=not (isinstance(chat, int) and chat > 0), gap_s=self._chat_gap_s
            )
        return limits

    def _wake_at(self, at: float) -> None:
        """Call `_dispatch` at `at`; the last millisecond passes in turns of the event loop."""
        if at >= self._timer_at or self._loop is None or math.isinf(at):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = at
        early = at - _TICK_S if self._smooth else at
        if early > self._loop.time():
            self._timer = self._loop.call_at(early, self._tick)
        else:
            self._timer = self._loop.call_soon(self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._timer_at = math.inf
        self._dispatch()


def _chat_ready_at(limits: ChatLimits, priority: int, now: float) -> float:
    """Time at which the limits of a chat allow something of this priority."""
    match priority:
        case Priority.EDIT:
            return limits.edit_ready_at()
        case Priority.REPLY:
            return limits.reply_ready_at(now)
        case _:
            return limits.ready_at()
