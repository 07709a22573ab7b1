"""Plain words in a chat: commands reached by them, near misses, groups, words beside pictures."""

from typing import Any

import pytest

from storage.chats import chats, fleets
from storage.chats.chats import Address
from tests.fakes.connections import read_now
from tests.fakes.telegram import BOT, Sent
from tests.fakes.telegram_faults import Refuse
from tests.handlers.chat_client import ADA, BOB, GROUP
from tests.handlers.program_client import ProgramClient

PHOTO: dict[str, Any] = {"photo": [{"file_id": "a", "file_unique_id": "a", "width": 9, "height": 9}]}


def _reply_to(client: ProgramClient, answer: Sent, text: str) -> dict[str, Any]:
    return {"text": text, "reply_to_message": client.api.ours(answer.chat_id, answer.message_id)}


def _mention(text: str) -> dict[str, Any]:
    name = f"@{BOT['username']}"
    return {
        "text": f"{name} {text}",
        "entities": [{"type": "mention", "offset": 0, "length": len(name)}],
    }


@pytest.mark.both_engines
async def test_words_are_answered_as_the_command_is(client: ProgramClient) -> None:
    assert "Phase" in (await client.ask("how are things")).text
    assert (await client.ask("btc price")).text == (await client.ask("/price")).text
    await client.ask("only critical please")
    stored = read_now(client.store, lambda db: chats.subscriptions(db, Address(ADA)))
    assert set(stored.values()) == {2}
    assert "Muted" in (await client.ask("be quiet for 2 hours")).text
    assert "Not muted" in (await client.ask("you can talk again")).text
    assert "welcome" in (await client.ask("thanks a lot!")).text
    assert "price below 100,000 USD" in (await client.ask("alert me when btc falls below 100k")).text


async def test_what_was_only_asked_back_is_kept_for_the_next_message(client: ProgramClient) -> None:
    assert "Which machine?" in (await client.ask("6.5c")).text
    assert "power 6.5 c/kWh" in (await client.ask("s19")).text
    assert "power 6.5 c/kWh" in (await client.ask("and an s21?")).text
    assert "fees +100.0" in (await client.ask("double fees")).text


async def test_what_somebody_else_said_completes_nothing(client: ProgramClient) -> None:
    client.api.send(GROUP, _mention("6.5c"), user_id=ADA)
    await client.settled(GROUP)
    client.api.send(GROUP, _mention("s19"), user_id=BOB)
    assert "6.5 c/kWh" not in (await client.settled(GROUP))[-1].text
    client.api.send(GROUP, _mention("s19"), user_id=ADA)
    assert "6.5 c/kWh" in (await client.settled(GROUP))[-1].text


async def test_what_no_command_is_for_is_answered_as_such(client: ProgramClient) -> None:
    assert "don't forecast" in (await client.ask("will btc hit 200k this year")).text
    assert "don't forecast" in (await client.ask("should i buy")).text
    answer = await client.ask("price of eth")
    assert "no other coins" in answer.text
    assert "What is a capitulation?" in [button["text"] for button in answer.buttons]


async def test_one_signal_is_given_up_in_plain_words(client: ProgramClient) -> None:
    await client.ask("/subscribe all")
    await client.ask("turn off energy alerts please")
    stored = read_now(client.store, lambda db: chats.subscriptions(db, Address(ADA)))
    assert "energy_price" not in stored
    assert "price_drawdown" in stored


async def test_an_insult_changes_nothing(client: ProgramClient) -> None:
    await client.ask("/subscribe all")
    asked = await client.ask("fuck off")
    assert [button["text"] for button in asked.buttons] == [
        "Only critical alerts",
        "Be quiet for a while",
        "No more alerts",
    ]
    assert read_now(client.store, lambda db: chats.subscriptions(db, Address(ADA)))


async def test_a_silence_ends_when_it_was_said_by_the_clock_of_the_chat(client: ProgramClient) -> None:
    assert "The clock here is Europe/Berlin" in (await client.ask("my timezone is Berlin")).text
    muted = await client.ask("be quiet until friday 9 please")
    assert "09:00 (Europe/Berlin)" in muted.text
    assert "Fri" in muted.text
    assert "Unmute" in [button["text"] for button in muted.buttons]
    assert "Mon" in (await client.ask("/mute bis Montag")).text


async def test_machines_are_added_in_plain_words(client: ProgramClient) -> None:
    await client.ask("/fleet power 7c")
    assert "10 machines" in (await client.ask("add 10 s19 to my fleet please")).text
    assert "8 machines" in (await client.ask("remove 2 s19 from my fleet")).text


async def test_of_a_near_miss_the_two_likeliest_are_a_tap_away(client: ProgramClient) -> None:
    price = await client.ask("/price")
    asked = await client.ask("price in kazakhstan of btc")
    assert "not sure what you mean" in asked.text
    labels = [button["text"] for button in asked.buttons]
    assert "Bitcoin's price" in labels
    assert len(labels) <= 2
    answer = await client.press_for_message(asked, "Bitcoin's price")
    assert answer.text == price.text


async def test_in_a_group_only_the_asker_sees_what_was_not_understood(client: ProgramClient) -> None:
    for words, offered in (
        ("abracadabra", []),
        ("price in kazakhstan of btc", ["Bitcoin's price"]),
        ("will btc hit 200k this year", ["What is a capitulation?"]),
    ):
        client.api.send(GROUP, _mention(words), user_id=ADA)
        answer = await client.next_sent()
        assert answer.seen_by == ADA
        assert [button["text"] for button in answer.buttons][:1] == offered


async def test_what_would_change_something_asks_the_admin_of_a_group(client: ProgramClient) -> None:
    client.api.script_method("sendMessage", Refuse(400, "Bad Request: no such messages here"))
    client.api.send(GROUP, _mention("unsubscrbe"), user_id=ADA)
    asked = await client.next_sent()
    client.api.strangers.add(ADA)
    assert "admins" in await client.press(asked, "No more alerts", user=ADA)


async def test_who_the_bot_is_and_what_fees_are_is_answered(client: ProgramClient) -> None:
    assert "open source" in (await client.ask("is this free?")).text
    assert "Fees of a block" in (await client.ask("mempool fees")).text


async def test_in_a_group_a_mention_is_answered_and_chatter_is_not(client: ProgramClient) -> None:
    client.api.send(GROUP, _mention("status"), user_id=ADA)
    assert "Phase" in (await client.next_sent()).text
    client.api.send(GROUP, _mention("abracadabra"), user_id=ADA)
    assert "did not understand" in (await client.next_sent()).text
    client.api.say(GROUP, "status")
    client.api.say(GROUP, "abracadabra")
    assert await client.settled(GROUP) == []


async def test_a_reply_to_an_answer_goes_on_from_its_question(client: ProgramClient) -> None:
    first = await client.ask("/breakeven s19 8c fee=2%", GROUP)
    await client.ask("/breakeven s9 4c", GROUP)
    client.api.send(GROUP, _reply_to(client, first, "and at 5 cents?"), user_id=ADA)
    answer = await client.next_sent()
    assert "Antminer S19" in answer.text
    assert "power 5 c/kWh, pool fee 2 %" in answer.text
    client.api.send(GROUP, _reply_to(client, first, "lol"), user_id=ADA)
    assert await client.settled(GROUP) == []


async def test_words_beside_a_picture_are_read(client: ProgramClient) -> None:
    client.api.send(ADA, PHOTO | {"caption": "is my S19 profitable at 7 cents?"})
    assert "Antminer S19" in (await client.next_sent()).text
    client.api.send(ADA, PHOTO | {"caption": "/breakeven s21 0.07"})
    assert "Antminer S21" in (await client.next_sent()).text
    client.api.send(ADA, PHOTO | {"caption": "my holiday"})
    assert "can't see pictures" in (await client.next_sent()).text
    client.api.send(GROUP, PHOTO | {"caption": "is my S19 profitable at 7 cents?"})
    assert await client.settled(GROUP) == []


async def test_machines_told_of_are_taken_away_and_had_back_by_a_tap(client: ProgramClient) -> None:
    await client.ask("/fleet add 5 s19")
    await client.ask("s19 7c")  # what is told of machines goes on from no question
    changed = await client.ask("sold two of the s19s")
    assert "3 machines" in changed.text
    assert "5 machines" in (await client.press_for_message(changed, "↩ Undo")).text


async def test_machines_whose_number_is_not_said_are_taken_away_by_a_tap(client: ProgramClient) -> None:
    await client.ask("/fleet add 5 s19, 2 s21")
    offer = await client.ask("sold my s19")
    assert "2 machines" in (await client.press_for_message(offer, "Take away S19")).text


async def test_charts_are_dark_from_now_on(client: ProgramClient) -> None:
    answer = await client.ask("charts on black please")
    assert "Charts: light" in [each["text"] for each in answer.buttons]


async def test_the_price_of_power_is_set_by_a_tap(client: ProgramClient) -> None:
    await client.ask("/fleet add 5 s19")
    offer = await client.ask("change my electricity to 8.2 cents")
    changed = await client.press_for_message(offer, "My machines' power: 8.2 cents")
    assert "8.2 c/kWh" in changed.text


async def test_a_question_about_subscriptions_changes_none(client: ProgramClient) -> None:
    answer = await client.ask("what am I subscribed to?")
    assert "You are not subscribed to anything." in answer.text


async def test_talk_about_other_things_gets_one_line(client: ProgramClient) -> None:
    answer = await client.ask("what's the weather like?")
    assert answer.text == "I only know Bitcoin and its miners. /help shows what you can ask me."
    assert not answer.buttons


async def test_a_list_too_long_for_a_button_is_offered_as_the_fleet(client: ProgramClient) -> None:
    offer = await client.ask("my farm: 22 s19 pro 110, 9 m50s, 14 s19j pro 104, 3 t21, 8 s21 200, 40 m30s++")
    assert [button["text"] for button in offer.buttons] == ["My machines"]


async def test_a_yes_to_nothing_says_so(client: ProgramClient) -> None:
    assert (await client.ask("yes")).text.startswith("I have asked nothing that waits for an answer.")


async def test_what_the_states_mean_is_told(client: ProgramClient) -> None:
    answer = await client.ask("what does 'stale' mean?")
    assert "⚪ stale: the newest figure is too old" in answer.text
    assert "🔴 capitulation: For three days or more" in answer.text


async def test_a_pool_fee_is_set_by_a_tap(client: ProgramClient) -> None:
    await client.ask("/fleet add 5 s19")
    offer = await client.ask("my pool fee is 2%")
    changed = await client.press_for_message(offer, "My machines' pool fee: 2%")
    assert "2 %" in changed.text


async def test_a_pool_fee_goes_on_from_a_question(client: ProgramClient) -> None:
    await client.ask("s19 7c")
    assert "pool fee 2 %" in (await client.ask("pool fee 2%")).text


async def test_a_story_with_a_signal_in_it_subscribes_nobody(client: ProgramClient) -> None:
    for text in (
        "you forgot to wake me at the capitulation!!",
        "what would you suggest I subscribe to?",
        "cancel",
    ):
        await client.ask(text)
    assert "You are not subscribed to anything." in (await client.ask("/settings")).text


async def test_a_language_named_in_words_is_spoken_at_once(client: ProgramClient) -> None:
    answer = await client.ask("change language to german")
    assert "Sprache: Deutsch" in answer.text
    assert "Phase" in (await client.ask("status")).text
    assert "Language: English" in (await client.ask("/settings english")).text


async def test_alerts_given_up_by_a_word_are_taken_back_by_a_tap(client: ProgramClient) -> None:
    await client.ask("/subscribe price_drawdown critical")
    await client.ask("/subscribe energy_price info")
    before = read_now(client.store, lambda db: chats.subscriptions(db, Address(ADA)))
    answer = await client.ask("stop")
    assert read_now(client.store, lambda db: chats.subscriptions(db, Address(ADA))) == {}
    await client.press(answer, "↩ Undo")
    assert read_now(client.store, lambda db: chats.subscriptions(db, Address(ADA))) == before
    assert "older version" in await client.press_data(answer, "s3:22")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("buy me a bitcoin", "can't buy"),
        ("can i add you to my group?", "Add me to a group"),
        ("your numbers are wrong", "how old they are"),
        ("you stupid bot", "I am sorry"),
    ],
)
async def test_what_no_command_does_is_answered_for_what_it_is(
    client: ProgramClient, text: str, said: str
) -> None:
    assert said in (await client.ask(text)).text


async def test_machines_in_the_plural_are_offered_to_be_taken_away(client: ProgramClient) -> None:
    await client.ask("/fleet add 5 s9")
    offer = await client.ask("remove the s9s")
    assert [button["text"] for button in offer.buttons] == ["Take away S9"]
    assert "empty" in (await client.press_for_message(offer, "Take away S9")).text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("what is PUE", "PUE is all the power"),
        ("fpps?", "every share"),
        ("what does j/th mean", "watts divided"),
    ],
)
async def test_words_of_mining_are_explained(client: ProgramClient, text: str, said: str) -> None:
    assert said in (await client.ask(text)).text


async def test_a_name_of_a_command_is_known_without_its_slash(client: ProgramClient) -> None:
    assert [button["text"] for button in (await client.ask("machnes")).buttons] == ["Known machines"]


async def test_a_signal_that_is_not_wanted_is_given_up_by_a_tap(client: ProgramClient) -> None:
    await client.ask("/subscribe all")
    offer = await client.ask("i dont want power price alerts")
    assert "energy_price" in read_now(client.store, lambda db: chats.subscriptions(db, Address(ADA)))
    await client.press_for_message(offer, "No more alerts: Energy price")
    assert "energy_price" not in read_now(client.store, lambda db: chats.subscriptions(db, Address(ADA)))


async def test_a_currency_without_a_rate_is_said_to_have_none(client: ProgramClient) -> None:
    assert "publishes no rate for RUB" in (await client.ask("show prices in rubles")).text


@pytest.mark.parametrize(
    ("language", "text", "site"),
    [
        ("en", "I've got 20 S19s in the barn at 6c", "barn"),
        ("de", "Ich hab 20 S19 in der Scheune für $0.06", "scheune"),
        ("es", "tengo 20 S19 en el granero a $0.06", "granero"),
        ("ru", "у меня 20 S19 в сарае по 6 центов", "сарай"),
        ("zh", "我在仓库有20台S19,电费6美分", "仓库"),
        ("en", "we have 20 s19 at 6 cents", ""),
    ],
)
async def test_machines_told_of_in_passing_are_answered_and_may_be_remembered(
    client: ProgramClient, language: str, text: str, site: str
) -> None:
    await client.ask(f"/language {language}")
    answer = await client.ask(text)
    steps = [button["text"] for button in answer.buttons]
    assert "S19" in answer.text
    assert site in steps[0]
    await client.press_for_message(answer, steps[0])
    fleet = read_now(client.store, lambda db: fleets.load(db, Address(ADA)))
    assert [(batch.count, batch.site) for batch in fleet.kinds] == [(20, site)]
    tariff = fleet.site(site).tariff
    assert tariff is not None
    assert tariff.fixed_per_kwh == pytest.approx(0.06)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "my farm: 12 s19 xp and 3 m50s at 5.5 cents"),
        ("de", "hab 12 s19 xp und 3 m50s, Strom $0,055"),
    ],
)
async def test_several_kinds_of_machines_told_of_may_be_remembered(
    client: ProgramClient, language: str, text: str
) -> None:
    await client.ask(f"/language {language}")
    answer = await client.ask(text)
    await client.press_for_message(answer, answer.buttons[0]["text"])
    fleet = read_now(client.store, lambda db: fleets.load(db, Address(ADA)))
    assert [batch.count for batch in fleet.kinds] == [12, 3]


@pytest.mark.parametrize(
    "text",
    ["20 s19 at 6c", "should I buy 20 s19 at 6c?", "my friend has 20 s19 at 6c", "if i had 20 s19 at 6c"],
)
async def test_what_is_not_the_askers_own_is_not_to_be_remembered(client: ProgramClient, text: str) -> None:
    answer = await client.ask(text)
    assert not any("my machines" in button["text"] for button in answer.buttons)
