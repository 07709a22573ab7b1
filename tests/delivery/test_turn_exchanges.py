"""What a replica asks for and says in each exchange, and when the turns that it is given come."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

import pytest

from bot.delivery.shared_turns import SharedTurns
from storage.database import Database, Store
from storage.errors import DatabaseOutage, StorageError
from storage.outbox.recent_send import RecentSend
from storage.postgres.pace import Given, Wanted
from tests.delivery.fake_clock import run

T = TypeVar("T")
LIMIT, RATE = 30.0, 29.4
GAP = 1 / RATE
SLACK = LIMIT * GAP - 1 - 0.005  # how much later than its turn a message may come
FIRST = Wanted(4, 0, GAP, 0, [], 0, "epoch", 0.0, 0.0, "epoch")
ASKED = replace(FIRST, began_at="then")


def now() -> float:
    return asyncio.get_running_loop().time()


@dataclass
class Server:
    """Answers each exchange a few milliseconds later, by a clock an hour ahead of the loop's."""

    answer: Given = field(default_factory=lambda: Given(0.0, 0.0, "epoch", "then", 0.0, 0.0, 0, ()))
    first_in_s: float = 0.1
    there_s: float = 0.002
    back_s: float = 0.002
    fault: Exception | None = None
    asked: list[tuple[float, Wanted]] = field(default_factory=list)
    pruned: list[float] = field(default_factory=list)
    replica = 4
    outage: DatabaseOutage = field(default_factory=DatabaseOutage)
    clock_s: float = 0.0

    def monotonic(self) -> float:
        return now() + self.clock_s

    async def exchange(self, work: Callable[[Database], T]) -> T:
        await asyncio.sleep(self.there_s)
        if self.fault is not None:
            raise self.fault
        self.clock_s = -self.there_s
        result = work(cast(Database, self))
        self.clock_s = 0.0
        await asyncio.sleep(self.back_s)
        return result

    def exchanged(self, wanted: Wanted) -> Given:
        self.asked.append((now(), wanted))
        self.clock_s = self.back_s
        at = now() + 3600
        return replace(self.answer, at_s=at, first_at_s=at + self.first_in_s)

    @property
    def wanted(self) -> list[Wanted]:
        return [wanted for _, wanted in self.asked]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setattr("storage.postgres.pace.exchange", Server.exchanged)
    monkeypatch.setattr("storage.postgres.pace.prune", lambda server: server.pruned.append(now()))
    return Server()


async def turns_of(server: Server) -> SharedTurns:
    """The turns of a replica whose clock has been compared with the server's."""
    turns = SharedTurns(cast(Store, server), LIMIT, server.monotonic)
    turns.want(1, RATE)
    await asyncio.sleep(0.01)
    assert server.wanted == [FIRST], "first the clocks are compared"
    server.asked.clear()
    return turns


def said(wanted: Wanted) -> list[tuple[str, float, bool, float | None]]:
    """What it says was sent, its age to the hundredth of a second."""
    return [(each.chat, round(each.age_s, 2), each.is_edit, each.retry_after_s) for each in wanted.sends]


def next_at(turns: SharedTurns, at: float, *, is_reply: bool = False) -> float:
    return turns.next_at(at, RATE, 0, is_reply=is_reply)


def take(turns: SharedTurns, chat: int | str = 1, *, is_edit: bool = False) -> None:
    turns.take(chat, now(), RATE, 0, is_edit=is_edit)


async def wait(until: float) -> None:
    await asyncio.sleep(until - now())


def test_turns_come_a_gap_apart_by_the_loops_clock_and_no_more_than_three_are_in_hand(server: Server) -> None:
    async def story() -> None:
        turns = await turns_of(server)
        assert next_at(turns, now()) == float("inf")
        turns.want(50, RATE)
        turns.want(50, RATE)
        began = now()
        await asyncio.sleep(0.01)
        assert server.wanted == [replace(ASKED, count=3)]
        for number in range(3):
            at = next_at(turns, now())
            assert at == pytest.approx(began + 0.002 + 0.1 + number * GAP, abs=0.0005)
            await wait(at)
            take(turns)
        assert next_at(turns, now()) == float("inf")

    run(story())


def test_a_faster_program_takes_what_it_sends_in_a_twentieth_of_a_second(server: Server) -> None:
    async def story() -> None:
        turns = SharedTurns(cast(Store, server), 1000.0, server.monotonic)
        for _ in range(20):
            turns.want(1, 980.0)
            await asyncio.sleep(0.01)
        server.asked.clear()
        for count in (500, 20):
            turns.want(count, 980.0)
            await asyncio.sleep(0.01)
            turns.want(0, 980.0)
            await asyncio.sleep(0.01)
        assert [(each.count, each.unused) for each in server.wanted] == [(48, 0), (0, 49), (20, 0), (0, 20)]

    run(story())


def test_what_was_sent_is_said_after_a_moment_and_others_are_learnt_of(server: Server) -> None:
    learnt: list[tuple[object, float]] = []
    others = (RecentSend("9", 1.0, False, None),)

    async def story() -> None:
        turns = await turns_of(server)
        turns.connect(lambda sends, paused_s: learnt.append((tuple(sends), paused_s)))
        server.answer = replace(
            server.answer, seen=17, sends=others, paused_s=3.0, block_end="here", delay_s=0.5
        )
        turns.want(2, RATE)
        await asyncio.sleep(0.01)
        assert learnt == [(others, 3.0)]
        take(turns, -7)
        take(turns, "@channel", is_edit=True)
        asked = now()
        turns.want(0, RATE)
        await asyncio.sleep(0.1)
        at, told = server.asked[1]
        assert at - asked == pytest.approx(0.012, abs=0.001)
        assert said(told) == [("-7", 0.01, False, None), ("@channel", 0.01, True, None)]
        assert replace(told, sends=[]) == replace(ASKED, seen=17, block_end="here", delay_s=0.5)
        turns.want(0, RATE)
        await asyncio.sleep(0.1)
        assert len(server.asked) == 2, "nothing is left to say"

    run(story())


def test_a_429_and_a_pause_are_said_at_once_and_only_once(server: Server) -> None:
    async def story() -> None:
        turns = await turns_of(server)
        turns.flooded(5, 30.0)
        await asyncio.sleep(0.02)
        turns.paused(20.0)
        turns.paused(10.0)
        turns.flooded(6, 1.0)
        await asyncio.sleep(0.02)
        turns.want(1, RATE)
        await asyncio.sleep(0.02)
        assert [said(each) for each in server.wanted] == [[("5", 0.0, False, 30.0)], [("6", 0.0, False, 1.0)]]
        assert [replace(each, sends=[]) for each in server.wanted] == [
            replace(ASKED, count=1),
            replace(ASKED, pause_s=20.0),
        ]
        assert server.asked[1][0] - server.asked[0][0] == pytest.approx(0.02, abs=0.001)

    run(story())


def test_unused_turns_are_given_back_once(server: Server) -> None:
    async def story() -> None:
        turns = await turns_of(server)
        server.answer = replace(server.answer, block_end="here")
        turns.want(3, RATE)
        await asyncio.sleep(0.02)
        turns.want(0, RATE)
        await asyncio.sleep(0.02)
        turns.want(0, RATE)
        await asyncio.sleep(0.02)
        assert server.wanted[1:] == [replace(ASKED, unused=3, block_end="here")]
        assert next_at(turns, now()) == float("inf")

    run(story())


@pytest.mark.parametrize(("is_reply", "late_s"), [(False, GAP + SLACK), (True, 0.25)])
def test_a_turn_missed_by_a_gap_is_lost_but_for_replies(
    server: Server, is_reply: bool, late_s: float
) -> None:
    async def story() -> None:
        turns = await turns_of(server)
        turns.want(1, RATE)
        await asyncio.sleep(0.01)
        at = next_at(turns, now())
        assert next_at(turns, at + late_s - 0.001, is_reply=is_reply) == at
        assert next_at(turns, at + late_s + 0.001, is_reply=is_reply) == float("inf")

    run(story())


def test_what_arrives_late_makes_the_sequence_as_late(server: Server) -> None:
    """By how much later than its turn it came, and its answer than at best, less what the margin covers."""

    async def story() -> None:
        turns = await turns_of(server)
        turns.answered(99.0, 99.02, RATE)  # of a turn that nobody knows of
        for number, late_s in enumerate((0.0, SLACK, 0.05, 0.08, 0.06), 1):
            turns.want(1, RATE)
            await asyncio.sleep(0.02)
            await wait(next_at(turns, now()))
            taken_at = now()
            take(turns)
            turns.answered(taken_at, taken_at + 0.02 + late_s, RATE)
            turns.want(0, RATE)
            await asyncio.sleep(0.05)
            expected = max(0.0, max((0.0, SLACK, 0.05, 0.08, 0.06)[:number]) - SLACK)
            assert server.wanted[-1].delay_s == pytest.approx(expected, abs=0.0015)

    run(story())


def test_of_two_messages_that_left_at_one_moment_the_later_one_counts(server: Server) -> None:
    """A replica that had no time for a while uses two turns at once."""

    async def story() -> None:
        turns = await turns_of(server)
        turns.want(2, RATE)
        await asyncio.sleep(0.01)
        first = next_at(turns, now())
        await wait(first + GAP + 0.01)
        taken_at = now()
        take(turns)
        take(turns)
        for _ in range(2):
            turns.answered(taken_at, taken_at + 0.001, RATE)
        turns.want(0, RATE)
        await asyncio.sleep(0.05)
        assert server.wanted[-1].delay_s == pytest.approx(GAP + 0.011 - SLACK, abs=0.0015)

    run(story())


def test_that_a_message_left_late_is_said_before_its_answer_and_that_it_arrived_late_after_it(
    server: Server,
) -> None:
    """The answer may be long in coming, and nothing else may follow."""

    async def story() -> None:
        turns = await turns_of(server)
        turns.want(1, RATE)
        await asyncio.sleep(0.01)
        at = next_at(turns, now())
        await wait(at + SLACK + 0.02)
        taken_at = now()
        take(turns)
        turns.want(0, RATE)
        await asyncio.sleep(0.05)
        assert server.wanted[-1].delay_s == pytest.approx(0.02, abs=0.0015)
        turns.answered(taken_at, now(), RATE)
        await asyncio.sleep(0.05)
        assert server.wanted[-1].delay_s == pytest.approx(0.02 + 0.05, abs=0.0015)
        asked = len(server.wanted)
        await asyncio.sleep(0.05)
        assert len(server.wanted) == asked, "it was said already"

    run(story())


def test_after_a_crash_of_the_server_nothing_of_its_sequence_is_kept(server: Server) -> None:
    """Neither turns in hand, nor how late it had become, nor up to where others were known."""

    async def story() -> None:
        turns = await turns_of(server)
        server.answer = replace(server.answer, seen=17)
        turns.want(3, RATE)
        await asyncio.sleep(0.01)
        await wait(next_at(turns, now()) + 0.5)
        for _ in range(2):
            turns.take(1, now(), RATE, 0, is_edit=False)
        at = now()
        await asyncio.sleep(0.05)
        assert server.wanted[-1].delay_s > 0.4
        server.answer = replace(server.answer, began_at="now", seen=0)
        turns.flooded(5, 30.0)
        await asyncio.sleep(0.05)
        assert (server.wanted[-1].began_at, server.wanted[-1].seen) == ("then", 17)
        assert next_at(turns, now()) == float("inf"), "its turns would meet those of the new sequence"
        turns.answered(at, now(), RATE)
        turns.want(1, RATE)
        await asyncio.sleep(0.05)
        assert server.wanted[-1] == replace(FIRST, count=1, began_at="now")

    run(story())


def test_nobody_waits_for_as_long_as_a_replica_was_stopped(server: Server) -> None:
    """Its answer had come long before it could be read."""

    async def story() -> None:
        turns = await turns_of(server)
        turns.want(1, RATE)
        await asyncio.sleep(0.01)
        await wait(next_at(turns, now()))
        taken_at = now()
        take(turns)
        await asyncio.sleep(60)
        turns.answered(taken_at, now(), RATE)
        turns.want(0, RATE)
        await asyncio.sleep(0.05)
        assert server.wanted[-1].delay_s == 1.0

    run(story())


@pytest.mark.parametrize("fault", [StorageError("it is away", "wait", passing=True), LookupError("a bug")])
def test_without_the_database_a_turn_comes_every_ten_gaps_and_nothing_said_is_lost(
    server: Server, fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    learnt: list[float] = []

    async def story() -> None:
        turns = await turns_of(server)
        turns.connect(lambda _sends, _paused_s: learnt.append(now()))
        server.fault = fault
        began = now()
        turns.flooded(5, 30.0)
        turns.paused(20.0)
        turns.want(1, RATE)
        await asyncio.sleep(10 * GAP + 0.01)
        assert [at - began for at in learnt] == pytest.approx([10 * GAP + 0.002], abs=0.001)
        assert next_at(turns, now()) == pytest.approx(began + 10 * GAP + 0.002, abs=0.001)
        take(turns)
        server.fault = None
        turns.want(0, RATE)
        await asyncio.sleep(0.05)
        [told] = server.wanted
        assert [(chat, retry_after_s) for chat, _, _, retry_after_s in said(told)] == [
            ("5", 30.0),
            ("1", None),
        ]
        assert told.pause_s == 20.0
        assert [each.age_s for each in told.sends] == pytest.approx([10 * GAP + 0.02, 0.01], abs=0.011)

    run(story())
    assert ("the pace can't be shared" in caplog.text) == isinstance(fault, LookupError)
    assert ("what needs the database waits" in caplog.text) == isinstance(fault, StorageError)
    assert ("the database can be used again" in caplog.text) == isinstance(fault, StorageError)


def test_nobody_who_waits_for_nothing_is_given_a_turn_while_the_database_is_away(server: Server) -> None:
    async def story() -> None:
        turns = await turns_of(server)
        server.fault = StorageError("it is away", "wait", passing=True)
        turns.want(0, RATE)
        turns.flooded(5, 30.0)
        await asyncio.sleep(1)
        assert next_at(turns, now()) == float("inf")

    run(story())


def test_old_sends_are_pruned_every_half_minute(server: Server) -> None:
    async def story() -> None:
        turns = SharedTurns(cast(Store, server), LIMIT, server.monotonic)
        for _ in range(70):
            turns.flooded(5, 1.0)
            await asyncio.sleep(1)

    run(story())
    assert [later - server.pruned[0] for later in server.pruned] == pytest.approx([0, 30, 60], abs=1.1)


def test_the_clocks_are_compared_best_when_the_answer_is_quick_and_a_set_clock_is_noticed(
    server: Server,
) -> None:
    """A first turn is not taken while all exchanges are slow; after twenty of them it is."""

    async def story() -> None:
        server.there_s, server.back_s = 0.03, 0.05
        turns = SharedTurns(cast(Store, server), LIMIT, server.monotonic)
        for _ in range(20):
            turns.want(1, RATE)
            await asyncio.sleep(0.1)
        assert {each.count for each in server.wanted} == {0}
        turns.want(1, RATE)
        asked = now()
        await asyncio.sleep(0.1)
        assert server.wanted[-1].count == 1
        # the middle between the least and the most that the clock may be ahead: 10 ms from the truth
        assert next_at(turns, asked) == pytest.approx(asked + 0.03 + 0.1 + 0.01, abs=0.002)
        turns.want(0, RATE)
        await asyncio.sleep(0.1)
        server.there_s = server.back_s = 0.001
        turns.want(1, RATE)
        asked = now()
        await asyncio.sleep(0.05)
        assert next_at(turns, asked) == pytest.approx(asked + 0.001 + 0.1, abs=0.001)

    run(story())
