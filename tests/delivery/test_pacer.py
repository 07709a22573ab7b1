"""The limits are kept, spent, and shared out by who matters most."""

import asyncio
import math
from collections.abc import Coroutine
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.pacer import Pacer, SlotRefusedError
from storage.outbox import Priority
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


@pytest.mark.parametrize("priority", [Priority.REPLY, Priority.WARNING])
def test_a_group_gets_at_most_twenty_a_minute(priority: Priority) -> None:
    log = run(_all(Pacer(30), [(0.0, -100, priority)] * 60))
    times = [at for at, _, _ in log]
    assert max(sum(1 for at in times if start <= at < start + 60) for start in times) == 20


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
