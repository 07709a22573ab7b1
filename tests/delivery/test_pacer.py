"""The limits are kept, spent, and shared out by who matters most."""

import asyncio
import gc
import math
from collections.abc import Coroutine
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.chat_limits import ChatLimits
from bot.delivery.pacer import Pacer, SlotRefusedError
from bot.delivery.turns import Learn, OwnTurns
from storage.outbox import Priority
from storage.outbox.recent_send import RecentSend
from tests.delivery.fake_clock import run

Log = list[tuple[float, int, Priority]]


async def _send(pacer: Pacer, chat: int, priority: Priority, log: list[tuple[float, int, Priority]]) -> None:
    async with pacer.slot(chat, priority):
        log.append((asyncio.get_running_loop().time(), chat, priority))
        await asyncio.sleep(0.02)


async def _all(pacer: Pacer, wanted: list[tuple[float, int, Priority]]) -> list[tuple[float, int, Priority]]:
    """Ask for a turn at each (time, chat, priority); give when each came."""
    log: list[tuple[float, int, Priority]] = []

    async def one(at: float, chat: int, priority: Priority) -> None:
        await asyncio.sleep(at)
        await _send(pacer, chat, priority, log)

    await asyncio.gather(*(one(*each) for each in wanted))
    return log


def test_thirty_a_second_are_spent_and_no_gap_is_shorter() -> None:
    log = run(_all(Pacer(30), [(0.0, chat, Priority.WARNING) for chat in range(1, 901)]))
    times = [at for at, _, _ in log]
    assert min(later - before for before, later in pairwise(times)) >= 1 / 30
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.97 * 30


def test_a_thousand_a_second_are_counted_by_the_second() -> None:
    log = run(_all(Pacer(1000), [(0.0, chat, Priority.WARNING) for chat in range(1, 10_001)]))
    times = [at for at, _, _ in log]
    assert max(sum(1 for at in times if start <= at < start + 1) for start in times[::97]) <= 1000
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.97 * 1000


def test_without_a_limit_nobody_waits() -> None:
    async def story() -> float:
        await _all(Pacer(math.inf, in_flight=5000), [(0.0, chat, Priority.INFO) for chat in range(1, 2001)])
        return asyncio.get_running_loop().time()

    assert run(story()) < 0.5


def test_a_reply_goes_before_a_thousand_waiting_messages() -> None:
    wanted = [(0.0, chat, Priority.WARNING) for chat in range(1, 1001)]
    wanted.append((5.0, 7_000, Priority.REPLY))
    log = run(_all(Pacer(30), wanted))
    answered = next(at for at, chat, _ in log if chat == 7_000)
    assert answered - 5.0 < 0.1


def test_graver_goes_first_and_equals_in_order_of_coming() -> None:
    order = [Priority.DIGEST, Priority.INFO, Priority.WARNING, Priority.CRITICAL] * 3
    log = run(_all(Pacer(30), [(0.0, chat, priority) for chat, priority in enumerate(order, 1)]))
    served = [(priority, chat) for _, chat, priority in log[1:]]  # the first came to an idle pacer
    assert served == sorted(served)


def test_one_private_chat_gets_one_delivery_a_second() -> None:
    log = run(_all(Pacer(30), [(0.0, 1, Priority.WARNING)] * 5))
    times = [at for at, _, _ in log]
    assert min(later - before for before, later in pairwise(times)) >= 1.0


def test_replies_in_a_private_chat_may_follow_each_other_at_once_a_few_times() -> None:
    log = run(_all(Pacer(30), [(0.0, 1, Priority.REPLY)] * 30))
    times = [at for at, _, _ in log]
    assert times[19] < 1.0
    assert times[29] >= 10.0


@pytest.mark.parametrize(("priority", "most"), [(Priority.REPLY, 18), (Priority.WARNING, 20)])
def test_a_group_gets_at_most_twenty_a_minute_of_them_eighteen_replies(priority: Priority, most: int) -> None:
    log = run(_all(Pacer(30), [(0.0, -100, priority)] * 60))
    times = [at for at, _, _ in log]
    assert max(sum(1 for at in times if start <= at < start + 60) for start in times) == most


def test_a_crowd_that_asks_in_a_group_keeps_no_alert_away() -> None:
    crowd = [(second * 0.5, -100, Priority.REPLY) for second in range(200)]
    log = run(_all(Pacer(30), [*crowd, (50.0, -100, Priority.CRITICAL)]))
    [told] = [at for at, _, priority in log if priority == Priority.CRITICAL]
    assert told < 52


def test_a_storm_of_questions_from_many_chats_leaves_alerts_every_second_turn() -> None:
    storm = [(number / 100, number, Priority.REPLY) for number in range(1, 1501)]  # three times the limit
    alerts = [(2.0, -number, Priority.CRITICAL) for number in range(1, 61)]
    log = run(_all(Pacer(30), [*storm, *alerts]))
    told = [at for at, _, priority in log if priority == Priority.CRITICAL]
    assert len(told) == 60
    assert told[0] < 2.2
    assert told[-1] < 2 + 60 / 14
    meanwhile = sum(2 <= at <= told[-1] and priority == Priority.REPLY for at, _, priority in log)
    assert meanwhile >= 50, "and people are answered"


def test_a_busy_group_holds_up_nobody_else() -> None:
    wanted = [(0.0, -100, Priority.CRITICAL)] * 60 + [(0.1, 5, Priority.DIGEST)]
    log = run(_all(Pacer(30), wanted))
    assert next(at for at, chat, _ in log if chat == 5) < 2


def test_deliveries_under_way_are_bounded_but_replies_are_not_held_up() -> None:
    async def story() -> tuple[int, bool]:
        pacer = Pacer(math.inf, in_flight=3)
        release = asyncio.Event()

        async def stuck(chat: int, priority: Priority) -> None:
            async with pacer.slot(chat, priority):
                await release.wait()

        tasks = [asyncio.create_task(stuck(chat, Priority.WARNING)) for chat in range(1, 10)]
        await asyncio.sleep(1)
        under_way = pacer.in_flight
        reply = asyncio.create_task(stuck(99, Priority.REPLY))
        await asyncio.sleep(1)
        replied = pacer.in_flight == under_way + 1
        release.set()
        await asyncio.gather(*tasks, reply)
        return under_way, replied

    assert run(story()) == (3, True)


def _served(
    pacer: Pacer, chats: list[int], priority: Priority = Priority.WARNING
) -> Coroutine[Any, Any, Any]:
    return _all(pacer, [(0.0, chat, priority) for chat in chats])


@pytest.mark.parametrize("seconds", [1, 3000])
@pytest.mark.parametrize("written_to", [True, False])
def test_a_429_of_one_chat_stops_that_chat_only(seconds: int, written_to: bool) -> None:
    async def story() -> tuple[float, float]:
        pacer = Pacer(30)
        if written_to:
            await _served(pacer, [-5])
        await asyncio.sleep(65)
        for _ in range(10):
            pacer.flooded(-5, seconds)
        asked = asyncio.get_running_loop().time()
        log = await _all(pacer, [(0.0, -5, Priority.WARNING), (0.0, 6, Priority.CRITICAL)])
        served = {chat: at - asked for at, chat, _ in log}
        return served[-5], served[6]

    blocked, other = run(story())
    assert blocked >= seconds
    assert other < 0.1


def test_429s_of_several_chats_without_a_delivery_between_stop_everybody_and_slow_the_pace() -> None:
    async def story() -> tuple[float, float]:
        pacer = Pacer(30)
        before = pacer.rate
        for chat in (1, 2, 3):
            pacer.flooded(chat, 2)
        asked = asyncio.get_running_loop().time()
        await _served(pacer, [4], Priority.REPLY)
        return asyncio.get_running_loop().time() - asked, pacer.rate / before

    waited, slower = run(story())
    assert 2 <= waited < 2.5
    assert 0.9 < slower < 1


def test_429s_of_several_chats_among_many_deliveries_are_their_own() -> None:
    async def story() -> float:
        pacer = Pacer(30)
        for chat in range(1, 5):
            pacer.flooded(chat, 600)
            pacer.delivered()
        return pacer.paused_for()

    assert run(story()) == 0


def test_short_429s_for_a_tenth_of_the_messages_are_the_limit_over_all() -> None:
    async def story(refused_every: int) -> float:
        pacer = Pacer(30)
        for chat in range(1, 100):
            if chat % refused_every:
                pacer.delivered()
            else:
                pacer.flooded(chat, 1)
        return pacer.paused_for()

    assert run(story(5)) > 0
    assert run(story(20)) == 0


def test_429s_far_apart_are_no_evidence() -> None:
    async def story() -> float:
        pacer = Pacer(30)
        for chat in range(1, 10):
            pacer.flooded(chat, 600)
            await asyncio.sleep(2.5)
        return pacer.paused_for()

    assert run(story()) == 0


def test_a_long_pause_of_everything_is_probed_by_one_message_a_minute() -> None:
    """Telegram asks for an hour: other chats are tried one at a time, and all go on when one is accepted."""

    async def story() -> tuple[list[float], float]:
        pacer = Pacer(30)
        for chat in (1, 2, 3):
            pacer.flooded(chat, 3600)
        began = asyncio.get_running_loop().time()
        tried: list[float] = []

        async def send(chat: int) -> None:
            async with pacer.slot(chat, Priority.WARNING):
                tried.append(asyncio.get_running_loop().time() - began)
                await asyncio.sleep(0.02)
                if len(tried) <= 3:
                    pacer.flooded(chat, 3600)
                else:
                    pacer.delivered()

        await asyncio.gather(*(send(chat) for chat in range(10, 20)))
        return tried, asyncio.get_running_loop().time() - began

    tried, took = run(story())
    assert [round(at, -1) for at in tried[:4]] == [60, 120, 180, 240]
    assert took < 242


def test_long_waits_asked_again_and_again_slow_it_down_and_it_recovers() -> None:
    async def story() -> tuple[float, float]:
        pacer = Pacer(30)
        for first in range(0, 20, 5):
            for chat in range(first + 1, first + 4):
                pacer.flooded(chat, 5)
            await asyncio.sleep(6)
        slow = pacer.rate
        await _all(pacer, [(second / 2, 100 + second, Priority.WARNING) for second in range(1200)])
        return slow / 30, pacer.rate / 30

    slow, recovered = run(story())
    assert slow < 0.8
    assert recovered > 0.97


def test_a_chat_that_answered_429_gets_no_bursts_for_a_while() -> None:
    async def story() -> list[float]:
        pacer = Pacer(30)
        pacer.flooded(1, 1)
        log = await _served(pacer, [1, 1, 1], Priority.REPLY)
        return [at for at, _, _ in log]

    times = run(story())
    assert min(later - before for before, later in pairwise(times)) >= 1.0


def test_replies_that_wait_are_dropped_when_the_program_stops_and_alerts_are_not() -> None:
    async def story() -> tuple[list[str], int]:
        pacer = Pacer(30)
        log: list[tuple[float, int, Priority]] = []
        await _served(pacer, [1] * 20, Priority.REPLY)
        replies = [asyncio.create_task(_send(pacer, 1, Priority.REPLY, log)) for _ in range(30)]
        alert = asyncio.create_task(_send(pacer, 1, Priority.WARNING, log))
        await asyncio.sleep(0.1)
        pacer.drop_replies()
        replies += [asyncio.create_task(_send(pacer, 1, Priority.REPLY, log)) for _ in range(3)]
        results = await asyncio.gather(*replies, return_exceptions=True)
        await alert
        await _served(pacer, [2], Priority.REPLY)  # what needs not wait still goes
        return [type(result).__name__ for result in results], pacer.in_flight

    results, in_flight = run(story())
    assert results.count("SlotRefusedError") >= 30
    assert in_flight == 0


def test_a_reply_waits_no_longer_than_it_is_of_use() -> None:
    async def story() -> float:
        pacer = Pacer(30)
        pacer.flooded(1, 600)
        with pytest.raises(SlotRefusedError):
            async with pacer.slot(1, Priority.REPLY, 60):
                pass
        return asyncio.get_running_loop().time()

    assert 60 <= run(story()) < 61


def test_a_reply_of_lower_rank_overtakes_those_that_wait() -> None:
    async def story() -> tuple[float, list[float]]:
        pacer = Pacer(30)
        loop = asyncio.get_running_loop()
        came: list[tuple[float, float]] = []

        async def reply(chat: int, rank: float) -> None:
            asked = loop.time()
            async with pacer.slot(chat, Priority.REPLY, 60, rank):
                came.append((rank, loop.time() - asked))

        many = [asyncio.create_task(reply(chat, 5.0 * (chat % 6 + 1))) for chat in range(1, 301)]
        await asyncio.sleep(1)
        await reply(1_000, 1.0)
        await asyncio.gather(*many)
        return came.pop(next(n for n, (rank, _) in enumerate(came) if rank == 1.0))[1], [r for r, _ in came]

    waited, ranks = run(story())
    assert waited < 0.1
    later = ranks[60:]  # those granted before all had asked aside
    assert later == sorted(later)


def test_a_waiter_that_gives_up_costs_nobody_a_turn() -> None:
    async def story() -> int:
        pacer = Pacer(30)
        log: list[tuple[float, int, Priority]] = []
        tasks = [asyncio.create_task(_send(pacer, chat, Priority.WARNING, log)) for chat in range(1, 20)]
        await asyncio.sleep(0.1)
        for task in tasks[5:]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return pacer.in_flight

    assert run(story()) == 0


def test_a_rate_that_is_no_rate_is_refused_with_an_example() -> None:
    with pytest.raises(ValueError, match="for example 30"):
        Pacer(0)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(0, 20),
            st.sampled_from([1, 2, 3, -1, -2, *range(10, 60)]),
            st.sampled_from(list(Priority)),
        ),
        max_size=150,
    )
)
def test_whatever_is_asked_no_limit_is_broken_and_everybody_is_served(
    wanted: list[tuple[float, int, Priority]],
) -> None:
    log = run(_all(Pacer(30), wanted))
    assert sorted((chat, priority) for _, chat, priority in log) == sorted((c, p) for _, c, p in wanted)
    times = [at for at, _, _ in log]
    assert all(later - before >= 1 / 30 for before, later in pairwise(times))
    for group in (-1, -2):
        mine = [at for at, chat, _ in log if chat == group]
        assert all(sum(1 for at in mine if start <= at < start + 60) <= 20 for start in mine)


class Others(OwnTurns):
    """Turns that keep what other replicas are told, and tell of them."""

    def __init__(self) -> None:
        super().__init__(math.inf)
        self.told: list[tuple[str, int | str, float]] = []
        self.learn: Learn = lambda _sends, _paused_s: None
        self.wanted: list[int] = []

    def connect(self, learn: Learn) -> None:
        self.learn = learn

    def want(self, count: int, rate: float) -> None:
        self.wanted.append(count)

    def take(self, chat: int | str, now: float, rate: float, in_flight: int, *, is_edit: bool) -> None:
        self.told.append(("edit" if is_edit else "message", chat, in_flight))

    def flooded(self, chat: int | str, seconds: float) -> None:
        self.told.append(("429", chat, seconds))

    def paused(self, seconds: float) -> None:
        self.told.append(("pause", 0, seconds))


def test_other_replicas_are_told_what_was_sent_and_what_telegram_refused() -> None:
    async def story() -> list[tuple[str, int | str, float]]:
        turns = Others()
        pacer = Pacer(30, turns=turns)
        await asyncio.gather(
            *(
                _send(pacer, chat, priority, [])
                for chat, priority in ((1, Priority.WARNING), (2, Priority.EDIT))
            )
        )
        for chat in (3, 4):
            pacer.flooded(chat, 9.0)
        pacer.flooded(5, 3600.0)
        return turns.told

    assert run(story()) == [
        ("message", 1, 0),
        ("edit", 2, 1),
        ("429", 3, 9.0),
        ("429", 4, 9.0),
        ("429", 5, 3600.0),
        ("pause", 0, 60.0),
    ]


def test_what_other_replicas_sent_counts_against_the_limits_of_its_chat() -> None:
    async def story() -> None:
        turns = Others()
        pacer = Pacer(30, turns=turns)
        pacer.paused_for()
        turns.learn([RecentSend("7", 0.5, False, None)], 0.0)
        turns.learn([RecentSend("8", 0.5, True, None)], 0.0)
        turns.learn([RecentSend("9", 1.0, False, 30.0)], 0.0)
        turns.learn([RecentSend("-5", 10.0, False, None)] * 20, 0.0)
        turns.learn([RecentSend("@channel", 20.0, False, None)] * 20, 0.0)
        waits = [pacer.ready_in(chat) for chat in (7, 8, 9, -5, "@channel", 10)]
        assert waits == pytest.approx([0.52, 0, 29, 50.5, 40.5, 0], abs=0.01)
        assert pacer.paused_for() == 0
        log: Log = []
        began = asyncio.get_running_loop().time()
        await _send(pacer, 8, Priority.EDIT, log)
        assert log[0][0] - began == pytest.approx(0.52, abs=0.01), "edits wait for each other"

    run(story())


def test_what_another_replica_was_told_to_wait_everybody_waits_and_the_pace_is_lowered_once() -> None:
    async def story() -> None:
        turns = Others()
        pacer = Pacer(30, turns=turns)
        before = pacer.rate
        log: Log = []
        waiting = asyncio.create_task(_send(pacer, 1, Priority.WARNING, log))
        await asyncio.sleep(1)
        turns.learn([], 5.0)
        assert (pacer.paused_for(), pacer.rate / before) == pytest.approx((5.05, 0.9))
        turns.learn([], 7.0)
        assert (pacer.paused_for(), pacer.rate / before) == pytest.approx((7.05, 0.9))
        turns.learn([], 3.0)
        turns.learn([], 0.0)
        assert pacer.paused_for() == pytest.approx(7.05)
        asked = asyncio.get_running_loop().time()
        await _send(pacer, 2, Priority.CRITICAL, log)
        await waiting
        assert log[-1][0] - asked == pytest.approx(7.05, abs=0.01)

    run(story())


def test_turns_are_asked_for_by_those_that_wait_for_nothing_else() -> None:
    async def story() -> list[int]:
        turns = Others()
        pacer = Pacer(30, in_flight=2, turns=turns)
        tasks = [asyncio.create_task(_send(pacer, chat, Priority.WARNING, [])) for chat in (1, 1, 2, 3, 4)]
        await asyncio.sleep(0.01)
        before = list(turns.wanted)
        await asyncio.gather(*tasks)
        return before

    assert run(story()) == [0] * 5


@pytest.mark.parametrize(
    ("per_second", "most"), [(1, 64), (30, 64), (1000, 250), (2000, 256), (math.inf, 256)]
)
def test_as_many_are_under_way_as_the_rate_needs_at_a_slow_quarter_second(
    per_second: float, most: int
) -> None:
    assert Pacer(per_second).in_flight_limit == most
    assert Pacer(per_second, in_flight=7).in_flight_limit == 7


def test_the_figures_of_a_pace() -> None:
    async def story() -> None:
        pacer = Pacer(30)
        assert (pacer.even, pacer.floods) == (True, 0)
        assert pacer.rate == pytest.approx(29.4)
        assert not Pacer(1000).even
        assert (pacer.next_slot_in(), pacer.ready_in(1), pacer.paused_for()) == (0, 0, 0)
        async with pacer.slot(1, Priority.WARNING):
            assert pacer.in_flight == 1
        assert pacer.in_flight == 0
        assert pacer.next_slot_in() == pytest.approx(1.5 / 29.4, abs=0.001)
        assert pacer.ready_in(1) == pytest.approx(1.02, abs=0.001)
        assert pacer.ready_in(2) == 0
        await asyncio.sleep(2)
        assert (pacer.next_slot_in(), pacer.ready_in(1)) == (0, 0)

    run(story())


def test_where_nobody_counts_the_messages_of_a_chat_they_follow_each_other_at_once() -> None:
    log = run(_all(Pacer(30, chat_gap_s=0.0), [(0.0, 1, Priority.WARNING)] * 5))
    assert log[-1][0] - log[0][0] < 5 * 1.6 / 29.4


def test_the_pace_is_lowered_by_what_telegram_asks_never_below_a_quarter_and_climbs_back() -> None:
    async def story() -> None:
        pacer = Pacer(30)
        full = pacer.rate

        async def limit(seconds: float) -> None:
            for chat in (1, 2, 3):
                pacer.flooded(chat, seconds)
            pacer.delivered()
            await asyncio.sleep(seconds + 0.1)

        await limit(2)
        assert pacer.rate / full == pytest.approx(0.99)
        await limit(2.1)
        assert pacer.rate / full == pytest.approx(0.99 * 0.9)
        await _send(pacer, 10, Priority.WARNING, [])
        assert pacer.rate / full == pytest.approx(0.891), "not yet"
        await asyncio.sleep(5)
        for chat in (11, 12):
            await _send(pacer, chat, Priority.WARNING, [])
        assert pacer.rate / full == pytest.approx(0.901), "a hundredth more, once"
        for _ in range(20):
            await limit(3)
        assert pacer.rate / full == pytest.approx(0.25)
        for chat in range(100, 180):
            await asyncio.sleep(5.1)
            await _send(pacer, chat, Priority.WARNING, [])
        assert pacer.rate == full

    run(story())


def test_a_short_limit_over_all_is_over_when_it_is_over() -> None:
    """After a long one single messages probe; after two seconds all go on."""

    def spread(seconds: float) -> float:
        async def story() -> float:
            pacer = Pacer(30)
            for chat in (1, 2, 3):
                pacer.flooded(chat, seconds)
            assert pacer.paused_for() == pytest.approx(seconds + 0.05)
            log: Log = []

            async def slow(chat: int) -> None:
                async with pacer.slot(chat, Priority.WARNING):
                    log.append((asyncio.get_running_loop().time(), chat, Priority.WARNING))
                    await asyncio.sleep(1)

            await asyncio.gather(*(slow(chat) for chat in range(10, 14)))
            return log[-1][0] - log[0][0]

        return run(story())

    assert spread(2) < 0.3
    assert spread(2.1) >= 3, "nothing was delivered that could end the probing"


def test_a_dropped_reply_says_why_and_one_that_waited_in_vain_says_how_long() -> None:
    async def story() -> None:
        pacer = Pacer(30)
        pacer.flooded(1, 600)
        log: Log = []
        waiting = asyncio.create_task(_send(pacer, 1, Priority.REPLY, []))
        alert = asyncio.create_task(_send(pacer, 1, Priority.WARNING, log))
        await asyncio.sleep(0.1)
        pacer.drop_replies()
        with pytest.raises(SlotRefusedError, match="the program stops"):
            await waiting
        began = asyncio.get_running_loop().time()
        with pytest.raises(SlotRefusedError, match=r"no slot within 0\.5 s"):
            await _send(pacer, 1, Priority.REPLY, [])
        assert asyncio.get_running_loop().time() - began == pytest.approx(0.5, abs=0.01)
        await alert
        assert log[0][0] >= 600

    run(story())


def test_chats_that_nobody_writes_to_any_more_take_no_memory() -> None:
    def known() -> int:
        gc.collect()
        return sum(isinstance(each, ChatLimits) for each in gc.get_objects())

    async def story() -> tuple[int, int]:
        pacer = Pacer(math.inf, in_flight=10_000)
        before = known()
        await _served(pacer, list(range(1, 4096)))
        most = known() - before
        await asyncio.sleep(5)
        await _served(pacer, [5000, 5001])
        assert pacer.ready_in(5000) > 0.9
        return most, known() - before

    assert run(story()) == (4095, 2)
