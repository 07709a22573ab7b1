"""A chat that goes on from a command's answer: its chart, a watch of it, changed and undone."""

from datetime import time

import pytest

from storage.chats import chats, fleets, preferences, watches
from storage.chats.chats import Address
from tests.fakes.connections import read_now
from tests.fakes.telegram import Sent
from tests.handlers.chat_client import ADA, BOB, GROUP
from tests.handlers.program_client import ProgramClient


def _kept(client: ProgramClient, chat: int = ADA) -> list[str]:
    return [each.text for each in read_now(client.store, lambda db: watches.of_chat(db, Address(chat)))]


async def _saved(client: ProgramClient, line: str) -> Sent:
    return await client.press_for_message(await client.ask(f"/watch {line}"), "Save")


async def test_the_figure_shown_last_is_drawn_over_other_times_and_watched(client: ProgramClient) -> None:
    await client.ask("/hashrate")
    assert (await client.ask("show me the chart")).text.startswith("<b>Hashrate</b> · 1y")
    assert (await client.ask("and over 90 days?")).text.startswith("<b>Hashrate</b> · 90d")
    assert (await client.ask("and the difficulty?")).text.startswith("<b>Difficulty</b> · 90d")
    assert "difficulty drops 5 % in 14d" in (await client.ask("watch it")).text


@pytest.mark.both_engines
async def test_the_watch_saved_last_gets_another_level_and_is_deleted(client: ProgramClient) -> None:
    await _saved(client, "hashprice below 60")
    await _saved(client, "price below 19000")
    changed = await client.ask("make it 18k instead")
    assert "price below 18,000 USD" in changed.text
    assert "Saved" in changed.text
    assert _kept(client) == ["hashprice below 60 USD/PH/day", "price below 18,000 USD"]
    deleted = await client.ask("delete it again")
    assert "Deleted: <code>price below 18,000 USD</code>" in deleted.text
    assert _kept(client) == ["hashprice below 60 USD/PH/day"]
    assert "price below 18,000 USD" in (await client.press_for_message(deleted, "👁 Watch")).text


async def test_a_watch_that_is_only_offered_is_offered_anew_or_left(client: ProgramClient) -> None:
    await client.ask("/watch price below 19000")
    assert "Save it?" in (await client.ask("make it 18k instead")).text
    assert (await client.ask("undo")).text.startswith("Not saved.")
    assert _kept(client) == []


async def test_what_was_done_between_keeps_a_watch_from_being_undone(client: ProgramClient) -> None:
    await _saved(client, "price below 19000")
    await client.ask("/settings")
    assert "not sure" in (await client.ask("undo")).text
    assert _kept(client) == ["price below 19,000 USD"]


async def test_after_ten_minutes_nothing_is_undone(client: ProgramClient) -> None:
    await _saved(client, "price below 19000")
    client.now += watches.OFFERED_FOR / 700
    assert "not sure" in (await client.ask("delete it again")).text
    assert _kept(client) == ["price below 19,000 USD"]


async def test_in_a_group_only_admins_undo(client: ProgramClient) -> None:
    await client.press_for_message(await client.ask("/watch price below 19000", GROUP), "Save")
    client.api.strangers.add(BOB)
    refused = await client.ask("/watch undo", GROUP, user=BOB)
    assert "Only this chat's admins" in refused.text
    assert _kept(client, GROUP) == ["price below 19,000 USD"]


async def test_machines_are_sold_and_taken_back_in_words(client: ProgramClient) -> None:
    def count() -> int:
        fleet = read_now(client.store, lambda db: fleets.load(db, Address(ADA)))
        return sum(batch.count for batch in fleet.kinds)

    await client.ask("/fleet add 20 s19")
    await client.ask("sold 5 of them")
    assert count() == 15
    await client.ask("undo")
    assert count() == 20


async def test_why_behind_the_status_is_about_the_phase(client: ProgramClient) -> None:
    await client.ask("/status")
    assert (await client.ask("why?")).text.startswith("<b>Why: phase capitulation")


@pytest.mark.parametrize(
    ("language", "yes", "undone"),
    [
        ("en", "yes please", "undo"),
        ("de", "ja, speichern", "abbrechen"),
        ("es", "sí por favor", "bórralo"),
        ("ru", "да", "отмени"),
        ("zh", "好的", "撤销"),
    ],
)
async def test_a_yes_saves_the_watch_that_is_offered(
    client: ProgramClient, language: str, yes: str, undone: str
) -> None:
    await client.ask(f"/language {language}")
    await client.ask("/watch price below 19000")
    await client.ask(yes)
    assert _kept(client) == ["price below 19,000 USD"]
    await client.ask(undone)
    assert _kept(client) == []


async def test_an_offer_is_open_for_one_answer(client: ProgramClient) -> None:
    await client.ask("/watch price below 19000")
    await client.ask("thanks")
    assert "asked nothing" in (await client.ask("yes")).text
    await client.ask("/watch price below 19000")
    assert (await client.ask("no thanks")).text.startswith("Not saved.")
    assert "asked nothing" in (await client.ask("yes")).text
    assert _kept(client) == []


async def test_in_a_group_a_yes_is_to_the_offer_it_replies_to(client: ProgramClient) -> None:
    first = await client.ask("/watch price below 19000", GROUP)
    await client.ask("/watch price below 18000", GROUP)
    replied = {"text": "yes", "reply_to_message": client.api.ours(GROUP, first.message_id)}
    client.api.send(GROUP, replied, user_id=ADA)
    assert "19,000" in (await client.next_sent()).text
    assert _kept(client, GROUP) == ["price below 19,000 USD"]


async def test_a_yes_does_the_one_thing_that_was_meant_and_a_no_nothing(client: ProgramClient) -> None:
    price = await client.ask("/price")
    await client.ask("btc price according to grandma")
    assert (await client.ask("no")).text.startswith("All right.")
    await client.ask("btc price according to grandma")
    assert (await client.ask("yes")).text == price.text
    await client.ask("6.5c")
    assert "Which one?" in (await client.ask("yes")).text


@pytest.mark.parametrize(
    ("first", "change", "undo", "says"),
    [
        ("/quiet 22-7", "/quiet off", "take that back", "22:00"),
        ("/quiet off", "no messages between 23 and 6", "revert", "No quiet hours"),
        ("/digest off", "/digest monday 9", "undo that", "No digest"),
        ("/settings dark", "/language de", "rückgängig", "English"),
        ("/unmute", "/mute 3h", "cancel that", "Not muted"),
        ("/subscribe energy_price", "/subscribe all", "undo", "Energy price"),
        ("/subscribe energy_price", "/unsubscribe", "undo", "Energy price"),
    ],
)
async def test_a_setting_is_taken_back_to_what_it_was(
    client: ProgramClient, first: str, change: str, undo: str, says: str
) -> None:
    def settings() -> tuple[preferences.ChatSettings, dict[str, int]]:
        return read_now(
            client.store,
            lambda db: (preferences.load(db, Address(ADA)), chats.subscriptions(db, Address(ADA))),
        )

    await client.ask(first)
    before = settings()
    await client.ask(change)
    assert settings() != before
    undone = await client.ask(undo)
    assert undone.text.startswith("Taken back.")
    assert says in undone.text
    assert settings() == before


@pytest.mark.parametrize(
    ("language", "undo", "says"),
    [
        ("de", "rückgängig", "Zurückgenommen."),
        ("es", "deshaz eso", "Deshecho."),
        ("ru", "отмени", "Отменено."),
        ("zh", "撤销", "已撤销。"),
    ],
)
async def test_a_setting_is_taken_back_in_each_language(
    client: ProgramClient, language: str, undo: str, says: str
) -> None:
    await client.ask(f"/language {language}")
    await client.ask("/quiet 22-7")
    assert (await client.ask(undo)).text.startswith(says)
    assert read_now(client.store, lambda db: preferences.load(db, Address(ADA)).quiet_from) is None


async def test_only_what_was_set_last_is_taken_back(client: ProgramClient) -> None:
    await client.ask("/quiet 22-7")
    await client.ask("/price")
    assert "not sure" in (await client.ask("undo")).text
    assert (await client.ask("/settings undo")).text.startswith("There is nothing")
    await client.ask("/quiet 23-8")
    client.now += watches.OFFERED_FOR / 700
    assert "not sure" in (await client.ask("undo")).text
    assert read_now(client.store, lambda db: preferences.load(db, Address(ADA)).quiet_from) == time(23)


async def test_what_a_button_set_is_taken_back_too(client: ProgramClient) -> None:
    await client.press_for_message(await client.ask("/quiet 22-7"), "23–8")
    assert "22:00" in (await client.ask("undo")).text


async def test_an_answer_is_reckoned_step_by_step(client: ProgramClient) -> None:
    first = await client.ask("s21 7c fee 2%")
    steps = (await client.ask("how did you get that")).text
    assert "84 kWh a day; at 7 c/kWh they cost 5.88 USD" in steps
    profit = next(line.split()[1] for line in first.text.splitlines() if "Profit " in line)
    assert f"<b>{profit} USD a day are left.</b>" in steps
    assert "power 9 c/kWh" in (await client.ask("and at 9c")).text


async def test_a_cost_that_was_asked_for_completes_the_question(client: ProgramClient) -> None:
    await client.ask("s21 7c")
    assert "How much" in (await client.ask("and with hosting?")).text
    assert "2.63 USD" in (await client.ask("80 dollars a month")).text


async def test_a_number_behind_an_aim_is_asked_about(client: ProgramClient) -> None:
    await client.ask("what btc price do i need for 10 usd a day with s21 at 7c")
    assert "20 c/kWh" not in (await client.ask("no, 20")).text
    assert "power 8 c/kWh" in (await client.ask("no, 8 cents")).text
