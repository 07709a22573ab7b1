"""What subscribers get, whatever happens on the way."""

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.delivery.outcomes import OutgoingMessage
from bot.delivery.relay import DeliveryHaltedError, Relay
from storage import outbox
from storage.outbox import MessageContent
from tests.delivery.delivery_fixture import world
from tests.fakes import telegram as fake
from tests.fakes.telegram import FakeTelegram


async def test_an_alert_reaches_every_subscriber_once(address: str) -> None:
    async with FakeTelegram() as api, world(address, api) as here:
        await here.chats(*range(1, 101))
        await here.alert()
        rows = await here.settled()
    assert {state for _, state, _ in rows} == {"sent"}
    assert sorted(sent.chat_id for sent in api.sent) == list(range(1, 101))


async def test_alerts_of_one_poll_are_one_message(address: str) -> None:
    async with FakeTelegram() as api, world(address, api, run=False) as here:
        await here.chats(1)
        await here.store.write(
            lambda db: db.execute("INSERT INTO subscriptions VALUES (1, 0, 'hashrate_decline', 1)")
        )
        await here.alert(1)
        await here.alert(1, signal="hashrate_decline")
        running = asyncio.create_task(here.relay.run())
        await here.settled()
        await here.relay.stop()
        await running
    assert api.texts(1) == ["<b>price_drawdown + hashrate_decline</b>"]


async def test_a_text_is_rendered_once_for_all_who_get_the_same(address: str) -> None:
    rendered = 0

    def render(content: MessageContent, now: datetime) -> OutgoingMessage:
        nonlocal rendered
        rendered += 1
        return OutgoingMessage("the same for all")

    async with FakeTelegram() as api, world(address, api, render=render) as here:
        await here.chats(*range(1, 51))
        await here.alert()
        await here.settled()
    assert rendered <= 2  # twice when the run straddles the moment a rendering grows too old
    assert len(api.sent) == 50


async def test_after_a_429_the_message_is_sent_when_telegram_allows(address: str) -> None:
    async with FakeTelegram() as api, world(address, api) as here:
        api.script(1, fake.flood(1))
        await here.chats(1)
        await here.alert()
        rows = await here.settled()
        figures = await here.relay.stats()
    assert [state for _, state, _ in rows] == ["sent"]
    assert (figures.floods, figures.outcomes["later"], figures.outcomes["sent"]) == (1, 1, 1)


@pytest.mark.parametrize("refusal", [fake.BLOCKED, fake.KICKED, fake.NOT_FOUND])
async def test_a_chat_that_is_gone_is_left_alone_and_keeps_its_settings(
    address: str, refusal: fake.Refuse
) -> None:
    async with FakeTelegram() as api, world(address, api) as here:
        api.standing[1] = refusal
        await here.chats(1, 2)
        await here.alert(1)
        await here.settled()
        await here.alert(2)
        await here.settled()
        stored = await here.store.read(
            lambda db: db.execute(
                "SELECT c.active, s.signal FROM chats c JOIN subscriptions s USING (chat_id, topic_id) "
                "WHERE chat_id = 1"
            ).fetchall()
        )
    assert stored == [(0, "price_drawdown")]
    assert api.refused == {refusal.status: 1}
    assert len(api.texts(2)) == 2


async def test_a_chat_that_moved_gets_it_at_its_new_address(address: str) -> None:
    async with FakeTelegram() as api, world(address, api) as here:
        api.standing[-1] = fake.migrated(-1001)
        await here.chats(-1)
        await here.alert()
        rows = await here.settled()
    assert [(chat, state) for chat, state, _ in rows] == [(-1001, "sent")]
    assert len(api.texts(-1001)) == 1


async def test_a_chat_that_moved_where_it_is_subscribed_already_is_told_once(address: str) -> None:
    async with FakeTelegram() as api, world(address, api) as here:
        api.standing[-1] = fake.migrated(-1001)
        await here.chats(-1, -1001)
        await here.alert()
        rows = await here.settled()
    assert sorted((chat, state) for chat, state, _ in rows) == [(-1001, "sent"), (-1, "cancelled")]
    assert len(api.texts(-1001)) == 1


async def test_a_deleted_topic_is_replaced_by_the_general_one_for_good(address: str) -> None:
    async with FakeTelegram() as api, world(address, api) as here:
        api.script(-1, fake.TOPIC_DELETED)
        await here.chats(-1, topic=7)
        await here.alert(1)
        await here.settled()
        await here.alert(2)
        await here.settled()
    assert [sent.topic_id for sent in api.sent] == [0, 0]


async def test_a_closed_topic_is_replaced_this_once(address: str) -> None:
    async with FakeTelegram() as api, world(address, api) as here:
        api.script(-1, fake.TOPIC_CLOSED)
        await here.chats(-1, topic=7)
        await here.alert(1)
        await here.settled()
        await here.alert(2)
        await here.settled()
    assert [sent.topic_id for sent in api.sent] == [0, 7]


async def test_html_that_does_not_parse_arrives_as_plain_text(address: str) -> None:
    def broken(content: MessageContent, now: datetime) -> OutgoingMessage:
        return OutgoingMessage("<b>price < 20,700</b>")

    async with FakeTelegram() as api, world(address, api, render=broken) as here:
        await here.chats(1)
        await here.alert()
        rows = await here.settled()
    assert api.texts(1) == ["price < 20,700"]
    assert rows[0][1] == "sent"


async def test_a_long_message_arrives_in_parts_the_keyboard_under_the_last(address: str) -> None:
    keyboard = '{"inline_keyboard":[[{"text":"Why?","callback_data":"why:1"}]]}'

    def long(content: MessageContent, now: datetime) -> OutgoingMessage:
        return OutgoingMessage("a line of forty characters, more or less\n" * 150, keyboard)

    async with FakeTelegram() as api, world(address, api, render=long) as here:
        await here.chats(1)
        await here.alert()
        await here.settled()
    assert [len(sent.buttons) for sent in api.sent] == [0, 1]


async def test_parts_that_arrived_are_not_sent_again(address: str) -> None:
    def long(content: MessageContent, now: datetime) -> OutgoingMessage:
        return OutgoingMessage("first " + "word " * 900 + "last")

    async with FakeTelegram() as api, world(address, api, render=long) as here:
        api.script(1, fake.Slow(0), fake.SERVER_ERROR)
        await here.chats(1)
        await here.alert()
        rows = await here.settled()
    assert [("first" in text, "last" in text) for text in api.texts(1)] == [(True, False), (False, True)]
    assert rows[0][1] == "sent"


async def test_a_refused_message_is_a_dead_letter_with_the_reason(address: str) -> None:
    async with FakeTelegram() as api, world(address, api) as here:
        api.script(1, fake.Refuse(400, "Bad Request: wrong type of the web page content"))
        await here.chats(1)
        await here.alert()
        rows = await here.settled()
    assert rows == [(1, "dead", "Wrong type of the web page content")]


async def test_a_renderer_that_fails_costs_its_own_message_only(address: str) -> None:
    def fails_for_one(content: MessageContent, now: datetime) -> OutgoingMessage:
        if content.alert_group == 1:
            raise KeyError("value")
        return OutgoingMessage("fine")

    async with FakeTelegram() as api, world(address, api, render=fails_for_one) as here:
        await here.chats(1)
        await here.alert(1)
        await here.alert(2)
        rows = await here.settled()
    assert [state for _, state, _ in rows] == ["dead", "sent"]


async def test_faults_of_the_server_are_tried_through(address: str) -> None:
    async with FakeTelegram() as api, world(address, api) as here:
        api.script(1, fake.SERVER_ERROR)
        await here.chats(1)
        await here.alert()
        rows = await here.settled()
    assert [state for _, state, _ in rows] == ["sent"]
    assert len(api.texts(1)) == 1


@pytest.mark.parametrize("behaviour", [fake.Silence(), fake.Reset(after=True)], ids=str)
async def test_a_critical_alert_in_doubt_goes_again_and_says_so(
    address: str, behaviour: fake.Behaviour
) -> None:
    async with FakeTelegram() as api, world(address, api) as here:
        api.script(1, behaviour)
        await here.chats(1)
        await here.alert(severity="critical")
        await here.settled()
        figures = await here.relay.stats()
    assert api.texts(1) == ["<b>price_drawdown</b>", "<b>possible repeat: price_drawdown</b>"]
    assert (figures.outcomes["again"], figures.outcomes["repeated"]) == (1, 1)


@pytest.mark.parametrize("behaviour", [fake.Silence(), fake.Reset(after=True)], ids=str)
async def test_any_other_alert_in_doubt_counts_as_sent(address: str, behaviour: fake.Behaviour) -> None:
    async with FakeTelegram() as api, world(address, api) as here:
        api.script(1, behaviour)
        await here.chats(1)
        await here.alert(severity="warning")
        rows = await here.settled()
        figures = await here.relay.stats()
    assert len(api.texts(1)) == 1
    assert rows[0][1] == "uncertain"
    assert figures.outcomes == {"uncertain": 1}


async def test_while_telegram_cannot_be_reached_nothing_is_lost_or_given_up(address: str) -> None:
    api = FakeTelegram()
    await api.start()
    port = api.port
    await api.stop()
    async with world(address, api) as here:
        await here.chats(*range(1, 11))
        await here.alert()
        await here.counted("later")
        await api.start(port)
        rows = await here.settled()
    await api.stop()
    assert {state for _, state, _ in rows} == {"sent"}
    assert len(api.sent) == 10


async def test_a_wrong_token_stops_delivery_loudly_and_keeps_the_messages(address: str) -> None:
    async with FakeTelegram() as api, world(address, api, run=False) as here:
        api.script_method("sendMessage", *[fake.UNAUTHORIZED] * 20)
        await here.chats(1, 2, 3)
        await here.alert()
        with pytest.raises(DeliveryHaltedError, match="nauthorized"):
            await here.relay.run()
        rows = await here.rows()
    assert [state for _, state, _ in rows] == ["pending"] * 3


async def test_a_message_that_waited_long_says_so(address: str) -> None:
    async with FakeTelegram() as api, world(address, api, run=False) as here:
        await here.chats(1)
        await here.alert()
        here.clock.advance(hours=2)
        running = asyncio.create_task(here.relay.run())
        await here.settled()
        await here.relay.stop()
        await running
    assert api.texts(1) == ["<b>delayed: price_drawdown</b>"]


async def test_a_message_past_its_usefulness_is_not_sent(address: str) -> None:
    async with FakeTelegram() as api, world(address, api, run=False) as here:
        await here.chats(1)
        await here.alert()
        here.clock.advance(hours=25)
        running = asyncio.create_task(here.relay.run())
        rows = await here.settled()
        await here.relay.stop()
        await running
    assert (api.sent, rows) == ([], [(1, "cancelled", "expired")])


async def test_a_critical_alert_overtakes_a_broadcast_under_way(address: str) -> None:
    async with FakeTelegram() as api, world(address, api, per_second=50) as here:
        await here.chats(*range(1, 201))
        await here.chats(999, min_severity=2)
        await here.alert(1, severity="warning")
        await api.until_sent(20)
        await here.alert(2, severity="critical")
        await api.until(lambda: any(sent.chat_id == 999 for sent in api.sent))
        position = [sent.chat_id for sent in api.sent].index(999)
    assert position < 20 + 200 + 15


async def test_stopping_finishes_what_is_being_sent_and_keeps_the_rest(address: str) -> None:
    async with (
        FakeTelegram(latency_s=0.2) as api,
        world(address, api, per_second=50, read_timeout=5) as here,
    ):
        await here.chats(*range(1, 101))
        await here.alert()
        await api.until_sent(10)
        await here.relay.stop()
        rows = await here.rows()
    states = {chat: state for chat, state, _ in rows}
    assert set(states.values()) == {"sent", "pending"}
    assert sorted(chat for chat, state in states.items() if state == "sent") == sorted(
        sent.chat_id for sent in api.sent
    )


async def test_after_a_crash_nobody_is_lost(address: str) -> None:
    async with FakeTelegram() as api, world(address, api, run=False) as here:
        await here.chats(*range(1, 21))
        await here.alert(severity="critical")
        await here.store.write(lambda db: outbox.claim(db, here.clock() + timedelta(seconds=1), 5))
        running = asyncio.create_task(here.relay.run())
        await here.settled()
        await here.relay.stop()
        await running
    assert sorted(sent.chat_id for sent in api.sent) == list(range(1, 21))
    assert sum("possible repeat" in sent.text for sent in api.sent) == 5


async def test_a_group_at_its_limit_does_not_hold_up_the_others(address: str) -> None:
    async with FakeTelegram() as api, world(address, api) as here:
        await here.chats(-1, 5)
        for bulletin in range(1, 5):
            await here.alert(bulletin)
        await api.until(lambda: len(api.texts(-1)) >= 2)
    times = [sent.at for sent in api.sent if sent.chat_id == -1]
    assert times[1] - times[0] >= 1.0


async def test_the_figures_tell_how_long_an_alert_took(address: str) -> None:
    async with FakeTelegram() as api, world(address, api) as here:
        await here.chats(1, 2, 3)
        await here.alert(7)
        before = await here.relay.stats()
        await here.settled()
        after = await here.relay.stats()
    [run] = after.alert_groups
    assert (run.alert_group, run.sent, after.waiting) == (7, 3, 0)
    assert 0 <= run.first_s <= run.last_s
    assert before.waiting <= 3


async def test_a_deliverer_that_never_ran_stops_at_once(address: str) -> None:
    async with FakeTelegram() as api, world(address, api, run=False) as here:
        assert isinstance(here.relay, Relay)
        await here.relay.stop()
