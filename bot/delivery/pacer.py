"""One pacer for everything that is sent: Telegram's three limits, who goes first, and what a 429 teaches."""

import asyncio
import math
from collections import deque
from heapq import heappop, heappush
from types import TracebackType
from typing import Self

from bot.delivery.chat_limits import PRIVATE_S, ChatLimits
from storage.outbox import Priority

Chat = int | str

USED = 0.98  # of the global limit; the rest pays for the unevenness of clocks and networks
_REPLY_BURST = 20  # replies that may follow each other at once in one chat; then one a second
_TICK_S = 0.001  # the event loop's timers know whole milliseconds only
_SMOOTH_BELOW = 100.0  # messages a second up to which every gap is kept; above, lateness is caught up
_CATCH_UP_S = 0.05
_FEWEST, _MOST, _SLOW_S = 64, 256, 0.25
_UNEVEN_S = 0.0007  # lateness of an answer that the margin in USED covers
_WRITING_S = 0.0005  # from a turn to the request on its way, when nothing holds it up
_SLOWEST = 0.25  # of the configured rate, however many 429s come
_NEAR_MISS_S = 2.0
_CLIMB_S = 5.0  # after which the rate is a hundredth higher again
_SWEEP_EVERY = 4096
_WARM_UP_S, _WARM_GAP = 0.15, 1.5  # after a silence connections are new: longer gaps at first
_SILENCE_S = 0.9


class _Waiter:
    __slots__ = ("chat", "future", "priority")

    def __init__(self, chat: Chat, priority: int, future: asyncio.Future[float]) -> None:
        self.chat = chat
        self.priority = priority
        self.future = future


class Slot:
    """`async with pacer.slot(...)`: waits for the turn on entry, frees its place in flight on exit."""

    __slots__ = ("_chat", "_granted_at", "_pacer", "_priority")

    def __init__(self, pacer: "Pacer", chat: Chat, priority: int) -> None:
        self._pacer = pacer
        self._chat = chat
        self._priority = priority
        self._granted_at = 0.0

    async def __aenter__(self) -> Self:
        self._granted_at = await self._pacer.wait(self._chat, self._priority)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pacer.release(self._granted_at)


class Pacer:
    """Gives turns: never more than the limits allow, gravest first, else first come first served.

    Args:
        per_second: Telegram's global limit, 30 unless broadcasts are paid for; `inf` for none.
        in_flight: deliveries under way at once, by default what the rate needs at a slow quarter of a second
            each; replies never wait for it.
        chat_gap_s: seconds between two messages to one chat; 0 where nobody counts them.

    A 429 from a chat that was written to moments ago blocks that chat; any other blocks everything for the
    time Telegram asks, and lowers the rate, which then climbs back.
    """

    def __init__(
        self, per_second: float = 30.0, *, in_flight: int | None = None, chat_gap_s: float = PRIVATE_S
    ) -> None:
        if not per_second > 0:
            raise ValueError(f"messages per second must be above 0, not {per_second!r}, for example 30")
        self.per_second = per_second
        needed = max(_FEWEST, min(_MOST, per_second * _SLOW_S))
        self.in_flight_limit = int(needed) if in_flight is None else in_flight
        self.in_flight = 0
        self.floods = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready: list[tuple[int, int, _Waiter]] = []
        self._blocked: list[tuple[float, int, _Waiter]] = []
        self._chat_gap_s = chat_gap_s
        self._chats: dict[Chat, ChatLimits] = {}
        self._numbered = 0
        self._next = -math.inf
        self._paused_until = -math.inf
        self._factor = 1.0
        self._factor_at = -math.inf
        self._warming = 0
        self._connections = 0  # connections there must be by now
        self._last = -math.inf  # the latest turn
        self._answered = True  # whether its message was
        self._best_latency = math.inf  # how long an answer takes at best
        self._smooth = per_second <= _SMOOTH_BELOW
        self._window: deque[float] = deque()
        self._timer: asyncio.Handle | None = None
        self._timer_at = math.inf
        self._grants = 0

    @property
    def rate(self) -> float:
        """Messages a second it gives at present."""
        return self.per_second * USED * self._factor

    def slot(self, chat: Chat, priority: Priority | int) -> Slot:
        """A turn to send one message to `chat`."""
        return Slot(self, chat, int(priority))

    def ready_in(self, chat: Chat) -> float:
        """Seconds until this chat alone may have its next delivery, whatever the others do."""
        limits = self._chats.get(chat)
        if limits is None:
            return 0.0
        now = self._time()
        return max(0.0, limits.ready_at(now, 1) - now)

    @property
    def even(self) -> bool:
        """Whether every gap is kept, rather than the number in each second."""
        return self._smooth

    def next_slot_in(self) -> float:
        """Seconds until the global limit allows another message."""
        return max(0.0, self._global_ready_at(now := self._time()) - now)

    def paused_for(self) -> float:
        """Seconds until anything at all may be sent."""
        return max(0.0, self._paused_until - self._time())

    async def wait(self, chat: Chat, priority: int) -> float:
        """Give the moment of this message's turn when it has come; `release` must follow when it is sent."""
        loop = self._loop = asyncio.get_running_loop()
        waiter = _Waiter(chat, priority, loop.create_future())
        self._numbered += 1
        heappush(self._ready, (priority, self._numbered, waiter))
        self._dispatch()
        if waiter.future.done():
            return waiter.future.result()
        try:
            return await waiter.future
        except asyncio.CancelledError:
            if waiter.future.done() and not waiter.future.cancelled():
                self.release(waiter.future.result())
            raise

    def release(self, granted_at: float) -> None:
        """One message that had its turn is no longer under way.

        An answer long in coming may mean a message late in arriving: where every gap is kept, the next must
        be as late; where messages are counted by the second, this one counts from when it arrived.
        """
        self.in_flight -= 1
        now = self._time()
        took = now - granted_at
        self._best_latency = min(took, self._best_latency * 1.001)
        if not self._smooth:
            if not math.isinf(self.per_second):
                self._window.append(now - self._best_latency)
        elif granted_at == self._last and not self._answered:
            self._answered = True
            if (late := took - self._best_latency - _UNEVEN_S) > 0 and self._latency_is_low():
                self._next = max(self._next, granted_at + late + 1.0 / self.rate)
        if self._ready:
            self._dispatch()

    def flooded(self, chat: Chat, seconds: float) -> None:
        """Telegram answered 429 to a message for `chat` and wants `seconds` of silence."""
        self.floods += 1
        now = self._time()
        limits = self._chats.get(chat)
        if limits is not None and limits.is_crowded(now):
            limits.block(now, seconds)
            return
        if now >= self._paused_until:
            self._lower(now, seconds)
        self.pause(seconds + 0.05)

    def pause(self, seconds: float) -> None:
        """Send nothing at all for `seconds`."""
        self._paused_until = max(self._paused_until, self._time() + seconds)

    def _lower(self, now: float, seconds: float) -> None:
        """A short wait asked is a near miss; a long one is a limit well below ours."""
        self._factor = max(_SLOWEST, self._factor * (0.99 if seconds <= _NEAR_MISS_S else 0.9))
        self._factor_at = now

    def _time(self) -> float:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop.time()

    def _dispatch(self) -> None:
        """Give every turn that is due, then set the timer for the next."""
        now = self._time()
        ready, blocked = self._ready, self._blocked
        while blocked and blocked[0][0] <= now:
            _, number, waiter = heappop(blocked)
            heappush(ready, (waiter.priority, number, waiter))
        while ready:
            slot = self._global_ready_at(now)
            if slot > now:
                self._wake_at(slot)
                return
            priority, number, waiter = ready[0]
            if waiter.future.done():
                heappop(ready)
                continue
            if priority > Priority.REPLY and self.in_flight >= self.in_flight_limit:
                break
            heappop(ready)
            limits = self._limits(waiter.chat)
            at = limits.ready_at(now, _REPLY_BURST if priority == Priority.REPLY else 1)
            if at > now:
                heappush(blocked, (at, number, waiter))
                continue
            limits.take(now)
            self._spend(now)
            self.in_flight += 1
            self._last, self._answered = now, False
            waiter.future.set_result(now)
            if self._smooth and self._loop is not None:
                self._loop.call_soon(self._written)
        if blocked:
            self._wake_at(blocked[0][0])

    def _global_ready_at(self, now: float) -> float:
        """When the global limit allows the next message."""
        slot = max(self._next, self._paused_until)
        if self._smooth and not self._answered and self._latency_is_low():
            slot = max(slot, self._last + 4.0 / self.rate)
        if not self._smooth:
            while self._window and self._window[0] <= now - 1.0:
                self._window.popleft()
            if self._window and len(self._window) + self.in_flight >= self.rate:
                slot = max(slot, self._window[0] + 1.0)
        return slot

    def _spend(self, now: float) -> None:
        if math.isinf(self.per_second):
            return
        if self._factor < 1.0 and now - self._factor_at > _CLIMB_S:
            self._factor = min(1.0, self._factor + 0.01)
            self._factor_at = now
        if now - self._next > _SILENCE_S:
            self._next = now
            self._warming = int(self.rate * _WARM_UP_S)
            self._connections = 0
        is_new = self.in_flight >= self._connections  # one more connection is needed
        self._connections = max(self._connections, self.in_flight + 1)
        interval = (_WARM_GAP if is_new or self._warming > 0 else 1.0) / self.rate
        self._warming -= 1
        if self._smooth:
            self._next = now + interval
        else:
            self._next = max(self._next, now - _CATCH_UP_S) + interval

    def _latency_is_low(self) -> bool:
        """Whether answers come well within a gap, so that a late one can be waited for."""
        return self._best_latency < 0.5 / self.rate

    def _written(self) -> None:
        """Called when the message just granted has been written: if that was held up, so is the next."""
        gap = 1.0 / self.rate - _WRITING_S
        self._next = max(self._next, self._time() + gap)

    def _limits(self, chat: Chat) -> ChatLimits:
        limits = self._chats.get(chat)
        if limits is None:
            self._grants += 1
            if self._grants % _SWEEP_EVERY == 0:
                now = self._time()
                self._chats = {key: kept for key, kept in self._chats.items() if not kept.is_idle(now)}
            limits = self._chats[chat] = ChatLimits(
                is_group=not (isinstance(chat, int) and chat > 0), gap_s=self._chat_gap_s
            )
        return limits

    def _wake_at(self, at: float) -> None:
        """Call `_dispatch` at `at`; the last millisecond is waited out turn by turn of the loop."""
        if at >= self._timer_at or self._loop is None:
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
