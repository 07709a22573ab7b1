"""Somebody meets the bot: /start, links, menus, and everything it is sent that is no command."""

import json
from typing import Any

import pytest

from bot.signals.rules import SUBSCRIPTIONS
from bot.telegram.menus import introduce
from handlers.registry import COMMANDS
from storage.chats import chats
from storage.chats.chats import Address
from tests.fakes.connections import read_now
from tests.fakes.telegram import BOT, NOT_FOUND
from tests.handlers.program_client import ADA, ADMIN, BOB, CHANNEL, GROUP, ProgramClient


async def test_start_says_what_it_watches_and_when_it_last_looked(client: ProgramClient) -> None:
    welcome = await client.ask("/start")
    assert "Bitcoin miners" in welcome.text
    assert "by myself" in welcome.text
    assert "I last looked less than a minute ago" in welcome.text
    assert await client.press(welcome, "Everything") == "Subscribed"
    stored = read_now(client.store, lambda db: chats.subscriptions(db, Address(ADA)))
    assert set(stored) == set(SUBSCRIPTIONS)


@pytest.mark.parametrize(
    ("payload", "signals"),
    [
        ("drawdown", {"price_drawdown"}),
        ("hashrate", {"hashrate_decline"}),
        ("energy_price", {"energy_price"}),
        ("all", set(SUBSCRIPTIONS)),
        ("income", {"miner_income"}),
        ("whatever-else", set()),
    ],
)
async def test_a_link_subscribes(client: ProgramClient, payload: str, signals: set[str]) -> None:
    welcome = await client.ask(f"/start {payload}")
    assert ("You will now hear about" in welcome.text) == bool(signals)
    assert set(read_now(client.store, lambda db: chats.subscriptions(db, Address(ADA)))) == signals


async def test_a_link_to_a_watch_offers_it(client: ProgramClient) -> None:
    offer = await client.ask("/start watch-price-below-60000")
    assert "price below 60,000 USD" in offer.text
    assert "Save" in [button["text"] for button in offer.buttons]
    assert "/watch" in (await client.ask("/start watch")).text


async def test_a_link_in_a_group_subscribes_for_admins_only(client: ProgramClient) -> None:
    client.api.strangers.add(BOB)
    await client.ask("/start drawdown", GROUP, user=BOB)
    assert read_now(client.store, lambda db: chats.subscriptions(db, Address(GROUP))) == {}
    await client.ask("/start drawdown", GROUP, user=ADA)
    assert set(read_now(client.store, lambda db: chats.subscriptions(db, Address(GROUP)))) == {
        "price_drawdown"
    }


async def test_the_least_severity_is_one_tap_away(client: ProgramClient) -> None:
    answer = await client.ask("/subscribe price_drawdown")
    edited = await client.press_for_message(answer, "from warning")
    assert "Price drawdown (critical only)" in edited.text
    assert "Price drawdown (all)" in (await client.press_for_message(edited, "critical only")).text
    answer = await client.ask("/subscribe hashrate_decline critical")
    assert "Hashrate decline (critical only)" in answer.text
    assert "Price drawdown (all)" in answer.text


async def test_menus_by_scope_and_language(client: ProgramClient) -> None:
    await introduce(client.program.application.bot, COMMANDS, [ADMIN])
    menus = {json.loads(scope)["type"]: menu for scope, menu in client.api.commands.items()}
    assert {"default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat"} == set(
        menus
    )
    named = {scope: {each["command"] for each in menu} for scope, menu in menus.items()}
    assert "status" in named["all_group_chats"]
    assert "subscribe" not in named["all_group_chats"]
    assert "subscribe" in named["all_chat_administrators"]
    alone = {
        scope: {each["command"] for each in menu if each.get("is_ephemeral")} for scope, menu in menus.items()
    }
    assert alone["all_group_chats"] == {"help"}
    assert alone["all_chat_administrators"] == {"help", "privacy", "settings", "watches"}
    assert not alone["default"] | alone["all_private_chats"] | alone["chat"]
    languages = {fields.get("language_code", "") for method, fields in client.api.done}
    assert {"", "de", "es", "ru", "zh"} <= languages
    for method, fields in client.api.done:
        if method == "setMyShortDescription":
            assert 0 < len(fields["short_description"]) <= 120
        if method == "setMyDescription":
            assert 0 < len(fields["description"]) <= 512


async def test_a_refused_menu_does_no_harm(client: ProgramClient) -> None:
    client.api.script_method("setMyCommands", *[NOT_FOUND] * 40)
    client.api.script_method("setMyDescription", NOT_FOUND)
    await introduce(client.program.application.bot, COMMANDS, [ADMIN])
    assert "capitulation" in (await client.ask("/start")).text


async def test_an_unknown_command_gets_a_guess_in_private_only(client: ProgramClient) -> None:
    assert "Did you mean /status?" in (await client.ask("/statsu")).text
    assert "/help" in (await client.ask("/xyzzy")).text
    client.api.say(GROUP, "/statsu")
    client.api.say(GROUP, "/statsu@another_bot")
    assert await client.settled(GROUP) == []
    addressed = await client.ask(f"/statsu@{BOT['username']}", GROUP)
    assert "Did you mean /status?" in addressed.text


THINGS: dict[str, Any] = {
    "photo": [{"file_id": "a", "file_unique_id": "a", "width": 9, "height": 9}],
    "voice": {"file_id": "a", "file_unique_id": "a", "duration": 1},
    "sticker": {
        "file_id": "a", "file_unique_id": "a", "type": "regular", "width": 9, "height": 9,
        "is_animated": False, "is_video": False,
    },
    "document": {"file_id": "a", "file_unique_id": "a"},
    "contact": {"phone_number": "1", "first_name": "Bob"},
}  # fmt: skip


@pytest.mark.parametrize("kind", THINGS)
async def test_what_is_no_text_gets_a_kind_word_in_private_only(client: ProgramClient, kind: str) -> None:
    client.api.send(GROUP, {kind: THINGS[kind]})
    assert await client.settled(GROUP) == []
    client.api.send(ADA, {kind: THINGS[kind]})
    answer = await client.next_sent()
    assert "/breakeven s19 0.07" in answer.text


async def test_an_edited_command_is_not_run_but_given_back(client: ProgramClient) -> None:
    command: dict[str, Any] = {"entities": [{"type": "bot_command", "offset": 0, "length": 10}]}
    client.api.send(ADA, {"text": "/subscribe <all>"} | command, edited=True)
    answer = await client.next_sent()
    assert "<code>/subscribe &lt;all&gt;</code>" in answer.text
    client.api.send(GROUP, {"text": "/subscribe"} | command, edited=True)
    assert await client.settled(GROUP) == []
    assert read_now(client.store, lambda db: chats.subscriptions(db, Address(ADA))) == {}


async def test_a_forwarded_alert_points_to_the_state_of_things(client: ProgramClient) -> None:
    origin = {"type": "user", "date": 1, "sender_user": BOT}
    alert = {"text": "🔴 Critical · Price drawdown", "forward_origin": origin}
    client.api.send(ADA, alert)
    answer = await client.next_sent()
    assert "/status" in answer.text
    client.api.send(GROUP, alert)
    assert await client.settled(GROUP) == []


async def test_words_that_are_no_question_get_an_example(client: ProgramClient) -> None:
    assert "/breakeven s19 0.07" in (await client.ask("good morning")).text
    client.api.say(GROUP, "good morning")
    assert await client.settled(GROUP) == []


async def test_an_old_button_is_answered_kindly(client: ProgramClient) -> None:
    welcome = await client.ask("/start")
    assert "older version" in await client.press_data(welcome, "x0:gone")
    assert "older version" in await client.press_data(welcome, "s1:gone")


async def test_our_own_failure_is_said_in_private_and_answers_the_button(
    client: ProgramClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("a fault of ours")

    welcome = await client.ask("/start")
    monkeypatch.setattr(chats, "subscriptions", lambda *_: broken())
    answer = await client.ask("/start")
    assert "went wrong on my side" in answer.text
    assert "went wrong on my side" in await client.press(welcome, "Everything")


@pytest.mark.both_engines
async def test_following_what_becomes_of_the_bot_in_a_chat(client: ProgramClient) -> None:
    def active(chat: int) -> bool:
        stored = read_now(
            client.store,
            lambda db: db.execute("SELECT active FROM chats WHERE chat_id = ?", [chat]).fetchone(),
        )
        return bool(stored and stored[0])

    client.api.member(GROUP, "left", "member", user_id=ADA)
    assert "/subscribe" in (await client.next_sent()).text
    assert active(GROUP)
    client.api.member(GROUP, "member", "administrator", user_id=ADA)
    assert await client.settled(GROUP) == []
    client.api.member(GROUP, "administrator", "kicked", user_id=ADA)
    assert await client.settled(GROUP) == []
    assert not active(GROUP)

    client.api.channels.add(CHANNEL)
    client.api.member(CHANNEL, "left", "administrator", user_id=ADA)
    message = await client.next_sent()
    assert message.chat_id == ADA
    assert "/pin" in message.text

    await client.ask("/subscribe")
    client.api.member(ADA, "member", "kicked")
    assert await client.settled(ADA) == []
    assert not active(ADA)
    client.api.member(ADA, "kicked", "member")
    assert await client.settled(ADA) == []
    assert active(ADA)
    assert len(read_now(client.store, lambda db: chats.subscriptions(db, Address(ADA)))) == 5


async def test_a_group_that_becomes_a_supergroup_keeps_everything(client: ProgramClient) -> None:
    await client.ask("/subscribe price_drawdown", -55)
    client.api.send(-55, {"migrate_to_chat_id": -10055})
    client.api.send(-10055, {"migrate_from_chat_id": -55})
    assert await client.settled(-10055) == []
    stored = read_now(client.store, lambda db: chats.subscriptions(db, Address(-10055)))
    assert set(stored) == {"price_drawdown"}
    assert read_now(client.store, lambda db: chats.subscriptions(db, Address(-55))) == {}


async def test_a_channel_subscribes_by_a_post_and_only_its_admins_press(client: ProgramClient) -> None:
    client.api.channels.add(CHANNEL)
    client.api.strangers.add(BOB)
    answer = await client.ask("/subscribe price_drawdown", CHANNEL)
    assert "Price drawdown" in answer.text
    assert "Only this chat's admins" in await client.press(answer, "Energy price", user=BOB)
    assert await client.press(answer, "Energy price", user=ADA) == "Subscribed"


async def test_topics_of_a_group_are_subscribed_apart(client: ProgramClient) -> None:
    await client.ask("/subscribe price_drawdown", GROUP, topic=3)
    await client.ask("/subscribe energy_price", GROUP, topic=4)
    third = read_now(client.store, lambda db: chats.subscriptions(db, Address(GROUP, 3)))
    fourth = read_now(client.store, lambda db: chats.subscriptions(db, Address(GROUP, 4)))
    assert (set(third), set(fourth)) == ({"price_drawdown"}, {"energy_price"})


async def test_only_and_except_choose_among_the_signals(client: ProgramClient) -> None:
    await client.ask("/subscribe all")
    only = await client.ask("/subscribe only drawdown")
    assert only.text == "You will hear about: <b>Price drawdown (from warning)</b>."
    again = await client.press_for_message(only, "↩ Undo")
    assert "Miner income" in again.text
    all_but = (await client.ask("/subscribe except energy")).text
    assert "Energy price" not in all_but
    assert "Miner outflow" in all_but
    assert "I know no signal “nonsense”" in (await client.ask("/subscribe only nonsense")).text
