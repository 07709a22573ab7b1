"""When the limit over all chats allows the next message, for a program that has the limit to itself."""

import math
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from storage.outbox.recent_send import RecentSend

_SMOOTH_BELOW = 100.0  # messages a second up to which every gap is kept; above, lateness is caught up
_CATCH_UP_S = 0.05
_UNEVEN_S = 0.0007  # lateness of an answer that the margin of the rate covers
_WRITING_S = 0.0005  # from a turn to the request on its way, when nothing holds it up
_WARM_UP_S, _WARM_GAP = 0.15, 1.5  # after a silence connections are new: longer gaps at first
_SILENCE_S = 0.9

Learn = Callable[[Sequence[RecentSend], float], None]
"""Told what other replicas have sent, and for how many seconds nobody is to send anything."""


def is_smooth(per_second: float) -> bool:
    """Whether every gap is kept, rather than the number in each second."""
    return per_second <= _SMOOTH_BELOW


class Turns(Protocol):
    """The moments at which one message may be sent; times are the event loop's, in seconds.

    `rate` is the messages a second at present.
    """

    def connect(self, learn: Learn) -> None:
        """Tell of other replicas from now on; done once."""

    def want(self, count: int, rate: float) -> None:
        """Say how many messages wait for their turn."""

    def next_at(self, now: float, rate: float, in_flight: int, *, is_reply: bool) -> float:
        """When the next turn comes, while so many messages are under way; infinite: not known yet."""

    def take(self, chat: int | str, now: float, rate: float, in_flight: int, *, is_edit: bool) -> None:
        """Use the next turn for a chat."""

    def written(self, now: float, rate: float) -> None:
        """Note that the message whose turn was taken last has been written."""

    def answered(self, taken_at: float, now: float, rate: float) -> None:
        """Note that the message has been answered whose turn was taken at a time."""

    def flooded(self, chat: int | str, seconds: float) -> None:
        """Tell other replicas of a 429."""

    def paused(self, seconds: float) -> None:
        """Tell other replicas that nobody is to send anything."""


class OwnTurns:
    """The turns of a program that shares the limit with nobody.

    An answer long in coming may mean a message late in arriving: where every gap is kept, the next must be as
    late; where messages are counted by the second, this one counts from when it arrived.
    """

    def __init__(self, per_second: float) -> None:
        self._is_unlimited = math.isinf(per_second)
        self._smooth = is_smooth(per_second)
        self._next = -math.inf
        self._warming = 0
        self._connections = 0  # connections there must be by now
        self._last = -math.inf  # the latest turn
        self._answered = True  # whether its message was
        self._best_latency = math.inf  # how long an answer takes at best
        self._window: deque[float] = deque()

    def connect(self, learn: Learn) -> None:
        """Do nothing: there is nobody to learn from."""

    def want(self, count: int, rate: float) -> None:
        """Do nothing: the next turn is always known."""

    def flooded(self, chat: int | str, seconds: float) -> None:
        """Do nothing: there is nobody to tell."""

    def paused(self, seconds: float) -> None:
        """Do nothing: there is nobody to tell."""

    def next_at(self, now: float, rate: float, in_flight: int, *, is_reply: bool) -> float:
        """When the next turn comes, while so many messages are under way."""
        slot = self._next
        if self._smooth:
            if not self._answered and self._latency_is_low(rate):
                slot = max(slot, self._last + 4.0 / rate)
            return slot
        while self._window and self._window[0] <= now - 1.0:
            self._window.popleft()
        if self._window and len(self._window) + in_flight >= rate:
            slot = max(slot, self._window[0] + 1.0)
        return slot

    def take(self, chat: int | str, now: float, rate: float, in_flight: int, *, is_edit: bool) -> None:
        """Use the next turn."""
        self._last, self._answered = now, False
        if self._is_unlimited:
            return
        if now - self._next > _SILENCE_S:
            self._next = now
            self._warming = int(rate * _WARM_UP_S)
            self._connections = 0
        is_new = in_flight >= self._connections  # one more connection is needed
        self._connections = max(self._connections, in_flight + 1)
        interval = (_WARM_GAP if is_new or self._warming > 0 else 1.0) / rate
        self._warming -= 1
        if self._smooth:
            self._next = now + interval
        else:
            self._next = max(self._next, now - _CATCH_UP_S) + interval

    def written(self, now: float, rate: float) -> None:
        """Have the next turn come as late as the message was written."""
        self._next = max(self._next, now + 1.0 / rate - _WRITING_S)

    def answered(self, taken_at: float, now: float, rate: float) -> None:
        """Have the next turn come as late as the message may have arrived."""
        latency = now - taken_at
        self._best_latency = min(latency, self._best_latency * 1.001)
        if not self._smooth:
            if not self._is_unlimited:
                self._window.append(now - self._best_latency)
        elif taken_at == self._last and not self._answered:
            self._answered = True
            if (late := latency - self._best_latency - _UNEVEN_S) > 0 and self._latency_is_low(rate):
                self._next = max(self._next, taken_at + late + 1.0 / rate)

    def _latency_is_low(self, rate: float) -> bool:
        """Whether answers come well within a gap, so that a late one can be waited for."""
        return self._best_latency < 0.5 / rate
