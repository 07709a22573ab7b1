"""Turns that replicas share: taken from the database a few at a time, ahead of their use."""

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from bot.delivery.turns import Learn
from storage.database import Database, Store
from storage.errors import StorageError
from storage.outbox.recent_send import RecentSend
from storage.postgres import pace
from storage.postgres.pace import Given, Wanted

log = logging.getLogger(__name__)

_AHEAD_S: Final = 0.05  # turns are taken for what is sent in this time, at least three
_SAFETY_S: Final = 0.005
_REPLY_LATE_S: Final = 0.25  # a person waits for it: better a later turn for others than another one for it
_WINDOW_S: Final = 1.0  # for so long a message counts
_SAY_S: Final = 0.01  # what was sent is told to the others after this time
_PRUNE_S: Final = 30.0
_WAITS: Final = "the pace can't be shared, so that this replica sends slowly"
_COMPARISONS: Final = 20  # of clocks before the first turn, where all of them take long
_AWAY_FACTOR: Final = 10.0  # while the database can't be asked, each replica keeps to this part of the pace


class _Turn(NamedTuple):
    at: float
    delay_s: float  # of the sequence in all when it was taken


class SharedTurns:
    """The turns of one replica out of the sequence that all share.

    Args:
        store: the database that all use.
        per_second: the limit, of which the gaps between turns leave a little.
        monotonic: the event loop's clock.
    """

    def __init__(
        self, store: Store, per_second: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._per_second = per_second
        self._monotonic = monotonic
        self._learn: Learn = lambda _sends, _paused_s: None
        self._turns: deque[_Turn] = deque()
        self._taken: dict[float, deque[_Turn]] = {}  # by when, until their messages are answered
        self._best_latency = math.inf  # how long an answer takes at best
        self._delay_s = self._delay_said_s = 0.0
        self._server_ahead_s = 0.0  # the server's clock, of the event loop's
        self._uncertain_s = math.inf  # the time in which the server looked at it
        self._compared = 0
        self._block_end = self._began_at = "epoch"
        self._unsaid: list[tuple[int | str, float, bool, float | None]] = []
        self._pause_s = 0.0
        self._seen = 0
        self._count, self._gap_s = 0, 1.0
        self._asking: asyncio.Task[None] | None = None
        self._saying: asyncio.TimerHandle | None = None
        self._prune_at = -math.inf

    def connect(self, learn: Learn) -> None:
        """Tell of others from now on."""
        self._learn = learn

    def next_at(self, now: float, rate: float, in_flight: int, *, is_reply: bool) -> float:
        """When the next turn comes; infinite while none is in hand.

        Turns missed by a whole gap are lost, but for replies.
        """
        late_s = _REPLY_LATE_S if is_reply else self._gap_s + self._slack_s()
        while self._turns and self._turns[0].at < now - late_s:
            self._turns.popleft()
        return self._turns[0].at if self._turns else math.inf

    def take(self, chat: int | str, now: float, rate: float, in_flight: int, *, is_edit: bool) -> None:
        """Use the next turn."""
        turn = self._turns.popleft()
        self._taken.setdefault(now, deque()).append(turn)  # after a moment without time there may be several
        self._unsaid.append((chat, now, is_edit, None))
        self._came_late(turn, now - turn.at)  # an answer may be long in coming, or never come

    def written(self, now: float, rate: float) -> None:
        """Do nothing: each turn has its time, however late the one before was used."""

    def answered(self, taken_at: float, now: float, rate: float) -> None:
        """Have the sequence come later after a message that may have arrived late.

        Counted by the second, it would come too close to the one whose turn is a second after its own.
        """
        latency = now - taken_at
        best = (
            0.0 if math.isinf(self._best_latency) else self._best_latency
        )  # the first may be late by all of it
        self._best_latency = min(latency, self._best_latency * 1.001)
        if turns := self._taken.get(taken_at):
            turn = turns.popleft()
            if not turns:
                del self._taken[taken_at]
            self._came_late(turn, taken_at - turn.at + latency - min(best, latency))

    def want(self, count: int, rate: float) -> None:
        """Ask for turns when more messages wait than turns are in hand; give them back when none does."""
        self._count, self._gap_s = count, 1.0 / rate
        if self._asking is not None:
            return
        if self._missing() > 0 or (count == 0 and self._turns):
            self._ask()
        elif self._unsaid or self._delay_s > self._delay_said_s:
            self._say_soon()

    def flooded(self, chat: int | str, seconds: float) -> None:
        """Tell the others of a 429 at once."""
        self._unsaid.append((chat, asyncio.get_running_loop().time(), False, seconds))
        self._say()

    def paused(self, seconds: float) -> None:
        """Tell the others at once that nobody is to send anything."""
        self._pause_s = max(self._pause_s, seconds)
        self._say()

    def _came_late(self, turn: _Turn, late_s: float) -> None:
        """Have the sequence come later by what the margin doesn't cover, and say so.

        Longer than a message counts the others need not wait: this replica was stopped, or its answer lost.
        """
        delay_s = turn.delay_s + min(late_s - self._slack_s(), _WINDOW_S)
        if delay_s > self._delay_s:
            self._delay_s = delay_s
            if self._asking is None:
                self._say_soon()

    def _say_soon(self) -> None:
        if self._saying is None:
            self._saying = asyncio.get_running_loop().call_later(_SAY_S, self._say)

    def _slack_s(self) -> float:
        """How much later than its turn a message may come although the next second's come in time."""
        return max(0.0, self._per_second * self._gap_s - 1.0 - _SAFETY_S)

    def _knows_the_time(self) -> bool:
        """Whether turns can be kept: the clocks were compared quickly once, or slowly often."""
        return self._uncertain_s <= self._slack_s() or self._compared >= _COMPARISONS

    def _missing(self) -> int:
        most = max(3, math.ceil(_AHEAD_S / self._gap_s))
        return min(self._count, most) - len(self._turns)

    def _say(self) -> None:
        self._saying = None
        if self._asking is None:
            self._ask()

    def _ask(self) -> None:
        if self._saying is not None:
            self._saying.cancel()
            self._saying = None
        self._asking = asyncio.create_task(self._exchange())

    async def _exchange(self) -> None:
        """Make one exchange with the database, and another if more is wanted by then."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        said, self._unsaid = self._unsaid, []
        pause_s, self._pause_s = self._pause_s, 0.0
        unused = 0
        if self._count == 0:
            unused = len(self._turns)
            self._turns.clear()
        count = max(0, self._missing()) if self._knows_the_time() else 0
        wanted = Wanted(
            self._store.replica,
            count,
            self._gap_s,
            self._seen,
            [
                RecentSend(str(chat), now - at, is_edit, retry_after_s)
                for chat, at, is_edit, retry_after_s in said
            ],
            unused,
            self._block_end,
            pause_s,
            self._delay_s,
            self._began_at,
        )
        try:
            given = await self._store.exchange(lambda db: self._timed(db, wanted))
        except Exception as error:  # without turns nothing at all would be sent
            if isinstance(error, StorageError):
                self._store.outage.failed(_WAITS, error)
            else:
                log.exception(_WAITS)
            self._unsaid[:0] = said
            self._pause_s = max(self._pause_s, pause_s)
            await self._do_without()
        else:
            self._store.outage.ended(_WAITS)
            self._delay_said_s = wanted.delay_s
            if given.began_at != self._began_at:
                self._begin(given.began_at)
            if count:
                self._block_end = given.block_end
                first = given.first_at_s - self._server_ahead_s
                self._turns.extend(
                    _Turn(first + number * wanted.gap_s, given.delay_s) for number in range(count)
                )
            self._delay_said_s = max(self._delay_said_s, given.delay_s)
            self._delay_s = max(self._delay_s, given.delay_s)
            self._seen = given.seen
            self._asking = None
            self._learn(given.sends, given.paused_s)
        await self._prune()

    def _begin(self, began_at: str) -> None:
        """Forget another sequence, of a server that has crashed since, or has given way to its standby."""
        self._began_at = began_at
        self._turns.clear()
        self._taken.clear()
        self._delay_s = self._delay_said_s = 0.0

    async def _do_without(self) -> None:
        """Go on slowly while the database can't be asked, for replies and what operators must know."""
        await asyncio.sleep(_AWAY_FACTOR * self._gap_s)
        if self._count:
            self._turns.append(_Turn(asyncio.get_running_loop().time(), self._delay_s))
        self._asking = None
        self._learn((), 0.0)

    async def _prune(self) -> None:
        if (now := self._monotonic()) < self._prune_at:
            return
        self._prune_at = now + _PRUNE_S
        try:
            await self._store.exchange(pace.prune)
        except StorageError:
            return  # the next time

    def _timed(self, db: Database, wanted: Wanted) -> Given:
        """Ask, and compare the clocks: the server has looked at its own between question and answer.

        On a busy machine much time may lie between; what was found in less time is nearer then, unless a
        clock was set.
        """
        asked_at = self._monotonic()
        given = pace.exchange(db, wanted)
        least, most = given.at_s - self._monotonic(), given.at_s - asked_at
        self._compared += 1
        if most - least <= self._uncertain_s:
            self._server_ahead_s, self._uncertain_s = (least + most) / 2, most - least
        else:
            nearest = min(max(self._server_ahead_s, least), most)
            self._uncertain_s += abs(nearest - self._server_ahead_s)
            self._server_ahead_s = nearest
        return given
