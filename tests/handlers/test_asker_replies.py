"""Answers in groups that only the asker sees, over the simulated Bot API."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from storage.chats import preferences
from storage.chats.chats import Address
from tests.fakes.connections import read_now
from tests.fakes.telegram import BOT_ID, Sent
from tests.fakes.telegram_faults import Refuse
from tests.handlers.chat_client import ADA, BOB, GROUP
from tests.handlers.program_client import ProgramClient

REFUSAL = Refuse(400, "Bad Request: ephemeral messages can't be sent here")


def label_of(sent: Sent, words: str) -> str:
    """The whole label of the button that these words stand on."""
    return next(str(button["text"]) for button in sent.buttons if words in button["text"])


@pytest.mark.parametrize(
    "words",
    [
        "/help",
        "/privacy",
        "/watch",
        "/watch price around 5",
        "/why moon",
        "/history moon",
        "/mute moon",
        "/chart moon",
        "/about",
    ],
)
async def test_what_is_of_use_to_the_asker_alone_is_for_their_eyes_only(
    client: ProgramClient, words: str
) -> None:
    answer = await client.ask(words, GROUP, user=BOB)
    assert answer.seen_by == BOB
    assert not answer.buttons
    assert (await client.ask(words, ADA)).seen_by is None


@pytest.mark.parametrize(
    "words", ["/settings", "/currency", "/quiet", "/mute", "/digest", "/watches", "/breakeven s20 7c"]
)
async def test_so_is_a_menu_with_its_buttons(client: ProgramClient, words: str) -> None:
    menu = await client.ask(words, GROUP, user=BOB)
    assert menu.seen_by == BOB
    assert bool(menu.buttons) == (words != "/watches")


@pytest.mark.parametrize(
    "words",
    [
        "/status",
        "/price",
        "/breakeven s19 7c",
        "/chart",
        "/fleet add 10 s19",
        "/quiet 22-7",
        "/mute 8h",
        "/digest 8:00",
        "/subscribe price_drawdown",
        "/export",
        "/forget",
    ],
)
async def test_figures_and_what_changes_the_group_are_for_all(client: ProgramClient, words: str) -> None:
    assert (await client.ask(words, GROUP, user=ADA)).seen_by is None


async def test_a_press_edits_the_menu_that_only_the_asker_sees(client: ProgramClient) -> None:
    menu = await client.ask("/settings", GROUP, user=ADA, topic=5)
    for label, said in (("Deutsch", "Einstellungen"), ("English", "Settings")):
        changed = await client.press_for_message(menu, label_of(menu, label))
        assert changed.method == "editEphemeralMessageText"
        assert changed.ephemeral == menu.ephemeral
        assert said in changed.text
        assert [button["text"] for button in changed.buttons if label in button["text"]] == [f"✓ {label}"]
    assert await client.press(menu, label_of(menu, "English"))  # the same again is no error
    assert len([sent for sent in client.api.sent if sent.chat_id == GROUP]) == 3


async def test_what_a_press_changes_is_the_groups(client: ProgramClient) -> None:
    menu = await client.ask("/quiet", GROUP, user=ADA)
    await client.press_for_message(menu, "22–7")
    settings = read_now(client.store, lambda db: preferences.load(db, Address(GROUP)))
    assert settings.quiet_from is not None
    client.api.strangers.add(BOB)
    theirs = await client.ask("/quiet", GROUP, user=BOB)
    assert "admins" in await client.press(theirs, "23–8")


async def test_only_its_buttons_are_edited_where_only_they_change(client: ProgramClient) -> None:
    menu = await client.ask("/mute", GROUP, user=ADA)
    changed = await client.press_for_message(menu, "8 h")
    assert changed.method == "editEphemeralMessageReplyMarkup"
    await client.press_for_message(changed, label_of(changed, "Unmute"))


async def test_an_offer_is_taken_with_a_press_and_its_buttons_go(client: ProgramClient) -> None:
    client.api.say(GROUP, "price in kazakhstan of btc", user_id=BOB, is_ephemeral=True)
    offer = await client.next_sent()
    assert (offer.seen_by, "not sure" in offer.text) == (BOB, True)
    answer = await client.press_for_message(offer, "Bitcoin's price")
    assert (answer.seen_by, answer.method) == (BOB, "sendMessage")
    await client.api.until(lambda: client.api.sent[-1].method == "editEphemeralMessageReplyMarkup")
    assert not client.api.sent[-1].buttons


async def test_who_steps_through_an_answer_that_all_see_gets_one_of_their_own(client: ProgramClient) -> None:
    answer = await client.ask("/breakeven s19 7c", GROUP, user=ADA)
    own = await client.press_for_message(answer, label_of(answer, "6"), user=BOB)
    assert (own.seen_by, own.method) == (BOB, "sendMessage")
    further = await client.press_for_message(own, label_of(own, "5"))
    assert (further.ephemeral, further.method) == (own.ephemeral, "editEphemeralMessageText")
    assert further.text not in (own.text, answer.text)


async def test_so_does_who_turns_the_chart_that_all_see(client: ProgramClient) -> None:
    chart = await client.ask("/chart", GROUP, user=ADA)
    own = await client.press_for_message(chart, "90d", user=BOB)
    assert (own.seen_by, own.method) == (BOB, "sendPhoto")
    further = await client.press_for_message(own, "1y")
    assert (further.ephemeral, further.method) == (own.ephemeral, "editEphemeralMessageMedia")
    assert further.uploads


async def test_what_a_press_asks_for_is_for_who_pressed(client: ProgramClient) -> None:
    client.api.strangers.add(BOT_ID)  # any bot may answer a press so
    answer = await client.ask("/breakeven s19 7c", GROUP, user=ADA)
    picture = await client.press_for_message(answer, label_of(answer, "Chart"), user=BOB)
    assert (picture.seen_by, picture.method) == (BOB, "sendPhoto")
    assert not picture.fields.get("reply_markup")


async def test_a_refusal_to_a_member_is_for_their_eyes_only(client: ProgramClient) -> None:
    client.api.strangers.add(BOB)
    refused = await client.ask("/subscribe", GROUP, user=BOB)
    assert "admins" in refused.text
    assert refused.seen_by == BOB


async def test_what_nobody_else_saw_is_answered_so_by_any_bot(client: ProgramClient) -> None:
    client.api.strangers.add(BOT_ID)
    for words, said in (("/status", "Phase"), ("s19 at 7c", "Antminer S19"), ("thanks", "")):
        client.api.say(GROUP, words, user_id=BOB, is_ephemeral=True)
        if said:
            answer = await client.next_sent()
            assert answer.seen_by == BOB
            assert said in answer.text
    client.api.say(GROUP, "/pin", user_id=ADA, is_ephemeral=True)
    assert (await client.next_sent()).seen_by is None  # what is pinned, everybody sees


async def test_what_is_answered_too_late_everybody_sees(client: ProgramClient) -> None:
    client.api.strangers.add(BOT_ID)
    client.api.ephemeral.answerable_s = 0.0
    client.api.say(GROUP, "/status", user_id=BOB, is_ephemeral=True)
    assert (await client.next_sent()).seen_by is None
    answer = await client.ask("/breakeven s19 7c", GROUP, user=ADA)
    changed = await client.press_for_message(answer, label_of(answer, "6"), user=BOB)
    assert (changed.message_id, changed.method) == (answer.message_id, "editMessageText")


async def test_a_bot_that_is_no_admin_gives_usual_answers_to_commands(client: ProgramClient) -> None:
    client.api.strangers.add(BOT_ID)
    menu = await client.ask("/settings", GROUP, user=ADA)
    assert menu.seen_by is None
    changed = await client.press_for_message(menu, label_of(menu, "Deutsch"), user=ADA)
    assert (changed.message_id, changed.method) == (menu.message_id, "editMessageText")


async def test_a_group_where_telegram_refuses_gets_usual_answers_for_a_while(client: ProgramClient) -> None:
    client.api.script_method("sendMessage", REFUSAL)
    for words, said in (("/help", "/status"), ("/settings", "Language")):  # the second is not even tried
        answer = await client.ask(words, GROUP, user=BOB)
        assert answer.seen_by is None
        assert said in answer.text
    client.flood_limit_ahead_s += 3601
    assert (await client.ask("/help", GROUP, user=BOB)).seen_by == BOB


async def test_another_group_is_not_taken_for_one_that_refuses(client: ProgramClient) -> None:
    client.api.script_method("sendMessage", REFUSAL)
    assert (await client.ask("/help", GROUP, user=BOB)).seen_by is None
    assert (await client.ask("/help", GROUP - 1, user=BOB)).seen_by == BOB


async def test_presses_are_not_taken_for_refused_where_commands_are(client: ProgramClient) -> None:
    client.api.script_method("sendMessage", REFUSAL)
    assert (await client.ask("/help", GROUP, user=BOB)).seen_by is None
    answer = await client.ask("/breakeven s19 7c", GROUP, user=ADA)
    own = await client.press_for_message(answer, label_of(answer, "6"), user=BOB)
    assert own.seen_by == BOB


async def test_a_server_that_knows_no_such_messages_is_asked_once(client: ProgramClient) -> None:
    client.api.ephemeral.are_known = False
    menu = await client.ask("/quiet", GROUP, user=ADA)
    changed = await client.press_for_message(menu, "22–7", user=ADA)
    assert (changed.message_id, changed.method) == (menu.message_id, "editMessageText")
    answer = await client.ask("/breakeven s19 7c", GROUP, user=ADA)
    changed = await client.press_for_message(answer, label_of(answer, "6"), user=BOB)
    assert (changed.message_id, changed.method) == (answer.message_id, "editMessageText")
    tried = [sent for sent in client.api.sent if "ephemeral_message_parameters" in sent.fields]
    assert tried == [menu]


def _gone(client: ProgramClient) -> None:
    client.api.forget_ephemeral()


def _unknown(client: ProgramClient) -> None:
    client.api.ephemeral.are_known = False


@pytest.mark.parametrize(("happens", "sees"), [(_gone, ADA), (_unknown, None)])
async def test_a_menu_that_is_gone_or_refused_is_sent_anew(
    client: ProgramClient, happens: Callable[[ProgramClient], None], sees: int | None
) -> None:
    menu = await client.ask("/quiet", GROUP, user=ADA)
    happens(client)
    anew = await client.press_for_message(menu, "22–7")
    assert (anew.method, anew.seen_by) == ("sendMessage", sees)
    assert "Quiet from" in anew.text
    mute = await client.ask("/mute", GROUP, user=ADA)
    happens(client)
    assert "Muted until" in await client.press(mute, "8 h", user=ADA)


async def test_a_press_on_an_old_menu_of_ones_own_is_answered(client: ProgramClient) -> None:
    menu = await client.ask("/settings", GROUP, user=ADA)
    assert "older version" in await client.press_data(menu, "e1:nothing")
    assert "older version" in await client.press_data(menu, "zz:1")


async def test_nothing_is_kept_of_what_only_one_person_saw(client: ProgramClient) -> None:
    await client.ask("/settings", GROUP, user=BOB)
    await client.pass_time(timedelta(minutes=5))
    exported = await client.ask("/export", GROUP, user=ADA)
    [file] = exported.uploads.values()
    assert str(BOB) not in file.decode().replace("2022", "").replace(str(GROUP), "")
