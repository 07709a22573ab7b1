"""Several replicas keep one pace: in simulated time, over a sequence of turns as the database keeps it."""

import asyncio
import math
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.pacer import Pacer
from bot.delivery.shared_turns import SharedTurns
from storage.database import Database, Store
from storage.errors import DatabaseOutage, StorageError
from storage.outbox import Priority
from storage.outbox.recent_send import RecentSend
from storage.postgres.pace import Given, Wanted
from tests.delivery.fake_clock import run

T = TypeVar("T")
ASK_S = 0.002  # there and back


@dataclass
class Sequence:
    """What the database keeps of the pace, by the loop's clock."""

    next_at: float = 0.0
    delay_s: float = 0.0
    paused_until: float = 0.0
    sends: list[tuple[int, RecentSend, float]] = field(default_factory=list)
    taken: int = 0
    fault: Exception | None = None

    def exchange(self, wanted: Wanted) -> Given:
        now = asyncio.get_running_loop().time()
        self.sends += [(wanted.replica, each, now) for each in wanted.sends]
        if wanted.block_end == str(self.next_at):
            self.next_at -= wanted.unused * wanted.gap_s
        self.next_at += max(0.0, wanted.delay_s - self.delay_s)
        self.delay_s = max(self.delay_s, wanted.delay_s)
        if wanted.pause_s:
            self.paused_until = max(self.paused_until, now + wanted.pause_s)
        first = max(self.next_at, self.paused_until, now)
        self.next_at = first + wanted.count * wanted.gap_s
        self.taken += wanted.count
        others = [
            RecentSend(each.chat, each.age_s + now - at, each.is_edit, each.retry_after_s)
            for replica, each, at in self.sends[wanted.seen :]
            if replica != wanted.replica
        ]
        return Given(
            now,
            first,
            str(self.next_at),
            "then",
            self.delay_s,
            self.paused_until - now,
            len(self.sends),
            tuple(others),
        )


class SequenceStore:
    """A replica's way to the sequence; `waits` are what its first questions lose on the way."""

    def __init__(self, sequence: Sequence, replica: int, waits: Iterable[tuple[float, float]] = ()) -> None:
        self.sequence, self.replica = sequence, replica
        self.outage = DatabaseOutage()
        self._waits = iter(waits)
        self._clock_s = 0.0

    def monotonic(self) -> float:
        """The loop's clock, as the thread that asks sees it."""
        return asyncio.get_running_loop().time() + self._clock_s

    async def exchange(self, work: Callable[[Database], T]) -> T:
        before_s, self._after_s = next(self._waits, (0.0, 0.0))
        await asyncio.sleep(ASK_S / 2 + before_s)
        if self.sequence.fault is not None:
            raise self.sequence.fault
        self._clock_s = -before_s
        answer = work(cast(Database, self))
        self._clock_s = 0.0
        await asyncio.sleep(ASK_S / 2 + self._after_s)
        return answer

    def ask(self, wanted: Wanted) -> Given:
        given = self.sequence.exchange(wanted)
        self._clock_s = self._after_s
        return given


def _exchange(store: SequenceStore, wanted: Wanted) -> Given:
    return store.ask(wanted)


@pytest.fixture(autouse=True)
def _no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.postgres.pace.exchange", _exchange)
    monkeypatch.setattr("storage.postgres.pace.prune", lambda _sequence: None)


def _pacers(count: int, per_second: float = 30.0) -> tuple[Sequence, list[Pacer]]:
    sequence = Sequence()
    return sequence, [_pacer(sequence, number, per_second) for number in range(1, count + 1)]


def _pacer(
    sequence: Sequence, number: int, per_second: float = 30.0, waits: Iterable[tuple[float, float]] = ()
) -> Pacer:
    store = SequenceStore(sequence, number, waits)
    return Pacer(per_second, turns=SharedTurns(cast(Store, store), per_second, store.monotonic))


async def _send(pacer: Pacer, chat: int, priority: Priority = Priority.WARNING, late_s: float = 0.0) -> float:
    """Send something; gives when it arrives."""
    async with pacer.slot(chat, priority):
        await asyncio.sleep(0.01 + late_s)
        at = asyncio.get_running_loop().time()
        await asyncio.sleep(0.01)
        return at


async def _broadcast(pacer: Pacer, chats: range, at_once: int) -> list[float]:
    """Send as a relay does, with a few messages waiting at a time; gives when each went."""
    line = iter(chats)

    async def one() -> list[float]:
        return [await _send(pacer, chat) for chat in line]

    return sorted(at for times in await asyncio.gather(*(one() for _ in range(at_once))) for at in times)


def _most_in_a_second(times: list[float]) -> int:
    return max(sum(start <= at < start + 1 for at in times) for start in times)


@pytest.mark.parametrize(("per_second", "at_once"), [(30, 3), (1000, 60)])
def test_three_replicas_together_keep_the_limit_and_use_it(per_second: int, at_once: int) -> None:
    async def story() -> list[float]:
        _, pacers = _pacers(3, per_second)
        each = 8 * per_second
        shares = (range(1 + number * each, 1 + (number + 1) * each) for number in range(3))
        times = await asyncio.gather(
            *(_broadcast(pacer, share, at_once) for pacer, share in zip(pacers, shares, strict=True))
        )
        return sorted(at for share in times for at in share)

    times = run(story())
    assert _most_in_a_second(times[:: max(1, per_second // 100)]) <= per_second / max(1, per_second // 100)
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.97 * per_second


def test_one_alone_is_as_fast_as_three() -> None:
    async def story() -> list[float]:
        _, (busy, _, _) = _pacers(3)
        return await _broadcast(busy, range(1, 301), 3)

    times = run(story())
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.97 * 30


def test_a_reply_of_an_idle_replica_comes_soon_while_the_others_are_busy() -> None:
    async def story() -> float:
        _, (first, second, idle) = _pacers(3)
        busy = [asyncio.create_task(_broadcast(first, range(1, 200), 3))]
        busy.append(asyncio.create_task(_broadcast(second, range(201, 400), 3)))
        await asyncio.sleep(2)
        asked = asyncio.get_running_loop().time()
        answered = await _send(idle, 7_000, Priority.REPLY)
        for task in busy:
            task.cancel()
        return answered - asked

    assert run(story()) < 0.25


def test_a_group_gets_at_most_twenty_a_minute_from_all_together() -> None:
    async def story() -> list[float]:
        _, pacers = _pacers(3)
        times: list[float] = []
        for number in range(60):  # a message every second, each by another replica
            times.append(await _send(pacers[number % 3], -100))
            await asyncio.sleep(0.98)
        return times

    times = run(story())
    assert max(sum(start <= at < start + 60 for at in times) for start in times) <= 20


def test_a_private_chat_gets_one_a_second_from_all_together() -> None:
    async def story() -> list[float]:
        _, (first, second) = _pacers(2)
        return [await _send(first, 5), await _send(second, 5)]

    first, second = run(story())
    assert second - first >= 1.0


def test_a_wait_that_telegram_asks_for_a_chat_is_kept_by_all() -> None:
    async def story() -> float:
        _, (first, second) = _pacers(2)
        await _send(first, 5)
        first.flooded(5, 30.0)
        flooded = asyncio.get_running_loop().time()
        await asyncio.sleep(0.1)
        return await _send(second, 5) - flooded

    assert run(story()) >= 29.9


def test_a_limit_over_all_chats_pauses_all_replicas_and_slows_them_down() -> None:
    async def story() -> tuple[float, float]:
        _, (first, second) = _pacers(2)
        for chat in (1, 2, 3):
            await _send(first, chat)
        for chat in (1, 2, 3):
            first.flooded(chat, 10.0)
        flooded = asyncio.get_running_loop().time()
        return await _send(second, 9) - flooded, second.rate / second.per_second

    waited, share = run(story())
    assert waited >= 10.0
    assert share < 0.9


def test_a_message_that_comes_late_lets_the_later_ones_come_later() -> None:
    """On a busy machine, with a slow network: a second after it no more may come than the limit says."""

    async def story() -> list[float]:
        _, pacers = _pacers(3)
        dice = random.Random(1)

        async def one(pacer: Pacer, chats: Iterator[int]) -> list[float]:
            return [
                await _send(pacer, chat, late_s=dice.uniform(0.03, 0.1) * (dice.random() < 0.05))
                for chat in chats
            ]

        lines = [iter(range(number * 1000, number * 1000 + 200)) for number in (1, 2, 3)]
        senders = (one(pacer, line) for pacer, line in zip(pacers, lines, strict=True) for _ in range(3))
        return sorted(at for times in await asyncio.gather(*senders) for at in times)

    times = run(story())
    assert _most_in_a_second(times) <= 30
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.8 * 30


_WAITS = st.lists(
    st.tuples(st.floats(0, 0.2), st.floats(0, 0.2)).map(lambda pair: (round(pair[0], 3), round(pair[1], 3))),
    max_size=12,
)


@given(waits=_WAITS)
@settings(max_examples=12)
def test_one_that_starts_on_a_busy_machine_keeps_the_pace_from_its_first_message(
    waits: list[tuple[float, float]],
) -> None:
    """Its first questions take long, so that it knows little of how the server's clock stands to its own."""

    async def story() -> list[float]:
        sequence, (busy,) = _pacers(1)
        running = asyncio.create_task(_broadcast(busy, range(1, 150), 3))
        await asyncio.sleep(1.5)
        starting = _pacer(sequence, 2, waits=[*waits, (0.0, 0.0)])
        return sorted(await _broadcast(starting, range(1001, 1060), 3) + await running)

    assert _most_in_a_second(run(story())) <= 30


def test_what_is_not_needed_is_given_back() -> None:
    async def story() -> float:
        sequence, (pacer,) = _pacers(1)
        senders = [asyncio.create_task(_send(pacer, chat)) for chat in range(1, 4)]
        await asyncio.sleep(0.01)
        for sender in senders[1:]:
            sender.cancel()
        await asyncio.sleep(0.05)
        await _send(pacer, 9)
        return sequence.next_at - asyncio.get_running_loop().time()

    assert run(story()) < 2 / 30


def test_a_turn_that_was_missed_is_not_made_up_for() -> None:
    """Its message would come too close to one that another replica sends in time."""

    async def story() -> float:
        sequence, (pacer,) = _pacers(1)
        blocked = [asyncio.create_task(_send(pacer, 5)) for _ in range(2)]
        await asyncio.sleep(0.5)
        before = sequence.next_at
        await _send(pacer, 6)
        for task in blocked:
            task.cancel()
        return sequence.next_at - max(before, 0.5)

    assert run(story()) > 0


@pytest.mark.parametrize(
    "fault", [StorageError("the database is away", "wait", passing=True), LookupError("a fault of ours")]
)
def test_without_the_database_replies_go_on_slowly_and_all_is_well_afterwards(fault: Exception) -> None:
    async def story() -> tuple[list[float], float]:
        sequence, (pacer,) = _pacers(1)
        sequence.fault = fault
        began = asyncio.get_running_loop().time()
        times = [await _send(pacer, chat, Priority.REPLY) - began for chat in range(1, 6)]
        sequence.fault = None
        after = await _broadcast(pacer, range(10, 110), 3)
        return times, (len(after) - 1) / (after[-1] - after[0])

    times, rate = run(story())
    assert times[-1] - times[0] > 4 * 5 / 30
    assert times[-1] < 60
    assert rate > 0.9 * 30


def test_where_nobody_limits_nothing_is_shared() -> None:
    async def story() -> int:
        sequence = Sequence()
        pacer = Pacer(math.inf, turns=SharedTurns(cast(Store, SequenceStore(sequence, 1)), math.inf))
        await _send(pacer, 1)
        return sequence.taken

    assert run(story()) == 0
