"""Flood limits: who asks too much waits alone, and is told once."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Update
from telegram.ext import ApplicationHandlerStop, TypeHandler

from bot.delivery.pacer import reply_rank
from handlers.context import App, HandlerContext
from handlers.events.flood_limit import (
    CHART_COST,
    PERSON_BURST,
    PERSON_PER_SECOND,
    UpdateRateLimiter,
)
from storage.chats.flood_counts import LIMITS, Bucket, FloodCountsInMemory, Kind
from tests.handlers.program_client import ADA, ADMIN, BOB, ProgramClient

RESERVE = round(LIMITS[Kind.SETTINGS].size)
TOO_MUCH = "That is more than I can answer."


@pytest.fixture
def client(client: ProgramClient, monkeypatch: pytest.MonkeyPatch) -> ProgramClient:
    """A program in which nobody's bucket fills up, however long a test takes on a busy machine."""
    for kind, limit in LIMITS.items():
        monkeypatch.setitem(LIMITS, kind, limit._replace(per_second=0.0))
    return client


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


@pytest.mark.both_engines
async def test_settings_go_through_a_flood_or_are_refused_in_words(client: ProgramClient) -> None:
    for _ in range(PERSON_BURST):
        client.api.say(ADA, "/help")
    await client.api.until_sent(PERSON_BURST)
    assert (await client.ask("/help")).text.startswith(TOO_MUCH)
    assert "22:00" in (await client.ask("/quiet 22-7")).text
    assert "8:00" in (await client.ask("/digest 8:00")).text
    assert TOO_MUCH not in (await client.ask("/privacy")).text
    for _ in range(RESERVE - 3):
        assert TOO_MUCH not in (await client.ask("/mute 2h")).text
    assert (await client.ask("/mute 3h")).text.startswith(TOO_MUCH)


async def test_operators_are_not_limited(client: ProgramClient) -> None:
    for _ in range(PERSON_BURST + 5):
        assert TOO_MUCH not in (await client.ask("/help", ADMIN)).text


@given(st.lists(st.floats(0, 30), max_size=200))
def test_no_more_than_the_burst_and_the_rate_ever_pass(gaps: list[float]) -> None:
    bucket = Bucket(PERSON_BURST, PERSON_PER_SECOND, PERSON_BURST, 0.0)
    now, taken = 0.0, 0
    for gap in gaps:
        now += gap
        taken += bucket.take(now) is not None
    assert taken <= PERSON_BURST + now * PERSON_PER_SECOND + 1e-6


@pytest.mark.parametrize("steps", [(0.0, -50.0, 0.0)])
def test_a_clock_set_back_gives_nothing_away(steps: tuple[float, ...]) -> None:
    bucket = Bucket(1, 1.0, 1, 0.0)
    assert [bucket.take(at) for at in steps] == [1.0, None, None]


async def test_all_together_are_limited_too() -> None:
    now = [0.0]
    gate = UpdateRateLimiter(10.0, frozenset(), lambda: now[0])
    admitted = sum([await gate.admit(person) is not None for person in range(10_000)])
    assert admitted == 200
    now[0] += 5
    assert sum([await gate.admit(person) is not None for person in range(20_000, 21_000)]) == 50


async def test_memory_stays_bounded() -> None:
    counts = FloodCountsInMemory(lambda: 0.0)
    for person in range(50_000):
        await counts.take(person, Kind.ANSWERS)
    assert len(counts) <= 20_000


USERNAME = "minerwatch_bot"
CONTEXT = cast(Any, SimpleNamespace(bot=SimpleNamespace(username=USERNAME)))
GROUP_CHAT = {"id": -100, "type": "supergroup", "title": "Miners"}
CAROL = {"id": 3, "is_bot": False, "first_name": "Carol"}
ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}


class _Gate:
    """The limiter's handler without the rest of the program."""

    def __init__(self, *, allowed: frozenset[int] = frozenset()) -> None:
        self.limiter = UpdateRateLimiter(1e9, frozenset([ADMIN]), lambda: 0.0, allowed)
        self.limiter.register(cast(App, self), cast(HandlerContext, None))

    def add_handler(self, handler: TypeHandler[Update, Any, Any], _group: int) -> None:
        self._handler = handler

    async def lets_in(self, update: dict[str, Any]) -> bool:
        try:
            await self._handler.callback(Update.de_json({"update_id": 1, **update}), CONTEXT)
        except ApplicationHandlerStop:
            return False
        return True

    async def rank(self, update: dict[str, Any]) -> float:
        """Where an answer to this update stands among the others that wait."""
        reply_rank.set(-1.0)
        assert await self.lets_in(update)
        return reply_rank.get()

    async def admitted(self, update: dict[str, Any], times: int) -> int:
        return sum([await self.lets_in(update) for _ in range(times)])


def _message(text: str, **more: Any) -> dict[str, Any]:
    entities = []
    if (at := text.find("@")) >= 0:
        entities.append({"type": "mention", "offset": at, "length": len(text[at:].split(maxsplit=1)[0])})
    plain = {"message_id": 1, "date": 1, "chat": GROUP_CHAT, "from": CAROL, "text": text}
    return {"message": {**plain, "entities": entities, **more}}


REPLY = {
    "reply_to_message": {
        "message_id": 2,
        "date": 1,
        "chat": GROUP_CHAT,
        "from": {"id": 1, "is_bot": True, "first_name": "minerwatch", "username": USERNAME},
    }
}


@pytest.mark.parametrize(
    "asked",
    [_message("/help"), _message(f"@{USERNAME} is an s19 profitable?"), _message("and at 5 c?", **REPLY)],
    ids=["command", "mention", "reply"],
)
async def test_whatever_is_answered_in_a_group_counts(asked: dict[str, Any]) -> None:
    assert await _Gate().admitted(asked, 200) == PERSON_BURST


async def test_what_people_say_to_each_other_does_not_count() -> None:
    assert await _Gate().admitted(_message("good morning @bob"), 200) == 200


@pytest.mark.parametrize("asked", ["/chart price 30d", "/CHART@bot", "/share s19 7c"])
async def test_a_picture_takes_more_of_the_limit(asked: str) -> None:
    gate = _Gate()
    assert await gate.admitted(_message(asked), 200) == PERSON_BURST / CHART_COST


async def test_who_asks_for_much_is_answered_after_those_who_ask_for_little() -> None:
    gate = _Gate()
    bob = _message("/chart price 30d", **{"from": CAROL | {"id": BOB}})
    carol = [await gate.rank(_message("/status")) for _ in range(PERSON_BURST)]
    assert carol == sorted(set(carol))
    assert carol[0] < await gate.rank(bob) < await gate.rank(bob) < carol[-1]
    assert await gate.rank(_message("/mute 2h")) == carol[-1]  # through a flood
    assert await gate.rank(_message("/help", **{"from": CAROL | {"id": ADMIN}})) < carol[0]


async def test_anonymous_admins_of_one_group_do_not_use_up_those_of_another() -> None:
    gate = _Gate()
    other = {"id": -200, "type": "supergroup", "title": "Others"}
    here = _message("/help", **{"from": ANONYMOUS, "sender_chat": GROUP_CHAT})
    there = _message("/subscribe", **{"from": ANONYMOUS, "sender_chat": other, "chat": other})
    assert await gate.admitted(here, 45) == PERSON_BURST
    assert await gate.admitted(there, 1) == 1


@pytest.mark.parametrize(
    ("update", "is_served"),
    [
        (_message("/help"), False),
        (_message("/help", chat={"id": -300, "type": "supergroup", "title": "Ours"}), True),
        (_message("/help", chat={"id": 3, "type": "private", "first_name": "Carol"}), False),
        (_message("/help", chat={"id": ADMIN, "type": "private", "first_name": "Admin"}), True),
        ({"inline_query": {"id": "1", "from": CAROL, "query": "s19", "offset": ""}}, False),
        ({"inline_query": {"id": "1", "from": CAROL | {"id": 4}, "query": "s19", "offset": ""}}, True),
    ],
)
async def test_a_private_bot_serves_only_the_chats_named(update: dict[str, Any], is_served: bool) -> None:
    gate = _Gate(allowed=frozenset([-300, 4]))
    assert await gate.lets_in(update) is is_served
    assert (gate.limiter.accepted, gate.limiter.rejected) == (int(is_served), int(not is_served))


@pytest.mark.parametrize("prefix", ["k1:", "y1:", "w1:drop:", "m1:", "a1:send:", "c1:price:", "q1:"])
async def test_a_forged_button_is_answered_and_no_error(
    client: ProgramClient, caplog: pytest.LogCaptureFixture, prefix: str
) -> None:
    welcome = await client.ask("/start")
    client.api.press(ADA, welcome.message_id, prefix + "9" * 40)
    await client.api.until(lambda: client.api.calls["answerCallbackQuery"] == 1)
    await client.settled()
    assert [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []
