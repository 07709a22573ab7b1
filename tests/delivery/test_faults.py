"""Faults found by attacking delivery: what was told to the wrong chat, given up, counted as sent or lost."""

import asyncio
from datetime import timedelta

import pytest

from bot.delivery.outcomes import OutgoingMessage
from bot.delivery.relay import DeliveryProblem
from bot.signals.rules import Severity
from storage import outbox
from storage.database import Database
from storage.outbox import MessageContent, NoticeKind, silences
from tests.delivery.delivery_fixture import World, add_alert, add_chats, world
from tests.fakes import telegram as fake
from tests.fakes.telegram import FakeTelegram

FORBIDDEN = fake.Refuse(403, "Forbidden: bot was blocked by the user")
NO_RIGHTS = fake.Refuse(400, "Bad Request: not enough rights to send text messages to the chat")


async def active_chats(here: World) -> list[int]:
    rows = await here.store.read(
        lambda db: db.execute("SELECT chat_id FROM chats WHERE active ORDER BY chat_id").fetchall()
    )
    return [chat for (chat,) in rows]


async def test_an_alert_and_a_notice_with_the_same_number_are_not_mixed_up(address: str) -> None:
    """Alert 1 put off for chat 8 and notice 1 put off for chat 7 are due at the same moment."""

    def work(db: Database) -> None:
        add_chats(db, [7], signal="none")
        add_chats(db, [8])
        add_alert(db, 1, severity="critical", at=here.clock())
        outbox.enqueue(db, 1, here.clock())
        notice = outbox.add_notice(db, NoticeKind.FLEET, Severity.WARNING, "7", here.clock())
        outbox.enqueue_notice(db, notice, here.clock(), to=[(7, 0)])
        db.execute("UPDATE outbox SET state = 'leased'")
        due = here.clock() + timedelta(seconds=0.1)
        silences.put_off(db, {row: due for (row,) in db.execute("SELECT id FROM outbox").fetchall()})

    async with FakeTelegram() as api, world(address, api) as here:
        await here.store.write(work)
        here.relay.wake()
        await here.settled()
    assert (api.texts(7), api.texts(8)) == (["<b>7</b>"], ["<b>price_drawdown</b>"])


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 405, 409, 429, 502])
async def test_a_page_of_a_server_in_between_costs_no_chat_no_message_and_not_the_program(
    address: str, status: int
) -> None:
    async with FakeTelegram() as api, world(address, api) as here:
        for chat in (1, 2, 3):
            api.script(chat, fake.Garble(status))
        await here.chats(1, 2, 3)
        await here.alert(severity="warning")
        rows = await here.settled()
        still_active = await active_chats(here)
    assert [state for _, state, _ in rows] == ["sent"] * 3
    assert still_active == [1, 2, 3]
    assert [len(api.texts(chat)) for chat in (1, 2, 3)] == [1, 1, 1]


async def test_many_chats_that_refuse_at_once_are_doubted_and_operators_told(address: str) -> None:
    async with FakeTelegram() as api, world(address, api) as here:
        for chat in range(1, 11):
            api.script(chat, FORBIDDEN)
        await here.chats(*range(1, 11))
        await here.alert()
        await here.counted("later", 10)
        assert await active_chats(here) == list(range(1, 11))
        here.clock.advance(minutes=11)
        here.relay.wake()
        rows = await here.settled()
        still_active = await active_chats(here)
    assert {state for _, state, _ in rows} == {"sent"}
    assert still_active == list(range(1, 11))
    assert DeliveryProblem.DEPARTURES in here.problems


async def test_a_few_chats_that_refuse_among_many_are_believed(address: str) -> None:
    async with FakeTelegram() as api, world(address, api, departure_check_s=1) as here:
        for chat in (3, 5, 9):
            api.standing[chat] = FORBIDDEN
        await here.chats(*range(1, 11))
        await here.alert()
        await here.settled()
        still_active = await active_chats(here)
    assert still_active == [1, 2, 4, 6, 7, 8, 10]
    assert here.problems == []


async def test_rights_taken_for_a_while_cost_no_alert_and_operators_are_told(address: str) -> None:
    async with FakeTelegram() as api, world(address, api) as here:
        api.script(-1, NO_RIGHTS, NO_RIGHTS)
        await here.chats(-1)
        await here.alert()
        for times in (1, 2):
            await here.counted("later", times)
            here.clock.advance(minutes=11)
            here.relay.wake()
        rows = await here.settled()
        still_active = await active_chats(here)
    assert [state for _, state, _ in rows] == ["sent"]
    assert still_active == [-1]
    assert DeliveryProblem.RIGHTS in here.problems


def _long(first: str = "first") -> OutgoingMessage:
    return OutgoingMessage(f"{first} " + "word " * 900 + "last")


async def test_a_long_message_that_reads_differently_by_now_is_sent_whole_and_marked(address: str) -> None:
    ages = iter(["1 minute", "2 minutes", "2 minutes", "2 minutes"])

    def render(content: MessageContent, now: object) -> OutgoingMessage:
        here.clock.advance(seconds=60)  # beyond the time a rendering is shared
        return _long(("repeat " if content.repeat else "") + next(ages))

    async with FakeTelegram() as api, world(address, api, render=render) as here:
        api.script(1, fake.Slow(0), fake.SERVER_ERROR)
        await here.chats(1)
        await here.alert()
        rows = await here.settled()
    begun = [" ".join(text.split()[:3]) for text in api.texts(1)]
    assert [state for _, state, _ in rows] == ["sent"]
    assert begun == ["1 minute word", "repeat 2 minutes", "word word word"]


async def test_a_long_message_that_became_short_ends(address: str) -> None:
    texts = iter([_long(), OutgoingMessage("short"), OutgoingMessage("short, again")])

    def render(content: MessageContent, now: object) -> OutgoingMessage:
        here.clock.advance(seconds=60)
        return next(texts)

    async with FakeTelegram() as api, world(address, api, render=render) as here:
        api.script(1, fake.Slow(0), fake.SERVER_ERROR)
        await here.chats(1)
        await here.alert()
        rows = await here.settled()
    assert [state for _, state, _ in rows] == ["sent"]
    assert api.texts(1)[-1] == "short, again"


async def test_a_message_cut_smaller_for_telegram_is_sent_whole_after_a_fault(address: str) -> None:
    async with FakeTelegram() as api, world(address, api, render=lambda _c, _n: _text(600)) as here:
        api.script(1, fake.TOO_LONG, fake.Slow(0), fake.SERVER_ERROR)
        await here.chats(1)
        await here.alert()
        rows = await here.settled()
    assert [state for _, state, _ in rows] == ["sent"]
    assert "last" in api.texts(1)[-1]


def _text(words: int) -> OutgoingMessage:
    return OutgoingMessage("first " + "word " * words + "last")


async def test_a_lease_that_nobody_works_on_is_noticed(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with FakeTelegram() as api, world(address, api) as here:
        await here.chats(1, 2)
        await here.alert()
        await here.settled()
        await here.store.write(lambda db: db.execute("UPDATE outbox SET state = 'leased' WHERE chat_id = 2"))
        here.relay.wake()
        await here.alert(2)
        await here.until(lambda states: set(states) == {"sent"})
    assert any("possible repeat" in text for text in api.texts(2))
    assert "1 messages were leased and nobody sent them" in caplog.text


async def test_stopping_ends_although_nothing_can_be_written(address: str) -> None:
    async with FakeTelegram() as api, world(address, api) as here:
        await here.chats(1)
        api.script(1, fake.Slow(0.2))
        await here.alert()
        await api.until(lambda: bool(api.calls["sendMessage"]))
        here.fail_writes()
        await here.relay.stop()
        here.fail_writes(False)
        states = [state for _, state, _ in await here.rows()]
    assert states == ["leased"]  # goes again at the next start, marked


async def test_stopping_does_not_wait_for_an_answer_that_never_comes(address: str) -> None:
    async with FakeTelegram() as api, world(address, api, read_timeout=60) as here:
        await here.chats(1)
        await here.chats(2, min_severity=2)
        api.script(1, fake.Silence())
        api.script(2, fake.Silence())
        await here.alert(1, severity="warning")
        await here.alert(2, severity="critical")
        await api.until(lambda: api.calls["sendMessage"] == 2)
        began = asyncio.get_running_loop().time()
        await here.relay.stop()
        took = asyncio.get_running_loop().time() - began
        rows = {chat: state for chat, state, _ in await here.rows()}
    assert took < 30  # it waits two seconds, not sixty; the machine may be busy
    assert rows == {1: "pending", 2: "pending"}


async def test_nothing_expires_while_the_clock_is_not_steady(address: str) -> None:
    async with FakeTelegram() as api, world(address, api, run=False) as here:
        await here.chats(1)
        await here.alert()
        here.clock.advance(hours=25)
        here.clock.steady = False
        running = asyncio.create_task(here.relay.run())
        rows = await here.settled()
        await here.relay.stop()
        await running
    assert [state for _, state, _ in rows] == ["sent"]
    assert api.texts(1) == ["<b>delayed: price_drawdown</b>"]
