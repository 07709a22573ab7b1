"""Flood limits: who asks too much waits alone, and is told once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.events.flood_limit import PERSON_BURST, PERSON_PER_SECOND, Bucket, UpdateRateLimiter
from tests.handlers.program_client import ADA, ADMIN, BOB, ProgramClient

TOO_MUCH = "That is more than I can answer."


async def test_one_who_floods_is_told_once_and_the_others_are_served(client: ProgramClient) -> None:
    for _ in range(PERSON_BURST):
        await client.ask("/help")
    assert (await client.ask("/help")).text.startswith(TOO_MUCH)
    before = len(client.api.sent)
    for _ in range(20):
        client.api.say(ADA, "/help")
    assert (await client.ask("/help", BOB)).chat_id == BOB
    await client.settled(4711)
    assert [sent for sent in client.api.sent[before:] if sent.chat_id == ADA] == []


async def test_a_button_is_answered_even_then(client: ProgramClient) -> None:
    welcome = await client.ask("/start")
    for _ in range(PERSON_BURST):
        client.api.say(ADA, "/help")
    await client.api.until_sent(PERSON_BURST + 1)
    for _ in range(3):
        assert (await client.press(welcome, "Everything")).startswith(TOO_MUCH)


async def test_operators_are_not_limited(client: ProgramClient) -> None:
    for _ in range(PERSON_BURST + 5):
        assert TOO_MUCH not in (await client.ask("/help", ADMIN)).text


@given(st.lists(st.floats(0, 30), max_size=200))
def test_no_more_than_the_burst_and_the_rate_ever_pass(gaps: list[float]) -> None:
    bucket = Bucket(PERSON_BURST, PERSON_PER_SECOND, PERSON_BURST, 0.0)
    now, taken = 0.0, 0
    for gap in gaps:
        now += gap
        taken += bucket.take(now)
    assert taken <= PERSON_BURST + now * PERSON_PER_SECOND + 1e-6


@pytest.mark.parametrize("steps", [(0.0, -50.0, 0.0)])
def test_a_clock_set_back_gives_nothing_away(steps: tuple[float, ...]) -> None:
    bucket = Bucket(1, 1.0, 1, 0.0)
    assert [bucket.take(at) for at in steps] == [True, False, False]


def test_all_together_are_limited_too() -> None:
    now = [0.0]
    gate = UpdateRateLimiter(10.0, frozenset(), lambda: now[0])
    admitted = sum(gate._admitted(person) for person in range(10_000))
    assert admitted == 200
    now[0] += 5
    assert sum(gate._admitted(person) for person in range(20_000, 21_000)) == 50


def test_memory_stays_bounded() -> None:
    gate = UpdateRateLimiter(1e9, frozenset(), lambda: 0.0)
    for person in range(50_000):
        gate._admitted(person)
    assert len(gate._people) <= 20_000
